"""The recipients' real programs, each driven by its own command line: they open a message and check who signed it.

A reader gives back the very bytes that were signed, or says in its own words why it could not: `Unread`.
"""

import os
import signal
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from email import message_from_bytes
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import PrivateFormat, pkcs12

from keys.cms.algorithms import PrivateKey
from tests.keys.pki import key_pem, pem
from tests.real import need

_PASSWORD = "reader"
_PACKINGS = 5
_OPENPGPJS = Path(__file__).parent / "openpgpjs"


class Unread(Exception):  # noqa: N818
    """The reader's own words."""


def run(command: Sequence[str | Path], content: bytes = b"", environment: dict[str, str] | None = None) -> bytes:
    """Standard output. Raises Unread with everything the program said."""
    done = subprocess.run(
        command, input=content, capture_output=True, check=False, timeout=60, env=os.environ | (environment or {})
    )
    if done.returncode != 0:
        ended = "Segmentation fault" if done.returncode == -signal.SIGSEGV else f"exit {done.returncode}"
        raise Unread(f"{(done.stderr + done.stdout[-2000:]).decode(errors='replace')} {ended}")
    return done.stdout


@dataclass(frozen=True, kw_only=True)
class SmimeReader:
    """One who receives S/MIME: a key with its certificate, under an authority; and the gateway's that they pinned."""

    folder: Path
    key: PrivateKey
    certificate: x509.Certificate
    authority: x509.Certificate
    pinned: x509.Certificate

    def packed(self) -> Path:
        """Key and certificate as PKCS #12, in the old algorithms that every program reads."""
        builder = PrivateFormat.PKCS12.encryption_builder().kdf_rounds(2048)
        legacy = builder.key_cert_algorithm(pkcs12.PBES.PBESv1SHA1And3KeyTripleDESCBC).hmac_hash(hashes.SHA1())
        packed = pkcs12.serialize_key_and_certificates(
            b"reader", self.key, self.certificate, [self.authority], legacy.build(_PASSWORD.encode())
        )
        path = self.folder / "reader.p12"
        path.write_bytes(packed)
        return path


def signed_part(entity: bytes) -> bytes:
    """The SignedData in what was decrypted. Raises Unread."""
    content = message_from_bytes(entity).get_payload(decode=True)
    if not isinstance(content, bytes):
        raise Unread("what was decrypted holds no signature")
    return content


def openssl(reader: SmimeReader, message: bytes) -> bytes:
    """OpenSSL: `cms -decrypt`, then `cms -verify -cades`."""
    program = need.program("openssl", "openssl")
    certificate, key, pinned = (reader.folder / name for name in ("reader.pem", "reader.key", "pinned.pem"))
    certificate.write_bytes(pem(reader.certificate))
    key.write_bytes(key_pem(reader.key))
    pinned.write_bytes(pem(reader.pinned))
    part = run([program, "cms", "-decrypt", "-inform", "DER", "-recip", certificate, "-inkey", key], message)
    return run([program, "cms", "-verify", "-cades", "-binary", "-inform", "SMIME", "-CAfile", pinned], part)


def _import_into_gpgsm(secret: Sequence[str | Path], reader: SmimeReader) -> None:
    """gpgsm 2.2.40 cannot open 2 of 300 files that OpenSSL opens: it depends on the salt, which is random. Such a file
    is packed anew; our messages have no part in it. Raises Unread."""
    for left in reversed(range(_PACKINGS)):
        try:
            run([*secret, "--import", reader.packed()], f"{_PASSWORD}\n".encode())
        except Unread as unread:
            if left == 0 or "error parsing or decrypting the PKCS#12 file" not in str(unread):
                raise
        else:
            return


def gpgsm(reader: SmimeReader, message: bytes) -> bytes:
    """GnuPG's S/MIME: `gpgsm --decrypt`, then `--verify`. Its folder has a short path, as its socket needs."""
    program = need.program("gpgsm", "gpgsm")
    with tempfile.TemporaryDirectory(prefix="gpgsm-", dir="/tmp") as home:
        folder = Path(home)
        (folder / "gpg-agent.conf").write_text("allow-loopback-pinentry\n")
        fingerprints = [one.fingerprint(hashes.SHA1()).hex().upper() for one in (reader.authority, reader.pinned)]
        (folder / "trustlist.txt").write_text("".join(f"{one} S relax\n" for one in fingerprints))
        base: list[str | Path] = [program, "--homedir", folder, "--batch", "--no-tty", "--disable-dirmngr"]
        secret = [*base, "--pinentry-mode", "loopback", "--passphrase-fd", "0"]
        try:
            for one in (reader.authority, reader.pinned):
                run([*base, "--import"], pem(one))
            _import_into_gpgsm(secret, reader)
            (folder / "message").write_bytes(message)
            run([*secret, "--output", folder / "part", "--decrypt", folder / "message"], f"{_PASSWORD}\n".encode())
            (folder / "signed").write_bytes(signed_part((folder / "part").read_bytes()))
            run([*base, "--disable-crl-checks", "--output", folder / "content", "--verify", folder / "signed"])
            return (folder / "content").read_bytes()
        finally:
            subprocess.run(["gpgconf", "--homedir", folder, "--kill", "all"], check=False, capture_output=True)


def nss(reader: SmimeReader, message: bytes) -> bytes:
    """NSS, the library of Thunderbird and Evolution: `cmsutil -D` twice."""
    cmsutil, certutil = need.program("cmsutil", "libnss3-tools"), need.program("certutil", "libnss3-tools")
    pk12util = need.program("pk12util", "libnss3-tools")
    database = f"sql:{reader.folder}"
    run([certutil, "-N", "-d", database, "--empty-password"])
    for name, one in (("theirs", reader.authority), ("pinned", reader.pinned)):
        run([certutil, "-A", "-d", database, "-n", name, "-t", "CT,C,C", "-a"], pem(one))
    run([pk12util, "-i", reader.packed(), "-d", database, "-W", _PASSWORD, "-K", ""])
    enveloped, signed = reader.folder / "enveloped.der", reader.folder / "signed.der"
    enveloped.write_bytes(message)
    signed.write_bytes(signed_part(run([cmsutil, "-D", "-d", database, "-i", enveloped])))
    return run([cmsutil, "-D", "-d", database, "-i", signed])


@dataclass(frozen=True, kw_only=True)
class OpenPgpReader:
    """One who receives OpenPGP: their private key, and the gateway's public key that they pinned, both armored."""

    folder: Path
    private: str
    pinned: bytes
    fingerprint: str
    files: tuple[Path, Path] = field(init=False)

    def __post_init__(self) -> None:
        paths = self.folder / "private.asc", self.folder / "pinned.asc"
        paths[0].write_text(self.private)
        paths[1].write_bytes(self.pinned)
        object.__setattr__(self, "files", paths)


def gnupg(reader: OpenPgpReader, message: bytes) -> bytes:
    """GnuPG's command line, with a good signature by the pinned key or nothing."""
    program = need.program("gpg", "gnupg")
    with tempfile.TemporaryDirectory(prefix="gpg-", dir="/tmp") as home:
        base: list[str | Path] = [program, "--homedir", home, "--batch", "--no-tty", "--trust-model", "always"]
        try:
            run([*base, "--import", *reader.files])
            status = Path(home) / "status"
            content = run([*base, "--status-file", status, "--decrypt"], message)
            said = status.read_text()
            if f"VALIDSIG {reader.fingerprint}" not in said:
                raise Unread(said)
            return content
        finally:
            subprocess.run(["gpgconf", "--homedir", home, "--kill", "all"], check=False, capture_output=True)


def sequoia(reader: OpenPgpReader, message: bytes) -> bytes:
    """Sequoia's `sq decrypt`, which asks for one good signature by the pinned key."""
    program = need.program("sq", "sq")
    private, pinned = reader.files
    command: list[str | Path] = [
        program,
        "decrypt",
        "--recipient-key",
        private,
        "--signer-cert",
        pinned,
        "--signatures",
        "1",
    ]
    return run(command, message)


def openpgpjs(reader: OpenPgpReader, message: bytes) -> bytes:
    """OpenPGP.js, the library of mail programs in the browser."""
    program = need.program("node", "nodejs")
    need.folder(_OPENPGPJS / "node_modules" / "openpgp", "npm ci --prefix tests/real/openpgpjs")
    return run([program, _OPENPGPJS / "read.mjs", *reader.files], message)
