"""The table `[channels.secure-upload]`, read strictly. Its texts stand in `settings.toml` beside this file."""

import datetime as dt
from typing import Annotated, ClassVar
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, Field

from channels.mail.server import is_loopback
from channels.mail.settings import MailServerSettings
from gateway.domain.passkeys import has_name
from gateway.domain.quantities import duration, size

PATH = "/exchange"


def _url(text: str) -> str:
    place = urlsplit(text)
    secure = place.scheme == "https" or (place.scheme == "http" and is_loopback(place.hostname or ""))
    if not secure or not place.hostname or place.query or place.fragment or place.path != PATH:
        raise ValueError("no address of an exchange")
    return text


class SecureUploadSettings(MailServerSettings):
    """The settings as they were written. `settings.toml` says what each one means."""

    table: ClassVar[str] = "channels.secure-upload"

    url: Annotated[str, AfterValidator(_url)]
    time_limit: Annotated[dt.timedelta, BeforeValidator(duration), Field(gt=dt.timedelta())] = duration("45s")
    max_message: Annotated[int, BeforeValidator(size), Field(gt=0)] = size("100MB")
    exchanges: str = ""
    connect_folder: Annotated[str, Field(min_length=1)] = "connect"
    connect_max_message: Annotated[int, BeforeValidator(size), Field(gt=0)] = size("1GB")
    connect_max_conversation: Annotated[int, BeforeValidator(size), Field(gt=0)] = size("20GB")

    @property
    def has_name(self) -> bool:
        """Whether the exchange has a name that passkeys can be bound to."""
        return has_name(self.url)

    @property
    def secure(self) -> bool:
        """Whether browsers reach the exchange over TLS."""
        return self.url.startswith("https:")
