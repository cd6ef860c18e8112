"""After which transactions the outcomes of a later package come: who is the same person, and under which UCI they were
told of before."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from gateway.application.casework import OpenCase
from gateway.application.feed.chains import receiver_has, standing
from gateway.application.feed.lines import Lines
from gateway.application.sealed import package_key
from gateway.domain.dispatch import Dispatch
from gateway.domain.feed import FeedKind, Transaction
from gateway.domain.package import Person
from gateway.ports.database import Database
from gateway.ports.database import Transaction as Written


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where an outcome comes among those on it. corrects: what the receiver has; replaces: what it does not have. uci:
    of whom both are, None where none was ever known; person: as the earlier package has them. unclear: whose it was
    before cannot be said for certain."""

    corrects: Transaction | None
    replaces: Transaction | None
    uci: str | None
    person: Person | None = None
    unclear: bool = False

    @property
    def last(self) -> Transaction | None:
        """The transaction right before."""
        return self.replaces or self.corrects

    def is_of_another(self, person: Person) -> bool:
        """Whether what was told before was told of a UCI that is not the person's."""
        return None not in (person.uci, self.uci) and person.uci != self.uci


FIRST = Place(corrects=None, replaces=None, uci=None)
_UNCLEAR = replace(FIRST, unclear=True)


class Earlier:
    """The places of the persons of the package before."""

    def __init__(self, database: Database, open_case: OpenCase, lines: Lines) -> None:
        self._database = database
        self._open_case = open_case
        self._lines = lines

    def __call__(self, package_id: UUID, persons: Sequence[Person]) -> Mapping[str, Place] | None:
        """Of each person of the later package, by its id; none of whoever is new. None: the earlier package is yet to
        be composed. Raises as `OpenCase` does."""
        with self._database.read() as tx:
            earlier = tx.dispatches.by_package(package_id)
            if earlier is None or not tx.registry.has_data_key(earlier.data_key):
                return {}
            if tx.feed.is_owed(earlier.id):
                return None
            places = self._places(tx, earlier)
        named = {one.id: one for one in self._open_case(earlier).decision.persons}
        return _matched(persons, {name: replace(place, person=named[name]) for name, place in places.items()})

    def _places(self, tx: Written, earlier: Dispatch) -> Mapping[str, Place]:
        told = (one for one in tx.feed.of_dispatch(earlier.id) if one.kind is not FeedKind.WITHDRAWAL)
        return {one.person: self._place(tx, standing(tx, one)) for one in told}

    def _place(self, tx: Written, stands: Transaction) -> Place:
        """What was told is corrected; what was not is replaced, and what that corrected is corrected."""
        if receiver_has(tx, stands):
            return Place(corrects=stands, replaces=None, uci=self._uci(tx, stands))
        held = tx.feed.get(stands.corrects) if stands.corrects else None
        uci = self._uci(tx, stands) or (self._uci(tx, held) if held is not None else None)
        return Place(corrects=held, replaces=stands, uci=uci)

    def _uci(self, tx: Written, one: Transaction) -> str | None:
        """None also where its package has expired: nothing of its line is known any more."""
        dispatch = tx.dispatches.get(one.dispatch)
        if not tx.registry.has_data_key(dispatch.data_key):
            return None
        line = self._lines.read(package_key(tx.registry, dispatch), one)
        return None if line is None else line.uci


def _matched(persons: Sequence[Person], places: Mapping[str, Place]) -> Mapping[str, Place]:
    """A UCI is one person's; an id is its package's own, and may have been another person's there."""
    of_uci = {place.uci: place for place in places.values() if place.uci is not None}
    known = frozenset(one.uci for one in persons if one.uci is not None)
    return {one.id: _match(one, places.get(one.id), of_uci.get(one.uci or ""), known) for one in persons}


def _match(person: Person, own: Place | None, same_uci: Place | None, known: frozenset[str]) -> Place:
    """own: as the packages name them. known: the UCIs of the later package."""
    same_name = own is not None and own.person is not None and _name(own.person) == _name(person)
    left_behind = own is not None and own.is_of_another(person) and own.uci not in known
    if same_uci is not None:
        return _UNCLEAR if left_behind and same_name else same_uci
    if own is None:
        return FIRST
    if own.uci is None or (person.uci is None and same_name):
        return own
    if not left_behind:
        return FIRST  # what was told under the other UCI is the outcome of whoever has it now
    return own if same_name else _UNCLEAR


def _name(person: Person) -> tuple[str | None, str]:
    return person.given_name, person.family_name
