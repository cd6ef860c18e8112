"""How an attempt ended, recorded once: the delivery, the carrier's word as a receipt, what it tells of the carrier."""

import asyncio
import datetime as dt
import random
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from gateway.application import contexts
from gateway.application.acts.set_going import others_planned
from gateway.application.dates.receipt_rules import closing_rules
from gateway.application.exchange.taking import bear_earlier_taking
from gateway.application.recalls.contained import recalled_event
from gateway.application.sealed import DataKey, Vault
from gateway.application.sending.destinations import Destinations
from gateway.domain.breaker import Outage
from gateway.domain.closing import find_closing
from gateway.domain.delivery import STANDING, Attempt, AttemptResult, Delivery, HandedOver
from gateway.domain.digest import sha256
from gateway.domain.dispatch import Dispatch
from gateway.domain.events import Event, EventName
from gateway.domain.failures import AttemptFailure, MaybeSent, Misconfigured, NotSent, Refused
from gateway.domain.problem import ServiceDown
from gateway.domain.progress import OF_ONE_ACCOUNT, Ended, after_attempt, result_name
from gateway.domain.reasons import Reason
from gateway.domain.recall import Containment, if_recalled
from gateway.domain.receipt import EXCHANGE, Receipt
from gateway.domain.retry import RetryPolicy, Turn
from gateway.domain.settling import first_look
from gateway.ports.channels import Channel
from gateway.ports.clock import Clock
from gateway.ports.database import Database, Transaction
from gateway.ports.records import ReceiptRecord
from gateway.ports.registry import ChannelPause
from gateway.ports.work import LeaseLost

Announce = Callable[[str, Outage], None]
"""Hears of a destination's outage, by name, once it is recorded that it began or ended."""
_RECORD_AGAIN = 0.5
"""Seconds between tries to record an end."""


@dataclass(frozen=True, kw_only=True)
class Timing:
    """How long things may take. `pause`: how long a misconfigured channel rests."""

    lease: dt.timedelta
    pause: dt.timedelta


@dataclass(frozen=True, kw_only=True)
class _End:
    """One end, to be written as often as it takes. `done`: the attempt then. `look_at`: when to look first at what came
    back on it, where it was handed over; None: at once. `server`: the recipient's own, where it goes from then on."""

    before: Delivery
    done: Attempt
    ended: Ended
    server: str | None
    look_at: dt.datetime | None = None

    @property
    def result(self) -> AttemptResult:
        return self.ended.result

    @property
    def left_us(self) -> bool:
        return self.ended.left_us

    @property
    def may_have_left(self) -> bool:
        return isinstance(self.result, HandedOver | MaybeSent)

    @property
    def destination(self) -> str:
        return self.before.destination or self.done.channel


class RecordEnd:
    """Records ends, each by itself, under the attempt's fence."""

    def __init__(
        self,
        *,
        database: Database,
        vault: Vault,
        channels: Mapping[str, Channel],
        destinations: Destinations,
        policy: Callable[[str], RetryPolicy],
        turn: Callable[[Delivery], Turn],
        timing: Timing,
        clock: Clock,
        announce: Announce = lambda *_: None,
    ) -> None:
        """policy: of a channel. turn: how the turn of the channel in use stands."""
        self._announce = announce
        self._database = database
        self._vault = vault
        self._channels = channels
        self._destinations = destinations
        self._policy = policy
        self._turn = turn
        self._timing = timing
        self._clock = clock

    async def __call__(
        self,
        dispatch: Dispatch,
        delivery: Delivery,
        attempt: Attempt,
        key: DataKey,
        result: AttemptResult,
        *,
        left_us: bool,
    ) -> None:
        """Records the end, again and again for a lease's time while the database is away: it is known nowhere else.

        left_us: whether the network was touched. Raises LeaseLost when another worker took the delivery over: what
        became known is then kept beside what was concluded without it. ServiceDown when it could not be recorded.
        """
        words = None
        if result.words:
            words = self._vault.seal(key, contexts.words(attempt.id), result.words.encode())
        end = _end(delivery, replace(attempt, words=words), self._ended(result, left_us=left_us))
        if isinstance(result, HandedOver):
            rule = find_closing(closing_rules(), dispatch.division, attempt.channel)
            end = replace(end, look_at=first_look(rule, end.ended.now))
        try:
            await self._for_certain(end)
        except LeaseLost:
            await asyncio.to_thread(self._keep_late, end, key)
            raise
        if isinstance(result, Refused):
            await asyncio.to_thread(others_planned, self._database, self._after(end), now=self._clock.now())

    async def put_back(self, delivery: Delivery, attempt: Attempt) -> None:
        """A service of ours did not answer before the network was touched: due again, nothing spent.

        Raises LeaseLost, ServiceDown.
        """
        result = NotSent(reason=Reason.STORE_UNREADABLE)
        ended = self._ended(result, left_us=False, ours=True)
        await self._for_certain(_end(delivery, attempt, ended))

    async def put_elsewhere(self, delivery: Delivery, attempt: Attempt, server: str | None) -> None:
        """The recipient has another server since it was claimed: due there at once, under that server's places and
        breaker; nothing spent. Raises LeaseLost, ServiceDown.
        """
        ended = self._ended(NotSent(reason=Reason.EXCHANGE_MOVED), left_us=False, ours=True)
        ended = replace(ended, pause=dt.timedelta(0))
        await self._for_certain(replace(_end(delivery, attempt, ended), server=server))

    def _ended(self, result: AttemptResult, *, left_us: bool, ours: bool = False) -> Ended:
        now = self._clock.now()
        jitter = random.random()  # noqa: S311  (spreads retries; nothing secret hangs on it)
        return Ended(result=result, left_us=left_us, now=now, jitter=jitter, pause=self._timing.pause, ours=ours)

    def _after(self, end: _End) -> Delivery:
        """The delivery then. Asked each time that the end is written: the same, unless the calendar moved."""
        asks_turn = isinstance(end.result, NotSent | Misconfigured) and not end.ended.ours
        ended = replace(end.ended, turn=self._turn(end.before)) if asks_turn else end.ended
        after = after_attempt(replace(end.before, server=end.server), ended, self._policy(end.done.channel))
        return replace(after, next_action_at=end.look_at) if isinstance(end.result, HandedOver) else after

    async def _for_certain(self, end: _End) -> None:
        until = self._clock.now() + self._timing.lease
        again = False
        while True:
            try:
                return await asyncio.to_thread(self._finish, end, again=again)
            except ServiceDown:
                if self._clock.now() >= until:
                    raise
                again = True
                await asyncio.sleep(_RECORD_AGAIN)

    def _finish(self, end: _End, *, again: bool) -> None:
        """again: whether an earlier try may have been written all the same, its commit lost on the way back to us."""
        now, after = self._clock.now(), self._after(end)
        with self._database.write() as tx:
            if again and _stands(tx, end.done):
                return
            tx.deliveries.save(after)
            if end.may_have_left and self._channels[end.done.channel].capabilities.source == EXCHANGE:
                bear_earlier_taking(tx, after, end.done)
            self._stop_recalled(tx, after)
            tx.deliveries.end_attempt(end.done)
            _record(tx, end)
            outage = self._destinations.tell(tx, end.destination, end.done, end.result, left_us=end.left_us)
            if isinstance(end.result, HandedOver):
                tx.records.add_receipt(self._handover(end.done, end.result, now, None))
            if isinstance(end.result, Misconfigured) and end.result.reason not in OF_ONE_ACCOUNT:
                until = now + self._timing.pause
                tx.registry.pause_channel(
                    ChannelPause(channel=end.done.channel, since=now, until=until, reason=end.result.reason.value)
                )
        self._tell_of(end, outage)

    def _stop_recalled(self, tx: Transaction, after: Delivery) -> None:
        """A recall that came while it was on its way could not stop it: it stops here, where it did not leave.

        Asked under the delivery's lock, which the recall waits for too: one of the two sees the other.
        """
        if after.state not in STANDING and (stopped := if_recalled(after, tx.dispatches.get(after.dispatch))) != after:
            tx.deliveries.save(stopped)
            tx.records.append(recalled_event(after, stopped, Containment.STOPPED, self._clock.now(), actor="gateway"))

    def _keep_late(self, end: _End, key: DataKey) -> None:
        """What became known after the lease is kept beside what was concluded without it, for a person to weigh."""
        result = end.result
        handed_over = isinstance(result, HandedOver)
        stored = self._vault.put(key, contexts.words(end.done.id), result.words.encode()) if handed_over else None
        with self._database.write() as tx:
            _record(tx, end, late=True)
            outage = self._destinations.tell(tx, end.destination, end.done, result, left_us=end.left_us)
            if isinstance(result, HandedOver):
                tx.records.add_receipt(self._handover(end.done, result, self._clock.now(), stored))
        self._tell_of(end, outage)

    def _tell_of(self, end: _End, outage: Outage | None) -> None:
        if outage is not None:
            self._announce(end.destination, outage)

    def _handover(self, attempt: Attempt, result: HandedOver, now: dt.datetime, stored: str | None) -> ReceiptRecord:
        """The carrier's acceptance as a receipt. It says that the carrier took it, and nothing about the recipient.

        stored: the object that holds the carrier's words, where the attempt itself does not.
        """
        able = self._channels[attempt.channel].capabilities
        evidence = sha256(result.words.encode())
        return ReceiptRecord(
            id=str(uuid.uuid4()),
            delivery=attempt.delivery,
            attempt=attempt.id,
            receipt=Receipt(event=able.receipt, at=now, source=able.source, evidence=evidence),
            external_id=attempt.id,
            object_name=stored,
        )


def _end(delivery: Delivery, attempt: Attempt, ended: Ended) -> _End:
    result = ended.result
    done = replace(
        attempt,
        finished_at=ended.now,
        result=result_name(result),
        reason=result.reason if isinstance(result, AttemptFailure) else None,
    )
    return _End(before=delivery, done=done, ended=ended, server=delivery.server)


def _stands(tx: Transaction, done: Attempt) -> bool:
    """Whether exactly this end of the attempt is recorded."""
    kept = next((one for one in tx.deliveries.attempts(done.delivery) if one.id == done.id), None)
    return kept is not None and (kept.result, kept.finished_at) == (done.result, done.finished_at)


def _record(tx: Transaction, end: _End, *, late: bool = False) -> None:
    attempt, result = end.done, end.result
    facts: dict[str, str | int | bool] = {"channel": attempt.channel, "result": str(attempt.result)}
    if attempt.reason is not None:
        facts["reason"] = attempt.reason.value
    if isinstance(result, HandedOver):
        facts["dsn_asked"] = result.dsn_asked
    if attempt.sent_digest is not None:
        facts["sent"] = attempt.sent_digest
    tx.records.append(
        Event(
            name=EventName.ATTEMPT_ENDED_LATE if late else EventName.ATTEMPT_ENDED,
            at=attempt.finished_at or attempt.claimed_at,
            actor="gateway",
            dispatch=end.before.dispatch,
            delivery=attempt.delivery,
            attempt=attempt.id,
            facts=facts,
        )
    )
