"""Every table there is, whoever writes it: what the migrations are held against."""

from gateway.store.shapes import metadata
from gateway.store.tables import (  # noqa: F401  (their tables are part of the one set)
    address,
    breach,
    call,
    carriage,
    console,
    count,
    desk,
    draft,
    exchange,
    feed,
    floor,
    former,
    keyring,
    ledger,
    mailbox,
    manifest,
    opened,
    party,
    printing,
    proof,
    staff,
    unreached,
    upload,
    work,
)

__all__ = ["metadata"]
