"""The ZIP of an ASiC-E container, read strictly (APPNOTE.TXT 6.3.10; ETSI EN 319 162-1 Annex A).

Python's `zipfile` repairs and guesses, as other readers do in other ways, and a signed container must mean the same
to all of them: here the members fill the file from its first byte to the central directory, the two headers of a
member agree, and anything else is refused. Nothing is inflated before it is asked for.
"""

import struct
import sys
import zlib
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from gateway.domain.codes import Code
from gateway.domain.problem import InputRefused
from keys.asice_names import check_names, shown
from keys.zip_headers import STORED, Member, read_member

MIMETYPE = b"application/vnd.etsi.asic-e+zip"
_END = struct.Struct("<4sHHHHIIH")

_COMMENT = b"mimetype=" + MIMETYPE
"""The one comment that a container may end with (EN 319 162-1 A.1)."""

_SMALL = 1024 * 1024
"""A member up to this size may deflate as well as it can."""

_MEGABYTE = 1_000_000


@dataclass(frozen=True, kw_only=True)
class PackageLimits:
    """What a package may cost at most. Sizes are in bytes; `ratio` is inflated to deflated size of a member above
    1 MiB; `signature_bytes` is for each of the manifest and the signature."""

    package_bytes: int = 50 * _MEGABYTE
    members: int = 500
    member_bytes: int = 50 * _MEGABYTE
    inflated_bytes: int = 200 * _MEGABYTE
    ratio: int = 100
    signature_bytes: int = _MEGABYTE


UNLIMITED = PackageLimits(
    package_bytes=sys.maxsize,
    members=sys.maxsize,
    member_bytes=sys.maxsize,
    inflated_bytes=sys.maxsize,
    ratio=sys.maxsize,
    signature_bytes=sys.maxsize,
)
"""For a package that was held to limits when it was accepted, and sealed since."""


@dataclass(frozen=True, kw_only=True)
class Container:
    """The members of a container in their order, by name."""

    raw: bytes
    members: Mapping[str, Member]

    def read(self, name: str) -> bytes:
        """The member's bytes, never more than its header says.

        Raises InputRefused: package.member-unreadable; package.expands-too-much when there is more in it.
        """
        member = self.members[name]
        packed = memoryview(self.raw)[member.start : member.start + member.packed]
        content = bytes(packed) if member.method == STORED else _inflated(packed, member)
        if len(content) != member.size or zlib.crc32(content) != member.crc:
            raise _unreadable(name)
        return content


def open_container(raw: bytes, limits: PackageLimits) -> Container:
    """The container's members, with safe and unique names and headers within the limits.

    Raises InputRefused: package.too-large, package.not-zip, package.not-asic, package.too-many-members,
    package.member-unsafe, package.member-duplicate, package.member-unreadable, package.member-too-large,
    package.expands-too-much.
    """
    if len(raw) > limits.package_bytes:
        raise InputRefused(Code.PACKAGE_TOO_LARGE, bytes=len(raw), limit=limits.package_bytes)
    count, directory, end = _directory(raw)
    if count > limits.members:
        raise InputRefused(Code.PACKAGE_TOO_MANY_MEMBERS, members=count, limit=limits.members)
    try:
        entries = tuple(_members(raw, count, directory, end))
    except struct.error as error:
        raise InputRefused(Code.PACKAGE_NOT_ZIP) from error
    members = tuple(entry for entry in entries if not entry.is_folder)
    check_names([member.name for member in members])
    _check_folders({entry.name for entry in entries if entry.is_folder}, members)
    _check_mimetype(raw, members)
    _check_sizes(members, limits)
    return Container(raw=raw, members={member.name: member for member in members})


def _directory(raw: bytes) -> tuple[int, int, int]:
    """Number of members, start and end of the central directory; its end record must be the last thing there is."""
    comment = len(_COMMENT) if raw.endswith(_COMMENT) else 0
    end = len(raw) - _END.size - comment
    if end < 0:
        raise InputRefused(Code.PACKAGE_NOT_ZIP)
    mark, disk, directory_disk, here, count, size, start, comment_length = _END.unpack_from(raw, end)
    whole = mark == b"PK\x05\x06" and comment_length == comment and start + size == end
    if not whole or (disk, directory_disk, here) != (0, 0, count):
        raise InputRefused(Code.PACKAGE_NOT_ZIP)
    return count, start, end


def _members(raw: bytes, count: int, directory: int, end: int) -> Iterator[Member]:
    """Each member where the one before it ended; the last ends at the central directory. Raises struct.error."""
    entry, position = directory, 0
    for _ in range(count):
        member, entry = read_member(raw, entry, position)
        position = member.end
        if position > directory or entry > end:
            raise InputRefused(Code.PACKAGE_NOT_ZIP)
        yield member
    if position != directory or entry != end:
        raise InputRefused(Code.PACKAGE_NOT_ZIP)


def _check_folders(folders: Collection[str], members: tuple[Member, ...]) -> None:
    """`zip -r` writes an entry for each folder it went through; any other is no part of what was signed."""
    for folder in folders:
        if not any(member.name.startswith(folder) for member in members):
            raise InputRefused(Code.PACKAGE_MEMBER_UNLISTED, where=shown(folder))


def _check_mimetype(raw: bytes, members: tuple[Member, ...]) -> None:
    first = members[0] if members else None
    if first is None or first.name != "mimetype" or first.method != STORED or first.size != len(MIMETYPE):
        raise InputRefused(Code.PACKAGE_NOT_ASIC)
    if raw[first.start : first.start + first.size] != MIMETYPE:
        raise InputRefused(Code.PACKAGE_NOT_ASIC)


def _check_sizes(members: tuple[Member, ...], limits: PackageLimits) -> None:
    for member in members:
        if member.size > limits.member_bytes:
            raise InputRefused(
                Code.PACKAGE_MEMBER_TOO_LARGE, where=shown(member.name), bytes=member.size, limit=limits.member_bytes
            )
        if member.size > max(_SMALL, member.packed * limits.ratio):
            raise InputRefused(Code.PACKAGE_EXPANDS_TOO_MUCH, where=shown(member.name), ratio=limits.ratio)
    total = sum(member.size for member in members)
    if total > limits.inflated_bytes:
        raise InputRefused(Code.PACKAGE_EXPANDS_TOO_MUCH, bytes=total, limit=limits.inflated_bytes)


def _inflated(packed: memoryview, member: Member) -> bytes:
    """All of it, and nothing after it; one byte more than announced is enough to know."""
    inflater = zlib.decompressobj(-zlib.MAX_WBITS)
    try:
        content = inflater.decompress(packed, member.size + 1)
    except zlib.error as error:
        raise _unreadable(member.name) from error
    if len(content) > member.size:
        raise InputRefused(Code.PACKAGE_EXPANDS_TOO_MUCH, where=shown(member.name))
    if not inflater.eof or inflater.unused_data:
        raise _unreadable(member.name)
    return content


def _unreadable(name: str) -> InputRefused:
    return InputRefused(Code.PACKAGE_MEMBER_UNREADABLE, where=shown(name))
