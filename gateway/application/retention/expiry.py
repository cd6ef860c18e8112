"""Retention: what has been kept long enough loses its data key, and with it everybody loses its content.

What proves the deliveries stays under the evidence key. A legal hold stops it; nothing unsettled ever expires.
"""

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from gateway.application import contexts
from gateway.application.evidence.keys import own_evidence_key
from gateway.application.exchange.withdraw import left_for
from gateway.application.people.own_offices import check_dispatch
from gateway.application.retention.evidence_expiry import ExpireEvidence, has_expired
from gateway.application.retention.outlived_keys import FLOOR, OutlivedKeys
from gateway.application.retention.remains import ProofFacts, remains_of
from gateway.application.retention.schedules import Due, retention_rules
from gateway.application.retention.shared_expiry import ExpireShared
from gateway.application.rounds import Round
from gateway.application.sealed import Vault, data_key
from gateway.domain.codes import Code
from gateway.domain.dispatch import Dispatch, DispatchState, all_settled, dispatch_state
from gateway.domain.events import Event, EventName
from gateway.domain.feed import OPEN, STAFF_WORK
from gateway.domain.problem import Conflict, InputRefused
from gateway.domain.retention import ENDED, Kept, PackageKind, Subject, find_retention, is_held, kept_until, last_use
from gateway.ports.clock import Clock
from gateway.ports.database import Database, Transaction

EVERY = dt.timedelta(days=1)
_NAME = "retention"


@dataclass(frozen=True, kw_only=True)
class _Ended:
    """A dispatch with nothing open, and all that happened to it."""

    dispatch: Dispatch
    state: DispatchState
    events: Sequence[Event]


class Retention:
    """Finds what is due, destroys it, and holds it back."""

    def __init__(
        self,
        *,
        database: Database,
        vault: Vault,
        facts: Callable[[Dispatch], ProofFacts],
        outlived: OutlivedKeys,
        evidence: ExpireEvidence,
        shared: ExpireShared,
        kind: Callable[[Dispatch], PackageKind],
        clock: Clock,
    ) -> None:
        """facts: what evidence will still have to tell of a dispatch. outlived: other keys that served it.
        evidence: what proves its deliveries, which goes long after. shared: what proves something of several, or of
        none. kind: of a dispatch whose package can be opened."""
        self._shared = shared
        self._kind = kind
        self._evidence = evidence
        self._outlived = outlived
        self._database = database
        self._round = Round(database, _NAME, every=EVERY)
        self._vault = vault
        self._facts = facts
        self._clock = clock

    def due(self) -> Sequence[Due]:
        """What has been kept long enough, the oldest first. Changes nothing."""
        found = []
        with self._database.read() as tx:
            for dispatch_id in tx.dispatches.kept(accepted_before=self._clock.now() - FLOOR):
                ended = _ended(tx, tx.dispatches.get(dispatch_id))
                found += [ended] if ended is not None else []
        due = (self._due(one) for one in found)
        return [*(one for one in due if one is not None), *self._evidence.due()]

    def run(self, *, actor: str) -> Sequence[Due]:
        """Destroys the keys of what is due and not held, and other keys that nothing needs any more; what was
        destroyed of which dispatches."""
        packages = [one for one in self.due() if one.what is Kept.PACKAGE and not one.held]
        done = [one for one in packages if self._expire(one.dispatch, actor)]
        self._outlived.destroy(actor=actor)
        gone = self._evidence.run(actor=actor)
        self._shared.destroy(actor=actor)
        return [*done, *gone]

    def run_if_due(self) -> Sequence[Due]:
        """The same by itself, once a day, by whoever comes first; what was destroyed."""
        if not self._round.begins(self._clock.now()):
            return ()
        return self.run(actor="gateway")

    def hold(self, dispatch_id: str, *, actor: str, reason: str) -> None:
        """Nothing of it expires until the hold is released. Raises NoSuchThing, Conflict (retention.expired),
        InputRefused (request.invalid: no reason), NotAllowed (account.other-office)."""
        self._mark(dispatch_id, EventName.LEGAL_HOLD_PLACED, actor, reason)

    def release(self, dispatch_id: str, *, actor: str, reason: str) -> None:
        """Ends the hold. Raises as `hold`, and Conflict (retention.not-held)."""
        self._mark(dispatch_id, EventName.LEGAL_HOLD_RELEASED, actor, reason)

    def _due(self, ended: _Ended) -> Due | None:
        """In no transaction: telling its kind may take opening the package."""
        dispatch = ended.dispatch
        subject = Subject(division=dispatch.division, state=ended.state, kind=lambda: self._kind(dispatch))
        rule = find_retention(retention_rules(), Kept.PACKAGE, subject)
        until = kept_until(last_use(dispatch.accepted_at, ended.events), rule)
        if until > self._clock.now():
            return None
        return Due(dispatch=dispatch.id, kept_until=until, rule=rule.rule, held=is_held(ended.events))

    def _expire(self, dispatch_id: str, actor: str) -> bool:
        """False where it is not due any more: held meanwhile, moved, or expired by another run."""
        with self._database.read() as tx:
            dispatch = tx.dispatches.get(dispatch_id)
            ended = _ended(tx, dispatch)
            key = data_key(tx.registry, dispatch.data_key)
            gone = [dispatch.object_name, *_objects(tx, dispatch_id)]
        due = None if ended is None else self._due(ended)
        if ended is None or due is None or due.held:
            return False
        with self._database.write() as tx:
            evidence = own_evidence_key(tx, self._vault, dispatch)
        if evidence is None:
            return False
        remains = remains_of(self._vault, dispatch, ended.events, key, self._facts(dispatch))
        with self._vault.keeping() as put:
            kept = put(evidence, contexts.remains(dispatch_id), remains)
            facts = {"rule": due.rule, "remains": kept, "key": evidence.id, "kind": self._kind(dispatch).value}
            done = self._destroy(ended, facts, actor)
        for one in gone if done else [kept]:  # nobody can open those any more; they only take room
            self._vault.delete(one)
        return done

    def _destroy(self, looked_at: _Ended, facts: Mapping[str, str], actor: str) -> bool:
        with self._database.write() as tx:
            dispatch = tx.dispatches.get(looked_at.dispatch.id, lock=True)
            ended = _ended(tx, dispatch) if tx.registry.has_data_key(dispatch.data_key) else None
            if ended is None or ended.events != looked_at.events:
                return False
            now, name = self._clock.now(), EventName.PACKAGE_EXPIRED
            tx.records.append(Event(name=name, at=now, actor=actor, dispatch=dispatch.id, facts=facts))
            tx.registry.destroy_data_key(dispatch.data_key)
        return True

    def _mark(self, dispatch_id: str, name: EventName, actor: str, reason: str) -> None:
        if not reason.strip():
            raise InputRefused(Code.REQUEST_INVALID, where="reason", expected="minLength 1")
        with self._database.write() as tx:
            dispatch = check_dispatch(tx, tx.dispatches.get(dispatch_id, lock=True), actor)
            left = (dispatch.data_key, contexts.evidence_key(dispatch_id))
            under = next((one for one in left if tx.registry.has_data_key(one)), None)
            events = tx.records.events(dispatch_id)
            if under is None or has_expired(events):
                raise Conflict(Code.RETENTION_EXPIRED, where=dispatch_id)
            if name is EventName.LEGAL_HOLD_RELEASED and not is_held(events):
                raise Conflict(Code.RETENTION_NOT_HELD, where=dispatch_id)
            key = data_key(tx.registry, under)
            sealed = self._vault.seal(key, contexts.reason(dispatch_id), reason.encode())
            now = self._clock.now()
            tx.records.append(Event(name=name, at=now, actor=actor, dispatch=dispatch_id, reason=sealed))


def _ended(tx: Transaction, dispatch: Dispatch) -> _Ended | None:
    """None while something of it is unsettled, or another system has not acknowledged what it was told."""
    deliveries = tx.deliveries.of_dispatch(dispatch.id)
    state = dispatch_state(dispatch.step, deliveries)
    if state not in ENDED or not all_settled(deliveries):
        return None
    if any(one.state in OPEN | STAFF_WORK for one in tx.feed.of_dispatch(dispatch.id)):
        return None
    return _Ended(dispatch=dispatch, state=state, events=tx.records.events(dispatch.id))


def _objects(tx: Transaction, dispatch_id: str) -> list[str]:
    """The sealed papers, the bytes sent, labels, and what was left in the exchange. What came back is evidence."""
    found: list[str] = []
    for delivery in tx.deliveries.of_dispatch(dispatch_id):
        papers = [
            tx.records.documents(delivery.id),
            *(one.documents for one in tx.former_papers.of_delivery(delivery.id)),
        ]
        found += [one.object_name for documents in papers for one in documents]
        attempts = tx.deliveries.attempts(delivery.id)
        found += tx.carriages.labels([one.id for one in attempts]).values()
        found += [one.sent_object for one in attempts if one.sent_object is not None]
        found += [part for entry in left_for(tx, attempts) for one in entry.documents for part in one.parts]
    return found
