"""Addresses that two people gave single deliveries, as changes that are proposed and approved."""

from dataclasses import dataclass, replace

from gateway.application import contexts
from gateway.application.acts.person_acts import PersonActs, state_after
from gateway.application.acts.resolve import planned_again
from gateway.application.acts.set_going import held_with_dispatch
from gateway.application.exchange.former import leave_former
from gateway.application.files.parties_json import planned_from_json
from gateway.application.kept_json import from_kept, to_kept
from gateway.application.people.approvals import Act, Change
from gateway.application.sealed import Vault, data_key
from gateway.domain.acts import Action
from gateway.domain.codes import Code
from gateway.domain.delivery import Delivery, DeliveryState
from gateway.domain.given_address import GivenAddress
from gateway.domain.problem import Conflict, NoSuchThing
from gateway.domain.proposals import Caution, ChangeKind
from gateway.domain.reasons import Reason
from gateway.ports.addresses import StoredAddress
from gateway.ports.clock import Clock
from gateway.ports.database import Transaction


@dataclass(frozen=True, kw_only=True)
class Readdressing:
    """What is proposed: the act, the address, and why. The approver reads the reason beside it."""

    action: Action
    address: GivenAddress
    reason: str


class AddressChanges:
    """Knows changes of a delivery's address (`Applies`)."""

    def __init__(self, *, vault: Vault, clock: Clock) -> None:
        self._vault = vault
        self._acts = PersonActs(vault=vault, clock=clock)
        self._clock = clock

    @staticmethod
    def change(delivery_id: str, wanted: Readdressing) -> Change:
        """The change for `Approvals`."""
        content = to_kept(wanted)
        kind = ChangeKind.DELIVERY_ADDRESS
        return Change(kind=kind, subject=delivery_id, content=content, cautions=(Caution.NEW_ADDRESS,))

    def standing(self, tx: Transaction, subject: str) -> bytes | None:
        """The address that the delivery's papers are made for, as far as any were. See `Applies`."""
        address = self.stands_at(tx, tx.deliveries.get(subject))
        return None if address is None else to_kept(_Standing(address=address))

    def stands_at(self, tx: Transaction, delivery: Delivery) -> GivenAddress | None:
        """Where the delivery goes as things stand; None where nothing was made yet for an address of its own."""
        if delivery.recipient is not None:
            return GivenAddress(participant=delivery.participant, recipient=delivery.recipient)
        sealed = tx.parties.planned(delivery.id)
        if sealed is None:
            return None
        key = data_key(tx.registry, tx.dispatches.get(delivery.dispatch).data_key)
        planned = planned_from_json(self._vault.open(key, contexts.planned(delivery.id), sealed))
        return GivenAddress(participant=delivery.participant, contact=planned.participant.contact)

    def check(self, tx: Transaction, change: Change) -> None:
        """Raises Conflict (delivery.action-not-possible, delivery.shown-sent, delivery.recipient-shared), NoSuchThing
        (delivery.unknown, recipient.unknown)."""
        wanted = _wanted(change)
        _, delivery = held_with_dispatch(tx, change.subject)
        state_after(delivery, wanted.action)
        self.check_recipient(tx, delivery, wanted.address.recipient)

    def check_recipient(self, tx: Transaction, delivery: Delivery, recipient: str | None) -> None:
        """Raises NoSuchThing (recipient.unknown), Conflict (delivery.recipient-shared): whoever receives already in
        this dispatch has an envelope, and two would become one."""
        if recipient is None:
            return
        if tx.registry.recipient(recipient) is None:
            raise NoSuchThing(Code.RECIPIENT_UNKNOWN, recipient=recipient)
        others = [one for one in tx.deliveries.of_dispatch(delivery.dispatch) if one.id != delivery.id]
        if any(one.recipient == recipient for one in others):
            raise Conflict(Code.DELIVERY_RECIPIENT_SHARED, recipient=recipient)

    def apply(self, tx: Transaction, change: Change, act: Act) -> None:
        """The delivery is planned anew for the address, unless a person holds it: then once it is released. A way that
        two people opened was opened to the address before, and is closed again."""
        wanted = _wanted(change)
        dispatch, before = held_with_dispatch(tx, change.subject)
        key = data_key(tx.registry, dispatch.data_key)
        tx.addresses.put(
            StoredAddress(
                delivery=before.id,
                fence=before.fence,
                given_at=act.at,
                sealed=self._vault.seal(key, contexts.given_address(before.id), to_kept(wanted.address)),
            )
        )
        tx.opened_ways.close(before.id)
        attempts = tx.deliveries.attempts(before.id)
        leave_former(tx, before.dispatch, attempts, stands=None, actor=act.actor, at=act.at)
        after = _after(before, wanted.action)
        facts = act.facts | ({"recipient": wanted.address.recipient} if wanted.address.recipient else {})
        self._acts.record(tx, before, after, wanted.action, actor=act.actor, reason=wanted.reason, facts=facts)
        if after.state is DeliveryState.PLANNED:
            tx.dispatches.save(planned_again(dispatch, self._clock.now()))


@dataclass(frozen=True, kw_only=True)
class _Standing:
    """What stands, in the form of what is proposed, so that the two can be compared."""

    address: GivenAddress


def _wanted(change: Change) -> Readdressing:
    return from_kept(Readdressing, change.content, where="given-address")


def _after(before: Delivery, action: Action) -> Delivery:
    """From the beginning, with nothing of the address before: no plan, no tries, and not settled."""
    state = state_after(before, action)
    if before.state is DeliveryState.HELD and before.reason is not Reason.ADDRESS_IN_DOUBT:
        return before
    return replace(
        before,
        state=state,
        reason=None,
        recipient=None,
        plan=(),
        position=0,
        attempts=0,
        settled=False,
        next_action_at=None,
    )
