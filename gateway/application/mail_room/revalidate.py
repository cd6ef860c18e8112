"""Whether what lies in a batch may still go: asked when a manifest is closed, as just before any other sending."""

from collections.abc import Callable

from gateway.application import contexts
from gateway.application.kept_json import from_kept
from gateway.application.papers.envelopes import Envelopes
from gateway.application.sealed import DataKey, Vault, package_key
from gateway.domain.delivery import Delivery
from gateway.domain.dispatch import Dispatch
from gateway.domain.envelope import Envelope
from gateway.domain.failures import Refused
from gateway.domain.manifest import BatchedItem
from gateway.domain.parties import RecipientChannel
from gateway.domain.problem import Problem, ServiceDown
from gateway.domain.reasons import Reason
from gateway.ports.database import Database


class Revalidate:
    """Looks at one item at a time."""

    def __init__(
        self,
        *,
        database: Database,
        vault: Vault,
        reach: Callable[[Dispatch, Delivery, str, DataKey], RecipientChannel | Refused],
        envelopes: Envelopes,
    ) -> None:
        self._database = database
        self._vault = vault
        self._reach = reach
        self._envelopes = envelopes

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
