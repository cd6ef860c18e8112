"""The receiver's acknowledgements: each whole or not at all, each once, item by item."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace

from gateway.application.feed.chains import after_rejection
from gateway.application.feed.feed_json import acknowledgement_format
from gateway.domain.codes import Code
from gateway.domain.digest import sha256
from gateway.domain.events import Event, EventName
from gateway.domain.feed import Acknowledgement, FeedState, Verdict
from gateway.domain.problem import Conflict, InputRefused
from gateway.ports.clock import Clock
from gateway.ports.database import Database, Transaction
from gateway.ports.feed import FeedProtection

_STATES: Mapping[Verdict, FeedState] = {
    Verdict.ACCEPTED: FeedState.ACCEPTED,
    Verdict.REJECTED: FeedState.REJECTED,
}
_UNANSWERED = frozenset({FeedState.BATCHED, FeedState.SENT})
"""An answer may come before we know that the batch has left: whoever put it was killed."""


class Acknowledge:
    """Takes acknowledgements in."""

    def __init__(self, *, database: Database, protection: FeedProtection, clock: Clock) -> None:
        self._database = database
        self._protection = protection
        self._clock = clock

    def __call__(self, raw: bytes) -> Mapping[str, object]:
        """What the receiver is told of its acknowledgement. The same again changes nothing.

        Raises InputRefused (signature.*, feed.signer, feed.acknowledgement-invalid, feed.batch-unknown,
        feed.other-digest, feed.transaction-unknown), Conflict (feed.contradiction): then nothing of it counts.
        """
        now = self._clock.now()
        said = acknowledgement_format().read(self._protection.acknowledgement(raw, now))
        with self._database.write() as tx:
            states = self._check(tx, said)
            new = tx.feed.acknowledged(sha256(raw), str(said.batch), now)
            fresh = {one: answer for one, answer in _answers(said).items() if states[one] in _UNANSWERED}
            if new:
                tx.feed.answer(fresh)
                rejected = [one for one, (state, _) in fresh.items() if state is FeedState.REJECTED]
                tx.feed.answer({one: (after_rejection(tx, one), fresh[one][1]) for one in rejected})
                self._heard(tx, said, states | {one: state for one, (state, _) in fresh.items()})
        return {"batch": str(said.batch), "repeat": not new, "taken": len(fresh) if new else 0}

    def _check(self, tx: Transaction, said: Acknowledgement) -> dict[str, FeedState]:
        batch = tx.feed.batch(str(said.batch), lock=True)
        if batch is None or batch.digest is None:
            raise InputRefused(Code.FEED_BATCH_UNKNOWN, where="$.batch")
        if batch.digest != said.digest:
            raise InputRefused(Code.FEED_OTHER_DIGEST, where="$.digest")
        states, answers = dict(tx.feed.standing(batch.id)), _answers(said)
        for place, one in enumerate(said.lines):
            name, where = str(one.transaction), f"$.lines[{place}]"
            if name not in states:
                raise InputRefused(Code.FEED_TRANSACTION_UNKNOWN, where=where)
            settled = states[name] in _STATES.values() and states[name] is not _STATES[one.result]
            if settled or answers[name][0] is not _STATES[one.result]:
                raise Conflict(Code.FEED_CONTRADICTION, where=where)
        return states

    def _heard(self, tx: Transaction, said: Acknowledgement, states: Mapping[str, FeedState]) -> None:
        batch, now = tx.feed.batch(str(said.batch)), self._clock.now()
        if batch is None:
            return
        done = not _UNANSWERED & set(states.values())
        tx.feed.save(replace(batch, heard_at=now, closed_at=now if done else None))
        counts = Counter(one.result.value for one in said.lines)
        facts: dict[str, str | int | bool] = {"batch": batch.id, "sequence": batch.sequence, **counts}
        name = EventName.FEED_ACKNOWLEDGED
        tx.records.append(Event(name=name, at=now, actor="receiver", facts=facts))


def _answers(said: Acknowledgement) -> dict[str, tuple[FeedState, str | None]]:
    return {str(one.transaction): (_STATES[one.result], one.code) for one in said.lines}
