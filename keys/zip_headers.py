"""The headers of a ZIP's members, read strictly (APPNOTE.TXT 6.3.10 §4.3 and §4.4).

Each member has two headers, one before its bytes and one in the central directory, and readers differ in which they
believe: here both must say the same.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass

from gateway.domain.codes import Code
from gateway.domain.problem import InputRefused
from keys.asice_names import shown

STORED, DEFLATED = 0, 8

_CENTRAL = struct.Struct("<4sHHHHHHIIIHHHHHII")
_LOCAL = struct.Struct("<4sHHHHHIIIHH")
_DESCRIPTOR = struct.Struct("<III")
_EXTRA = struct.Struct("<HH")

_DESCRIPTOR_FOLLOWS, _NAME_IS_UTF8 = 0x0008, 0x0800
_KNOWN_FLAGS = _DESCRIPTOR_FOLLOWS | _NAME_IS_UTF8 | 0x0006  # 0x0006: the deflate level, which changes nothing
_REFUSED_EXTRAS = frozenset({0x0001, 0x7075})  # ZIP64 sizes; a second name for the same member


@dataclass(frozen=True, kw_only=True)
class Member:
    """A member by its headers. Its bytes are from `start` to `start + packed`; at `end` the next member begins."""

    name: str
    method: int
    crc: int
    packed: int
    size: int
    start: int
    end: int

    @property
    def is_folder(self) -> bool:
        """Whether it is the entry of a folder, as `zip -r` makes them; such an entry holds nothing."""
        return self.name.endswith("/")


def read_member(raw: bytes, entry: int, position: int) -> tuple[Member, int]:
    """The member whose central header is at `entry` and whose local one is at `position`; where the next entry is.

    Raises struct.error where the file ends too soon; InputRefused: package.not-zip, package.member-unsafe
    (neither a plain file nor an empty folder, or a name that is not UTF-8), package.member-unreadable (encrypted,
    another method than stored and deflated, ZIP64, or headers that disagree).
    """
    central = _Header.central(raw, entry)
    if central.end > len(raw):
        raise InputRefused(Code.PACKAGE_NOT_ZIP)
    name = _name(central)
    if central.mark != b"PK\x01\x02" or central.disk != 0 or central.offset != position:
        raise InputRefused(Code.PACKAGE_NOT_ZIP)
    _check_method(central, name)
    if not (_is_empty_folder(central, name) if name.endswith("/") else _is_plain_file(central.attributes)):
        raise InputRefused(Code.PACKAGE_MEMBER_UNSAFE, where=shown(name))
    local = _Header.local(raw, position)
    _check_agreement(central, local, name)
    data_end = local.end + central.packed
    member = Member(
        name=name,
        method=central.method,
        crc=central.crc,
        packed=central.packed,
        size=central.size,
        start=local.end,
        end=_after_descriptor(raw, data_end, central) if central.flags & _DESCRIPTOR_FOLLOWS else data_end,
    )
    return member, central.end


@dataclass(frozen=True, kw_only=True)
class _Header:
    mark: bytes
    flags: int
    method: int
    crc: int
    packed: int
    size: int
    name: bytes
    extra: bytes
    end: int
    disk: int = 0
    attributes: int = 0
    offset: int = 0

    @classmethod
    def central(cls, raw: bytes, at: int) -> "_Header":
        mark, _, _, flags, method, _, _, crc, packed, size, *rest = _CENTRAL.unpack_from(raw, at)
        name_length, extra_length, comment_length, disk, _, attributes, offset = rest
        name_end = at + _CENTRAL.size + name_length
        return cls(
            mark=mark,
            flags=flags,
            method=method,
            crc=crc,
            packed=packed,
            size=size,
            name=raw[at + _CENTRAL.size : name_end],
            extra=raw[name_end : name_end + extra_length],
            end=name_end + extra_length + comment_length,
            disk=disk,
            attributes=attributes,
            offset=offset,
        )

    @classmethod
    def local(cls, raw: bytes, at: int) -> "_Header":
        mark, _, flags, method, _, _, crc, packed, size, name_length, extra_length = _LOCAL.unpack_from(raw, at)
        name_end = at + _LOCAL.size + name_length
        return cls(
            mark=mark,
            flags=flags,
            method=method,
            crc=crc,
            packed=packed,
            size=size,
            name=raw[at + _LOCAL.size : name_end],
            extra=raw[name_end : name_end + extra_length],
            end=name_end + extra_length,
        )


def _name(header: _Header) -> str:
    """UTF-8, said by the flag or not: Info-ZIP writes it without. What is not UTF-8 would be anyone's guess."""
    try:
        return header.name.decode("utf-8")
    except UnicodeDecodeError as error:
        raise InputRefused(Code.PACKAGE_MEMBER_UNSAFE, where=shown(header.name.decode("latin-1"))) from error


def _check_method(header: _Header, name: str) -> None:
    if header.flags & ~_KNOWN_FLAGS or header.method not in (STORED, DEFLATED):
        raise _unreadable(name)
    if header.method == STORED and header.packed != header.size:
        raise _unreadable(name)


def _is_plain_file(attributes: int) -> bool:
    """No symbolic link, device or folder, as Unix (high half) or DOS (0x10 folder, 0x08 label) says it."""
    kind = (attributes >> 16) & 0o170000
    return kind in (0, 0o100000) and not attributes & 0x18


def _is_empty_folder(header: _Header, name: str) -> bool:
    kind = (header.attributes >> 16) & 0o170000
    return kind in (0, 0o040000) and header.size == 0 and header.packed == 0 and name.strip("/") != ""


def _check_agreement(central: _Header, local: _Header, name: str) -> None:
    """The two headers of a member say the same; sizes may wait for the descriptor, and times are nobody's business."""
    said = (local.mark, local.name, local.flags, local.method)
    figures = (local.crc, local.packed, local.size)
    wanted = {(central.crc, central.packed, central.size)}
    if central.flags & _DESCRIPTOR_FOLLOWS:
        wanted.add((0, 0, 0))
    if said != (b"PK\x03\x04", central.name, central.flags, central.method) or figures not in wanted:
        raise _unreadable(name)
    for extra in (central.extra, local.extra):
        if not _REFUSED_EXTRAS.isdisjoint(_extra_kinds(extra, name)):
            raise _unreadable(name)


def _extra_kinds(extra: bytes, name: str) -> Iterator[int]:
    position = 0
    while position < len(extra):
        if position + _EXTRA.size > len(extra):
            raise _unreadable(name)
        kind, length = _EXTRA.unpack_from(extra, position)
        position += _EXTRA.size + length
        yield kind
    if position != len(extra):
        raise _unreadable(name)


def _after_descriptor(raw: bytes, at: int, central: _Header) -> int:
    """Where the data descriptor ends; its mark is optional (APPNOTE 4.3.9.3)."""
    start = at + 4 if raw[at : at + 4] == b"PK\x07\x08" else at
    if _DESCRIPTOR.unpack_from(raw, start) != (central.crc, central.packed, central.size):
        raise InputRefused(Code.PACKAGE_NOT_ZIP)
    return start + _DESCRIPTOR.size


def _unreadable(name: str) -> InputRefused:
    return InputRefused(Code.PACKAGE_MEMBER_UNREADABLE, where=shown(name))
