"""Addresses that look like others (Unicode UTS 39): what a person would read as one they know.

Nothing is refused for its looks: who imports and who approves is told. Look-alikes are compared by a skeleton, in which
signs that can be taken for each other are the same.
"""

from collections.abc import Iterable, Mapping
from functools import lru_cache

import idna

_CACHED = 20_000


def check_domain(address: str) -> None:
    """An internationalised domain, which stands in its ASCII form, must be one (RFC 5891). Raises ValueError."""
    domain = address.rpartition("@")[2]
    if "xn--" in domain.lower():
        idna.decode(domain)


def is_mixed(address: str) -> bool:
    """Whether a label of the address's domain mixes scripts, as an honest name hardly does."""
    from confusable_homoglyphs.confusables import is_mixed_script

    labels = _shown(address).rpartition("@")[2].split(".")
    return any(is_mixed_script(label) for label in labels)  # type: ignore[no-untyped-call]


def look_alike(address: str, known: Iterable[str]) -> str | None:
    """The first of the known addresses that looks like this one, or whose domain does, without being the same."""
    mine = _parts(address)
    for other in known:
        theirs = _parts(other)
        same_domain = mine.domain == theirs.domain
        if (not same_domain and mine.domain_skeleton == theirs.domain_skeleton) or (
            same_domain and mine.local != theirs.local and mine.local_skeleton == theirs.local_skeleton
        ):
            return other
    return None


class _Parts:
    """An address with the skeletons of its two sides."""

    def __init__(self, address: str) -> None:
        self.local, _, domain = _shown(address).rpartition("@")
        self.domain = domain.lower()
        self.local_skeleton = _skeleton(self.local)
        self.domain_skeleton = _skeleton(self.domain)


@lru_cache(maxsize=_CACHED)
def _parts(address: str) -> _Parts:
    return _Parts(address)


def _shown(address: str) -> str:
    """As a mail program shows it: an internationalised domain in its own script."""
    local, at, domain = address.rpartition("@")
    try:
        return f"{local}{at}{idna.decode(domain)}"
    except (idna.IDNAError, UnicodeError):
        return address


def _skeleton(text: str) -> str:
    return "".join(_prototype(sign) for sign in text.casefold())


@lru_cache(maxsize=_CACHED)
def _prototype(sign: str) -> str:
    """What stands for all signs that can be taken for this one: letters of ASCII first, "rn" for "m"."""
    # Six megabytes, for those processes alone that import addresses.
    from confusable_homoglyphs.confusables import confusables_data

    entries: Iterable[Mapping[str, str]] = confusables_data.get(sign, ())
    alike = [sign, *(entry["c"] for entry in entries)]
    letters = sorted((one for one in alike if one.isascii() and one.isalpha()), key=lambda one: (-len(one), one))
    return (letters[0] if letters else min(alike)).casefold()
