"""Whose packages are taken, and whose keys are pinned to whom."""

import re
from collections.abc import Callable, Sequence
from dataclasses import replace

from gateway.application.directory import RecipientDirectory
from gateway.application.registry import TrustAnchors
from gateway.application.views import View
from gateway.domain.codes import Code
from gateway.domain.events import EventName
from gateway.domain.outcomes import Division
from gateway.domain.parties import ChannelName, Protection, Recipient, RecipientChannel
from gateway.domain.problem import InputRefused, located
from gateway.domain.trust import TrustedAnchor
from gateway.ports.clock import Clock
from gateway.ports.keys import Certificates

_FINGERPRINT = re.compile(r"^[0-9a-f]{64}$")

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
        read_directory: ReadDirectory,
        own: Callable[[], Sequence[tuple[str, bytes]]],
        clock: Clock,
    ) -> None:
        self._certificates = certificates
        self._directory = directory
        self._anchors = anchors
        self._read_directory = read_directory
        self._own = own
        self._clock = clock

    def trust(
        self, raw: bytes, *, divisions: str, signer: str | None, crls: Sequence[bytes], actor: str
    ) -> Sequence[TrustedAnchor]:
        """Trusts the self-signed certificates of a PEM file for the divisions (comma-separated).

        signer: SHA-256 fingerprint of the only certificate taken under them. crls: PEM or DER.
        Raises InputRefused (key.*, request.invalid).
        """
        of_divisions = _divisions(divisions)
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
        self._anchors.trust(trusted, actor=actor)
        return trusted

    def import_recipients(self, raw: bytes, read: Callable[[str], bytes], *, actor: str) -> Sequence[Recipient]:
        """Reads a directory file, all of it or none. Each certificate must be usable now.

        Raises InputRefused (recipient.*, key.*).
        """
        entries = self._read_directory(raw, read)
        now = self._clock.now()
        for entry in entries:
            for way in entry.channels:
                if way.certificate is not None:
                    with located(entry.id):
                        self._certificates.check_recipient(way.certificate, now)
        self._directory.put(entries, actor=actor)
        return entries

    def pin(self, recipient_id: str, raw: bytes, *, actor: str) -> View:
        """Pins a certificate to the recipient's encrypted e-mail.

        Raises NoSuchThing (recipient.unknown), InputRefused (key.*, recipient.address-invalid when there is no
        address to pin it to).
        """
        entry = self._directory.known(recipient_id)
        if entry.channel(ChannelName.ENCRYPTED_EMAIL) is None:
            raise InputRefused(Code.RECIPIENT_ADDRESS_INVALID, where=recipient_id)
        with located(recipient_id):
            certificate = self._certificates.to_der(raw)
            self._certificates.check_recipient(certificate, self._clock.now())
        ways = tuple(
            _pinned(way, certificate) if way.type == ChannelName.ENCRYPTED_EMAIL else way for way in entry.channels
        )
        self._directory.put([replace(entry, channels=ways)], actor=actor, event=EventName.KEY_IMPORTED)
        return self.certificate(certificate)

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
        return anchors + own + pinned


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
