"""The transactions of accepted packages: one a person, made once the papers are, so that the cooling-off has begun."""

import datetime as dt
import uuid
from dataclasses import dataclass

from gateway.application import contexts
from gateway.application.casework import Case, OpenCase
from gateway.application.feed.codes import Codes
from gateway.application.feed.feed_json import line_of, outcome_format
from gateway.application.sealed import Vault, package_key
from gateway.domain.codes import Code
from gateway.domain.delivery import STANDING
from gateway.domain.dispatch import Dispatch, Step
from gateway.domain.feed import (
    DIVISIONS,
    OPEN,
    FeedKind,
    FeedState,
    Release,
    Transaction,
    outcome_line,
    tells_outcome,
    told_for,
)
from gateway.domain.package import Person
from gateway.domain.problem import Conflict
from gateway.ports.clock import Clock
from gateway.ports.database import Database
from gateway.ports.database import Transaction as Written

_LEFT = OPEN - {FeedState.WAITING} | {FeedState.ACCEPTED, FeedState.REJECTED}
"""The receiver has it or will: what changes it is a correction."""
_REPLACED = frozenset({FeedState.WAITING, FeedState.NEEDS_PERSON})
"""Nobody outside knows of it: what changes it stands in its place."""


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
        """Deals with at most so many dispatches; how many."""
        with self._database.look_up() as tx:
            dispatches = [tx.dispatches.get(one) for one in tx.feed.owed(limit)]
        return sum(map(self._compose, dispatches))

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
        """False where something moved meanwhile: it stays owed."""
        made: list[Transaction] = []
        before: list[Transaction] = []
        case = self._case(dispatch)
        if case is not None and tells_outcome(case.decision):
            before, by_uci = self._told_before(case)
            for person in case.decision.persons:
                earlier = by_uci.get(person.uci or "")
                made.append(self._transaction(case, person, _corrected(earlier)))
        superseded = [one.id for one in before if one.state in _REPLACED]
        with self._database.write() as tx:
            # A recall before this is seen, and one after it stops what is written here.
            recalled = tx.dispatches.get(dispatch.id, lock=True).step is Step.RECALLED
            return tx.feed.composed(dispatch.id, () if recalled else made, () if recalled else superseded)

    def _case(self, dispatch: Dispatch) -> Case | None:
        """None where nothing is told any more: recalled, or expired."""
        if dispatch.step is Step.RECALLED:
            return None
        try:
            return self._open_case(dispatch)
        except Conflict as gone:
            if gone.code is Code.RETENTION_EXPIRED:
                return None
            raise

    def _told_before(self, case: Case) -> tuple[list[Transaction], dict[str, Transaction]]:
        """What the package that this one changes had told or would have, and the same by UCI."""
        relation = case.decision.relation
        if relation is None:
            return [], {}
        with self._database.look_up() as tx:
            earlier = tx.dispatches.by_package(relation.of)
            if earlier is None or not tx.registry.has_data_key(earlier.data_key):
                return [], {}
            key = package_key(tx.registry, earlier)
            told = [one for one in tx.feed.of_dispatch(earlier.id) if one.state in _LEFT | _REPLACED]
        lines = [self._vault.open(key, contexts.feed_line(one.id), one.sealed) for one in told]
        return told, {outcome_format().read(line).uci: one for one, line in zip(told, lines, strict=True)}

    def _transaction(self, case: Case, person: Person, corrected: str | None) -> Transaction:
        number, now = uuid.uuid4(), self._clock.now()
        line = outcome_line(
            case.decision,
            person,
            number,
            gcms_code=self._codes[case.decision.division, person.outcome.code],
            corrects=uuid.UUID(corrected) if corrected else None,
        )
        nightly = self._policy.release is Release.NIGHTLY
        return Transaction(
            id=str(number),
            dispatch=case.dispatch.id,
            division=case.decision.division,
            person=person.id,
            kind=FeedKind.CORRECTION if corrected else FeedKind.OUTCOME,
            corrects=corrected,
            state=FeedState.WAITING if person.uci else FeedState.NEEDS_PERSON,
            code=None,
            told_for=told_for(case.decision, person),
            made_at=now,
            release_at=now + self._policy.hold if nightly else None,
            sealed=self._vault.seal(case.key, contexts.feed_line(str(number)), line_of(line)),
        )


def _corrected(earlier: Transaction | None) -> str | None:
    """What is corrected: the earlier one, or what that would have corrected, had it left."""
    if earlier is None or earlier.state in _LEFT:
        return None if earlier is None else earlier.id
    return earlier.corrects


def _has_it(tx: Written, transaction: Transaction) -> bool:
    """Whether the decision was handed over to the person concerned or to whoever stands for them."""
    deliveries = tx.deliveries.of_dispatch(transaction.dispatch)
    return any(one.participant in transaction.told_for and one.state in STANDING for one in deliveries)
