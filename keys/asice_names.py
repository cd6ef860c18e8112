"""Names inside a container: they stay inside it wherever it is unpacked, and differ on every file system."""

import unicodedata
from collections.abc import Iterable, Sequence
from urllib.parse import unquote

from gateway.domain.codes import Code
from gateway.domain.problem import InputRefused

LONGEST_NAME = 512
"""Characters; file systems take 255 bytes a segment and about 4,000 in all."""

_FORBIDDEN = frozenset('\\:*?"<>|')
"""A backslash or colon makes another path on Windows; the others cannot be file names there."""


def check_names(names: Sequence[str]) -> None:
    """Whether every name is safe, and none stands twice.

    Two names are the same when they are after percent-decoding, Unicode normalisation and without regard to case, or
    when one is a folder of the other. Raises InputRefused: package.member-unsafe, package.member-duplicate.
    """
    taken: set[str] = set()
    for name in names:
        if not (_is_safe(name) and _is_safe(unquote(name))):
            raise InputRefused(Code.PACKAGE_MEMBER_UNSAFE, where=shown(name))
        key = _key(name)
        if key in taken:
            raise InputRefused(Code.PACKAGE_MEMBER_DUPLICATE, where=shown(name))
        taken.add(key)
    for name in names:
        if any(folder in taken for folder in _folders(_key(name))):
            raise InputRefused(Code.PACKAGE_MEMBER_DUPLICATE, where=shown(name))


def shown(name: str) -> str:
    """The name as an error may hold it: printable ASCII, and not long."""
    return name.encode("unicode_escape").decode("ascii")[:100]


def is_in_meta_inf(name: str) -> bool:
    """Whether the name lies in META-INF, however it is written."""
    return _key(name).split("/")[0] == "meta-inf"


def _is_safe(name: str) -> bool:
    if not name or len(name) > LONGEST_NAME:
        return False
    if any(character in _FORBIDDEN or unicodedata.category(character).startswith("C") for character in name):
        return False  # C: control, format (which can reverse what is shown), surrogate, private and unassigned
    return all(segment.strip(" .") and segment == segment.rstrip(" .") for segment in name.split("/"))


def _key(name: str) -> str:
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", unquote(name)).casefold())


def _folders(key: str) -> Iterable[str]:
    segments = key.split("/")
    return ("/".join(segments[:depth]) for depth in range(1, len(segments)))
