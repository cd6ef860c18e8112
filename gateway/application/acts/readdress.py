"""A person asks for another address for a delivery: proposed at once, and what is on its way to the old one waits."""

from collections.abc import Callable, Collection
from dataclasses import replace

from gateway.application.acts.given_addresses import AddressChanges, Readdressing
from gateway.application.acts.person_acts import PersonActs
from gateway.application.casework import Case, OpenCase
from gateway.application.people.approvals import Approvals, Made
from gateway.application.recipients.directory import RecipientDirectory
from gateway.application.recipients.postal_checks import check_chosen
from gateway.application.sealed import Vault
from gateway.domain.acts import Action
from gateway.domain.codes import Code
from gateway.domain.delivery import Delivery, DeliveryState
from gateway.domain.given_address import GivenAddress
from gateway.domain.parties import Contact, Participant
from gateway.domain.problem import Conflict, InputRefused
from gateway.domain.reasons import Reason
from gateway.ports.clock import Clock
from gateway.ports.database import Database

_WOULD_GO = frozenset({DeliveryState.PLANNED, DeliveryState.READY, DeliveryState.DEFERRED})
"""States from which it would go to the address that is in doubt before anybody approved another."""


class Readdress:
    """Proposes an address, or gives it while the home is in bootstrap."""

    def __init__(
        self,
        *,
        database: Database,
        vault: Vault,
        open_case: OpenCase,
        directory: RecipientDirectory,
        approvals: Approvals,
        changes: AddressChanges,
        planned_for: Callable[[Case, Delivery, Participant], bytes],
        suspended: Callable[[], Collection[str]],
        clock: Clock,
    ) -> None:
        """planned_for: whom the delivery is planned for, sealed, so that who approves sees what is replaced.
        suspended: the channels whose carrier does not deliver now."""
        self._suspended = suspended
        self._planned_for = planned_for
        self._database = database
        self._open_case = open_case
        self._directory = directory
        self._approvals = approvals
        self._changes = changes
        self._acts = PersonActs(vault=vault, clock=clock)

    def __call__(
        self,
        delivery_id: str,
        action: Action,
        *,
        recipient: str | None = None,
        contact: Contact | None = None,
        actor: str,
        reason: str,
    ) -> tuple[Delivery, Made]:
        """The delivery as it stands then, and what became of the change.

        Raises NoSuchThing (delivery.unknown, recipient.unknown), Conflict (delivery.action-not-possible,
        delivery.shown-sent, delivery.not-listed, delivery.recipient-shared), InputRefused (request.invalid: no reason,
        or it is the address that stands, unless that is served again because the carrier that has it does not deliver
        (ADR 11); address.*: no way of the entry chosen would reach anybody).
        """
        with self._database.read() as tx:
            dispatch = tx.dispatches.get(tx.deliveries.get(delivery_id).dispatch)
        case = self._open_case(dispatch)
        if recipient is not None:
            check_chosen(self._directory.known(recipient))
        standing_still = self._suspended() if action is Action.RE_SERVE else ()
        with self._database.write() as tx:
            before = tx.deliveries.get(delivery_id, lock=True)
            participant = case.decision.participant(before.participant)
            if participant is None:
                raise Conflict(Code.DELIVERY_NOT_LISTED, where=delivery_id)
            if tx.parties.planned(delivery_id) is None:  # no papers were made yet: what stands is the package's word
                tx.parties.put_planned(delivery_id, self._planned_for(case, before, participant))
            address = GivenAddress(participant=before.participant, recipient=recipient, contact=contact)
            if before.channel not in standing_still and self._changes.stands_at(tx, before) == address:
                raise InputRefused(Code.REQUEST_INVALID, where="address", expected="not the one that stands")
            self._changes.check_recipient(tx, before, recipient)
            if before.state in _WOULD_GO:
                held = replace(before, state=DeliveryState.HELD, reason=Reason.ADDRESS_IN_DOUBT, next_action_at=None)
                self._acts.record(tx, before, held, Action.HOLD, actor=actor, reason=reason)
        change = self._changes.change(delivery_id, Readdressing(action=action, address=address, reason=reason))
        (made,) = self._approvals.make([change], actor=actor, reason=reason)
        with self._database.read() as tx:
            return tx.deliveries.get(delivery_id), made
