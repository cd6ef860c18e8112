"""What it costs to make and to check a signed decision package with three documents of 200 KB.

Goal: a package is checked within 10 ms of one core.
"""

import hashlib
import io
import random
import statistics
import subprocess
import tempfile
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

from gateway.domain.outcomes import Division
from gateway.domain.trust import TrustedAnchor
from keys.asice import AsicVerifier
from keys.asice_build import build
from keys.asice_container import PackageLimits
from keys.asice_manifest import MANIFEST, SIGNATURE
from keys.cades import sign
from keys.cades_verify import verify_detached
from keys.revocation import RevocationPolicy, RevocationRules
from keys.trust_files import read_anchor_file
from tests.keys.pki import NOW, Authority, pem, rsa_key

ROUNDS = 30


def documents() -> dict[str, bytes]:
    """Three documents of 200 KB, of which a fifth deflates as the text of a PDF does."""
    chance = random.Random(1)
    return {
        f"documents/{n}.pdf": b"".join(chance.randbytes(4000) + b"0 Td Tj\n\n" * 100 for _ in range(40))
        for n in range(3)
    }


def milliseconds(work: Callable[[], object]) -> float:
    """The median of some rounds."""
    times = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return statistics.median(times) * 1000


def bare(raw: bytes) -> None:
    """Inflating and hashing alone."""
    with zipfile.ZipFile(io.BytesIO(raw)) as package:
        for name in package.namelist():
            hashlib.sha256(package.read(name)).digest()


def openssl(raw: bytes, root: bytes, folder: Path) -> list[str]:
    """The command that checks the signature over the manifest, and nothing else of the package."""
    with zipfile.ZipFile(io.BytesIO(raw)) as package:
        package.extractall(folder)
    (folder / "root.pem").write_bytes(root)
    command = f"openssl cms -verify -cades -binary -inform DER -in {SIGNATURE} -content {MANIFEST} -CAfile root.pem"
    return [*command.split(), "-attime", str(int(NOW.timestamp())), "-out", "verified"]


def main() -> None:
    """Prints the table."""
    root = Authority.root()
    issuing = root.authority(key=rsa_key("issuing"))
    signer = issuing.signer()
    (der,) = read_anchor_file(pem(root.certificate)).anchors
    crls = (issuing.crl(), root.crl())
    anchor = TrustedAnchor(
        certificate=der, fingerprint=hashlib.sha256(der).hexdigest(), divisions=frozenset(Division), crls=crls
    )
    held = documents()
    raw = build(b"{}", held, signer=signer, at=NOW)
    with zipfile.ZipFile(io.BytesIO(raw)) as package:
        manifest, signature = package.read(MANIFEST), package.read(SIGNATURE)
    verifier = AsicVerifier(PackageLimits(), RevocationRules(policy=RevocationPolicy.REQUIRED))
    with tempfile.TemporaryDirectory() as folder:
        command = openssl(raw, pem(root.certificate), Path(folder))
        base = milliseconds(lambda: bare(raw))
        rows = {
            "inflate and hash alone": base,
            "openssl cms -verify (a process; the manifest only)": milliseconds(
                lambda: subprocess.run(command, cwd=folder, check=True, capture_output=True)
            ),
            "verify the signature over the manifest": milliseconds(lambda: verify_detached(manifest, signature)),
            "verify the package, chain and revocation too": milliseconds(
                lambda: verifier.verify(raw, anchors=[anchor], at=NOW)
            ),
            "sign the manifest": milliseconds(lambda: sign(manifest, signer=signer, at=NOW, detached=True)),
            "build the package": milliseconds(lambda: build(b"{}", held, signer=signer, at=NOW)),
        }
    print(f"package of {len(raw) / 1000:.0f} KB, P-256 signer under an RSA-3072 authority")
    for name, spent in rows.items():
        print(f"{name:<52} {spent:8.2f} ms {spent / base:7.2f} x")


if __name__ == "__main__":
    main()
