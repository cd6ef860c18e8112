"""Whether what lies in a batch may still go: asked when a manifest is closed, as just before any other sending."""

from collections.abc import Callable
from dataclasses import replace

from gateway.application import contexts
from gateway.application.envelopes import Envelopes
from gateway.application.kept_json import from_kept
from gateway.application.sealed import DataKey, Vault, package_key
from gateway.domain.delivery import Delivery, DeliveryState, ResultName
from gateway.domain.dispatch import Dispatch
from gateway.domain.envelope import Envelope
from gateway.domain.events import Event, EventName
from gateway.domain.failures import Refused
from gateway.domain.manifest import BatchedItem
from gateway.domain.parties import RecipientChannel
from gateway.domain.problem import Problem, ServiceDown
from gateway.domain.progress import after_setting_aside
from gateway.domain.reasons import Reason
from gateway.ports.clock import Clock
from gateway.ports.database import Database


class Revalidate:
    """Looks at one item at a time, and takes out of the batch what must not go with it."""

    def __init__(
        self,
        *,
        database: Database,
        vault: Vault,
        reach: Callable[[Dispatch, Delivery, str, DataKey], RecipientChannel | Refused],
        envelopes: Envelopes,
        clock: Clock,
    ) -> None:
        self._database = database
        self._vault = vault
        self._reach = reach
        self._envelopes = envelopes
        self._clock = clock

    def __call__(self, item: BatchedItem) -> Reason | None:
        """Why the item may not go; None: it may. Raises ServiceDown."""
        try:
            return self._fault(item)
        except ServiceDown:
            raise
        except Problem:
            return Reason.STORE_UNREADABLE

    def _fault(self, item: BatchedItem) -> Reason | None:
        with self._database.look_up() as tx:
            dispatch = tx.dispatches.get(item.dispatch)
            delivery = tx.deliveries.get(item.delivery)
            key = package_key(tx.registry, dispatch)
        way = self._reach(dispatch, delivery, item.channel, key)
        if isinstance(way, Refused):
            return way.reason
        printed = self._vault.open(key, contexts.envelope(item.attempt), item.envelope)
        same = self._envelopes(dispatch, delivery, way, key) == from_kept(Envelope, printed, where=item.attempt)
        return None if same else Reason.ADDRESS_CHANGED

    def set_aside(self, item: BatchedItem, reason: Reason) -> bool:
        """Takes the item out of its batch, for a person to see to. False: it had left the batch already."""
        now = self._clock.now()
        with self._database.write() as tx:
            delivery = tx.deliveries.get(item.delivery, lock=True)
            attempt = tx.deliveries.attempts(item.delivery)[-1]
            if delivery.state is not DeliveryState.BATCHED or attempt.id != item.attempt:
                return False
            after = after_setting_aside(delivery, reason, now)
            tx.deliveries.save(after)
            tx.deliveries.end_attempt(replace(attempt, finished_at=now, result=ResultName.NOT_SENT, reason=reason))
            facts = {"channel": item.channel, "reason": reason.value, "to": after.state.value}
            tx.records.append(
                Event(
                    name=EventName.PERSON_CALLED,
                    at=now,
                    actor="gateway",
                    dispatch=item.dispatch,
                    delivery=item.delivery,
                    attempt=item.attempt,
                    facts=facts,
                )
            )
        return True
