"""Whose packages are taken, and whose keys are pinned to whom."""

import datetime as dt
import re
from collections.abc import Callable, Sequence
from dataclasses import replace

from gateway.application.approvals import Approvals, Made
from gateway.application.directory import RecipientDirectory
from gateway.application.registry import RecipientAnchors, TrustAnchors
from gateway.application.views import View
from gateway.domain.codes import Code
from gateway.domain.outcomes import Division
from gateway.domain.parties import ChannelName, Protection, Recipient, RecipientChannel
from gateway.domain.problem import InputRefused, located
from gateway.domain.trust import TrustedAnchor
from gateway.ports.clock import Clock
from gateway.ports.keys import Certificates, KeyStanding

_FINGERPRINT = re.compile(r"^[0-9a-f]{64}$")

Judge = Callable[[RecipientChannel, dt.datetime], KeyStanding | None]
"""How a way's certificate stands at a moment; raises InputRefused (key.*) when it may not be used."""

ReadDirectory = Callable[[bytes, Callable[[str], bytes]], Sequence[Recipient]]
"""Reads a directory file; the callable gives the bytes of a file it names, relative to it."""


class Keyring:
    """Imports and shows anchors, directory entries and their certificates."""

    def __init__(
        self,
        *,
        certificates: Certificates,
        directory: RecipientDirectory,
        anchors: TrustAnchors,
        recipient_anchors: RecipientAnchors,
        judge: Judge,
        approvals: Approvals,
        read_directory: ReadDirectory,
        own: Callable[[], Sequence[tuple[str, bytes]]],
        clock: Clock,
    ) -> None:
        self._certificates = certificates
        self._directory = directory
        self._anchors = anchors
        self._recipient_anchors = recipient_anchors
        self._judge = judge
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
        """Reads a directory file, all of it or none. Each certificate must be usable now.

        Raises InputRefused (recipient.*, key.*), Conflict (key.pinned-elsewhere).
        """
        entries = self._read_directory(raw, read)
        now = self._clock.now()
        for entry in entries:
            for way in entry.channels:
                if way.certificate is not None:
                    with located(entry.id):
                        self._judge(way, now)
        return self._approvals.make(self._directory.changes(entries), actor=actor, reason=reason)

    def pin(self, recipient_id: str, raw: bytes, *, actor: str, reason: str | None = None) -> tuple[Made, View]:
        """Pins a certificate to the recipient's encrypted e-mail, or proposes to; what is shown of the certificate.

        Raises NoSuchThing (recipient.unknown), InputRefused (key.*, recipient.address-invalid when there is no
        address to pin it to), Conflict (key.pinned-elsewhere).
        """
        entry = self._directory.known(recipient_id)
        if entry.channel(ChannelName.ENCRYPTED_EMAIL) is None:
            raise InputRefused(Code.RECIPIENT_ADDRESS_INVALID, where=recipient_id)
        with located(recipient_id):
            certificate = self._certificates.to_der(raw)
            ways = tuple(
                _pinned(way, certificate) if way.type == ChannelName.ENCRYPTED_EMAIL else way for way in entry.channels
            )
            for way in ways:
                if way.certificate == certificate:
                    self._judge(way, self._clock.now())
        changes = self._directory.changes([replace(entry, channels=ways)])
        (made,) = self._approvals.make(changes, actor=actor, reason=reason)
        return made, self.certificate(certificate)

    def certificate(self, der: bytes) -> View:
        """What is shown of a certificate."""
        facts = self._certificates.facts(der)
        return {
            "fingerprint": facts.fingerprint,
            "not_before": facts.not_before.isoformat(),
            "not_after": facts.not_after.isoformat(),
            "key": f"{facts.key_type} {facts.key_size}" if facts.key_type == "RSA" else facts.key_type,
            "expired": facts.not_after <= self._clock.now(),
        }

    def all(self) -> list[View]:
        """Anchors, the gateway's own certificates, and those pinned to recipients."""
        anchors: list[View] = [
            {"what": "anchor", "whose": "", "divisions": sorted(one.anchor.divisions)}
            | self.certificate(one.anchor.certificate)
            for one in self._anchors.all()
        ]
        own: list[View] = [{"what": "own", "whose": name} | self.certificate(der) for name, der in self._own()]
        pinned: list[View] = [
            {"what": "recipient", "whose": entry.id} | self.certificate(way.certificate)
            for entry in self._directory.all()
            for way in entry.channels
            if way.certificate is not None
        ]
        for_recipients: list[View] = [
            {"what": "recipient-anchor", "whose": ""} | self.certificate(one.anchor.certificate)
            for one in self._recipient_anchors.all()
        ]
        return anchors + for_recipients + own + pinned


def _pinned(way: RecipientChannel, certificate: bytes) -> RecipientChannel:
    return replace(way, protection=Protection.SMIME, certificate=certificate, public_key=None, fingerprint=None)


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
