"""What stands under a file number, a package or a delivery: also what nothing is wrong with, which no list shows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from gateway.application.people.own_offices import offices_of
from gateway.domain.delivery import Delivery
from gateway.domain.dispatch import Dispatch, DispatchState, dispatch_state
from gateway.domain.problem import NoSuchThing
from gateway.ports.database import Database, Transaction

MOST = 20
"""Dispatches: a file has a handful."""


@dataclass(frozen=True, kw_only=True)
class Found:
    """A dispatch with its deliveries."""

    dispatch: Dispatch
    deliveries: Sequence[Delivery]

    @property
    def state(self) -> DispatchState:
        """Where it stands."""
        return dispatch_state(self.dispatch.step, self.deliveries)


class Find:
    """Looks them up; of other offices than the viewer's nothing is found."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def __call__(self, text: str, *, viewer: str) -> Sequence[Found]:
        """The newest first, `MOST` at most; none where nothing bears that number."""
        with self._database.look_up() as tx:
            offices = offices_of(tx, viewer)
            named = [one for one in _named(tx, text) if offices is None or one.office in offices][:MOST]
            deliveries: Mapping[str, Sequence[Delivery]] = (
                tx.deliveries.of_dispatches([one.id for one in named]) if named else {}
            )
        return [Found(dispatch=one, deliveries=deliveries.get(one.id, ())) for one in named]


def _named(tx: Transaction, text: str) -> Sequence[Dispatch]:
    """By the file's number; else by the id of a package, a dispatch or a delivery, which have the same form."""
    try:
        asked = UUID(text)
    except ValueError:
        return tx.dispatches.of_file(" ".join(text.upper().split()))
    package = tx.dispatches.by_package(asked)
    if package is not None:
        return [package]
    for found in (tx.dispatches.get, lambda one: tx.dispatches.get(tx.deliveries.get(one).dispatch)):
        try:
            return [found(str(asked))]
        except NoSuchThing:
            continue
    return ()
