"""The watch over keys: what has expired, soon will, was revoked or is unfit, and which deliveries that stops.

Once a day it leaves its findings in the database, for the figures and for `doctor`, and records each new one.
Whoever comes first runs it; several at once do no harm.
"""

import datetime as dt
from collections.abc import Callable, Iterator, Sequence

from gateway.application.people.registry import RecipientAnchors, TrustAnchors
from gateway.application.recipients.directory import RecipientDirectory
from gateway.application.rounds import Round
from gateway.domain.codes import Code
from gateway.domain.events import Event, EventName
from gateway.domain.key_findings import KeyFault, KeyFinding, KeyOwner, expiry, pinned_expiry
from gateway.domain.own_keys import AUTHORITIES
from gateway.domain.parties import Recipient, RecipientChannel
from gateway.domain.problem import InputRefused
from gateway.domain.trust import TrustedAnchor
from gateway.ports.clock import Clock
from gateway.ports.database import Database
from gateway.ports.keys import Certificates, KeyFacts, RecipientKeys

EVERY = dt.timedelta(days=1)
_NAME = "keys"

_FAULTS = {
    Code.KEY_EXPIRED: KeyFault.EXPIRED,
    Code.KEY_NOT_YET_VALID: KeyFault.NOT_YET_VALID,
    Code.KEY_WEAK: KeyFault.WEAK,
    Code.KEY_WRONG_USE: KeyFault.WRONG_USE,
    Code.KEY_WRONG_ADDRESS: KeyFault.WRONG_ADDRESS,
    Code.KEY_CHAIN_BROKEN: KeyFault.CHAIN_BROKEN,
    Code.KEY_REVOKED: KeyFault.REVOKED,
    Code.KEY_REVOCATION_UNKNOWN: KeyFault.REVOCATION_UNKNOWN,
}


class KeyWatch:
    """Looks at every anchor, our own keys and every recipient's. `renew`: asks anew for what ends soon."""

    def __init__(
        self,
        *,
        database: Database,
        certificates: Certificates,
        directory: RecipientDirectory,
        anchors: TrustAnchors,
        recipient_anchors: RecipientAnchors,
        own: Callable[[], Sequence[tuple[str, KeyFacts]]],
        keys: RecipientKeys,
        renew: Callable[[], int],
        clock: Clock,
    ) -> None:
        self._database = database
        self._round = Round(database, _NAME, every=EVERY)
        self._certificates = certificates
        self._directory = directory
        self._anchors = anchors
        self._recipient_anchors = recipient_anchors
        self._own = own
        self._keys = keys
        self._renew = renew
        self._clock = clock

    def run_if_due(self) -> int:
        """Watches when the last time was a day ago; how many findings are new."""
        if not self._round.begins(self._clock.now()):
            return 0
        self._renew()
        return self.run()

    def run(self) -> int:
        """Watches now, and leaves the findings; how many are new."""
        found = self.findings()
        with self._database.write() as tx:
            known = {one.name for one in tx.watch.findings()}
            tx.watch.replace(found)
            new = [one for one in found if one.name not in known]
            for one in new:
                tx.records.append(self._event(one))
        return len(new)

    def findings(self) -> list[KeyFinding]:
        """Every fault there is now. Asks the network where a status is not held."""
        found: list[KeyFinding] = []
        for owner, anchors in (
            (KeyOwner.ANCHOR, self._anchors.all()),
            (KeyOwner.RECIPIENT_ANCHOR, self._recipient_anchors.all()),
        ):
            for stored in anchors:
                found += self._of_anchor(owner, stored.anchor)
        found += self.own_findings()
        for entry in self._directory.all():
            found += self._of_recipient(entry)
        return found

    def own_findings(self) -> list[KeyFinding]:
        """Which of our own keys has ended or soon will; of an authority of ours, which others pin, a year ahead."""
        found: list[KeyFinding] = []
        for name, facts in self._own():
            look = pinned_expiry if name in AUTHORITIES else expiry
            found += self._of_expiry(KeyOwner.OWN, name, facts, look)
        return found

    def last(self) -> Sequence[KeyFinding]:
        """What the last watch left."""
        with self._database.read() as tx:
            return tx.watch.findings()

    def _of_anchor(self, owner: KeyOwner, anchor: TrustedAnchor) -> Iterator[KeyFinding]:
        yield from self._of_expiry(owner, "", self._certificates.facts(anchor.certificate))
        for crl in anchor.crls:
            until = self._certificates.list_ends(crl)
            if until <= self._clock.now():
                yield KeyFinding(
                    owner=owner, whose="", fingerprint=anchor.fingerprint, fault=KeyFault.LIST_STALE, until=until
                )

    def _of_expiry(
        self,
        owner: KeyOwner,
        whose: str,
        facts: KeyFacts,
        look: Callable[[dt.datetime, dt.datetime], KeyFault | None] = expiry,
    ) -> Iterator[KeyFinding]:
        fault = look(facts.not_after, self._clock.now())
        if fault is not None:
            yield KeyFinding(
                owner=owner, whose=whose, fingerprint=facts.fingerprint, fault=fault, until=facts.not_after
            )

    def _of_recipient(self, entry: Recipient) -> Iterator[KeyFinding]:
        for way in entry.channels:
            facts = self._keys.facts(way)
            if facts is not None:
                fault = self._fault(way) or expiry(facts.not_after, self._clock.now())
                if fault is not None:
                    yield KeyFinding(
                        owner=KeyOwner.RECIPIENT,
                        whose=entry.id,
                        fingerprint=facts.fingerprint,
                        fault=fault,
                        until=facts.not_after,
                        deliveries=self._stopped(entry.id, way.type),
                    )

    def _fault(self, way: RecipientChannel) -> KeyFault | None:
        try:
            self._keys.standing(way, self._clock.now())
        except InputRefused as problem:
            return _FAULTS.get(problem.code, KeyFault.UNREADABLE)
        return None

    def _stopped(self, recipient: str, channel: str) -> tuple[str, ...]:
        """Deliveries that are still owed and whose plan comes to this way."""
        with self._database.read() as tx:
            owed = tx.deliveries.owed_to(recipient)
        return tuple(one.id for one in owed if channel in one.plan[one.position :])

    def _event(self, finding: KeyFinding) -> Event:
        return Event(
            name=EventName.KEY_FOUND_WANTING,
            at=self._clock.now(),
            actor="gateway",
            facts={
                "owner": finding.owner.value,
                "whose": finding.whose,
                "key": finding.fingerprint,
                "fault": finding.fault.value,
                "deliveries": len(finding.deliveries),
            },
        )
