"""What may not go with the batch it lies in, turned out unfit for it, or was left here by its carrier, is taken out."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from gateway.application import contexts
from gateway.application.acts.set_going import others_planned
from gateway.application.sealed import Vault, data_key
from gateway.domain.codes import Code
from gateway.domain.delivery import Delivery, DeliveryState, ResultName
from gateway.domain.events import Event, EventName
from gateway.domain.manifest import BatchedItem
from gateway.domain.problem import InputRefused
from gateway.domain.progress import after_setting_aside, after_taking_out
from gateway.domain.reasons import Reason
from gateway.ports.clock import Clock
from gateway.ports.database import Database, Transaction


@dataclass(frozen=True, kw_only=True)
class Unfit:
    """Items that a person found unfit, by what their codes say, and why. anew: their papers are made once more at once;
    else a person sees to each."""

    codes: tuple[str, ...]
    why: str
    anew: bool


class TakeOut:
    """Ends the attempt that lay in the batch: nothing of it left us."""

    def __init__(self, *, database: Database, vault: Vault, clock: Clock) -> None:
        self._database = database
        self._vault = vault
        self._clock = clock

    def may_not_go(self, item: BatchedItem, reason: Reason) -> bool:
        """For a person to see to, unless another way is open. False: it had left its batch already."""
        with self._database.write() as tx:
            after = self._end(tx, item, reason, lambda before: after_setting_aside(before, reason, self._clock.now()))
            if after is not None:
                facts = {"channel": item.channel, "reason": reason.value, "to": after.state.value}
                tx.records.append(self._event(EventName.PERSON_CALLED, item, facts))
        if after is not None:
            others_planned(self._database, after, now=self._clock.now())
        return after is not None

    def unfit(self, item: BatchedItem, found: Unfit, *, actor: str) -> bool:
        """As a person said. False: it had left its batch already. Raises InputRefused (request.invalid: no reason)."""
        now = self._clock.now()
        return self._by_person(
            item,
            Reason.MAIL_UNFIT,
            lambda before: after_taking_out(before, now, anew=found.anew),
            actor=actor,
            why=found.why,
        )

    def left_here(self, item: BatchedItem, *, actor: str, why: str) -> bool:
        """A person says that its carrier, which stands still, did not take it: another way is open, or a person sees to
        it. False and Raises: as `unfit`."""
        now, reason = self._clock.now(), Reason.CARRIER_SUSPENDED
        return self._by_person(
            item, reason, lambda before: after_setting_aside(before, reason, now), actor=actor, why=why
        )

    def _by_person(
        self,
        item: BatchedItem,
        reason: Reason,
        becomes: Callable[[Delivery], Delivery],
        *,
        actor: str,
        why: str,
    ) -> bool:
        if not why.strip():
            raise InputRefused(Code.REQUEST_INVALID, where="reason", expected="minLength 1")
        with self._database.write() as tx:
            after = self._end(tx, item, reason, becomes)
            if after is not None:
                key = data_key(tx.registry, tx.dispatches.get(item.dispatch).data_key)
                sealed = self._vault.seal(key, contexts.reason(item.delivery), why.encode())
                facts = {
                    "channel": item.channel,
                    "reference": item.reference,
                    "reason": reason.value,
                    "to": after.state.value,
                }
                event = self._event(EventName.ITEM_TAKEN_OUT, item, facts)
                tx.records.append(replace(event, actor=actor, reason=sealed))
        return after is not None

    def _end(
        self, tx: Transaction, item: BatchedItem, reason: Reason, becomes: Callable[[Delivery], Delivery]
    ) -> Delivery | None:
        """The delivery as it stands then; None where the item is in its batch no more."""
        before = tx.deliveries.get(item.delivery, lock=True)
        attempt = tx.deliveries.attempts(item.delivery)[-1]
        if before.state is not DeliveryState.BATCHED or attempt.id != item.attempt:
            return None
        after = becomes(before)
        tx.deliveries.save(after)
        ended = replace(attempt, finished_at=self._clock.now(), result=ResultName.NOT_SENT, reason=reason)
        tx.deliveries.end_attempt(ended)
        return after

    def _event(self, name: EventName, item: BatchedItem, facts: dict[str, str]) -> Event:
        return Event(
            name=name,
            at=self._clock.now(),
            actor="gateway",
            dispatch=item.dispatch,
            delivery=item.delivery,
            attempt=item.attempt,
            facts=facts,
        )
