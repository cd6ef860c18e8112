"""One attempt of one delivery: everything up to the network call. How it ended is recorded by `RecordEnd`."""

import asyncio
import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import asdict, dataclass, replace

from gateway.application import contexts
from gateway.application.exchange.former import leave_former
from gateway.application.kept_json import to_kept
from gateway.application.large import LARGE, LargeGate
from gateway.application.papers.message_json import message_from_json
from gateway.application.sealed import DataKey, Vault, package_key
from gateway.application.sending.attempt_record import RecordEnd
from gateway.application.sending.turns import Turns
from gateway.domain.codes import Code
from gateway.domain.delivery import Attempt, Delivery
from gateway.domain.digest import sha256
from gateway.domain.dispatch import Dispatch, Step
from gateway.domain.envelope import Envelope
from gateway.domain.events import Event, EventName
from gateway.domain.failures import AttemptFailure, Misconfigured, NotSent, Refused
from gateway.domain.far_end import destination_of, server_at
from gateway.domain.manifest import BatchedItem
from gateway.domain.parties import RecipientChannel
from gateway.domain.problem import NoSuchThing, Problem, ServiceDown
from gateway.domain.reasons import Reason
from gateway.domain.receipt import AwaitedReceipt
from gateway.domain.reference import SendingToken
from gateway.domain.return_code import ReturnCode
from gateway.domain.trust import fingerprint_of
from gateway.ports.channels import Channel, Consignment, Packed, Prepared
from gateway.ports.clock import Clock
from gateway.ports.database import Database, Transaction
from gateway.ports.keys import KeyStanding
from gateway.ports.papers import RenderedDocument
from gateway.ports.records import RenderedRecord
from gateway.ports.registry_papers import DrawnPaper

Standing = Callable[[RecipientChannel, dt.datetime], KeyStanding | Refused | None]
Cover = Callable[[Delivery, RecipientChannel, Sequence[RenderedDocument], ReturnCode], DrawnPaper | None]
EnvelopeOf = Callable[[Dispatch, Delivery, RecipientChannel, DataKey], Envelope | None]
Keep = Callable[[Transaction, Sequence[bytes], Sequence[bytes]], None]
"""Keeps the lists and responses that were relied on, and the authorities between."""


def no_cover(_: Delivery, __: RecipientChannel, ___: Sequence[RenderedDocument], ____: ReturnCode) -> None:
    """Of what has no page to be signed."""


def no_envelope(_: Dispatch, __: Delivery, ___: RecipientChannel, ____: DataKey) -> None:
    """Of what is no mail."""


@dataclass(frozen=True, kw_only=True)
class _Elsewhere:
    """It was claimed as an upload to one server, and goes to another, whose places and breaker were not asked."""

    server: str | None


@dataclass(frozen=True, kw_only=True)
class _Opened:
    """What an attempt is about, as rows."""

    dispatch: Dispatch
    key: DataKey
    papers: Sequence[RenderedRecord]

    @property
    def size(self) -> int:
        """The bytes of the papers."""
        return sum(one.size for one in self.papers)


_Ready = Prepared | AttemptFailure | _Elsewhere
"""What is to be sent, or why nothing is, or that it is to be claimed for another server."""


class MakeAttempt:
    """Prepares, seals, sends and records one claimed attempt, each by itself."""

    def __init__(
        self,
        *,
        database: Database,
        vault: Vault,
        channels: Mapping[str, Channel],
        record: RecordEnd,
        lease: dt.timedelta,
        standing: Standing,
        keep: Keep,
        reach: Callable[[Dispatch, Delivery, str, DataKey], RecipientChannel | Refused],
        exchange_way: Callable[[Delivery, DataKey], RecipientChannel | None],
        clock: Clock,
        large: LargeGate,
        cover: Cover = no_cover,
        envelope: EnvelopeOf = no_envelope,
    ) -> None:
        """standing: how the recipient's key stands now, or why it may not be used.
        reach: the address for a channel as things stand now, or why nothing may be sent to it.
        exchange_way: where the recipient's exchange account stands now; None: they have none.
        cover: the page to be signed before the papers of a fax or a packet. envelope: what stands on that of mail."""
        self._cover = cover
        self._envelope = envelope
        self._reach = reach
        self._exchange_way = exchange_way
        self._database = database
        self._vault = vault
        self._channels = channels
        self._turns = Turns(channels)
        self._record = record
        self._lease = lease
        self._standing = standing
        self._keep = keep
        self._clock = clock
        self._large = large

    async def __call__(self, delivery: Delivery, attempt: Attempt) -> None:
        """Makes the attempt; of those with large papers one at a time. Raises LeaseLost when another worker took the
        delivery over: then nothing was recorded; ServiceDown when a service of ours did not answer before the send:
        then it is due again, nothing spent."""
        async with AsyncExitStack() as turn:
            try:
                opened, ready = await asyncio.to_thread(self._begin, delivery, attempt)
                if ready is None:
                    await turn.enter_async_context(self._large.async_turn(opened.size))
                    ready = await asyncio.to_thread(self._prepare_unless_recalled, delivery, attempt, opened)
            except ServiceDown:
                await self._record.put_back(delivery, attempt)
                raise
            dispatch, key = opened.dispatch, opened.key
            if isinstance(ready, _Elsewhere):
                await self._record.put_elsewhere(delivery, attempt, ready.server)
                return
            if not isinstance(ready, Prepared):
                await self._record(dispatch, delivery, attempt, key, ready, left_us=False)
                return
            async with self._turns.of(delivery.destination or attempt.channel):
                try:
                    started = await asyncio.to_thread(self._start, dispatch, delivery, attempt, key, ready)
                except ServiceDown:
                    # Nothing left us, and that is certain: else a person would have to settle it.
                    await self._record.put_back(delivery, attempt)
                    raise
                result = await self._channels[attempt.channel].send(ready)
            del ready
            await self._record(dispatch, delivery, started, key, result, left_us=True)

    def _begin(self, delivery: Delivery, attempt: Attempt) -> tuple[_Opened, _Ready | None]:
        """What the attempt is about; and, of papers that need not wait for a turn, what is to be sent, prepared by the
        same thread: to go from one to another takes as long as a statement."""
        with self._database.look_up() as tx:
            dispatch = tx.dispatches.get(delivery.dispatch)
            key, papers = package_key(tx.registry, dispatch), tx.records.documents(delivery.id)
        opened = _Opened(dispatch=dispatch, key=key, papers=papers)
        if opened.size > LARGE:
            return opened, None
        return opened, self._prepare_unless_recalled(delivery, attempt, opened)

    def _prepare_unless_recalled(self, delivery: Delivery, attempt: Attempt, opened: _Opened) -> _Ready:
        """The one gate that whatever leaves goes through, by whichever door it became due again.

        A recall that commits after this takes the attempt its fence, and it cannot start.
        """
        if opened.dispatch.step is Step.RECALLED:
            return NotSent(reason=Reason.RECALLED_BY_PERSON)
        return self._prepare(opened.dispatch, delivery, attempt, opened.key, opened.papers)

    def _prepare(
        self,
        dispatch: Dispatch,
        delivery: Delivery,
        attempt: Attempt,
        key: DataKey,
        papers: Sequence[RenderedRecord],
    ) -> _Ready:
        """The exact bytes to send, or why there are none. The recipient and their key are looked up again here."""
        channel = self._channels.get(attempt.channel)
        if channel is None:
            return Misconfigured(reason=Reason.CHANNEL_NOT_SET_UP)
        code = ReturnCode.of(_token(attempt))
        try:
            address = self._address(dispatch, delivery, attempt.channel, key)
            message, documents = self._papers(delivery, key, papers)
            if not isinstance(address, RecipientChannel):
                return address
            cover = self._cover(delivery, address, documents, code)
            envelope = self._envelope(dispatch, delivery, address, key)
        except ServiceDown:
            raise
        except Problem:
            return NotSent(reason=Reason.STORE_UNREADABLE)
        now = self._clock.now()
        key_standing = self._standing(address, now)
        if isinstance(key_standing, Refused):
            return key_standing
        ready = channel.prepare(
            Consignment(
                reference=attempt.reference,
                address=address,
                message=message_from_json(message),
                documents=documents,
                language=delivery.language,
                at=now,
                cover=cover,
                envelope=envelope,
                sending=attempt.number,
            )
        )
        if not isinstance(ready, Prepared):
            return ready
        printed = None if cover is None else code
        return replace(ready, key=key_standing, sending=attempt.number, code=printed)

    def _address(
        self, dispatch: Dispatch, delivery: Delivery, channel: str, key: DataKey
    ) -> RecipientChannel | Refused | _Elsewhere:
        address = self._reach(dispatch, delivery, channel, key)
        if isinstance(address, Refused):
            return address
        server = server_at(address)
        return address if destination_of(channel, server) == delivery.destination else _Elsewhere(server=server)

    def _papers(
        self, delivery: Delivery, key: DataKey, records: Sequence[RenderedRecord]
    ) -> tuple[bytes, tuple[RenderedDocument, ...]]:
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
                language=record.language,
            )
            for record in papers
        )

    def _content(self, record: RenderedRecord, key: DataKey) -> bytes:
        return self._vault.get(key, contexts.papers(record.delivery), record.object_name)

    def _start(
        self, dispatch: Dispatch, delivery: Delivery, attempt: Attempt, key: DataKey, ready: Prepared
    ) -> Attempt:
        """Seals the exact bytes, then writes that the network is about to be touched. Raises LeaseLost."""
        digest = sha256(ready.payload)
        stands = self._exchange_way(delivery, key) if attempt.number > 1 else None
        with self._vault.keeping() as put:
            stored = put(key, contexts.sent(attempt.id), ready.payload)
            now = self._clock.now()
            with self._database.write() as tx:
                if attempt.number > 1:
                    earlier = [one for one in tx.deliveries.attempts(delivery.id) if one.number < attempt.number]
                    leave_former(tx, dispatch.id, earlier, stands=stands, actor="gateway", at=now)
                tx.deliveries.start_attempt(attempt, now=now, lease=self._lease, sent_digest=digest, sent_object=stored)
                if ready.key is not None:
                    self._keep(tx, ready.key.responses, ready.key.issuers)
                    tx.records.append(_relied(ready.key, delivery, attempt, now))
                if ready.packed is not None:
                    tx.manifests.gather(self._item(dispatch, attempt, key, ready.packed, now))
                if ready.code is not None:
                    tx.return_codes.add(ready.code, token=_token(attempt))
                if ready.awaited is not None:
                    tx.awaited.add(ready.awaited, token=_token(attempt))
                    tx.records.append(_asked(ready.awaited, delivery, attempt, now))
        return replace(attempt, started_at=now, sent_digest=digest, sent_object=stored)

    def _item(
        self, dispatch: Dispatch, attempt: Attempt, key: DataKey, packed: Packed, now: dt.datetime
    ) -> BatchedItem:
        return BatchedItem(
            attempt=attempt.id,
            delivery=attempt.delivery,
            dispatch=dispatch.id,
            channel=attempt.channel,
            office=dispatch.office,
            reference=attempt.reference,
            gathered_at=now,
            envelope=self._vault.seal(key, contexts.envelope(attempt.id), to_kept(packed.envelope)),
            pages=packed.pages,
            sheets=packed.sheets,
        )


def _token(attempt: Attempt) -> str:
    """By which what comes back is known to be about this very try."""
    return str(SendingToken.of(attempt.reference, attempt.number))


def _relied(key: KeyStanding, delivery: Delivery, attempt: Attempt, now: dt.datetime) -> Event:
    """Under which certificate content leaves, and on whose word it was held for good."""
    return Event(
        name=EventName.KEY_RELIED_ON,
        at=now,
        actor="gateway",
        dispatch=delivery.dispatch,
        delivery=delivery.id,
        attempt=attempt.id,
        facts={
            "certificate": key.fingerprint,
            "recipient": delivery.recipient or "",
            "anchor": key.anchor or "",
            "issuers": " ".join(map(fingerprint_of, key.issuers)),
            "revocation": key.revocation.value,
            "revocation_evidence": " ".join(map(sha256, key.responses)),
        },
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
