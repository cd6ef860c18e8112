"""Taking a backup while the gateway works. Taken again into the same folder, it copies what is new."""

import datetime as dt
import os
import secrets
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, suppress
from pathlib import Path

from cryptography import x509

from gateway.backup.home_files import pack, sealed_for
from gateway.backup.inventory import (
    FILE,
    FORM,
    OBJECTS,
    Inventory,
    Member,
    digest_of,
    line_of,
    listed,
    read_inventory,
    written,
)
from gateway.bootstrap import database_server, database_url, object_store, open_database
from gateway.domain.codes import Code
from gateway.domain.events import Event, EventName
from gateway.domain.problem import InputRefused, NoSuchThing, ServiceDown
from gateway.ports.sealing import ObjectStore
from gateway.ports.watch import BACKUP
from gateway.settings import Settings, read_settings
from gateway.store.objects import FileObjects
from gateway.store.schema import REVISION
from gateway.store.snapshot import is_sqlite, take


def back_up(
    home: Path,
    folder: Path,
    custodians: Sequence[x509.Certificate],
    *,
    actor: str,
    now: dt.datetime,
    tell: Callable[[], None] = lambda: None,
) -> Inventory:
    """The home as it stands, in the folder; what stood there before is let go of once the new one is whole.

    custodians: who can open its settings and keys; each alone, at least one. tell: called for each new object.
    Objects first, then the database, then the objects that came meanwhile: none that the database names is missing.
    Raises InputRefused (request.invalid: nobody could open it; file.unwritable, backup.unreadable), ServiceDown,
    SetupWrong.
    """
    if not custodians:
        raise InputRefused(Code.REQUEST_INVALID, where="--custodian", expected="minLength 1")
    settings = read_settings(home)
    with closing(open_database(home, settings)) as database:
        database.check()
    _make(folder)
    before = read_inventory(folder)
    ours, theirs = object_store(home, settings), FileObjects(folder / OBJECTS)
    gone = set(theirs.names()) - set(_copied(ours, theirs, tell))
    name = f"{now:%Y%m%dT%H%M%SZ}-{secrets.token_hex(4)}"
    url, server = database_url(home, settings), database_server(home, settings)
    take(url, server, folder / f"{name}.database")
    for _ in _copied(ours, theirs, tell):
        pass
    sums, count = _sums(folder, name, theirs, gone, before)
    inventory = Inventory(
        form=FORM,
        taken_at=now,
        revision=REVISION,
        sqlite=is_sqlite(url),
        database=_member(folder / f"{name}.database"),
        sums=sums,
        objects=count,
        homes=_homes(home, settings, folder, name, custodians),
    )
    _write(folder / FILE, written(inventory))
    _let_go(folder, theirs, inventory, gone)
    _remember(home, settings, inventory, actor)
    return inventory


def _make(folder: Path) -> None:
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError:
        raise InputRefused(Code.FILE_UNWRITABLE, where=str(folder)) from None


def _copied(ours: ObjectStore, theirs: FileObjects, tell: Callable[[], None]) -> Iterator[str]:
    """Copies what is not there yet; the names of all that we have."""
    for name in ours.names():
        if not theirs.has(name):
            with suppress(NoSuchThing):  # its time came while we walked
                theirs.put(name, ours.get(name))
            tell()
        yield name


def _sums(folder: Path, name: str, theirs: FileObjects, gone: set[str], before: Inventory | None) -> tuple[Member, int]:
    """The list of the objects. An object is written once, so that its digest of last time holds."""
    known = dict(listed(folder / before.sums.name)) if before is not None else {}
    path, count = folder / f"{name}.SHA256SUMS", 0
    path.touch(0o600, exist_ok=False)
    with path.open("w", encoding="ascii") as file:
        for one in theirs.names():
            if one not in gone:
                file.write(line_of(one, known.get(one) or digest_of(folder / OBJECTS / one[:2] / one)))
                count += 1
    return _member(path), count


def _homes(
    home: Path, settings: Settings, folder: Path, name: str, custodians: Sequence[x509.Certificate]
) -> tuple[Member, ...]:
    content, members = pack(home, settings), []
    for number, custodian in enumerate(custodians, start=1):
        path = folder / f"{name}.home-{number}.cms"
        _write(path, sealed_for(content, custodian))
        members.append(_member(path))
    return tuple(members)


def _member(path: Path) -> Member:
    return Member(name=path.name, digest=digest_of(path))


def _write(path: Path, content: bytes) -> None:
    """Whole under its name at once, for its owner alone."""
    draft = path.with_name(f".{path.name}")
    try:
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    except OSError as error:
        raise ServiceDown(Code.STORAGE_UNAVAILABLE, where=path.name, errno=error.errno or 0) from None


def _let_go(folder: Path, theirs: FileObjects, inventory: Inventory, gone: set[str]) -> None:
    """What no backup needs any more: files of earlier ones, and objects whose time had come."""
    kept = {FILE, *(member.name for member in inventory.members)}
    for path in folder.iterdir():
        if path.is_file() and path.name not in kept:
            path.unlink()
    for name in gone:
        theirs.delete(name)


def _remember(home: Path, settings: Settings, inventory: Inventory, actor: str) -> None:
    facts: dict[str, str | int | bool] = {"objects": inventory.objects, "custodians": len(inventory.homes)}
    with closing(open_database(home, settings)) as database, database.write() as tx:
        tx.watch.begin(BACKUP, now=inventory.taken_at, every=dt.timedelta(0))
        tx.records.append(Event(name=EventName.HOME_BACKED_UP, at=inventory.taken_at, actor=actor, facts=facts))
