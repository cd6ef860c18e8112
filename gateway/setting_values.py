"""What tables of settings are made of: what each refuses, and the values that have a unit."""

import datetime as dt
import ipaddress
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import BaseModel, BeforeValidator, ConfigDict, PlainValidator

from gateway.domain.calls import is_this_machine
from gateway.domain.quantities import Bytes, duration, size


def _duration(value: object) -> dt.timedelta:
    return value if isinstance(value, dt.timedelta) else duration(value)


def _size(value: object) -> Bytes:
    return value if isinstance(value, Bytes) else size(value)


def service_url(text: str) -> str:
    """Raises ValueError for what is neither empty nor https, or http to this machine."""
    place = urlsplit(text)
    host = place.hostname or ""
    secure = place.scheme == "https" or (place.scheme == "http" and is_this_machine(host))
    if text and (not secure or not host or place.query or place.fragment or place.username is not None):
        raise ValueError("no address of a service")
    return text


def networks(text: str) -> str:
    """Raises ValueError for what is not IP addresses or networks with commas between them."""
    return ", ".join(str(ipaddress.ip_network(one.strip())) for one in text.split(",")) if text else ""


Duration = Annotated[dt.timedelta, BeforeValidator(_duration)]
Size = Annotated[Bytes, PlainValidator(_size)]
"""Plain: pydantic would make a bare int of it, and the file that is written would not say the unit."""


class Table(BaseModel):
    """A table of `gateway.toml`: an unknown name is refused, defaults are held to the same rules."""

    model_config = ConfigDict(extra="forbid", frozen=True, validate_default=True)
