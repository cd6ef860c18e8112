"""What signs evidence: a detached CMS signature, and the certificates that it rests on."""

import datetime as dt
from collections.abc import Callable, Mapping

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
            "gateway-ca.pem": own.gateway_ca.public_bytes(Encoding.PEM),
            "evidence-signing.pem": own.evidence_signing.certificate.public_bytes(Encoding.PEM),
            "mail-signing.pem": own.mail_signing.certificate.public_bytes(Encoding.PEM),
            "mail-ca.pem": own.mail_ca.public_bytes(Encoding.PEM),
        }
