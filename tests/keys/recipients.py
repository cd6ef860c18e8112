"""Recipients for tests: a key, its certificate, and the way to them as the directory holds it."""

import base64
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding

from gateway.domain.parties import ContentEncryption, KeyTransport, Protection, RecipientChannel
from gateway.ports.channels import ProtectedEntity
from keys.enveloped import RecipientKey
from tests.keys.pki import Authority, Order, ca_order, ec_key, key_pem, pem, rsa_key

KEYS: Mapping[str, Callable[[], RecipientKey]] = {
    "rsa-2048": lambda: rsa_key("recipient", 2048),
    "rsa-3072": lambda: rsa_key("recipient", 3072),
    "p-256": ec_key,
    "p-384": lambda: ec_key(ec.SECP384R1()),
    "p-521": lambda: ec_key(ec.SECP521R1()),
}

WAYS = [
    *((kind, transport) for kind in ("rsa-2048", "rsa-3072") for transport in KeyTransport),
    *((kind, KeyTransport.AUTO) for kind in ("p-256", "p-384", "p-521")),
]
"""Every kind of key with every way a content key can reach it."""


@dataclass(frozen=True, kw_only=True)
class TestRecipient:
    """One who receives: their key and certificate."""

    __test__ = False

    key: RecipientKey
    certificate: x509.Certificate

    @property
    def der(self) -> bytes:
        """The certificate as the directory holds it."""
        return self.certificate.public_bytes(Encoding.DER)

    def address(
        self,
        transport: KeyTransport = KeyTransport.AUTO,
        encryption: ContentEncryption = ContentEncryption.CBC,
        *,
        signed_receipt: bool = False,
    ) -> RecipientChannel:
        """The way to them."""
        return RecipientChannel(
            type="encrypted-email",
            address="reader@example.test",
            protection=Protection.SMIME,
            certificate=self.der,
            key_transport=transport,
            content_encryption=encryption,
            signed_receipt=signed_receipt,
        )

    def write(self, folder: Path) -> list[str | Path]:
        """Key and certificate as files, and the options by which OpenSSL is told of them."""
        (folder / "recipient.pem").write_bytes(pem(self.certificate))
        (folder / "recipient.key").write_bytes(key_pem(self.key))
        return ["-recip", folder / "recipient.pem", "-inkey", folder / "recipient.key"]


def der_of(protected: ProtectedEntity) -> bytes:
    """The CMS structure in a protected entity."""
    return base64.b64decode(protected.mime.partition(b"\r\n\r\n")[2])


@cache
def authority() -> Authority:
    """The authority that issues to recipients."""
    return Authority.root(ca_order("Recipients"))


def recipient(kind: str = "p-256") -> TestRecipient:
    """A recipient with a good certificate for that kind of key."""
    key = KEYS[kind]()
    use = "key_encipherment" if isinstance(key, rsa.RSAPrivateKey) else "key_agreement"
    return TestRecipient(key=key, certificate=authority().issue(Order(name="Recipient", uses=(use,)), key))


def openssl(*arguments: str | Path, content: bytes = b"") -> bytes:
    """What `openssl` writes; AssertionError with its words when it fails."""
    run = subprocess.run(["openssl", *arguments], input=content, capture_output=True, check=False)
    assert run.returncode == 0, run.stderr.decode()
    return run.stdout
