"""What is shown of the gateway's own keys: the certificates that sign, their CAs, and the OpenPGP key."""

from collections.abc import Sequence

from cryptography.hazmat.primitives.serialization import Encoding

from gateway.domain.own_keys import OwnKeyName
from gateway.ports.keys import KeyFacts
from keys.openpgp_own import ALGORITHM, SIZE, OwnOpenPgpKey
from keys.own import OwnKeys
from keys.recipient_certificates import certificate_facts


def own_facts(keys: OwnKeys) -> Sequence[tuple[str, KeyFacts]]:
    """Each by its name. The OpenPGP key is left out where there is none."""
    shown = [(name.value, certificate_facts(one.public_bytes(Encoding.DER))) for name, one in keys.certificates.items()]
    return shown if keys.openpgp is None else [*shown, (OwnKeyName.OPENPGP_SIGNING.value, _openpgp(keys.openpgp))]


def _openpgp(key: OwnOpenPgpKey) -> KeyFacts:
    return KeyFacts(
        fingerprint=key.fingerprint,
        key=f"openpgp:{key.fingerprint}",
        not_before=key.since,
        not_after=key.until,
        key_type=ALGORITHM,
        key_size=SIZE,
        emails=(),
    )
