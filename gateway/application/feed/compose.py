"""The transactions of accepted packages: one a person, made once the papers are, so that the cooling-off has begun."""

import datetime as dt
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, replace

from gateway.application import contexts
from gateway.application.casework import Case, OpenCase
from gateway.application.feed.chains import Telling, after_recall, receiver_has, standing
from gateway.application.feed.codes import Codes
from gateway.application.feed.earlier import FIRST, Place, Told, places
from gateway.application.feed.feed_json import line_of, outcome_format
from gateway.application.sealed import DataKey, Vault, package_key
from gateway.domain.codes import Code
from gateway.domain.delivery import STANDING
from gateway.domain.dispatch import Dispatch, Step
from gateway.domain.feed import (
    DIVISIONS,
    FeedKind,
    FeedState,
    OutcomeLine,
    Release,
    Transaction,
    outcome_line,
    retold,
    tells_outcome,
    told_for,
)
from gateway.domain.package import Person
from gateway.domain.problem import Conflict, Problem, ServiceDown
from gateway.ports.clock import Clock
from gateway.ports.database import Database
from gateway.ports.database import Transaction as Written


def owe_outcomes(tx: Written, dispatch: Dispatch) -> None:
    """In the transaction that accepts the package, so that none is forgotten."""
    if dispatch.division in DIVISIONS:
        tx.feed.owe(dispatch.id, dispatch.accepted_at)


@dataclass(frozen=True, kw_only=True)
class ReleasePolicy:
    """When outcomes may go. hold: the cooling-off, in which a recall leaves no trace outside."""

    release: Release
    hold: dt.timedelta


class Compose:
    """Makes transactions of what is owed, and releases those that wait for the person concerned."""

    def __init__(
        self,
        *,
        database: Database,
        vault: Vault,
        open_case: OpenCase,
        codes: Codes,
        policy: ReleasePolicy,
        clock: Clock,
    ) -> None:
        self._database = database
        self._vault = vault
        self._open_case = open_case
        self._codes = codes
        self._policy = policy
        self._clock = clock

    def __call__(self, limit: int) -> int:
        """Deals with at most so many dispatches; how many. Raises a Problem of one that cannot be opened, after all the
        others; it is owed still, and the report counts its decision."""
        with self._database.look_up() as tx:
            dispatches = [tx.dispatches.get(one) for one in tx.feed.owed(limit)]
        done, met = 0, list[Problem]()
        for one in dispatches:
            try:
                done += self._compose(one)
            except ServiceDown:
                raise
            except Problem as problem:
                met.append(problem)
        if met:
            raise met[0]
        return done

    def release(self, limit: int) -> int:
        """Those that waited for the person concerned to have the decision may go, where they have."""
        with self._database.read() as tx:
            waiting = tx.feed.unreleased(limit)
            free = [one.id for one in waiting if self._policy.release is Release.NIGHTLY or _has_it(tx, one)]
        if free:
            with self._database.write() as tx:
                tx.feed.release(free, self._clock.now())
        return len(free)

    def _compose(self, dispatch: Dispatch) -> bool:
        """False where something moved meanwhile, or the package that this one changes is yet to be composed."""
        if dispatch.step is Step.RECALLED:
            return self._contain(dispatch)
        case = self._case(dispatch)
        tells = case is not None and tells_outcome(case.decision)
        told = self._told(case) if case is not None and tells else {}
        if told is None:
            return False
        made = self._of_persons(case, places(case.decision.persons, told)) if case is not None and tells else []
        superseded = [one.replaces for one in made if one.replaces is not None]
        with self._database.write() as tx:
            # A recall before this is seen, and one after it stops what is written here.
            if tx.dispatches.get(dispatch.id, lock=True).step is Step.RECALLED:
                return False
            return tx.feed.composed(dispatch.id, made, superseded)

    def _contain(self, dispatch: Dispatch) -> bool:
        """What was told of a package that was recalled is withdrawn, or corrected by what stood before it."""
        with self._database.read() as tx:
            tellings = after_recall(tx, dispatch.id)
            sources = {one.source.dispatch for one in tellings}
            keys = {one: package_key(tx.registry, tx.dispatches.get(one)) for one in sources}
        made = [self._telling(one, keys) for one in tellings]
        with self._database.write() as tx:
            told_of = sorted({one.dispatch for one in made if one.kind is not FeedKind.WITHDRAWAL})
            if any(tx.dispatches.get(one, lock=True).step is Step.RECALLED for one in told_of):
                return False
            return tx.feed.composed(dispatch.id, made, ())

    def _case(self, dispatch: Dispatch) -> Case | None:
        """None where it expired."""
        try:
            return self._open_case(dispatch)
        except Conflict as gone:
            if gone.code is Code.RETENTION_EXPIRED:
                return None
            raise

    def _told(self, case: Case) -> Mapping[str, Told] | None:
        """What was told of the package that a later one changes, by its persons. None: it is yet to be composed."""
        relation = case.decision.relation
        if relation is None:
            return {}
        with self._database.read() as tx:
            earlier = tx.dispatches.by_package(relation.of)
            if earlier is None or not tx.registry.has_data_key(earlier.data_key):
                return {}
            if tx.feed.is_owed(earlier.id):
                return None
            key = package_key(tx.registry, earlier)
            told = [(one, _place(tx, standing(tx, one))) for one in tx.feed.of_dispatch(earlier.id)]
        persons = {one.id: one for one in self._open_case(earlier).decision.persons}
        lines = [(one, self._line(key, one), place) for one, place in told]
        return {
            one.person: Told(person=persons[one.person], uci=line.uci if line else None, place=place)
            for one, line, place in lines
        }

    def _of_persons(self, case: Case, before: Mapping[str, Place | None]) -> list[Transaction]:
        return [self._of_person(case, one, before[one.id]) for one in case.decision.persons]

    def _of_person(self, case: Case, person: Person, before: Place | None) -> Transaction:
        """before: where it comes; None: for a person to say, and nothing is told by itself."""
        place, tells = before or FIRST, before is not None and person.uci is not None
        number, now = uuid.uuid4(), self._clock.now()
        line = outcome_line(
            case.decision,
            person,
            number,
            gcms_code=self._codes[case.decision.division, person.outcome.code],
            corrects=uuid.UUID(place.corrects) if place.corrects else None,
        )
        nightly = self._policy.release is Release.NIGHTLY
        return Transaction(
            id=str(number),
            dispatch=case.dispatch.id,
            division=case.decision.division,
            person=person.id,
            kind=line.kind,
            corrects=place.corrects,
            state=FeedState.WAITING if tells else FeedState.NEEDS_PERSON,
            code=None,
            told_for=told_for(case.decision, person),
            made_at=now,
            release_at=now + self._policy.hold if nightly else None,
            sealed=self._sealed(case.key, number, line if tells else None),
            replaces=place.replaces,
        )

    def _telling(self, telling: Telling, keys: Mapping[str, DataKey]) -> Transaction:
        """At once: the receiver holds what does not stand. What it never had waits as it would have."""
        told, held, number, now = telling.source, telling.held, uuid.uuid4(), self._clock.now()
        key = keys[told.dispatch]
        corrects = held.id if held else None
        line = self._line(key, told)
        again = retold(line, number, kind=telling.kind, corrects=corrects) if line is not None else None
        return replace(
            told,
            id=str(number),
            kind=telling.kind,
            corrects=corrects,
            state=FeedState.WAITING if again is not None else FeedState.NEEDS_PERSON,
            code=None,
            made_at=now,
            release_at=now if held else told.release_at,
            batch=None,
            place=None,
            sealed=self._sealed(key, number, again),
            replaces=told.id if told.state is FeedState.SUPERSEDED else None,
        )

    def _line(self, key: DataKey, one: Transaction) -> OutcomeLine | None:
        """None of a person without a UCI: there is none to tell."""
        raw = self._vault.open(key, contexts.feed_line(one.id), one.sealed)
        return outcome_format().read(raw) if raw else None

    def _sealed(self, key: DataKey, number: uuid.UUID, line: OutcomeLine | None) -> bytes:
        return self._vault.seal(key, contexts.feed_line(str(number)), b"" if line is None else line_of(line))


def _place(tx: Written, stands: Transaction) -> Place:
    """What was told is corrected; what was not is replaced, and what that corrected is corrected."""
    if receiver_has(tx, stands):
        return Place(corrects=stands.id, replaces=None)
    return Place(corrects=stands.corrects, replaces=stands.id)


def _has_it(tx: Written, transaction: Transaction) -> bool:
    """Whether the decision was handed over to the person concerned or to whoever stands for them."""
    deliveries = tx.deliveries.of_dispatch(transaction.dispatch)
    return any(one.participant in transaction.told_for and one.state in STANDING for one in deliveries)
