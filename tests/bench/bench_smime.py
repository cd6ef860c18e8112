"""S/MIME beside `openssl cms`, and sealing beside the bare cipher doing the same chunks."""

import os
import tempfile
import timeit
from collections.abc import Callable
from pathlib import Path

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from gateway.domain.parties import ContentEncryption, KeyTransport
from keys.cms.algorithms import PrivateKey
from keys.sealing import CHUNK_BYTES, KEY_BYTES, KeyEncryptionKey, StreamSealer
from keys.smime import SmimeProtector
from keys.smime_reader import open_message
from tests.keys.pki import NOW, Authority, ec_key, key_pem, pem, rsa_key
from tests.keys.recipients import TestRecipient, der_of, openssl, recipient

SIZES = (200_000, 5_000_000)
SEALED_SIZES = (600_000, 128 * 1024 * 1024)
Way = tuple[KeyTransport, ContentEncryption]
WAYS: list[tuple[str, Way]] = [
    ("rsa-3072", (KeyTransport.PKCS1V15, ContentEncryption.CBC)),
    ("rsa-3072", (KeyTransport.OAEP, ContentEncryption.CBC)),
    ("p-256", (KeyTransport.AUTO, ContentEncryption.CBC)),
    ("p-256", (KeyTransport.AUTO, ContentEncryption.GCM)),
]
SIGNERS: dict[str, Callable[[], PrivateKey]] = {"RSA-3072": lambda: rsa_key("registry"), "P-256": ec_key}


def _milliseconds(work: Callable[[], object], repeats: int) -> float:
    work()
    return min(timeit.repeat(work, number=repeats, repeat=5)) / repeats * 1000


def _openssl_work(folder: Path, signer: PrivateKey, reader: TestRecipient, entity: bytes) -> Callable[[], object]:
    """Two processes, as a script would start them, with the message in files."""
    (folder / "signer.pem").write_bytes(pem(Authority.root().signer(key=signer).certificate))
    (folder / "signer.key").write_bytes(key_pem(signer))
    (folder / "entity").write_bytes(entity)
    reader.write(folder)
    sign: list[str | Path] = ["cms", "-sign", "-cades", "-nodetach", "-binary", "-signer", folder / "signer.pem"]
    sign += ["-inkey", folder / "signer.key", "-in", folder / "entity", "-out", folder / "signed"]
    encrypt: list[str | Path] = ["cms", "-encrypt", "-binary", "-aes256", "-outform", "DER", "-in", folder / "signed"]
    encrypt += ["-out", folder / "enveloped", "-recip", folder / "recipient.pem"]

    def work() -> None:
        openssl(*sign)
        openssl(*encrypt)

    return work


def _print_smime(signer_kind: str, kind: str, way: Way, size: int, folder: Path) -> None:
    signer, reader = SIGNERS[signer_kind](), recipient(kind)
    entity = b"Content-Type: application/octet-stream\r\n\r\n" + os.urandom(size)
    own = Authority.root().signer(key=signer)
    protector = SmimeProtector(lambda: own)
    transport, encryption = way
    address, repeats = reader.address(transport, encryption), 20 if size < 10**6 else 3
    message = der_of(protector.protect(entity, address=address, at=NOW))
    ours = _milliseconds(lambda: protector.protect(entity, address=address, at=NOW), repeats)
    opening = _milliseconds(lambda: open_message(message, key=reader.key, certificate=reader.certificate), repeats)
    theirs = _milliseconds(_openssl_work(folder, signer, reader, entity), 3)
    print(
        f"S/MIME {signer_kind:>8} to {kind:<8} {transport.value:<12} {encryption.value} {size / 1000:>5.0f} kB  "
        f"protect {ours:7.2f} ms  "
        f"{ours / theirs:5.2f} x openssl ({theirs:6.1f} ms)  open {opening:7.2f} ms"
    )


def _bare(content: bytes) -> Callable[[], object]:
    """The same chunks through the bare cipher, with no key derived and nothing bound."""
    cipher, nonce, chunks = AESGCM(os.urandom(KEY_BYTES)), os.urandom(12), range(0, len(content), CHUNK_BYTES)
    view = memoryview(content)
    return lambda: b"".join([cipher.encrypt(nonce, view[start : start + CHUNK_BYTES], None) for start in chunks])


def _print_sealing(size: int) -> None:
    sealer = StreamSealer([KeyEncryptionKey(id="1", key=os.urandom(KEY_BYTES))])
    wrapped, content = sealer.new_key("k"), os.urandom(size)
    sealed = sealer.seal("k", wrapped, "c", content)
    repeats = 100 if size < 10**6 else 2
    seal = _milliseconds(lambda: sealer.seal("k", wrapped, "c", content), repeats)
    opening = _milliseconds(lambda: sealer.open("k", wrapped, "c", sealed), repeats)
    bare = _milliseconds(_bare(content), repeats)
    print(
        f"sealing {size / 1e6:>6.1f} MB  seal {seal:7.2f} ms = {size / seal / 1000:6.0f} MB/s  "
        f"open {opening:7.2f} ms = {size / opening / 1000:6.0f} MB/s  "
        f"{seal / bare:4.2f} x bare AES-GCM in the same chunks"
    )


def main() -> None:
    """Prints milliseconds and ratios."""
    with tempfile.TemporaryDirectory() as folder:
        for size in SIZES:
            for signer_kind in SIGNERS:
                for kind, way in WAYS:
                    _print_smime(signer_kind, kind, way, size, Path(folder))
    for size in SEALED_SIZES:
        _print_sealing(size)


if __name__ == "__main__":
    main()
