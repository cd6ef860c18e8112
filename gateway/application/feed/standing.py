"""How the feed stands, for staff: figures, batches without an answer, and what is their work; and telling one again."""

import datetime as dt
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from gateway.application import contexts
from gateway.application.counting import Counting, Offices
from gateway.application.feed.chains import held_before
from gateway.application.feed.codes import Codes
from gateway.application.feed.lines import Lines
from gateway.application.people.own_offices import check_dispatch, offices_of
from gateway.application.sealed import DataKey, Vault, package_key
from gateway.domain.codes import Code
from gateway.domain.events import Event, EventName
from gateway.domain.feed import (
    DIVISIONS,
    OPEN,
    STAFF_WORK,
    Batch,
    FeedKind,
    FeedState,
    Transaction,
    telling_kind,
)
from gateway.domain.outcomes import Division
from gateway.domain.problem import Conflict, InputRefused, NoSuchThing
from gateway.ports.clock import Clock
from gateway.ports.database import Database
from gateway.ports.database import Transaction as Written
from gateway.ports.feed import Figures

_MOST_SHOWN = 500


@dataclass(frozen=True, kw_only=True)
class AtHand:
    """owed: packages whose transactions are not made yet. work: what needs staff."""

    owed: int
    open_batches: Sequence[Batch]
    missing: int
    """Lines of batches that were answered in part, and are themselves not answered."""
    work: Sequence[Transaction]


@dataclass(frozen=True, kw_only=True)
class Standing(AtHand):
    """With what was ever told."""

    figures: Sequence[Figures]


@dataclass(frozen=True, kw_only=True)
class ReportRow:
    """One division in the morning's reconciliation. decisions: packages that bring outcomes; open: neither acknowledged
    nor given up; oldest: since when."""

    division: Division
    decisions: int
    outcomes: int
    waiting: int
    sent: int
    accepted: int
    rejected: int
    needs_person: int
    corrected: int
    given_up: int
    open: int
    oldest: dt.datetime | None


@dataclass(frozen=True, kw_only=True)
class Reconciliation:
    """As it is kept for who looks at it."""

    rows: tuple[ReportRow, ...]


class FeedStanding:
    """Reads the ledger, and tells a transaction again."""

    def __init__(self, *, database: Database, vault: Vault, codes: Codes, clock: Clock) -> None:
        self._database = database
        self._vault = vault
        self._lines = Lines(vault, codes)
        self._clock = clock
        self.counting = Counting("feed", Reconciliation, self._reconciled, database=database, clock=clock)

    def __call__(self) -> Standing:
        """As it is at this moment."""
        with self._database.read() as tx:
            return Standing(**vars(_at_hand(tx, None)), figures=tx.feed.figures())

    def at_hand(self, *, viewer: str) -> AtHand:
        """The same without what was ever told, which takes the longer to count the longer the feed runs. work: of the
        viewer's offices."""
        with self._database.read() as tx:
            return _at_hand(tx, offices_of(tx, viewer))

    def report_lately(self, *, viewer: str) -> tuple[Sequence[ReportRow], dt.datetime]:
        """The reconciliation of the viewer's offices, as it was counted lately, and when that was."""
        reconciled, at = self.counting(viewer=viewer)
        return reconciled.rows, at

    def _reconciled(self, offices: Offices) -> Reconciliation:
        return Reconciliation(rows=tuple(self.report(offices)))

    def report(self, offices: Offices = None) -> Sequence[ReportRow]:
        """The reconciliation as it stands, a row a division."""
        with self._database.read() as tx:
            figures, decisions = tx.feed.figures(offices=offices), tx.feed.decisions(offices=offices)
        return [
            _row(division, decisions.get(division, 0), [one for one in figures if one.division is division])
            for division in sorted(DIVISIONS)
        ]

    def again(self, transaction_id: str, *, actor: str, reason: str) -> str:
        """A rejected transaction, or one of which a person was to say whether it is told, is told under a new number,
        which is returned, with the code that the table has for its outcome now.

        Raises NoSuchThing (feed.transaction-unknown), Conflict (feed.not-staff-work, retention.expired),
        InputRefused (request.invalid: no reason), NotAllowed (account.other-office).
        """
        number, now = uuid.uuid4(), self._clock.now()
        with self._database.write() as tx:
            before, key = _ended(tx, transaction_id, FeedState.SUPERSEDED, actor)
            tx.feed.add(self._anew(before, number, now, key=key, corrects=held_before(tx, before)))
            facts = {"transaction": before.id, "again": str(number)}
            why = self._sealed(reason, key, before)
            name = EventName.FEED_REPEATED
            tx.records.append(Event(name=name, at=now, actor=actor, dispatch=before.dispatch, facts=facts, reason=why))
        return str(number)

    def give_up(self, transaction_id: str, *, actor: str, reason: str) -> None:
        """What is work for staff will never be told: it is open no more.

        Raises NoSuchThing (feed.transaction-unknown), Conflict (feed.not-staff-work, retention.expired),
        InputRefused (request.invalid: no reason), NotAllowed (account.other-office).
        """
        with self._database.write() as tx:
            before, key = _ended(tx, transaction_id, FeedState.GIVEN_UP, actor)
            facts, why = {"transaction": before.id, "from": before.state.value}, self._sealed(reason, key, before)
            name, now = EventName.FEED_GIVEN_UP, self._clock.now()
            tx.records.append(Event(name=name, at=now, actor=actor, dispatch=before.dispatch, facts=facts, reason=why))

    def last_act(self, transaction_id: str) -> Event | None:
        """What a person did with a transaction that was work for staff, if one did.

        Raises NoSuchThing (feed.transaction-unknown).
        """
        with self._database.read() as tx:
            before = tx.feed.get(transaction_id)
            if before is None:
                raise NoSuchThing(Code.FEED_TRANSACTION_UNKNOWN, where=transaction_id)
            events = tx.records.events(before.dispatch)
        acts = [one for one in events if one.name in _ACTS and one.facts["transaction"] == transaction_id]
        return acts[-1] if acts else None

    def _sealed(self, reason: str, key: DataKey, one: Transaction) -> bytes:
        if not reason.strip():
            raise InputRefused(Code.REQUEST_INVALID, where="reason", expected="minLength 1")
        return self._vault.seal(key, contexts.reason(one.dispatch), reason.encode())

    def _anew(
        self, before: Transaction, number: uuid.UUID, now: dt.datetime, *, key: DataKey, corrects: str | None
    ) -> Transaction:
        line = self._lines.read(key, before)
        if line is None:  # a person without a UCI: there is nothing to tell
            raise Conflict(Code.FEED_NOT_STAFF_WORK, where=before.id)
        kind = FeedKind.WITHDRAWAL if before.kind is FeedKind.WITHDRAWAL else telling_kind(corrects)
        again = self._lines.anew(line, number, kind=kind, corrects=corrects)
        return replace(
            before,
            id=str(number),
            kind=kind,
            corrects=corrects,
            state=FeedState.WAITING,
            code=None,
            made_at=now,
            release_at=now,
            batch=None,
            place=None,
            sealed=self._lines.sealed(key, number, again),
            replaces=before.id,
        )


_ACTS = (EventName.FEED_REPEATED, EventName.FEED_GIVEN_UP)


def _at_hand(tx: Written, offices: frozenset[str] | None) -> AtHand:
    batches = tx.feed.batches(unfinished=True)
    answered_in_part = [one for one in batches if one.heard_at is not None]
    missing = [state for one in answered_in_part for state in tx.feed.standing(one.id).values()]
    return AtHand(
        owed=tx.feed.owed_count(),
        open_batches=batches,
        missing=missing.count(FeedState.SENT),
        work=[one for state in sorted(STAFF_WORK) for one in tx.feed.with_state(state, _MOST_SHOWN, offices=offices)],
    )


def _ended(tx: Written, transaction_id: str, after: FeedState, actor: str) -> tuple[Transaction, DataKey]:
    """The transaction as it stood, and the key of its package."""
    before = tx.feed.get(transaction_id)
    if before is None:
        raise NoSuchThing(Code.FEED_TRANSACTION_UNKNOWN, where=transaction_id)
    key = package_key(tx.registry, check_dispatch(tx, tx.dispatches.get(before.dispatch), actor))
    at_hand = before.state in STAFF_WORK and not tx.feed.successors(before.id)
    if not at_hand or not tx.feed.move([before.id], before.state, after):
        raise Conflict(Code.FEED_NOT_STAFF_WORK, where=transaction_id)
    return before, key


def _row(division: Division, decisions: int, figures: Sequence[Figures]) -> ReportRow:
    count = {one.state: one.count for one in figures}
    waits = [one.oldest for one in figures if one.state in OPEN | STAFF_WORK]
    return ReportRow(
        division=division,
        decisions=decisions,
        outcomes=sum(count.values()),
        waiting=count.get(FeedState.WAITING, 0) + count.get(FeedState.BATCHED, 0),
        sent=count.get(FeedState.SENT, 0),
        accepted=count.get(FeedState.ACCEPTED, 0),
        rejected=count.get(FeedState.REJECTED, 0),
        needs_person=count.get(FeedState.NEEDS_PERSON, 0),
        corrected=count.get(FeedState.RECALLED, 0) + count.get(FeedState.SUPERSEDED, 0),
        given_up=count.get(FeedState.GIVEN_UP, 0),
        open=sum(one.count for one in figures if one.state in OPEN | STAFF_WORK),
        oldest=min(waits, default=None),
    )


def as_rows(report: Sequence[ReportRow]) -> Iterator[dict[str, object]]:
    """For CSV and JSON."""
    for one in report:
        oldest = one.oldest.isoformat() if one.oldest is not None else None
        yield vars(one) | {"division": one.division.value, "oldest": oldest}
