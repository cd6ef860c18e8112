"""The composition root: the only place that joins the parts. A module joins what one step is made of; `gateway` joins
the whole."""

from gateway.bootstrap.gateway import Gateway, open_gateway
from gateway.bootstrap.own_keys import keys_at_hand
from gateway.bootstrap.places import (
    DATABASE_FILE,
    VAULT_FOLDER,
    broker_url,
    database_server,
    database_url,
    key_folder,
    object_store,
    open_database,
    upgrade_database,
)
from gateway.bootstrap.system_clock import SystemClock

__all__ = [
    "DATABASE_FILE",
    "VAULT_FOLDER",
    "Gateway",
    "SystemClock",
    "broker_url",
    "database_server",
    "database_url",
    "key_folder",
    "keys_at_hand",
    "object_store",
    "open_database",
    "open_gateway",
    "upgrade_database",
]
