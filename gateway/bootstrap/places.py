"""Where the parts of a home are: its database, its broker, its own keys; and the secrets that stand in files beside."""

from pathlib import Path
from urllib.parse import quote, urlsplit, urlunsplit

from gateway.domain.codes import Code
from gateway.domain.problem import SetupWrong
from gateway.ports.sealing import ObjectStore
from gateway.settings import Settings
from gateway.store.engine import SqlDatabase, upgrade
from gateway.store.engines import Server
from gateway.store.objects import FileObjects
from gateway.store.s3 import Bucket, S3Objects
from gateway.store.schema import Shape

DATABASE_FILE = "gateway.db"
VAULT_FOLDER = "vault"


def database_url(home: Path, settings: Settings) -> str:
    """Where the database of a home is. Raises SetupWrong (settings.invalid)."""
    if settings.gateway.database == "sqlite":
        return f"sqlite:///{(home / DATABASE_FILE).resolve()}"
    if settings.gateway.database.startswith("postgresql+psycopg://"):
        return settings.gateway.database
    raise SetupWrong(Code.SETTINGS_INVALID, where="gateway.database", expected="sqlite postgresql+psycopg://")


def database_server(home: Path, settings: Settings) -> Server:
    """How the database server of a home is spoken to."""
    database = settings.database
    return Server(
        password_file=home / database.password_file if database.password_file else None,
        connections=database.connections,
        wait=database.wait,
        statement_limit=database.statement_limit,
    )


def open_database(home: Path, settings: Settings) -> SqlDatabase:
    """The database of a home, not yet connected to. Raises SetupWrong (settings.invalid, settings.secret)."""
    return SqlDatabase(database_url(home, settings), database_server(home, settings))


def upgrade_database(home: Path, settings: Settings) -> Shape:
    """Brings the database of a home to the shape this release knows; see `gateway.store.engine.upgrade`."""
    return upgrade(database_url(home, settings), database_server(home, settings))


def broker_url(home: Path, settings: Settings) -> str:
    """Where the broker is, with its password: that of the file `[broker] password_file` names, if any.

    Raises SetupWrong: settings.invalid when no broker is set, settings.secret, file.unreadable.
    """
    if not settings.gateway.broker:
        raise SetupWrong(Code.SETTINGS_INVALID, where="gateway.broker", expected="redis://…")
    place = urlsplit(settings.gateway.broker)
    if place.password is not None:
        raise SetupWrong(Code.SETTINGS_SECRET, where="gateway.broker")
    if not settings.broker.password_file:
        return settings.gateway.broker
    try:
        secret = (home / settings.broker.password_file).read_bytes().rstrip(b"\r\n")
    except OSError:
        raise SetupWrong(Code.FILE_UNREADABLE, where="broker.password_file") from None
    user, address = place.username or "", place.netloc.rpartition("@")[2]
    return urlunsplit(place._replace(netloc=f"{user}:{quote(secret, safe='')}@{address}"))


def key_folder(home: Path, settings: Settings) -> Path:
    """Where the gateway's own keys are: `[gateway] key_dir`, relative to the home."""
    return home / settings.gateway.key_dir


def object_store(home: Path, settings: Settings) -> ObjectStore:
    """Where sealed objects are kept. Raises SetupWrong (settings.invalid, storage.extra-missing)."""
    vault = settings.vault
    if vault.store == "files":
        return FileObjects(home / VAULT_FOLDER)
    return S3Objects(Bucket(name=vault.bucket, prefix=vault.prefix, endpoint=vault.endpoint, region=vault.region))
