"""A closed way opened for one delivery by two people: only where every rule that closes it grants that itself.

Whoever asks proposes it with a reason; another person approves it. It holds for that channel alone, as long as the
rules grant it: a new plan asks them afresh. What the recipient refuses, and an address that is gone, stop it at sending
all the same.
"""

from dataclasses import dataclass, replace
from functools import cached_property

from gateway.application import contexts
from gateway.application.acts.person_acts import state_after
from gateway.application.acts.reroute import Reroute, rerouted
from gateway.application.acts.resolve import planned_again
from gateway.application.acts.set_going import held_with_dispatch
from gateway.application.kept_json import from_kept, to_kept
from gateway.application.people.approvals import Act, Approvals, Change, Made
from gateway.application.sealed import Vault, data_key
from gateway.domain.acts import Action
from gateway.domain.codes import Code
from gateway.domain.delivery import Delivery
from gateway.domain.digest import sha256
from gateway.domain.events import Event, EventName
from gateway.domain.problem import InputRefused
from gateway.domain.proposals import ChangeKind
from gateway.domain.reasons import Reason
from gateway.domain.rules.book import RuleBook
from gateway.domain.ways import Opened
from gateway.ports.database import Transaction


@dataclass(frozen=True, kw_only=True)
class Override:
    """The way a delivery goes, the rules set aside for that, and why. under: the digest of all rules in force."""

    channel: str
    rules: tuple[str, ...]
    why: str
    under: str


class ProposeOverride:
    """Asks a second person to open a closed way."""

    def __init__(self, *, reroute: Reroute, approvals: Approvals, rules: RuleBook) -> None:
        self._reroute = reroute
        self._rules = rules
        self._approvals = approvals

    @cached_property
    def _under(self) -> str:
        return _edition(self._rules)

    def __call__(self, delivery_id: str, channel: str, *, actor: str, reason: str) -> tuple[Delivery, Made]:
        """The delivery, unchanged, and the proposal, which always waits for a second person.

        Raises InputRefused (request.invalid: no reason), and what `Reroute.closed_by` raises.
        """
        if not reason.strip():
            raise InputRefused(Code.REQUEST_INVALID, where="reason", expected="minLength 1")
        delivery, rules = self._reroute.closed_by(delivery_id, channel)
        asked = Override(channel=channel, rules=rules, why=reason, under=self._under)
        change = Change(kind=ChangeKind.OVERRIDE, subject=delivery_id, content=to_kept(asked))
        (made,) = self._approvals.make([change], actor=actor, reason=reason)
        return delivery, made


class OverrideChanges:
    """Knows overrides (`Applies`)."""

    def __init__(self, *, rules: RuleBook, vault: Vault) -> None:
        self._rules = rules
        self._vault = vault

    @cached_property
    def _under(self) -> str:
        return _edition(self._rules)

    def standing(self, tx: Transaction, subject: str) -> bytes | None:
        """By which way it goes now. A proposal is overtaken when the delivery has moved on since, or when the rules
        have changed: what was granted then may not be granted now. Raises NoSuchThing."""
        _, delivery = held_with_dispatch(tx, subject)
        return to_kept(Override(channel=delivery.channel or "", rules=(), why="", under=self._under))

    def check(self, tx: Transaction, change: Change) -> None:
        """Raises Conflict (delivery.action-not-possible, delivery.shown-sent)."""
        state_after(tx.deliveries.get(change.subject, lock=True), Action.REROUTE)

    def apply(self, tx: Transaction, change: Change, act: Act) -> None:
        """The delivery is due by that way, or is planned anew where its papers were not made yet; its record says which
        rules were set aside, by whom and why."""
        asked = _override(change)
        dispatch, before = held_with_dispatch(tx, change.subject)
        tx.opened_ways.put(before.id, Opened(channel=asked.channel, gates=frozenset(asked.rules)))
        if before.plan and tx.records.documents(before.id):
            after = rerouted(before, asked.channel, act.at)
        else:
            state = state_after(before, Action.RETRY)
            after = replace(before, state=state, reason=Reason.RESOLVED_BY_PERSON, attempts=0, next_action_at=None)
            tx.dispatches.save(planned_again(dispatch, act.at))
        tx.deliveries.save(after)
        tx.records.append(self._event(tx, before, after, asked, act))

    def _event(self, tx: Transaction, before: Delivery, after: Delivery, asked: Override, act: Act) -> Event:
        key = data_key(tx.registry, tx.dispatches.get(before.dispatch).data_key)
        moved = {"action": Action.REROUTE.value, "from": before.state.value, "to": after.state.value}
        return Event(
            name=EventName.DELIVERY_RESOLVED,
            at=act.at,
            actor=act.actor,
            dispatch=before.dispatch,
            delivery=before.id,
            facts=moved | {"channel": asked.channel, "set_aside": " ".join(asked.rules)} | act.facts,
            reason=self._vault.seal(key, contexts.reason(before.id), asked.why.encode()),
        )


def _override(change: Change) -> Override:
    return from_kept(Override, change.content, where="override")


def _edition(book: RuleBook) -> str:
    return sha256(to_kept(book.rules))
