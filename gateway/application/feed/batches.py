"""Batches: opened over what may go, made once, put for the receiver, asked after, and put again as the same bytes."""

import datetime as dt
import json
import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from gateway.application import contexts
from gateway.application.feed.feed_json import line_of
from gateway.application.sealed import DataKey, Vault, data_key, package_key
from gateway.domain.codes import Code
from gateway.domain.digest import sha256
from gateway.domain.events import Event, EventName
from gateway.domain.feed import Batch, ControlRecord, FeedKind, FeedState, PreviousBatch, Transaction
from gateway.domain.problem import Conflict, Problem, SetupWrong
from gateway.ports.clock import Clock
from gateway.ports.database import Database
from gateway.ports.database import Transaction as Read
from gateway.ports.feed import FeedPlace, FeedProtection, Put

Facts = Mapping[str, str | int | bool]


@dataclass(frozen=True, kw_only=True)
class Patience:
    """How long an answer is waited for before the receiver is asked, and then before the batch is put again."""

    ask_after: dt.timedelta
    again_after: dt.timedelta


class Batches:
    """Each step can be done again by whoever comes next, wherever the one before was killed."""

    def __init__(
        self,
        *,
        database: Database,
        vault: Vault,
        protection: FeedProtection,
        place: FeedPlace,
        most: int,
        patience: Patience,
        clock: Clock,
    ) -> None:
        """most: lines in a batch."""
        self._database = database
        self._vault = vault
        self._protection = protection
        self._place = place
        self._most = most
        self._patience = patience
        self._clock = clock

    def open(self, after_recall: Collection[FeedKind] | None = None) -> int:
        """Puts what may go now into batches, everything or of those kinds what follows a recall; how many those are."""
        opened, most = 0, self._most
        while True:
            with self._database.write() as tx:
                now = self._clock.now()
                if tx.feed.open_batch(str(uuid.uuid4()), now=now, most=most, after_recall=after_recall) is None:
                    return opened
            opened += 1

    def is_time(self, now: dt.datetime, gather: dt.timedelta) -> bool:
        """Whether something may go, and the last batch was opened so long ago. A clock that was put back holds nothing
        up. Asked each second: nothing is written."""
        with self._database.look_up() as tx:
            last = tx.feed.last_opened_at()
            return (last is None or not last <= now < last + gather) and tx.feed.waits(now)

    def open_after_recall(self, kinds: Collection[FeedKind]) -> int:
        """What follows a recall alone. Asked each second: nothing is written where there is none."""
        with self._database.look_up() as tx:
            waits = tx.feed.waits(self._clock.now(), after_recall=kinds)
        return self.open(kinds) if waits else 0

    def send(self) -> int:
        """Makes and puts what was opened, in order, and asks after what was not answered; how many steps those were."""
        with self._database.look_up() as tx:
            batches = tx.feed.batches(unfinished=True)
        steps = 0
        for batch in batches:
            steps += self._further(batch)
            if not batch.may_have_left and not self._has_gone(batch):
                break  # the next names it as the one before
        return steps

    def _further(self, batch: Batch) -> bool:
        if batch.put_at is None:
            made = batch if batch.object_name is not None else self._make(batch)
            return made is not None and self._put(made)
        now, since = self._clock.now(), max(filter(None, (batch.put_at, batch.heard_at)))
        if batch.asked_at is None:
            return now >= since + self._patience.ask_after and self._ask(batch)
        return now >= batch.asked_at + self._patience.again_after and self._put(batch)

    def _has_gone(self, batch: Batch) -> bool:
        with self._database.look_up() as tx:
            stands = tx.feed.batch(batch.id)
        return stands is None or stands.may_have_left or stands.closed_at is not None

    def _make(self, batch: Batch) -> Batch | None:
        """The batch with its exact bytes kept. None where it came to nothing, or a recall changed it meanwhile."""
        with self._database.read() as tx:
            lines = [one for one in tx.feed.lines(batch.id) if one.state is FeedState.BATCHED]
            previous = tx.feed.before(batch.sequence)
            keys = {one.dispatch: _key(tx, one.dispatch) for one in lines}
        opened, broken = self._opened(keys, lines)
        if broken:
            self._take_out(batch, broken)
            return None
        body, now = b"".join(opened), self._clock.now()
        made = replace(batch, count=len(lines), digest=sha256(body))
        if not lines:
            self._nothing_left(batch)
            return None
        content = self._protection.protect(line_of(_control(made, previous, now)) + body, now)
        key = self._vault.new_key(contexts.feed_batch(batch.id))
        with self._vault.keeping() as put:
            name = put(key, contexts.feed_batch(batch.id), content)
            made = replace(made, object_name=name, sent_digest=sha256(content))
            with self._database.write() as tx:
                stands = tx.feed.batch(batch.id, lock=True)
                unchanged = stands == batch and _in_it(tx.feed.lines(batch.id)) == _in_it(lines)
                if unchanged:
                    tx.registry.add_data_key(key.id, key.wrapped)
                    tx.feed.save(made)
                    facts: Facts = {"batch": batch.id, "sequence": batch.sequence, "count": made.count}
                    digests = {"digest": made.digest or "", "sent": made.sent_digest or ""}
                    tx.records.append(_event(EventName.FEED_BATCH_MADE, now, {**facts, **digests}))
        if not unchanged:
            self._vault.delete(name)
        return made if unchanged else None

    def _opened(
        self, keys: Mapping[str, DataKey | None], lines: Sequence[Transaction]
    ) -> tuple[list[bytes], list[str]]:
        """The lines as they were made; the transactions of those that are damaged, or whose package expired.

        Raises SetupWrong (seal.*) of what is no fault of a line.
        """
        opened, broken = [], []
        for one in lines:
            key = keys[one.dispatch]
            try:
                opened.append(self._vault.open(key, contexts.feed_line(one.id), one.sealed) if key else b"")
            except SetupWrong as wrong:
                if wrong.code is not Code.SEAL_BROKEN:
                    raise
                key = None
            broken += [] if key else [one.id]
        return opened, broken

    def _take_out(self, batch: Batch, broken: Sequence[str]) -> None:
        """What cannot be read is for staff; it keeps nothing else in the batch."""
        with self._database.write() as tx:
            if tx.feed.batch(batch.id, lock=True) == batch:
                tx.feed.take_out(broken)
                facts: Facts = {"batch": batch.id, "sequence": batch.sequence, "unreadable": len(broken)}
                tx.records.append(_event(EventName.PERSON_CALLED, self._clock.now(), facts))

    def _nothing_left(self, batch: Batch) -> None:
        """Everything in it was recalled: its number stays unused, and nobody is told of it."""
        with self._database.write() as tx:
            if tx.feed.batch(batch.id, lock=True) == batch and not _in_it(tx.feed.lines(batch.id)):
                tx.feed.save(replace(batch, count=0, closed_at=self._clock.now()))

    def _put(self, batch: Batch) -> bool:
        """Whether anything was done. What may lie there from before is looked for first: the end of that try is not
        known."""
        with self._database.look_up() as tx:
            key = data_key(tx.registry, contexts.feed_batch(batch.id))
        name, content = (
            f"{_name(batch)}.p7m",
            self._vault.get(key, contexts.feed_batch(batch.id), batch.object_name or ""),
        )
        if batch.put_at is None and batch.doubtful and self._place.holds(name, len(content)):
            self._has_left(batch)
            return True
        if not self._begin(batch):
            return True
        try:
            put = self._place.put(name, content)
        except Problem:
            self._stayed(batch)
            raise
        if put is Put.THERE:
            self._has_left(batch)
        return put is Put.THERE

    def _begin(self, batch: Batch) -> bool:
        """Before anything leaves it stands written that it may have. False where something in it was stopped since it
        was made: the bytes go, and it is made anew."""
        with self._database.write() as tx:
            stands = tx.feed.batch(batch.id, lock=True)
            if stands is None or stands.object_name != batch.object_name or stands.closed_at is not None:
                return False
            whole = stands.may_have_left or len(tx.feed.standing(batch.id)) == stands.count
            if whole:
                tx.feed.save(replace(stands, doubtful=stands.doubtful + 1))
            else:
                tx.registry.destroy_data_key(contexts.feed_batch(batch.id))
                tx.feed.save(replace(stands, object_name=None, digest=None, sent_digest=None))
        if not whole:
            self._vault.delete(batch.object_name or "")
        return whole

    def _has_left(self, batch: Batch) -> None:
        now = self._clock.now()
        with self._database.write() as tx:
            stands = tx.feed.batch(batch.id, lock=True) or batch
            after = replace(stands, put_at=now, puts=stands.puts + 1, asked_at=None, doubtful=0)
            tx.feed.save(after)
            tx.feed.left(batch.id)
            facts: Facts = {"batch": batch.id, "sequence": batch.sequence, "puts": after.puts}
            tx.records.append(_event(EventName.FEED_BATCH_SENT, now, {**facts, "sent": batch.sent_digest or ""}))

    def _stayed(self, batch: Batch) -> None:
        """Nothing left by this try. What was told meanwhile as if it had keeps the doubt: it refers to it."""
        with self._database.write() as tx:
            stands = tx.feed.batch(batch.id, lock=True) or batch
            if stands.doubtful and not tx.feed.referred_to(batch.id):
                tx.feed.save(replace(stands, doubtful=stands.doubtful - 1))

    def _ask(self, batch: Batch) -> bool:
        """Which batch we mean, and how much of it was not answered."""
        now = self._clock.now()
        with self._database.look_up() as tx:
            missing = [one for one, state in tx.feed.standing(batch.id).items() if state is FeedState.SENT]
        question = {
            "schema": "outcome-question/1",
            "batch": batch.id,
            "sequence": batch.sequence,
            "digest": batch.digest,
            "count": batch.count,
            "missing": sorted(missing),
        }
        content = self._protection.protect(json.dumps(question, separators=(",", ":")).encode(), now)
        self._place.put(f"{_name(batch)}.question.p7m", content)
        with self._database.write() as tx:
            stands = tx.feed.batch(batch.id, lock=True) or batch
            tx.feed.save(replace(stands, asked_at=now))
            facts: Facts = {"batch": batch.id, "sequence": batch.sequence, "missing": len(missing)}
            tx.records.append(_event(EventName.FEED_BATCH_ASKED_AFTER, now, facts))
        return True


def _key(tx: Read, dispatch_id: str) -> DataKey | None:
    """None: the package expired."""
    try:
        return package_key(tx.registry, tx.dispatches.get(dispatch_id))
    except Conflict:
        return None


def _name(batch: Batch) -> str:
    return f"outcomes-{batch.sequence:08d}"


def _in_it(lines: Sequence[Transaction]) -> list[str]:
    return [one.id for one in lines if one.state is FeedState.BATCHED]


def _control(batch: Batch, previous: Batch | None, now: dt.datetime) -> ControlRecord:
    before = None
    if previous is not None and previous.digest is not None:
        before = PreviousBatch(sequence=previous.sequence, digest=previous.digest)
    return ControlRecord(
        schema="outcome-batch/1",
        batch=uuid.UUID(batch.id),
        sequence=batch.sequence,
        made_at=now,
        count=batch.count,
        digest=batch.digest or "",
        previous=before,
    )


def _event(name: EventName, at: dt.datetime, facts: Facts) -> Event:
    return Event(name=name, at=at, actor="gateway", facts=facts)
