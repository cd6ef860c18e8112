"""What signs evidence: a detached CMS signature, and the certificates that it rests on."""

import datetime as dt
from collections.abc import Callable, Mapping

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from gateway.domain.own_keys import OwnKeyName
from keys import cades
from keys.own import OwnKeys


class CadesEvidenceSigner:
    """Implements `gateway.ports.ledger.EvidenceSigner` with the keys of this moment."""

    def __init__(self, own: Callable[[], OwnKeys]) -> None:
        self._own = own

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
            "evidence-signing.pem": _pem(own.evidence_signing.certificate),
            "mail-signing.pem": _pem(own.mail_signing.certificate),
            "mail-ca.pem": _pem(*own.mail_cas),
        }


def _pem(*certificates: x509.Certificate) -> bytes:
    return b"".join(one.public_bytes(Encoding.PEM) for one in certificates)
