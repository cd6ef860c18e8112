"""What is set of a mail server by whoever hands messages to one, read strictly."""

import datetime as dt
import ssl
import tomllib
from collections.abc import Mapping, Sequence
from importlib.resources import files
from pathlib import Path
from typing import Annotated, ClassVar, Self

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from channels.mail.server import MailServer, Tls, is_loopback, pinned_context
from gateway.domain.addresses import MailAddress
from gateway.domain.codes import Code
from gateway.domain.problem import SetupWrong
from gateway.domain.quantities import duration, size
from gateway.domain.rate import Rate
from gateway.ports.channels import SettingText


def _address(text: str) -> str:
    return str(MailAddress.parse(text))


class MailServerSettings(BaseModel):
    """The settings as they were written. `table`: where they stand, `channels.NAME`."""

    table: ClassVar[str]

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    host: str = Field(min_length=1, max_length=253)
    port: int = Field(ge=1, le=65535)
    tls: Annotated[Tls, Field(strict=False)] = Tls.STARTTLS
    ca: str = ""
    server_name: str = ""
    sender: Annotated[str, AfterValidator(_address)]
    ehlo_name: str = Field(default="", pattern=r"^[A-Za-z0-9.:\[\]-]{0,253}$")
    username: str = ""
    password_file: str = ""

    @classmethod
    def read(cls, table: Mapping[str, object]) -> Self:
        """Raises SetupWrong (settings.invalid) with the first wrong setting as `where`."""
        try:
            return cls.model_validate(dict(table))
        except ValidationError as wrong:
            place = wrong.errors(include_input=False, include_url=False)[0]["loc"]
            raise cls._invalid(str(place[0]) if place else "tls") from None

    @model_validator(mode="after")
    def _protected(self) -> Self:
        if self.tls is Tls.NONE and not is_loopback(self.host):
            raise ValueError("without TLS only to this machine itself")
        return self

    def server(self, home: Path) -> MailServer:
        """The mail server with its pinned certificate and the password, both read now.

        Raises SetupWrong (settings.invalid) with the setting whose file is missing or useless.
        """
        return MailServer(
            host=self.host,
            port=self.port,
            tls=self.tls,
            context=self._context(home),
            name=self.server_name or self.host,
            ehlo_name=self.ehlo_name,
            username=self.username,
            password=self._read(home, "password_file", self.password_file).rstrip("\r\n") if self.username else "",
        )

    def _context(self, home: Path) -> ssl.SSLContext | None:
        if self.tls is Tls.NONE:
            return None
        try:
            return pinned_context(self._read(home, "ca", self.ca))
        except (ssl.SSLError, ValueError):
            raise self._invalid("ca") from None

    def _read(self, home: Path, setting: str, path: str) -> str:
        try:
            return (home / path).read_text("ascii" if setting == "ca" else "utf-8")
        except (OSError, UnicodeDecodeError):
            raise self._invalid(setting) from None

    @classmethod
    def _invalid(cls, setting: str) -> SetupWrong:
        return SetupWrong(Code.SETTINGS_INVALID, where=f"{cls.table}.{setting}")


class MailChannelSettings(MailServerSettings):
    """And how a channel uses it whose deliveries are messages."""

    connections: int = Field(default=4, ge=1, le=64)
    at_once: int = Field(default=32, ge=1, le=1000)
    per_minute: int = Field(default=0, ge=0, le=60_000)
    time_limit: Annotated[dt.timedelta, BeforeValidator(duration), Field(gt=dt.timedelta())] = duration("45s")
    max_message: Annotated[int, BeforeValidator(size), Field(gt=0)] = size("10MB")

    @property
    def rate(self) -> Rate | None:
        """How often the mail server may be spoken to: as many at once as may be in hand, if a pace is set at all."""
        if not self.per_minute:
            return None
        return Rate(interval=dt.timedelta(minutes=1) / self.per_minute, burst=min(self.at_once, self.per_minute))


def setting_texts(package: str) -> Sequence[SettingText]:
    """Every setting of the channel in that package, with its default and comments, in the order `gateway.toml` shows
    them."""
    texts = tomllib.loads(files(package).joinpath("settings.toml").read_text("utf-8"))
    return [
        SettingText(name=each["name"], default=each["default"], comments={"en": each["en"], "fr": each["fr"]})
        for each in texts["setting"]
    ]
