"""The keys that are pinned to recipients, certificates and OpenPGP keys alike: the house's `RecipientKeys`."""

import datetime as dt
import re
from dataclasses import replace

from gateway.domain.codes import Code
from gateway.domain.key_findings import NO_END
from gateway.domain.parties import Protection, RecipientChannel
from gateway.domain.problem import InputRefused
from gateway.domain.trust import Revocation
from gateway.ports.keys import KeyFacts, KeyStanding
from keys.certificate_files import CertificateFiles
from keys.openpgp_keys import OpenPgpKeyReader
from keys.recipient_certificates import certificate_facts
from keys.recipient_trust import RecipientTrust

_OPENPGP_FINGERPRINT = re.compile(r"^[0-9A-F]{40}$")
_ARMOR = b"-----BEGIN PGP "
_PACKET = 0x80
"""Set in the first byte of every OpenPGP packet (RFC 4880 §4.2), and in that of no DER certificate."""


class RecipientKeys:
    """See `gateway.ports.keys.RecipientKeys`. `trust` judges certificates; an OpenPGP key stands by its pin alone."""

    def __init__(self, *, trust: RecipientTrust, openpgp: OpenPgpKeyReader) -> None:
        self._trust = trust
        self._openpgp = openpgp

    def pinned(self, way: RecipientChannel, raw: bytes, fingerprint: str | None) -> RecipientChannel:
        """See `RecipientKeys`. Raises InputRefused: key.unreadable, key.mismatch, request.invalid."""
        stated = None if fingerprint is None else re.sub(r"[\s:]", "", fingerprint).upper()
        return self._openpgp_way(way, raw, stated) if _is_openpgp(raw) else _certificate_way(way, raw, stated)

    def facts(self, way: RecipientChannel) -> KeyFacts | None:
        """See `RecipientKeys`."""
        if way.certificate is not None:
            return certificate_facts(way.certificate)
        return None if way.public_key is None else self._openpgp_facts(way.public_key)

    def standing(self, way: RecipientChannel, at: dt.datetime) -> KeyStanding | None:
        """See `RecipientKeys`. Nobody publishes whether an OpenPGP key was revoked: a revoked one is imported anew."""
        if way.public_key is None:
            return self._trust.standing(way, at)
        fingerprint = way.fingerprint or ""
        self._openpgp.read(way.public_key).encryption_part(fingerprint, at)
        return KeyStanding(fingerprint=fingerprint, anchor=None, revocation=Revocation.NO_SOURCE)

    def _openpgp_way(self, way: RecipientChannel, raw: bytes, stated: str | None) -> RecipientChannel:
        if stated is None or not _OPENPGP_FINGERPRINT.match(stated):
            raise InputRefused(Code.REQUEST_INVALID, where="--fingerprint", expected="OpenPGP, 40 hex")
        if self._openpgp.read(raw).primary.fingerprint != stated:
            raise InputRefused(Code.KEY_MISMATCH)
        return RecipientChannel(  # what is asked of S/MIME readers goes with the certificate
            type=way.type,
            address=way.address,
            protection=Protection.OPENPGP,
            public_key=raw,
            fingerprint=stated,
            max_message_bytes=way.max_message_bytes,
        )

    def _openpgp_facts(self, raw: bytes) -> KeyFacts:
        key = self._openpgp.read(raw)
        kind, size = key.kind
        return KeyFacts(
            fingerprint=key.primary.fingerprint,
            key=f"openpgp:{key.primary.fingerprint}",
            not_before=key.primary.since,
            not_after=key.until or NO_END,
            key_type=kind,
            key_size=size,
            emails=(),
        )


def _certificate_way(way: RecipientChannel, raw: bytes, stated: str | None) -> RecipientChannel:
    certificate = CertificateFiles().to_der(raw)
    if stated is not None and stated != certificate_facts(certificate).fingerprint.upper():
        raise InputRefused(Code.KEY_MISMATCH)
    return replace(way, protection=Protection.SMIME, certificate=certificate, public_key=None, fingerprint=None)


def _is_openpgp(raw: bytes) -> bool:
    return _ARMOR in raw or bool(raw[:1] and raw[0] & _PACKET)
