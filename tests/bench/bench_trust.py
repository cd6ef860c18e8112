"""What it costs to judge a recipient's certificate before each sending: use, address, chain and revocation.

Goal: within 2 ms, the chain kept for as long as it is valid and a list read once. Beside it: `openssl verify
-crl_check_all` on the same certificates and lists, as a process.
"""

import datetime as dt
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from gateway.domain.parties import Protection, RecipientChannel
from gateway.domain.trust import TrustedAnchor
from keys.certificates import fingerprint
from keys.recipient_trust import RecipientTrust
from keys.revocation import RevocationPolicy, RevocationRules
from tests.keys.pki import DAY, NOW, Authority, Order, ca_order, digest_for, ec_key, pem, rsa_key

ROUNDS = 50
REVOKED = 2_000


@dataclass(frozen=True, kw_only=True)
class Scene:
    """A recipient under an RSA-3072 authority under a P-384 root, with a list of each."""

    root: Authority
    issuing: Authority
    certificate: x509.Certificate
    crls: tuple[bytes, ...]

    @classmethod
    def made(cls) -> "Scene":
        """The list of the issuing authority has 2,000 entries."""
        root = Authority.root(ca_order("Root"))
        issuing = root.authority(key=rsa_key("issuing"))
        names = x509.SubjectAlternativeName([x509.RFC822Name("reader@example.test")])
        order = Order(name="Reader", uses=("key_agreement",), extensions=((names, False),))
        certificate = issuing.issue(order, ec_key())
        others = [replace(order, serial=1 + number) for number in range(REVOKED)]
        key = ec_key()
        first = issuing.issue(others[0], key)
        builder = x509.CertificateRevocationListBuilder().issuer_name(issuing.certificate.subject)
        builder = builder.last_update(NOW - DAY).next_update(NOW + DAY)
        for number in range(REVOKED):
            builder = builder.add_revoked_certificate(
                x509.RevokedCertificateBuilder(first.serial_number + number, NOW - DAY).build()
            )
        key_of_issuer = rsa_key("issuing")
        long_list = builder.sign(key_of_issuer, digest_for(key_of_issuer)).public_bytes(Encoding.DER)
        return cls(root=root, issuing=issuing, certificate=certificate, crls=(long_list, root.crl()))

    def trust(self) -> RecipientTrust:
        """One that has judged nothing yet."""
        anchor = TrustedAnchor(
            certificate=self.root.certificate.public_bytes(Encoding.DER),
            fingerprint=fingerprint(self.root.certificate),
            divisions=frozenset(),
            intermediates=(self.issuing.certificate.public_bytes(Encoding.DER),),
            crls=self.crls,
        )
        return RecipientTrust(anchors=lambda: [anchor], rules=RevocationRules(policy=RevocationPolicy.REQUIRED))

    @property
    def way(self) -> RecipientChannel:
        """How the recipient is reached."""
        return RecipientChannel(
            type="encrypted-email",
            address="reader@example.test",
            protection=Protection.SMIME,
            certificate=self.certificate.public_bytes(Encoding.DER),
        )


def milliseconds(work: Callable[[], object]) -> float:
    """The median of some rounds."""
    times = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return statistics.median(times) * 1000


def openssl(scene: Scene, folder: Path) -> list[str]:
    """The command that judges the same chain and lists."""
    lists = b"".join(x509.load_der_x509_crl(crl).public_bytes(Encoding.PEM) for crl in scene.crls)
    (folder / "root.pem").write_bytes(pem(scene.root.certificate))
    (folder / "issuing.pem").write_bytes(pem(scene.issuing.certificate))
    (folder / "lists.pem").write_bytes(lists)
    (folder / "reader.pem").write_bytes(pem(scene.certificate))
    command = "openssl verify -crl_check_all -CAfile root.pem -untrusted issuing.pem -CRLfile lists.pem"
    return [*command.split(), "-attime", str(int(NOW.timestamp())), "reader.pem"]


def main() -> None:
    """Prints the table."""
    scene = Scene.made()
    warm = scene.trust()
    later = iter(NOW + dt.timedelta(seconds=number) for number in range(10_000))
    with tempfile.TemporaryDirectory() as folder:
        command = openssl(scene, Path(folder))
        base = milliseconds(lambda: subprocess.run(command, cwd=folder, check=True, capture_output=True))
        rows = {
            "openssl verify -crl_check_all (a process)": base,
            "judge, the chain not built yet": milliseconds(lambda: scene.trust().standing(scene.way, NOW)),
            "judge, as before each sending": milliseconds(lambda: warm.standing(scene.way, next(later))),
        }
    print(f"P-256 recipient under RSA-3072 under P-384; the issuer's list has {REVOKED} entries")
    for name, spent in rows.items():
        print(f"{name:<44} {spent:8.2f} ms {spent / base:7.2f} x")


if __name__ == "__main__":
    main()
