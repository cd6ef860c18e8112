"""What signs evidence: a detached CMS signature, and the certificates that it rests on."""

import datetime as dt
from collections.abc import Callable, Mapping, Sequence

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from gateway.domain.own_keys import OwnKeyName
from keys import cades
from keys.own import OwnKeys


class CadesEvidenceSigner:
    """Implements `gateway.ports.ledger.EvidenceSigner` with the keys of this moment."""

    def __init__(self, own: Callable[[], OwnKeys], replaced: Callable[[], Sequence[x509.Certificate]]) -> None:
        """replaced: the certificates of every generation of the key."""
        self._own = own
        self._replaced = replaced

    def sign(self, content: bytes, at: dt.datetime) -> bytes:
        """See `EvidenceSigner`."""
        signer = self._own().evidence_signing
        signer.check_time(at, where=OwnKeyName.EVIDENCE_SIGNING)
        return cades.sign(content, signer=signer, at=at, detached=True)

    def certificates(self) -> Mapping[str, bytes]:
        """See `EvidenceSigner`."""
        own = self._own()
        return {
            "gateway-ca.pem": _pem(*own.gateway_cas),
            "evidence-signing.pem": _pem(*dict.fromkeys([own.evidence_signing.certificate, *self._replaced()])),
            "mail-signing.pem": _pem(own.mail_signing.certificate),
            "mail-ca.pem": _pem(*own.mail_cas),
        }


def _pem(*certificates: x509.Certificate) -> bytes:
    return b"".join(one.public_bytes(Encoding.PEM) for one in certificates)
