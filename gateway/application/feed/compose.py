"""The transactions of accepted packages: one a person, made once the papers are, so that the cooling-off has begun."""

import datetime as dt
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from gateway.application.casework import Case, OpenCase
from gateway.application.feed.codes import Codes
from gateway.application.feed.contain import Contain
from gateway.application.feed.earlier import FIRST, Earlier, Place
from gateway.application.feed.lines import Lines
from gateway.application.sealed import Vault, package_key
from gateway.application.sparing import Sparing
from gateway.domain.codes import Code
from gateway.domain.dispatch import Dispatch, Step
from gateway.domain.feed import (
    DIVISIONS,
    FeedKind,
    FeedState,
    Release,
    Transaction,
    outcome_line,
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
        self._open_case = open_case
        self._codes = codes
        self._lines = Lines(vault, codes)
        self._earlier = Earlier(database, open_case, self._lines)
        self._contain = Contain(database, self._lines, clock)
        self._policy = policy
        self._clock = clock
        self._sparing = Sparing()

    def __call__(self, limit: int, *, at_once: bool = False) -> int:
        """Deals with at most so many dispatches; how many. at_once: however many are owed whose papers are not made
        yet; else a look past these is made the less often the more they are.

        Raises a Problem of one that cannot be opened, after all the others; it is owed still, and the report counts its
        decision.
        """
        dispatches = self._owed(limit) if at_once or self._sparing.may_look(self._clock.now()) else []
        made, met = set[str](), list[Problem]()
        for one in dispatches:
            try:
                made |= {one.id} if self._compose(one) else set()
            except ServiceDown:
                raise
            except Problem as problem:
                met.append(problem)
        if len(dispatches) == limit:  # there may be others, whom those that are still owed must not keep out
            self._behind([one.id for one in dispatches if one.id not in made])
        if met:
            raise met[0]
        return len(made)

    def at_hand(self, case: Case) -> bool:
        """Makes those of a package whose papers were made just now, by whoever has it open; whether they were. What is
        not made here is owed still, and dealt with as all that is."""
        return case.dispatch.division in DIVISIONS and self._of_case(case)

    def _owed(self, limit: int) -> Sequence[Dispatch]:
        now = self._clock.now()
        with self._database.look_up() as tx:
            count = tx.feed.owed_count()
            found = [tx.dispatches.get(one) for one in tx.feed.owed(limit)] if count else []
        # Where as many came as were asked for there are others, and the next look goes no further than they stand.
        self._sparing.looked(now, among=0 if len(found) == limit else count)
        return found

    def _behind(self, dispatches: Sequence[str]) -> None:
        if dispatches:
            with self._database.write() as tx:
                tx.feed.put_behind(dispatches)

    def release(self, limit: int) -> int:
        """Those that waited for the person concerned to have the decision may go, where they have; where nobody will
        hand it to them any more, a person says whether it is told. How many those are."""
        with self._database.look_up() as tx:
            nightly = self._policy.release is Release.NIGHTLY
            free = [one.id for one in tx.feed.unreleased(limit)] if nightly else tx.feed.reached(limit)
            never = [] if nightly else tx.feed.unreachable(limit)
        if free or never:
            with self._database.write() as tx:
                tx.feed.release(free, self._clock.now())
                tx.feed.move(never, FeedState.WAITING, FeedState.NEEDS_PERSON)
        return len(free) + len(never)

    def _compose(self, dispatch: Dispatch) -> bool:
        """False where something moved meanwhile, or the package that this one changes is yet to be composed."""
        if dispatch.step is Step.RECALLED:
            return self._contain(dispatch)
        case = self._case(dispatch)
        return self._write(dispatch, (), ()) if case is None else self._of_case(case)

    def _of_case(self, case: Case) -> bool:
        """See `_compose`."""
        dispatch = case.dispatch
        if not tells_outcome(case.decision):
            return self._write(dispatch, (), ())
        places = self._places(case)
        if places is None:
            return False
        of_persons = [(one, places.get(one.id, FIRST)) for one in case.decision.persons]
        made = [told for person, place in of_persons for told in self._of_person(case, person, place)]
        return self._write(dispatch, made, [place.replaces.id for _, place in of_persons if place.replaces is not None])

    def _write(self, dispatch: Dispatch, made: Sequence[Transaction], superseded: Sequence[str]) -> bool:
        with self._database.write() as tx:
            # A recall before this is seen, and one after it stops what is written here.
            if tx.dispatches.get(dispatch.id, lock=True).step is Step.RECALLED:
                return False
            return tx.feed.composed(dispatch.id, made, superseded)

    def _case(self, dispatch: Dispatch) -> Case | None:
        """None where it expired."""
        try:
            return self._open_case(dispatch)
        except Conflict as gone:
            if gone.code is Code.RETENTION_EXPIRED:
                return None
            raise

    def _places(self, case: Case) -> Mapping[str, Place] | None:
        """Where the outcomes of a later package come, by person. None: the earlier one is yet to be composed."""
        relation = case.decision.relation
        return {} if relation is None else self._earlier(relation.of, case.decision.persons)

    def _of_person(self, case: Case, person: Person, place: Place) -> Sequence[Transaction]:
        """What was told of a UCI that is not the person's is taken back, and the outcome told of theirs."""
        if not place.is_of_another(person):
            return [self._outcome(case, person, place, place.corrects)]
        outcome, held = self._outcome(case, person, place, None), place.corrects
        if held is None or held.kind is FeedKind.WITHDRAWAL:
            return [outcome]
        with self._database.read() as tx:
            key = package_key(tx.registry, tx.dispatches.get(held.dispatch))
        now = self._clock.now()
        return [self._lines.withdrawal(held, key, at=now, release_at=now + self._policy.hold), outcome]

    def _outcome(self, case: Case, person: Person, place: Place, corrects: Transaction | None) -> Transaction:
        number, now = uuid.uuid4(), self._clock.now()
        line = outcome_line(
            case.decision,
            person,
            number,
            gcms_code=self._codes[case.decision.division, person.outcome.code],
            corrects=uuid.UUID(corrects.id) if corrects else None,
        )
        nightly, told = self._policy.release is Release.NIGHTLY, told_for(case.decision, person)
        goes = person.uci and not place.unclear and (nightly or told)  # else nobody would ever release it
        return Transaction(
            id=str(number),
            dispatch=case.dispatch.id,
            division=case.decision.division,
            person=person.id,
            kind=line.kind,
            corrects=corrects.id if corrects else None,
            state=FeedState.WAITING if goes else FeedState.NEEDS_PERSON,
            code=None,
            told_for=told,
            made_at=now,
            release_at=now + self._policy.hold if nightly else None,
            sealed=self._lines.sealed(case.key, number, line if person.uci else None),
            replaces=place.last.id if place.last is not None and place.last is not corrects else None,
        )
