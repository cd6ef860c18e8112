"""Settings of one home: `gateway.toml` and `GATEWAY_…` variables, read strictly at start.

The classes are the settings: names, defaults and limits. Their comments, English and French, stand in the catalogue
`settings.toml`; `gateway init` writes both into a new home. A variable `GATEWAY_NAME` overrides `name` of
`[gateway]`, `GATEWAY_TABLE__NAME` overrides `name` of `[table]`.
"""

import datetime as dt
import json
import os
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, ValidationError

from gateway.domain.addresses import MailAddress
from gateway.domain.calls import service_address
from gateway.domain.codes import Code
from gateway.domain.feed import Release
from gateway.domain.problem import SetupWrong
from gateway.domain.quantities import Bytes, size, written
from gateway.domain.signing_in import IDLE, LONGEST, LONGEST_OF_ALL
from gateway.provider_settings import ConsoleProviderSettings, ExchangeProviderSettings
from gateway.setting_values import Duration, Size, Table, networks

FILE = "gateway.toml"
PREFIX = "GATEWAY_"
_SECRETS = ("GATEWAY_PASSPHRASE", "GATEWAY_PKCS11_PIN", "GATEWAY_TOKEN")
NOT_SETTINGS = frozenset(
    {"GATEWAY_HOME", "GATEWAY_USER", "GATEWAY_LANGUAGE", *_SECRETS, *(f"{name}_FILE" for name in _SECRETS)}
)
"""Variables that the command line reads itself."""


def _broker(value: str) -> str:
    """Raises ValueError for what is neither empty nor `redis://host…`."""
    place = urlsplit(value)
    if value and (place.scheme != "redis" or not place.hostname or place.port == 0):
        raise ValueError("no broker")
    return value


def shown(value: object) -> str:
    """A setting's value as `gateway.toml` writes it."""
    match value:
        case bool():
            return str(value).lower()
        case dt.timedelta() | Bytes():
            return f'"{written(value)}"'
        case int():
            return str(value)
        case _:
            return json.dumps(value, ensure_ascii=False)  # a TOML basic string escapes as JSON does


class GatewaySettings(Table):
    """`[gateway]`"""

    database: str = "sqlite"
    broker: Annotated[str, AfterValidator(_broker)] = Field(default="", repr=False)
    office: str = "toronto"
    hold_before_send: Duration = dt.timedelta(0)
    key_dir: str = "keys"
    organization: str = "Registry"


class DatabaseSettings(Table):
    """`[database]`: how PostgreSQL is reached; SQLite needs none of it."""

    password_file: str = ""
    connections: int = Field(default=10, ge=2, le=200)
    wait: Duration = Field(default=dt.timedelta(seconds=10), ge=dt.timedelta(seconds=1))
    statement_limit: Duration = Field(default=dt.timedelta(seconds=30), ge=dt.timedelta(seconds=1))


class BrokerSettings(Table):
    """`[broker]`: how Redis is reached, where workers are processes of their own."""

    password_file: str = ""


class TrustSettings(Table):
    """`[trust]`"""

    revocation: Literal["published", "required"] = "published"
    max_age: Duration = dt.timedelta(0)
    fetch_time_limit: Duration = Field(default=dt.timedelta(seconds=5), gt=dt.timedelta(0), le=dt.timedelta(seconds=30))
    fetch_limit: Size = size("20MB")


class DirectorySettings(Table):
    """`[directory]`: where certificates of recipients may be looked up. Without a url there is none."""

    url: str = Field(default="", pattern=r"^(ldaps?://[A-Za-z0-9.:\[\]-]+/?)?$")
    base: str = ""
    filter: str = "(mail={address})"
    ca: str = "directory-ca.pem"
    bind_dn: str = ""
    password_file: str = ""
    time_limit: Duration = Field(
        default=dt.timedelta(seconds=5), ge=dt.timedelta(seconds=1), le=dt.timedelta(minutes=1)
    )
    size_limit: Size = size("1MB")


class VaultSettings(Table):
    """`[vault]`: where sealed objects are kept."""

    store: Literal["files", "s3"] = "files"
    bucket: str = ""
    prefix: str = Field(default="", pattern=r"^([A-Za-z0-9._-]+/)*$")
    endpoint: str = ""
    region: str = ""


class LimitSettings(Table):
    """`[limits]`"""

    package: Size = size("50MB")
    members: int = Field(default=500, ge=1, le=5000)
    unpacked: Size = size("200MB")
    document_memory: Size = size("1GB")
    document_time: Duration = Field(default=dt.timedelta(seconds=30), ge=dt.timedelta(seconds=1))


class PartiesSettings(Table):
    """`[parties]`"""

    max_age: Duration = dt.timedelta(days=30)


class ReceiptSettings(Table):
    """`[receipt]`"""

    iad_rolls: bool = False
    fax_numbers: Mapping[str, Annotated[str, Field(pattern=r"^\+[1-9][0-9]{6,14}$")]] = Field(default_factory=dict)


class EvidenceSettings(Table):
    """`[evidence]`"""

    checkpoint_every: Duration = Field(default=dt.timedelta(minutes=1), ge=dt.timedelta(seconds=1))
    checkpoints: str = ""
    stamp_authority: str = Field(default="", pattern=r"^(https?://[^\s]+)?$")
    stamp_ca: str = "stamp-ca.pem"
    stamp_time_limit: Duration = Field(default=dt.timedelta(seconds=5), gt=dt.timedelta(0), le=dt.timedelta(seconds=30))


class RuleSettings(Table):
    """`[rules]`"""

    overlay: str = ""


class WorkSettings(Table):
    """`[work]`"""

    lease: Duration = Field(default=dt.timedelta(minutes=2), ge=dt.timedelta(seconds=1))
    concurrency: int = Field(default=8, ge=1, le=200)
    most_attempts: int = Field(default=20, ge=1, le=1000)
    misconfigured_pause: Duration = dt.timedelta(minutes=1)


class WorkerSettings(Table):
    """`[worker]`"""

    processes: int = Field(default=0, ge=0, le=256)
    host: str = "127.0.0.1"
    port: int = Field(default=8481, ge=0, le=65535)


class SchedulerSettings(Table):
    """`[scheduler]`"""

    host: str = "127.0.0.1"
    port: int = Field(default=8482, ge=0, le=65535)


class IncomingSettings(Table):
    """`[incoming]`"""

    patience: Duration = Field(default=dt.timedelta(minutes=15), ge=dt.timedelta(seconds=0))
    every: Duration = Field(default=dt.timedelta(seconds=30), ge=dt.timedelta(seconds=1), le=dt.timedelta(minutes=1))
    folder: str = ""


class DropSettings(Table):
    """`[drop]`: files that other systems drop."""

    folder: str = ""
    server: str = ""


class FeedSettings(Table):
    """`[feed]`: outcomes to other case systems. Without a folder or a server there is none."""

    folder: str = ""
    server: str = ""
    receiver: str = "feed-receiver.pem"
    acknowledger: str = ""
    release: Release = Release.NIGHTLY
    hour: int = Field(default=2, ge=0, le=23)
    near_real_time: bool = False
    gather: Duration = Field(default=dt.timedelta(seconds=10), ge=dt.timedelta(0), le=dt.timedelta(hours=1))
    most: int = Field(default=5000, ge=1, le=20_000)
    ask_after: Duration = Field(default=dt.timedelta(days=1), ge=dt.timedelta(minutes=1))
    again_after: Duration = Field(default=dt.timedelta(days=1), ge=dt.timedelta(minutes=1))
    codes: str = ""
    reports: str = Field(default="reports", min_length=1)
    report_hour: int = Field(default=7, ge=0, le=23)

    @property
    def is_on(self) -> bool:
        """Whether there is a feed."""
        return bool(self.folder or self.server)


class CallbackSettings(Table):
    """`[callbacks]`: what carriers tell over HTTP."""

    folder: str = Field(default="callbacks", min_length=1)
    window: Duration = Field(default=dt.timedelta(minutes=5), ge=dt.timedelta(seconds=1), le=dt.timedelta(hours=1))


class EndpointSettings(Table):
    """`[endpoints]`: the systems that are told of changes."""

    time_limit: Duration = Field(
        default=dt.timedelta(seconds=15), ge=dt.timedelta(seconds=1), le=dt.timedelta(minutes=1)
    )
    at_once: int = Field(default=20, ge=1, le=200)
    private_networks: bool = False


class SenderSettings(Table):
    """Who hands over at an office, as Canada Post's schema asks for it."""

    company: str = Field(min_length=1, max_length=44)
    phone: str = Field(min_length=1, max_length=25)
    address: str = Field(min_length=1, max_length=44)
    city: str = Field(min_length=1, max_length=40)
    province: str = Field(pattern=r"^[A-Z]{2}$")
    postal_code: str = Field(pattern=r"^[A-Z][0-9][A-Z] ?[0-9][A-Z][0-9]$")


class PrintVendorSettings(Table):
    """`[print_vendor]`: without a file there is none."""

    file: str = ""
    language: Literal["en", "fr"] = "en"


class ScanSettings(Table):
    """`[scans]`"""

    codes: str = ""


class CanadaPostSettings(Table):
    """`[canada_post]`: its web services. Without a url nobody speaks to them."""

    url: Annotated[str, AfterValidator(service_address)] = ""
    ca: str = ""
    customer: str = Field(default="", pattern=r"^([0-9]{1,10})?$")
    on_behalf_of: str = Field(default="", pattern=r"^([0-9]{1,10})?$")
    contract: str = Field(default="", pattern=r"^([0-9]{1,10})?$")
    username: str = ""
    password_file: str = ""
    senders: Mapping[str, SenderSettings] = Field(default_factory=dict)
    sheet_grams: int = Field(default=5, ge=1, le=20)
    envelope_grams: int = Field(default=30, ge=1, le=500)
    track: bool = True


def _addresses(text: str) -> str:
    """Raises ValueError for what is not plain mail addresses with commas between them."""
    return ", ".join(str(MailAddress.parse(one.strip())) for one in text.split(",")) if text else ""


class NoticeSettings(Table):
    """`[notices]`: the mails to staff. Without addresses there are none."""

    to: Annotated[str, AfterValidator(_addresses)] = ""
    language: Literal["en", "fr", "both"] = "both"
    digest_hour: int = Field(default=7, ge=0, le=23)

    @property
    def addresses(self) -> Sequence[str]:
        """One by one."""
        return self.to.split(", ") if self.to else []


class MailboxSettings(Table):
    """`[mailbox]`: where reports and replies come back to, over IMAP. Without a host there is none."""

    host: str = Field(default="", max_length=253)
    port: int = Field(default=993, ge=1, le=65535)
    tls: Literal["implicit", "starttls", "none"] = "implicit"
    ca: str = "mail-ca.pem"
    username: str = ""
    password_file: str = ""
    folder: str = Field(default="INBOX", min_length=1)
    kept_folder: str = Field(default="Kept", min_length=1)
    time_limit: Duration = Field(
        default=dt.timedelta(seconds=15), ge=dt.timedelta(seconds=1), le=dt.timedelta(minutes=1)
    )


class WebSettings(Table):
    """`[web]`"""

    host: str = "127.0.0.1"
    port: int = Field(default=8480, ge=0, le=65535)
    proxies: Annotated[str, AfterValidator(networks)] = ""


class ConsoleSettings(Table):
    """`[console]`: the staff's pages."""

    url: str = Field(default="", pattern=r"^(https?://[^\s/?#]+)?$")
    idle: Duration = Field(default=IDLE, ge=dt.timedelta(minutes=1), le=dt.timedelta(hours=1))
    longest: Duration = Field(default=LONGEST, ge=dt.timedelta(minutes=1), le=LONGEST_OF_ALL)
    passwords: bool = True


class Settings(Table):
    """Everything that can be set. `channels` hold each channel's own table, which the channel reads itself."""

    gateway: GatewaySettings = GatewaySettings()
    database: DatabaseSettings = DatabaseSettings()
    broker: BrokerSettings = BrokerSettings()
    trust: TrustSettings = TrustSettings()
    directory: DirectorySettings = DirectorySettings()
    vault: VaultSettings = VaultSettings()
    limits: LimitSettings = LimitSettings()
    parties: PartiesSettings = PartiesSettings()
    receipt: ReceiptSettings = ReceiptSettings()
    evidence: EvidenceSettings = EvidenceSettings()
    rules: RuleSettings = RuleSettings()
    work: WorkSettings = WorkSettings()
    incoming: IncomingSettings = IncomingSettings()
    mailbox: MailboxSettings = MailboxSettings()
    drop: DropSettings = DropSettings()
    feed: FeedSettings = FeedSettings()
    callbacks: CallbackSettings = CallbackSettings()
    endpoints: EndpointSettings = EndpointSettings()
    notices: NoticeSettings = NoticeSettings()
    scans: ScanSettings = ScanSettings()
    print_vendor: PrintVendorSettings = PrintVendorSettings()
    canada_post: CanadaPostSettings = CanadaPostSettings()
    exchange_provider: ExchangeProviderSettings = ExchangeProviderSettings()
    web: WebSettings = WebSettings()
    console: ConsoleSettings = ConsoleSettings()
    console_provider: ConsoleProviderSettings = ConsoleProviderSettings()
    worker: WorkerSettings = WorkerSettings()
    scheduler: SchedulerSettings = SchedulerSettings()
    channels: Mapping[str, Mapping[str, Any]] = Field(default_factory=dict)


def read_settings(home: Path, environment: Mapping[str, str] | None = None) -> Settings:
    """The settings of a home.

    Raises SetupWrong: home.missing, file.unreadable, settings.invalid with the setting as `where`.
    """
    path = home / FILE
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise SetupWrong(Code.HOME_MISSING, where=str(home)) from None
    except OSError:
        raise SetupWrong(Code.FILE_UNREADABLE, where=str(path)) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError):
        raise SetupWrong(Code.SETTINGS_INVALID, where=FILE, kind="toml") from None
    _override(tables, os.environ if environment is None else environment)
    try:
        return Settings.model_validate(tables)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        raise SetupWrong(Code.SETTINGS_INVALID, where=where, kind=first["type"]) from None


def _override(tables: dict[str, Any], environment: Mapping[str, str]) -> None:
    for variable, value in environment.items():
        if not variable.startswith(PREFIX) or variable in NOT_SETTINGS:
            continue
        name, _, setting = variable.removeprefix(PREFIX).lower().rpartition("__")
        table = tables.setdefault(name or "gateway", {})
        if isinstance(table, dict):  # what else stands there is refused with the rest
            table[setting] = value
