"""What proved a delivery goes too, in its time: long after the package, never while a legal hold stands.

What belongs to one dispatch alone is under a key of that dispatch's own, which is destroyed. What came back lies under
the key of all evidence, since it came before anybody knew whose it was: its objects are removed.
"""

from collections.abc import Sequence

from gateway.application import contexts
from gateway.application.retention.schedules import Due, retention_rules
from gateway.application.sealed import Vault
from gateway.domain.dispatch import Dispatch, dispatch_state
from gateway.domain.events import Event, EventName
from gateway.domain.retention import Kept, PackageKind, Subject, find_retention, is_held, kept_until, last_use
from gateway.ports.clock import Clock
from gateway.ports.database import Database, Transaction


class ExpireEvidence:
    """Finds it and destroys it."""

    def __init__(self, *, database: Database, vault: Vault, clock: Clock) -> None:
        self._database = database
        self._vault = vault
        self._clock = clock

    def due(self) -> Sequence[Due]:
        """Of which dispatches it was kept long enough, the oldest first. Changes nothing."""
        with self._database.read() as tx:
            found = [self._due(tx, tx.dispatches.get(one)) for one in tx.dispatches.with_remains()]
        return [one for one in found if one is not None]

    def run(self, *, actor: str) -> Sequence[Due]:
        """Destroys what is due and not held; what it was."""
        return [one for one in self.due() if not one.held and self._destroy(one.dispatch, actor)]

    def _due(self, tx: Transaction, dispatch: Dispatch) -> Due | None:
        events = tx.records.events(dispatch.id)
        state = dispatch_state(dispatch.step, tx.deliveries.of_dispatch(dispatch.id))
        subject = Subject(division=dispatch.division, state=state, kind=lambda: _kind(events))
        rule = find_retention(retention_rules(), Kept.EVIDENCE, subject)
        until = kept_until(last_use(dispatch.accepted_at, events), rule)
        if until > self._clock.now() and not has_expired(events):
            return None
        return Due(dispatch=dispatch.id, kept_until=until, rule=rule.rule, held=is_held(events), what=Kept.EVIDENCE)

    def _destroy(self, dispatch_id: str, actor: str) -> bool:
        """False where it is not due any more: held meanwhile, or destroyed by another run."""
        gone = self._begin(dispatch_id, actor)
        for one in gone or ():
            self._vault.delete(one)
        return gone is not None and self._end(dispatch_id)

    def _begin(self, dispatch_id: str, actor: str) -> Sequence[str] | None:
        """What is to be removed, now for good: nobody holds or opens it after this, whatever becomes of this run."""
        with self._database.write() as tx:
            dispatch = tx.dispatches.get(dispatch_id, lock=True)
            due = self._due(tx, dispatch) if tx.registry.has_data_key(contexts.evidence_key(dispatch_id)) else None
            if due is None or due.held:
                return None
            gone, events = _objects(tx, dispatch), tx.records.events(dispatch_id)
            if not has_expired(events):
                facts: dict[str, str | int | bool] = {"rule": due.rule, "objects": len(gone)}
                name, now = EventName.EVIDENCE_EXPIRED, self._clock.now()
                tx.records.append(Event(name=name, at=now, actor=actor, dispatch=dispatch_id, facts=facts))
        return gone

    def _end(self, dispatch_id: str) -> bool:
        """The key goes last: while it is there, the next run takes up what this one may leave undone."""
        key = contexts.evidence_key(dispatch_id)
        with self._database.write() as tx:
            tx.dispatches.get(dispatch_id, lock=True)
            if not tx.registry.has_data_key(key):
                return False
            # Earlier releases sealed these rows under the key of all evidence.
            ids = [one.id for one in tx.deliveries.of_dispatch(dispatch_id)]
            tx.proof.erase(ids)
            tx.scans.erase(ids)
            tx.registry.destroy_data_key(key)
        return True


def _kind(events: Sequence[Event]) -> PackageKind | None:
    """As it was told when the package expired; a release before this one did not tell."""
    told = [one.facts.get("kind") for one in events if one.name is EventName.PACKAGE_EXPIRED]
    return PackageKind(str(told[-1])) if told and told[-1] is not None else None


def has_expired(events: Sequence[Event]) -> bool:
    """Whether the evidence is destroyed, or is being destroyed."""
    return any(one.name is EventName.EVIDENCE_EXPIRED for one in events)


def _objects(tx: Transaction, dispatch: Dispatch) -> Sequence[str]:
    """What remained of the package, what came back on its deliveries alone, and the papers of proof."""
    ids = [one.id for one in tx.deliveries.of_dispatch(dispatch.id)]
    expired = [one for one in tx.records.events(dispatch.id) if one.name is EventName.PACKAGE_EXPIRED]
    remains = [str(one.facts["remains"]) for one in expired]
    receipts = [one.object_name for some in tx.records.receipts_of(ids).values() for one in some]
    papers = [one.object_name for one in tx.proof.of_deliveries(ids)]
    came = [one.object_name for own in ids for one in tx.incoming.find(handling=None, limit=_ALL, delivery=own)]
    return sorted({one for one in (*remains, *receipts, *papers, *came) if one is not None})


_ALL = 100_000
