"""What proves something of several dispatches, or of none, goes in its time as well.

The page that a driver signed for many envelopes, the carrier's own manifest and the print vendor's account go once
nothing more is kept of any of them; what came back and belongs to nothing of which anything is kept, by a schedule of
its own. What still waits for a person stays until they have dealt with it.
"""

from dataclasses import replace

from gateway.application import contexts
from gateway.application.retention.schedules import retention_rules
from gateway.application.sealed import Vault
from gateway.domain.events import Event, EventName
from gateway.domain.manifest import Manifest
from gateway.domain.retention import Kept, find_retention, first_kept
from gateway.ports.clock import Clock
from gateway.ports.database import Database
from gateway.ports.incoming import Incoming

_AT_A_TIME = 500


class ExpireShared:
    """Finds it and destroys it. The row goes last: what a run leaves undone the next one takes up."""

    def __init__(self, *, database: Database, vault: Vault, clock: Clock) -> None:
        self._database = database
        self._vault = vault
        self._clock = clock

    def destroy(self, *, actor: str) -> None:
        """Destroys what is due."""
        while manifests := self._manifests():
            for one in manifests:
                self._papers(one, actor)
        rule = find_retention(retention_rules(), Kept.UNMATCHED)
        while incoming := self._incoming(rule.years):
            for received in incoming:
                self._received(received, rule.rule, actor)

    def _manifests(self) -> list[Manifest]:
        with self._database.read() as tx:
            return list(tx.manifests.over(limit=_AT_A_TIME))

    def _incoming(self, years: int) -> list[Incoming]:
        with self._database.read() as tx:
            return list(tx.incoming.over(before=first_kept(self._clock.now(), years), limit=_AT_A_TIME))

    def _papers(self, manifest: Manifest, actor: str) -> None:
        with self._database.read() as tx:
            carriage, printing = tx.carriages.get(manifest.number), tx.print_orders.get(manifest.number)
        said = {printing.account, printing.said} if printing else set[str | None]()
        kept = [one for one in (manifest.object_name, *(carriage.papers if carriage else ()), *said) if one]
        for one in kept:
            self._vault.delete(one)
        with self._database.write() as tx:
            tx.manifests.hand_over(replace(tx.manifests.get(manifest.number, lock=True), object_name=None))
            if carriage is not None:
                tx.carriages.save(replace(carriage, papers=()))
            if printing is not None:
                tx.print_orders.save(replace(printing, account=None, said=None))
            facts: dict[str, str | int | bool] = {"manifest": manifest.number, "objects": len(kept)}
            name = EventName.MANIFEST_EXPIRED
            tx.records.append(Event(name=name, at=self._clock.now(), actor=actor, facts=facts))

    def _received(self, incoming: Incoming, rule: str, actor: str) -> None:
        self._vault.delete(incoming.object_name)
        key = contexts.incoming_key(incoming.id)
        with self._database.write() as tx:
            tx.scans.erase_file(incoming.digest)
            tx.incoming.remove(incoming.id)
            if tx.registry.has_data_key(key):
                tx.registry.destroy_data_key(key)
            facts = {"incoming": incoming.id, "source": incoming.source, "digest": incoming.digest, "rule": rule}
            name = EventName.RECEIPT_EXPIRED
            tx.records.append(Event(name=name, at=self._clock.now(), actor=actor, facts=facts))
