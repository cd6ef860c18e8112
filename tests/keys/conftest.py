"""One certificate authority for a session; what a test makes below it is its own."""

from dataclasses import dataclass

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from gateway.domain.outcomes import Division
from gateway.domain.trust import TrustedAnchor
from keys.cades import SigningKey
from keys.certificates import fingerprint
from tests.keys.pki import Authority, rsa_key


@dataclass(frozen=True, kw_only=True)
class Pki:
    """A P-384 root, an RSA-3072 issuing authority, a P-256 signer, and the anchor that trusts them."""

    root: Authority
    issuing: Authority
    signer: SigningKey

    def anchor(
        self,
        *,
        signer: str | None = None,
        crls: tuple[bytes, ...] = (),
        intermediates: tuple[bytes, ...] = (),
        divisions: frozenset[Division] = frozenset({Division.RPD, Division.RAD}),
    ) -> TrustedAnchor:
        """The root as an operator would trust it."""
        return anchor_of(self.root, signer=signer, crls=crls, intermediates=intermediates, divisions=divisions)


def anchor_of(
    root: Authority,
    *,
    signer: str | None = None,
    crls: tuple[bytes, ...] = (),
    intermediates: tuple[bytes, ...] = (),
    divisions: frozenset[Division] = frozenset(Division),
) -> TrustedAnchor:
    """Any authority as an anchor."""
    return TrustedAnchor(
        certificate=root.certificate.public_bytes(Encoding.DER),
        fingerprint=fingerprint(root.certificate),
        divisions=divisions,
        signer=signer,
        intermediates=intermediates,
        crls=crls,
    )


@pytest.fixture(scope="session")
def pki() -> Pki:
    root = Authority.root()
    issuing = root.authority(key=rsa_key("issuing"))
    return Pki(root=root, issuing=issuing, signer=issuing.signer())
