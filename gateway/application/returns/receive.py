"""What comes back: kept sealed first, read second, tied to its delivery, and shown to a person where it must be.

Nothing is dropped. Whatever somebody sends can move only the delivery whose unguessable token it gives back, and can
never make the gateway send anything again.
"""

import datetime as dt
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from gateway.application import contexts
from gateway.application.acts.calling import tell_if_called
from gateway.application.dates.settle import to_look_at
from gateway.application.evidence.keys import own_evidence_key
from gateway.application.people.own_offices import check_delivery
from gateway.application.recipients.addressed import went_elsewhere
from gateway.application.returns.acknowledgements import ConfirmAcknowledgement, MatchPage
from gateway.application.returns.notice_returns import came_back_on, notice_of
from gateway.application.returns.prove import Prove
from gateway.application.returns.returned_pages import DrawPage, FilesIn
from gateway.application.returns.take_back_page import TakeBackPage
from gateway.application.sealed import DataKey, Vault, data_key
from gateway.domain.bearing import after_report, is_shown_sent, is_with_recipient, must_wait
from gateway.domain.codes import Code
from gateway.domain.delivery import Attempt, Delivery, ResultName
from gateway.domain.digest import sha256
from gateway.domain.events import Event, EventName
from gateway.domain.problem import Conflict, InputRefused
from gateway.domain.receipt import Receipt, ReceiptEvent
from gateway.domain.reference import SendingToken
from gateway.domain.report import EVENT_OF, FOR_A_PERSON, Finding, Reading, Report
from gateway.domain.service import RECEIVED
from gateway.ports.clock import Clock
from gateway.ports.database import Database, Transaction
from gateway.ports.incoming import Handling, Incoming, PagePainter, ReceiptReader
from gateway.ports.records import ReceiptRecord
from gateway.ports.traces import UNTRACED, About, TracedStep, Traces

MOST_OCTETS = 50_000_000
_LOOK_AGAIN = dt.timedelta(seconds=10)
"""Between looks for what something belongs to, and before something that broke its reader is read again."""
_MOST_TRIES = 5
_STILL_WAITING = dt.timedelta(days=1)
"""Beyond the time that something may wait: what still does cannot be read, its sealed object being gone."""


class Keep:
    """Takes raw bytes in, as they came."""

    def __init__(self, *, database: Database, vault: Vault, clock: Clock) -> None:
        self._database = database
        self._vault = vault
        self._clock = clock

    def __call__(self, raw: bytes, *, source: str) -> Incoming | None:
        """What was kept; None when the same bytes came from the same source before, which changes nothing.

        Raises InputRefused (receipt.too-large), ServiceDown: then nothing was kept, and whoever brought it keeps it.
        """
        if len(raw) > MOST_OCTETS:
            raise InputRefused(Code.RECEIPT_TOO_LARGE, most=MOST_OCTETS)
        now = self._clock.now()
        with self._database.read() as tx:
            key = data_key(tx.registry, contexts.EVIDENCE_KEY)
        incoming_id = str(uuid.uuid4())
        with self._vault.keeping() as put:
            incoming = Incoming(
                id=incoming_id,
                source=source,
                digest=sha256(raw),
                size=len(raw),
                received_at=now,
                object_name=put(key, contexts.incoming(incoming_id), raw),
                next_action_at=now,
            )
            with self._database.write() as tx:
                new = tx.incoming.add(incoming)
        if not new:
            self._vault.delete(incoming.object_name)
        return incoming if new else None

    def ensure_key(self) -> None:
        """Makes the evidence key in a new home: evidence outlives the package it is about."""
        with self._database.write() as tx:
            if not tx.registry.has_data_key(contexts.EVIDENCE_KEY):
                key = self._vault.new_key(contexts.EVIDENCE_KEY)
                tx.registry.add_data_key(key.id, key.wrapped)


@dataclass(frozen=True, kw_only=True)
class _Match:
    """What something belongs to: the attempt whose token it gives back, and that attempt's delivery, locked.

    elsewhere: whether the attempt went to an address that the delivery no longer has. earlier: whether the papers have
    left, or may have, by another attempt since: what failed then, or was on its way, says nothing of that one.
    unsaid: whether nothing said so far that the papers left by this attempt.
    expired: whether the package was kept long enough and its key is gone: nobody could end what a report reopened.
    """

    attempt: Attempt
    delivery: Delivery
    elsewhere: bool
    earlier: bool
    unsaid: bool
    expired: bool

    def bears(self, finding: Finding) -> bool:
        """Whether the finding is about the delivery as it stands. That the recipient has the papers always is."""
        if self.elsewhere or self.expired:
            return False
        return not self.earlier or is_with_recipient(finding)

    def calls(self, finding: Finding) -> bool:
        """Whether somebody has to look at it: also at what shows that the papers went twice."""
        twice = self.earlier and self.unsaid and is_shown_sent(finding)
        return twice or finding in FOR_A_PERSON


class Read:
    """Reads what was kept. Safe to run anywhere, any number of times: each row is settled under its own lock."""

    def __init__(
        self,
        *,
        database: Database,
        vault: Vault,
        readers: Mapping[str, ReceiptReader],
        prove: Prove,
        patience: dt.timedelta,
        clock: Clock,
        traces: Traces = UNTRACED,
    ) -> None:
        """readers: by source. patience: how long something may wait for what it belongs to."""
        self._database = database
        self._vault = vault
        self._readers = readers
        self._prove = prove
        self._patience = patience
        self._clock = clock
        self._traces = traces

    def __call__(self, limit: int) -> int:
        """How many were read, at most `limit`."""
        with self._database.look_up() as tx:
            due = tx.incoming.due(now=self._clock.now(), limit=limit)
        for incoming in due:
            with self._traces.step(TracedStep.RECEIVE) as about:
                self._one(incoming, about)
        return len(due)

    def raw(self, incoming_id: str) -> tuple[Incoming, bytes]:
        """What came, with its bytes. Raises NoSuchThing (receipt.unknown), SetupWrong (seal.broken)."""
        with self._database.read() as tx:
            incoming = tx.incoming.get(incoming_id)
            key = data_key(tx.registry, contexts.EVIDENCE_KEY)
        return incoming, self._vault.get(key, contexts.incoming(incoming.id), incoming.object_name)

    def _one(self, incoming: Incoming, about: About) -> None:
        tried = replace(incoming, tries=incoming.tries + 1, next_action_at=self._clock.now() + _LOOK_AGAIN)
        with self._database.write() as tx:
            if tx.incoming.get(incoming.id, lock=True) != incoming:
                return  # another worker was quicker
            tx.incoming.save(tried)  # before it is read: what kills its reader is not read for ever
            key = data_key(tx.registry, contexts.EVIDENCE_KEY)
        reader = self._readers.get(incoming.source)  # none: its channel or account is not set up any more
        if reader is None or self._is_given_up(tried):
            reading = Reading(reports=(Report(finding=Finding.UNREADABLE),))
        else:
            raw = self._vault.get(key, contexts.incoming(incoming.id), incoming.object_name)
            reading = self._prove(reader.read(raw))
        with self._database.write() as tx:
            if tx.incoming.get(incoming.id, lock=True) == tried:
                tx.incoming.save(self._settled(tx, tried, reading, about))

    def _is_given_up(self, tried: Incoming) -> bool:
        """Whether it broke off its reading too often, or can no longer be read at all: what waits is read once more
        when its time is over, and does not wait after that."""
        if tried.handling is Handling.NEW:
            return tried.tries > _MOST_TRIES
        return self._clock.now() > tried.received_at + self._patience + _STILL_WAITING

    def _settled(self, tx: Transaction, incoming: Incoming, reading: Reading, about: About) -> Incoming:
        """What came, with where it now stands; its delivery is moved in the same transaction."""
        finding = _weightiest(reading)
        match = _match(tx, reading)
        notice = notice_of(tx, reading.tokens) if match is None else None
        if notice is not None:
            return came_back_on(tx, notice, incoming, reading, self._clock.now())
        if match is None:
            return self._unmatched(tx, incoming, finding)
        if must_wait(match.delivery):
            return replace(incoming, handling=Handling.WAITING, finding=finding)
        about(match.delivery.dispatch, delivery=match.delivery.id, attempt=match.attempt.id)
        for ordinal, report in enumerate(reading.reports):
            self._apply(tx, incoming, match, report, ordinal)
        calls = any(match.calls(report.finding) for report in reading.reports)
        handling = Handling.FOR_PERSON if calls else Handling.MATCHED
        return replace(
            incoming,
            handling=handling,
            finding=finding,
            delivery=match.delivery.id,
            attempt=match.attempt.id,
            tries=0,
            next_action_at=None,
        )

    def _unmatched(self, tx: Transaction, incoming: Incoming, finding: Finding) -> Incoming:
        now = self._clock.now()
        if now < incoming.received_at + self._patience:
            return replace(incoming, handling=Handling.WAITING, finding=finding)
        facts = {"incoming": incoming.id, "source": incoming.source, "finding": finding.value}
        tx.records.append(Event(name=EventName.RECEIPT_UNMATCHED, at=now, actor="gateway", facts=facts))
        return replace(incoming, handling=Handling.FOR_PERSON, finding=finding, next_action_at=None)

    def _apply(self, tx: Transaction, incoming: Incoming, match: _Match, report: Report, ordinal: int) -> None:
        before = tx.deliveries.get(match.delivery.id)
        after = to_look_at(after_report(before, report.finding)) if match.bears(report.finding) else before
        if after != before:
            tx.deliveries.save(after)
        event = EVENT_OF.get(report.finding)
        if event is not None:
            at = _since(report, event, match.attempt, incoming)
            receipt = Receipt(event=event, at=at, source=incoming.source, evidence=incoming.digest)
            tx.records.add_receipt(
                ReceiptRecord(
                    id=str(uuid.uuid4()),
                    delivery=before.id,
                    attempt=match.attempt.id,
                    receipt=receipt,
                    external_id=f"{incoming.digest}/{ordinal}",
                    object_name=incoming.object_name,
                )
            )
        tx.records.append(_recorded(incoming, before, after, match, report))
        tell_if_called(tx, before, after, self._clock.now())


class Close:
    """Records that a person dealt with something that came."""

    def __init__(self, *, database: Database, vault: Vault, clock: Clock) -> None:
        self._database = database
        self._vault = vault
        self._clock = clock

    def __call__(self, incoming_id: str, *, actor: str, reason: str) -> Incoming:
        """Raises NoSuchThing (receipt.unknown), Conflict (receipt.not-open), InputRefused (request.invalid), NotAllowed
        (account.other-office)."""
        if not reason.strip():
            raise InputRefused(Code.REQUEST_INVALID, where="reason", expected="minLength 1")
        with self._database.write() as tx:
            before = tx.incoming.get(incoming_id, lock=True)
            if before.handling is not Handling.FOR_PERSON:
                raise Conflict(Code.RECEIPT_NOT_OPEN, where=incoming_id)
            if before.delivery is not None:
                check_delivery(tx, before.delivery, actor)
            now = self._clock.now()
            after = replace(before, handling=Handling.CLOSED, closed_at=now)
            tx.incoming.save(after)
            key = self._key(tx, before)
            tx.records.append(
                Event(
                    name=EventName.RECEIPT_CLOSED,
                    at=now,
                    actor=actor,
                    delivery=before.delivery,
                    facts={"incoming": before.id, "key": key.id},
                    reason=self._vault.seal(key, contexts.reason(before.id), reason.encode()),
                )
            )
        return after

    def _key(self, tx: Transaction, incoming: Incoming) -> DataKey:
        """The reason goes with the evidence of its dispatch; what belongs to none has a key of its own."""
        if incoming.delivery is not None:
            own = own_evidence_key(tx, self._vault, tx.dispatches.get(tx.deliveries.get(incoming.delivery).dispatch))
            if own is not None:
                return own
        key = self._vault.new_key(contexts.incoming_key(incoming.id))
        tx.registry.ensure_data_key(key.id, key.wrapped)
        return data_key(tx.registry, key.id)


class Receive:
    """Everything about what comes back: it is kept, read, and dealt with by a person."""

    def __init__(
        self,
        *,
        database: Database,
        vault: Vault,
        readers: Mapping[str, ReceiptReader],
        prove: Prove,
        patience: dt.timedelta,
        page_files: FilesIn,
        painter: PagePainter,
        clock: Clock,
        traces: Traces = UNTRACED,
    ) -> None:
        """See `Read` and `DrawPage`."""
        self.keep = Keep(database=database, vault=vault, clock=clock)
        self.read = Read(
            database=database,
            vault=vault,
            readers=readers,
            prove=prove,
            patience=patience,
            clock=clock,
            traces=traces,
        )
        self.close = Close(database=database, vault=vault, clock=clock)
        self.match = MatchPage(database=database, vault=vault, clock=clock)
        self.draw = DrawPage(raw=self.read.raw, files=page_files, painter=painter)
        self.confirm = ConfirmAcknowledgement(database=database, vault=vault, clock=clock)
        self.take_back = TakeBackPage(database=database, vault=vault, clock=clock)


def _match(tx: Transaction, reading: Reading) -> _Match | None:
    """By the most telling token that is ours."""
    for token in map(SendingToken.parse, reading.tokens):
        attempts = tx.deliveries.by_tokens([token.message])
        if attempts:
            delivery = tx.deliveries.get(attempts[-1].delivery, lock=True)
            attempt = _told_of(token, attempts)
            newest = _last_that_left(tx.deliveries.attempts(delivery.id))
            return _Match(
                attempt=attempt,
                delivery=delivery,
                elsewhere=went_elsewhere(tx, attempt),
                earlier=newest is not None and newest.number > attempt.number,
                unsaid=_is_unsaid(tx, attempt),
                expired=not tx.registry.has_data_key(tx.dispatches.get(delivery.dispatch).data_key),
            )
    return None


def _is_unsaid(tx: Transaction, attempt: Attempt) -> bool:
    """Whether it ended as not sent, or as nobody knew, and nothing came back on it yet."""
    if attempt.may_have_left and attempt.result is not ResultName.MAYBE_SENT:
        return False
    receipts = tx.records.receipts_of([attempt.delivery]).get(attempt.delivery, ())
    return all(one.attempt != attempt.id for one in receipts)


def _since(report: Report, event: ReceiptEvent, attempt: Attempt, incoming: Incoming) -> dt.datetime:
    """Since when the recipient has it: as the report says where that can be true, else when we kept it. Everything else
    is as of when we kept it: a sender may say anything."""
    left_at = attempt.started_at or attempt.claimed_at
    told = report.at if event in RECEIVED else None
    return told if told is not None and left_at <= told <= incoming.received_at else incoming.received_at


def _told_of(token: SendingToken, attempts: Sequence[Attempt]) -> Attempt:
    """The attempt that the token numbers; of those that bear its message the last by which it left, where it numbers
    none of them."""
    numbered = next((one for one in attempts if one.number == token.number), None)
    return numbered or _last_that_left(attempts) or attempts[-1]


def _last_that_left(attempts: Sequence[Attempt]) -> Attempt | None:
    """The last by which the papers left, or may have."""
    return next((one for one in reversed(attempts) if one.may_have_left), None)


def _weightiest(reading: Reading) -> Finding:
    """The finding that a list shows: one that asks for a person before any other."""
    found = [report.finding for report in reading.reports] or [Finding.UNREADABLE]
    return next((one for one in found if one in FOR_A_PERSON), found[0])


def _recorded(incoming: Incoming, before: Delivery, after: Delivery, match: _Match, report: Report) -> Event:
    facts = {
        "incoming": incoming.id,
        "finding": report.finding.value,
        "status": report.status,
        "evidence": incoming.digest,
        "from": before.state.value,
        "to": after.state.value,
    }
    return Event(
        name=EventName.RECEIPT_RECORDED,
        at=incoming.received_at,
        actor=incoming.source,
        dispatch=before.dispatch,
        delivery=before.id,
        attempt=match.attempt.id,
        facts={name: value for name, value in facts.items() if value},
    )
