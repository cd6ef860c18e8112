"""Making a home: settings, keys, database, sealed store. Again, it completes what was cut off or is new."""

import datetime as dt
import errno
from collections.abc import Iterator, Mapping
from enum import StrEnum
from pathlib import Path

from pydantic import BaseModel

from channels.registry import ChannelRegistry
from gateway.application.contexts import DIRECTORY_KEY
from gateway.bootstrap import VAULT_FOLDER, key_folder, open_database, open_gateway, upgrade_database
from gateway.domain.addresses import MailAddress
from gateway.domain.codes import Code
from gateway.domain.parties import Language
from gateway.domain.problem import InputRefused, ServiceDown
from gateway.settings import FILE, Settings, read_settings, shown
from gateway.store.schema import Shape
from keys.credentials import passphrase
from keys.key_files import write_new
from keys.own import create_own_keys
from templates.catalogue import text


class Made(StrEnum):
    """What became of a home."""

    NEW = "new"
    COMPLETED = "completed"
    """It stood, and lacked something: the shape of its database, or a key that came with this release."""
    AS_IT_WAS = "as-it-was"


def create_home(
    home: Path,
    *,
    key_dir: Path | None,
    sender: str,
    language: Language,
    database: str | None = None,
    password_file: Path | None = None,
) -> Made:
    """Makes the home, or what one that stands lacks of this release. What is chosen here stands in its `gateway.toml`.

    database, password_file: where the record is kept, unless in a file of the home, and what holds its password.
    key_dir: where the gateway's own keys go, outside the home if sealing is to protect more than copies of the rest.
    sender: the address mail comes from, in the mail-signing certificate.
    Raises InputRefused (request.invalid: no address of a sender; file.unwritable), SetupWrong, ServiceDown
    (storage.full).
    """
    try:
        MailAddress.parse(sender)
    except ValueError:
        raise InputRefused(Code.REQUEST_INVALID, where="--sender") from None
    path = home / FILE
    new = not path.exists()
    try:
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
        (home / VAULT_FOLDER).mkdir(mode=0o700, exist_ok=True)
        if new:
            # Whole or not at all: half a file would be read as the defaults, another key_dir among them.
            chosen = _chosen({"gateway.key_dir": key_dir, "database.password_file": password_file}, database)
            write_new(path, settings_file(chosen, sender, language).encode())
    except OSError as error:
        if error.errno in {errno.ENOSPC, errno.EDQUOT}:
            raise ServiceDown(Code.STORAGE_FULL, where=str(home)) from None
        raise InputRefused(Code.FILE_UNWRITABLE, where=str(home)) from None
    settings = read_settings(home)
    shape, keys = upgrade_database(home, settings), key_folder(home, settings)
    there = _names(keys)
    create_own_keys(
        keys,
        organization=settings.gateway.organization,
        sender=sender,
        at=dt.datetime.now(dt.UTC),
        passphrase=passphrase(),
        in_use=_in_use(home, settings),
    )
    _make_data_keys(home)
    if new:
        return Made.NEW
    return Made.AS_IT_WAS if shape is Shape.AS_IT_WAS and _names(keys) == there else Made.COMPLETED


def _names(folder: Path) -> frozenset[str]:
    return frozenset(path.name for path in folder.iterdir()) if folder.is_dir() else frozenset()


def _make_data_keys(home: Path) -> None:
    gateway = open_gateway(home)
    try:
        gateway.receive.keep.ensure_key()
        gateway.keys_at_hand.tell()
        gateway.directory.ensure_key()  # the last: it tells that the home is in use
    finally:
        gateway.close()


def _in_use(home: Path, settings: Settings) -> bool:
    """Whether the home has a data key: the directory's, the last thing that making it writes."""
    database = open_database(home, settings)
    try:
        with database.read() as tx:
            return tx.registry.has_data_key(DIRECTORY_KEY)
    finally:
        database.close()


def _chosen(paths: Mapping[str, Path | None], database: str | None) -> Mapping[str, str]:
    chosen = {name: str(path.resolve()) for name, path in paths.items() if path is not None}
    return chosen if database is None else chosen | {"gateway.database": database}


def settings_file(chosen: Mapping[str, str], sender: str, language: Language) -> str:
    """A `gateway.toml` with every setting, its default and a comment in the person's language.

    chosen: settings that shall have another value, by `table.name`.
    """
    lines = [*_commented(text("settings", "head", language)), ""]
    defaults = Settings()
    for name, table in defaults:
        if isinstance(table, BaseModel):
            lines += _table(name, table, chosen, language)
    for channel in ChannelRegistry().names:
        lines += _channel(channel, sender, language)
    return "\n".join(lines) + "\n"


def _table(name: str, table: BaseModel, chosen: Mapping[str, str], language: Language) -> Iterator[str]:
    yield f"[{name}]"
    for setting, default in table:
        value = chosen.get(f"{name}.{setting}", default)
        yield from _commented(text("settings", f"{name}.{setting}", language))
        yield f"{setting} = {shown(value)}"
    yield ""


def _channel(name: str, sender: str, language: Language) -> Iterator[str]:
    """A channel's table, commented out: a channel is set up by a person, never by default."""
    yield from _commented(text("settings", "channel", language))
    yield f"# [channels.{name}]"
    for setting in ChannelRegistry().plugin(name).settings():
        yield from _commented(setting.comments[language])
        value = shown(sender) if setting.name == "sender" else setting.default
        yield f"# {setting.name} = {value}"
    yield ""


def _commented(comment: str) -> Iterator[str]:
    for line in comment.splitlines():
        yield f"# {line}"
