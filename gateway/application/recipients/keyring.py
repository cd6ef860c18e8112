"""Whose packages are taken, and whose keys are pinned to whom."""

import re
from collections.abc import Callable, Sequence
from dataclasses import replace

from gateway.application.people.approvals import Approvals, Made
from gateway.application.people.registry import RecipientAnchors, TrustAnchors
from gateway.application.recipients.directory import RecipientDirectory
from gateway.application.views import View
from gateway.domain.codes import Code
from gateway.domain.key_findings import NO_END
from gateway.domain.outcomes import Division
from gateway.domain.parties import ChannelName, Recipient, RecipientChannel
from gateway.domain.problem import InputRefused, located
from gateway.domain.proposals import Caution, ChangeKind
from gateway.domain.trust import TrustedAnchor
from gateway.ports.clock import Clock
from gateway.ports.keys import Certificates, KeyFacts, RecipientKeys

_FINGERPRINT = re.compile(r"^[0-9a-f]{64}$")

ReadDirectory = Callable[[bytes, Callable[[str], bytes]], Sequence[Recipient]]
"""Reads a directory file; the callable gives the bytes of a file it names, relative to it."""


class Keyring:
    """Imports and shows anchors, directory entries and their keys."""

    def __init__(
        self,
        *,
        certificates: Certificates,
        directory: RecipientDirectory,
        anchors: TrustAnchors,
        recipient_anchors: RecipientAnchors,
        keys: RecipientKeys,
        approvals: Approvals,
        read_directory: ReadDirectory,
        own: Callable[[], Sequence[tuple[str, KeyFacts]]],
        clock: Clock,
    ) -> None:
        self._certificates = certificates
        self._directory = directory
        self._anchors = anchors
        self._recipient_anchors = recipient_anchors
        self._keys = keys
        self._approvals = approvals
        self._read_directory = read_directory
        self._own = own
        self._clock = clock

    def trust(
        self,
        raw: bytes,
        *,
        divisions: str | None,
        signer: str | None,
        crls: Sequence[bytes],
        actor: str,
        reason: str | None = None,
    ) -> Sequence[Made]:
        """Trusts the self-signed certificates of a PEM file for the divisions (comma-separated), or proposes to.

        divisions: None for recipients' certificates instead of packages.

        signer: SHA-256 fingerprint of the only certificate taken under them. crls: PEM or DER.
        Raises InputRefused (key.*, request.invalid).
        """
        of_divisions = frozenset[Division]() if divisions is None else _divisions(divisions)
        pinned = _fingerprint(signer) if signer is not None else None
        with located("--crl"):
            lists = tuple(self._certificates.revocation_list(crl) for crl in crls)
        file = self._certificates.anchor_file(raw)
        trusted = [
            TrustedAnchor(
                certificate=certificate,
                fingerprint=self._certificates.facts(certificate).fingerprint,
                divisions=of_divisions,
                signer=pinned,
                intermediates=tuple(file.intermediates),
                crls=lists,
            )
            for certificate in file.anchors
        ]
        kind = self._recipient_anchors if divisions is None else self._anchors
        return self._approvals.make(kind.changes(trusted), actor=actor, reason=reason)

    def import_recipients(
        self, raw: bytes, read: Callable[[str], bytes], *, actor: str, reason: str | None = None
    ) -> Sequence[Made]:
        """Reads a directory file, all of it or none. Each key must be usable now.

        Raises InputRefused (recipient.*, key.*), Conflict (key.pinned-elsewhere).
        """
        entries = self._read_directory(raw, read)
        now = self._clock.now()
        for entry in entries:
            for way in entry.channels:
                with located(entry.id):
                    self._keys.standing(way, now)
        return self._approvals.make(self._directory.changes(entries), actor=actor, reason=reason)

    def pin(
        self,
        recipient_id: str,
        raw: bytes,
        *,
        fingerprint: str | None = None,
        actor: str,
        reason: str | None = None,
        seen: str | None = None,
    ) -> tuple[Made, View]:
        """Pins a certificate or an OpenPGP key to the recipient's encrypted e-mail, or proposes
        to; what is shown of it.

        fingerprint: what somebody compared with the recipient. An OpenPGP key must come with it: no authority says
        whose it is. seen: the entry's version that the person had before their eyes, where that is known. Raises
        NoSuchThing (recipient.unknown), InputRefused (key.*, request.invalid without fingerprint,
        recipient.address-invalid when there is no address to pin it to), Conflict (key.pinned-elsewhere,
        recipient.changed-meanwhile).
        """
        entry = self._directory.as_seen(recipient_id, seen)
        standing = entry.channel(ChannelName.ENCRYPTED_EMAIL)
        if standing is None:
            raise InputRefused(Code.RECIPIENT_ADDRESS_INVALID, where=recipient_id)
        with located(recipient_id):
            pinned = self._keys.pinned(standing, raw, fingerprint)
            self._keys.standing(pinned, self._clock.now())
        ways = tuple(pinned if way is standing else way for way in entry.channels)
        changes = self._directory.changes([replace(entry, channels=ways)])
        (made,) = self._approvals.make(changes, actor=actor, reason=reason)
        return made, self.key(pinned) or {}

    def put_forward(
        self, entry: Recipient, mailbox: RecipientChannel, raw: bytes, *, fingerprint: str | None, actor: str
    ) -> tuple[Made, View]:
        """Proposes the key that a recipient put forward themselves, for two people to approve; what is shown of it.

        mailbox: the way that it is pinned to where the entry has none by e-mail. Raises as `pin`.
        """
        standing = entry.channel(ChannelName.ENCRYPTED_EMAIL)
        with located(entry.id):
            pinned = self._keys.pinned(standing or mailbox, raw, fingerprint)
            self._keys.standing(pinned, self._clock.now())
        ways = tuple(pinned if way is standing else way for way in entry.channels)
        ways = ways if standing is not None else (*ways, pinned)
        (change,) = self._directory.changes([replace(entry, channels=ways)])
        own = replace(change, kind=ChangeKind.OWN_KEY, cautions=(Caution.OWN_KEY, *change.cautions))
        (made,) = self._approvals.make([own], actor=actor, reason=actor)
        return made, self.key(pinned) or {}

    def certificate(self, der: bytes) -> View:
        """What is shown of a certificate."""
        return self._view(self._certificates.facts(der))

    def key(self, way: RecipientChannel) -> View | None:
        """What is shown of the key of a way; None where it has none. Raises SetupWrong (key.openpgp-program)."""
        facts = self._keys.facts(way)
        return None if facts is None else self._view(facts)

    def all(self, entries: Sequence[Recipient] | None = None) -> list[View]:
        """Anchors, the gateway's own keys, and those pinned to recipients: to these, or to all of them."""
        entries = self._directory.all() if entries is None else entries
        anchors: list[View] = [
            {"what": "anchor", "whose": "", "divisions": sorted(one.anchor.divisions)}
            | self.certificate(one.anchor.certificate)
            for one in self._anchors.all()
        ]
        own: list[View] = [{"what": "own", "whose": name} | self._view(facts) for name, facts in self._own()]
        pinned: list[View] = [
            {"what": "recipient", "whose": entry.id} | view
            for entry in entries
            for way in entry.channels
            if (view := self.key(way)) is not None
        ]
        for_recipients: list[View] = [
            {"what": "recipient-anchor", "whose": ""} | self.certificate(one.anchor.certificate)
            for one in self._recipient_anchors.all()
        ]
        return anchors + for_recipients + own + pinned

    def _view(self, facts: KeyFacts) -> View:
        return {
            "fingerprint": facts.fingerprint,
            "not_before": facts.not_before.isoformat(),
            "not_after": None if facts.not_after == NO_END else facts.not_after.isoformat(),
            "key": f"{facts.key_type} {facts.key_size}" if facts.key_type == "RSA" else facts.key_type,
            "expired": facts.not_after <= self._clock.now(),
        }


def _divisions(text: str) -> frozenset[Division]:
    names = [name.strip() for name in text.split(",") if name.strip()]
    try:
        found = frozenset(Division(name) for name in names)
    except ValueError:
        found = frozenset()
    if not found:
        raise InputRefused(Code.REQUEST_INVALID, where="--divisions", expected=", ".join(Division))
    return found


def _fingerprint(text: str) -> str:
    plain = text.replace(":", "").lower()
    if not _FINGERPRINT.match(plain):
        raise InputRefused(Code.REQUEST_INVALID, where="--signer", expected="SHA-256, 64 hex")
    return plain
