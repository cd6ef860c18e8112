"""A home from a backup, on this machine or another. It begins with every channel paused.

What was sent after the backup was taken is not known to it: nothing may leave before a person has looked.
"""

import datetime as dt
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from gateway.backup.home_files import opened_by, remove, unpack
from gateway.backup.inventory import OBJECTS, Inventory, check_members, check_objects, known_inventory, listed
from gateway.bootstrap import database_server, database_url, object_store, open_gateway, upgrade_database
from gateway.domain.codes import Code
from gateway.domain.events import Event, EventName
from gateway.domain.parties import ChannelName
from gateway.domain.problem import SetupWrong
from gateway.domain.reasons import Reason
from gateway.ports.sealing import ObjectStore
from gateway.settings import Settings
from gateway.store.objects import FileObjects
from gateway.store.schema import REVISION
from gateway.store.snapshot import check_empty, is_sqlite, put_back
from keys.cades import SigningKey


@dataclass(frozen=True, kw_only=True)
class Act:
    """Who restores, why, and when."""

    actor: str
    reason: str
    at: dt.datetime


@dataclass(frozen=True, kw_only=True)
class Restored:
    """What came of it. paused: the channels that wait for a person."""

    inventory: Inventory
    paused: tuple[str, ...]


def restore(
    folder: Path,
    home: Path,
    custodian: SigningKey,
    act: Act,
    tell: Callable[[], None] = lambda: None,
) -> Restored:
    """A home where none is, from a backup whose every byte is what it was. tell: called for each object.

    Raises NoSuchThing (backup.unknown), InputRefused (backup.unreadable, backup.damaged, message.not-for-key),
    Conflict (backup.home-stands, database.not-empty), SetupWrong (backup.newer, settings.invalid), ServiceDown.
    """
    inventory = known_inventory(folder)
    if inventory.revision > REVISION:
        raise SetupWrong(Code.BACKUP_NEWER, have=REVISION, need=inventory.revision)
    check_members(folder, inventory)
    check_objects(folder, inventory)
    files = opened_by(_sealed(folder, inventory), custodian)
    settings = unpack(files, home)
    with ExitStack() as undo:
        # Half a home would refuse the next try, and one in which not every channel is paused must not stand.
        undo.callback(remove, home, settings)
        url, server = database_url(home, settings), database_server(home, settings)
        if is_sqlite(url) is not inventory.sqlite:
            raise SetupWrong(Code.SETTINGS_INVALID, where="gateway.database")
        check_empty(url, server)
        _bring(folder, inventory, object_store(home, settings), tell)
        put_back(url, server, folder / inventory.database.name)
        upgrade_database(home, settings)
        paused = _halt(home, settings, inventory, act)
        undo.pop_all()
    return Restored(inventory=inventory, paused=paused)


def _sealed(folder: Path, inventory: Inventory) -> Iterator[bytes]:
    return ((folder / member.name).read_bytes() for member in inventory.homes)


def _bring(folder: Path, inventory: Inventory, ours: ObjectStore, tell: Callable[[], None]) -> None:
    theirs = FileObjects(folder / OBJECTS)
    for name, _ in listed(folder / inventory.sums.name):
        ours.put(name, theirs.get(name))
        tell()


def _halt(home: Path, settings: Settings, inventory: Inventory, act: Act) -> tuple[str, ...]:
    channels = (*sorted({*settings.channels, *(name.value for name in ChannelName)}),)
    gateway = open_gateway(home)
    try:
        for channel in channels:
            gateway.pauses.pause(channel, actor=act.actor, reason=act.reason, because=Reason.HOME_RESTORED)
        facts: dict[str, str | int | bool] = {"taken_at": inventory.taken_at.isoformat()}
        with gateway.database.write() as tx:
            tx.records.append(Event(name=EventName.HOME_RESTORED, at=act.at, actor=act.actor, facts=facts))
    finally:
        gateway.close()
    return channels
