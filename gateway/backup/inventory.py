"""What a backup holds, and whether it is all there."""

import datetime as dt
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from gateway.application.kept_json import from_kept, to_kept
from gateway.domain.codes import Code
from gateway.domain.problem import InputRefused, NoSuchThing, SetupWrong

FILE = "inventory.json"
OBJECTS = "objects"
FORM = 1
_PIECE = 1_000_000


@dataclass(frozen=True, kw_only=True)
class Member:
    """A file of the backup by its name, with its SHA-256 in hex."""

    name: str
    digest: str


@dataclass(frozen=True, kw_only=True)
class Inventory:
    """revision: the shape of the database. sums: the list of the objects, of which there are `objects`. homes: settings
    and keys, one for each custodian."""

    form: int
    taken_at: dt.datetime
    revision: str
    sqlite: bool
    database: Member
    sums: Member
    objects: int
    homes: tuple[Member, ...]

    @property
    def members(self) -> tuple[Member, ...]:
        """Its files besides the objects."""
        return (self.database, self.sums, *self.homes)


def read_inventory(folder: Path) -> Inventory | None:
    """None where no backup was ever finished. Raises InputRefused (backup.unreadable, file.unreadable)."""
    try:
        raw = (folder / FILE).read_bytes()
    except FileNotFoundError:
        return None
    except OSError:
        raise InputRefused(Code.FILE_UNREADABLE, where=FILE) from None
    try:
        inventory = from_kept(Inventory, raw, where=FILE)
    except SetupWrong:
        raise InputRefused(Code.BACKUP_UNREADABLE, where=FILE) from None
    if inventory.form != FORM or any("/" in member.name for member in inventory.members):
        raise InputRefused(Code.BACKUP_UNREADABLE, where=FILE)
    return inventory


def known_inventory(folder: Path) -> Inventory:
    """Raises NoSuchThing (backup.unknown), InputRefused (backup.unreadable, file.unreadable)."""
    inventory = read_inventory(folder)
    if inventory is None:
        raise NoSuchThing(Code.BACKUP_UNKNOWN, where=folder.name)
    return inventory


def written(inventory: Inventory) -> bytes:
    """Its JSON."""
    return to_kept(inventory) + b"\n"


def digest_of(path: Path) -> str:
    """SHA-256 in hex, read piece by piece."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while piece := file.read(_PIECE):
            digest.update(piece)
    return digest.hexdigest()


def check_members(folder: Path, inventory: Inventory) -> None:
    """Raises InputRefused (backup.damaged) with the file that is missing or differs."""
    for member in inventory.members:
        path = folder / member.name
        if not path.is_file() or digest_of(path) != member.digest:
            raise InputRefused(Code.BACKUP_DAMAGED, where=member.name)


def check_objects(folder: Path, inventory: Inventory) -> None:
    """Raises InputRefused (backup.damaged): an object that is missing or differs, or the list where it is short."""
    count = 0
    for name, digest in listed(folder / inventory.sums.name):
        path = folder / OBJECTS / name[:2] / name
        if not path.is_file() or digest_of(path) != digest:
            raise InputRefused(Code.BACKUP_DAMAGED, where=name)
        count += 1
    if count != inventory.objects:
        raise InputRefused(Code.BACKUP_DAMAGED, where=inventory.sums.name)


def listed(sums: Path) -> Iterator[tuple[str, str]]:
    """Name and digest of each object of the list, in order."""
    with sums.open(encoding="ascii") as file:
        for line in file:
            digest, _, path = line.rstrip("\n").partition("  ")
            yield path.rpartition("/")[2], digest


def line_of(name: str, digest: str) -> str:
    """A line of the list, as `sha256sum` reads it."""
    return f"{digest}  {OBJECTS}/{name[:2]}/{name}\n"
