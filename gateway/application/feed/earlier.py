"""After which transactions the outcomes of a later package come: who is the same person, and under which UCI they were
told of before."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from gateway.domain.package import Person


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where a transaction comes among those on its outcome."""

    corrects: str | None
    replaces: str | None


FIRST = Place(corrects=None, replaces=None)


@dataclass(frozen=True, kw_only=True)
class Told:
    """The newest transaction on a person of the earlier package. uci: under which it tells; None: they had none, and it
    tells nothing."""

    person: Person
    uci: str | None
    place: Place


def places(persons: Sequence[Person], told: Mapping[str, Told]) -> Mapping[str, Place | None]:
    """Where the outcome of each person comes, by person. None: who was told of before under a UCI that is now nobody's
    cannot be said for certain, and a person must.

    told: by person of the earlier package. A UCI is one person's; an id is its package's own, and may have been another
    person's there.
    """
    by_uci = {one.uci: one for one in told.values() if one.uci}
    known = frozenset(one.uci for one in persons if one.uci)
    return {one.id: _place(one, told.get(one.id), by_uci.get(one.uci or ""), known) for one in persons}


def _place(person: Person, own: Told | None, same_uci: Told | None, known: frozenset[str]) -> Place | None:
    stands_elsewhere = own is not None and own.uci is not None and person.uci is not None and own.uci not in known
    same_name = own is not None and _name(own.person) == _name(person)
    if same_uci is not None:
        return None if stands_elsewhere and same_name else same_uci.place
    if own is None:
        return FIRST
    if own.uci is None:
        return own.place
    if not stands_elsewhere:
        return FIRST  # what was told under the other UCI is the outcome of whoever has it now
    return own.place if same_name else None


def _name(person: Person) -> tuple[str | None, str]:
    return person.given_name, person.family_name
