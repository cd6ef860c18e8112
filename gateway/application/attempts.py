"""One attempt of one delivery: everything up to the network call, and the record of how it ended."""

import asyncio
import datetime as dt
import random
import uuid
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace

from gateway.application import contexts
from gateway.application.directory import RecipientDirectory
from gateway.application.render import message_from_json
from gateway.application.sealed import DataKey, Vault, data_key
from gateway.domain.codes import Code
from gateway.domain.delivery import Attempt, AttemptResult, Delivery, HandedOver
from gateway.domain.digest import sha256
from gateway.domain.events import Event, EventName
from gateway.domain.failures import AttemptFailure, Misconfigured, NotSent, Refused
from gateway.domain.problem import NoSuchThing, Problem, ServiceDown
from gateway.domain.progress import Ended, after_attempt, result_name
from gateway.domain.reasons import Reason
from gateway.domain.receipt import AwaitedReceipt, Receipt
from gateway.domain.retry import RetryPolicy
from gateway.ports.channels import Channel, Consignment, Prepared
from gateway.ports.clock import Clock
from gateway.ports.database import Database, Transaction
from gateway.ports.papers import RenderedDocument
from gateway.ports.records import ReceiptRecord, RenderedRecord
from gateway.ports.registry import ChannelPause
from gateway.ports.work import LeaseLost

_RECORD_AGAIN = 0.5
"""Seconds between tries to record an end."""


@dataclass(frozen=True, kw_only=True)
class Timing:
    """How long things may take. `pause`: how long a misconfigured channel rests."""

    lease: dt.timedelta
    pause: dt.timedelta


class MakeAttempt:
    """Prepares, seals, sends and records one claimed attempt, each by itself."""

    def __init__(
        self,
        *,
        database: Database,
        vault: Vault,
        directory: RecipientDirectory,
        channels: Mapping[str, Channel],
        policy: Callable[[str], RetryPolicy],
        timing: Timing,
        clock: Clock,
    ) -> None:
        self._database = database
        self._vault = vault
        self._directory = directory
        self._channels = channels
        self._policy = policy
        self._timing = timing
        self._clock = clock

    async def __call__(self, delivery: Delivery, attempt: Attempt) -> None:
        """Makes the attempt. Raises LeaseLost when another worker took the delivery over: then nothing was recorded."""
        key = await asyncio.to_thread(self._key, delivery)
        ready = await asyncio.to_thread(self._prepare, delivery, attempt, key)
        if not isinstance(ready, Prepared):
            await asyncio.to_thread(self._end, delivery, attempt, key, ready, left_us=False)
            return
        started = await asyncio.to_thread(self._start, delivery, attempt, key, ready)
        result = await self._channels[attempt.channel].send(ready)
        del ready
        await self._end_for_certain(delivery, started, key, result)

    def _key(self, delivery: Delivery) -> DataKey:
        with self._database.read() as tx:
            return data_key(tx.registry, tx.dispatches.get(delivery.dispatch).data_key)

    def _prepare(self, delivery: Delivery, attempt: Attempt, key: DataKey) -> Prepared | AttemptFailure:
        """The exact bytes to send, or why there are none. The recipient and their key are looked up again here."""
        channel = self._channels.get(attempt.channel)
        if channel is None:
            return Misconfigured(reason=Reason.CHANNEL_NOT_SET_UP)
        try:
            recipient = self._directory.get(delivery.recipient)
            message, documents = self._papers(delivery, key)
        except Problem:
            return NotSent(reason=Reason.STORE_UNREADABLE)
        address = recipient.channel(attempt.channel) if recipient else None
        if address is None:
            return Refused(reason=Reason.RECIPIENT_CHANGED)
        return channel.prepare(
            Consignment(
                reference=attempt.reference,
                address=address,
                message=message_from_json(message),
                documents=documents,
                language=delivery.language,
                at=self._clock.now(),
            )
        )

    def _papers(self, delivery: Delivery, key: DataKey) -> tuple[bytes, tuple[RenderedDocument, ...]]:
        with self._database.read() as tx:
            records = tx.records.documents(delivery.id)
        if not records:
            raise NoSuchThing(Code.SEAL_OBJECT_MISSING, where=delivery.id)
        message, *papers = records
        return self._content(message, key), tuple(
            RenderedDocument(
                kind=record.kind,
                name=record.name,
                media_type=record.media_type,
                content=self._content(record, key),
                pages=record.pages,
            )
            for record in papers
        )

    def _content(self, record: RenderedRecord, key: DataKey) -> bytes:
        return self._vault.get(key, contexts.papers(record.delivery), record.object_name)

    def _start(self, delivery: Delivery, attempt: Attempt, key: DataKey, ready: Prepared) -> Attempt:
        """Seals the exact bytes, then writes that the network is about to be touched. Raises LeaseLost."""
        digest = sha256(ready.payload)
        with self._vault.keeping() as put:
            stored = put(key, contexts.sent(attempt.id), ready.payload)
            now = self._clock.now()
            with self._database.write() as tx:
                tx.deliveries.start_attempt(
                    attempt, now=now, lease=self._timing.lease, sent_digest=digest, sent_object=stored
                )
                if ready.awaited is not None:
                    tx.records.append(_asked(ready.awaited, delivery, attempt, now))
        return replace(attempt, started_at=now, sent_digest=digest, sent_object=stored)

    async def _end_for_certain(self, delivery: Delivery, attempt: Attempt, key: DataKey, result: AttemptResult) -> None:
        """Records the end, again and again for a lease's time while the database is away: it is known nowhere else."""
        until = self._clock.now() + self._timing.lease
        while True:
            try:
                return await asyncio.to_thread(self._end, delivery, attempt, key, result, left_us=True)
            except ServiceDown:
                if self._clock.now() >= until:
                    raise
                await asyncio.sleep(_RECORD_AGAIN)

    def _end(self, delivery: Delivery, attempt: Attempt, key: DataKey, result: AttemptResult, *, left_us: bool) -> None:
        now = self._clock.now()
        jitter = random.random()  # noqa: S311  (spreads retries; nothing secret hangs on it)
        ended = Ended(result=result, left_us=left_us, now=now, jitter=jitter, pause=self._timing.pause)
        after = after_attempt(delivery, ended, self._policy(attempt.channel))
        reason = None if isinstance(result, HandedOver) else result.reason
        done = replace(
            attempt,
            finished_at=now,
            result=result_name(result),
            reason=reason,
            words=self._vault.seal(key, contexts.words(attempt.id), result.words.encode()) if result.words else None,
        )
        try:
            self._finish(delivery, after, done, result)
        except LeaseLost:
            self._keep_late(delivery, done, key, result)
            raise

    def _finish(self, delivery: Delivery, after: Delivery, done: Attempt, result: AttemptResult) -> None:
        now = self._clock.now()
        with self._database.write() as tx:
            tx.deliveries.save(after)
            tx.deliveries.end_attempt(done)
            _record(tx, delivery, done, result)
            if isinstance(result, HandedOver):
                tx.records.add_receipt(self._handover(done, result, now, None))
            if isinstance(result, Misconfigured):
                until = now + self._timing.pause
                tx.registry.pause_channel(
                    ChannelPause(channel=done.channel, since=now, until=until, reason=result.reason.value)
                )

    def _keep_late(self, delivery: Delivery, done: Attempt, key: DataKey, result: AttemptResult) -> None:
        """What became known after the lease is kept beside what was concluded without it, for a person to weigh."""
        handed_over = isinstance(result, HandedOver)
        stored = self._vault.put(key, contexts.words(done.id), result.words.encode()) if handed_over else None
        with self._database.write() as tx:
            _record(tx, delivery, done, result, late=True)
            if isinstance(result, HandedOver):
                tx.records.add_receipt(self._handover(done, result, self._clock.now(), stored))

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


def _asked(awaited: AwaitedReceipt, delivery: Delivery, attempt: Attempt, at: dt.datetime) -> Event:
    return Event(
        name=EventName.SIGNED_RECEIPT_ASKED,
        at=at,
        actor="gateway",
        dispatch=delivery.dispatch,
        delivery=delivery.id,
        attempt=attempt.id,
        facts=asdict(awaited),
    )


def _record(
    tx: Transaction, delivery: Delivery, attempt: Attempt, result: AttemptResult, *, late: bool = False
) -> None:
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
            dispatch=delivery.dispatch,
            delivery=delivery.id,
            attempt=attempt.id,
            facts=facts,
        )
    )
