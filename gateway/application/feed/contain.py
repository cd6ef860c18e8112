"""What is told when a package is recalled: the receiver holds what does not stand."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import replace

from gateway.application.feed.chains import Telling, after_recall
from gateway.application.feed.lines import Lines
from gateway.application.sealed import DataKey, package_key
from gateway.domain.dispatch import Dispatch, Step
from gateway.domain.feed import FeedKind, FeedState, Transaction
from gateway.ports.clock import Clock
from gateway.ports.database import Database


class Contain:
    """What was told of a recalled package is withdrawn, or corrected by what stood before it."""

    def __init__(self, database: Database, lines: Lines, clock: Clock) -> None:
        self._database = database
        self._lines = lines
        self._clock = clock

    def __call__(self, dispatch: Dispatch) -> bool:
        """False where something moved meanwhile."""
        with self._database.read() as tx:
            tellings = after_recall(tx, dispatch.id)
            named = {one.dispatch for telling in tellings for one in (telling.source, telling.held) if one is not None}
            packages = [tx.dispatches.get(one) for one in named]
            known = [one for one in packages if tx.registry.has_data_key(one.data_key)]
            keys = {one.id: package_key(tx.registry, one) for one in known}
        made = [one for telling in tellings for one in self._told(telling, keys)]
        with self._database.write() as tx:
            told_of = sorted({one.dispatch for one in made if one.kind is not FeedKind.WITHDRAWAL})
            if any(tx.dispatches.get(one, lock=True).step is Step.RECALLED for one in told_of):
                return False
            return tx.feed.composed(dispatch.id, made, ())

    def _told(self, telling: Telling, keys: Mapping[str, DataKey]) -> Sequence[Transaction]:
        held, source, now = telling.held, telling.source, self._clock.now()
        if held is None:
            return [self._telling(telling, keys[source.dispatch])]
        if source is held:
            return [self._lines.withdrawal(held, keys[held.dispatch], at=now, release_at=now)]
        if not self._of_another(held, source, keys):
            return [self._telling(telling, keys[source.dispatch])]
        taken_back = replace(telling, held=None, taken_back=True)
        return [
            self._lines.withdrawal(held, keys[held.dispatch], at=now, release_at=now),
            self._telling(taken_back, keys[source.dispatch]),
        ]

    def _of_another(self, held: Transaction, source: Transaction, keys: Mapping[str, DataKey]) -> bool:
        """Whether the two are of two UCIs. A package that expired tells no more whose it was."""
        if held.dispatch not in keys:
            return False
        lines = [self._lines.read(keys[one.dispatch], one) for one in (held, source)]
        return len({one.uci for one in lines if one is not None}) > 1

    def _telling(self, telling: Telling, key: DataKey) -> Transaction:
        """At once: the receiver holds what does not stand. What it never had waits as it would have; what was taken
        back, since it was told of a UCI that was not the person's, is told of it again at a person's word alone."""
        told, held, number, now = telling.source, telling.held, uuid.uuid4(), self._clock.now()
        corrects = held.id if held else None
        line = self._lines.read(key, told)
        again = self._lines.anew(line, number, kind=telling.kind, corrects=corrects) if line is not None else None
        may_go = again is not None and not telling.taken_back
        return replace(
            told,
            id=str(number),
            kind=telling.kind,
            corrects=corrects,
            state=FeedState.WAITING if may_go else FeedState.NEEDS_PERSON,
            code=None,
            made_at=now,
            release_at=now if held else told.release_at,
            batch=None,
            place=None,
            sealed=self._lines.sealed(key, number, again),
            replaces=told.id if told.state is FeedState.SUPERSEDED or telling.taken_back else None,
        )
