"""The files of the gateway's own signing keys, one generation after another.

NAME.key and NAME.pem are the first; NAME-000002.key and NAME-000002.pem the second, and so on. The newest whose public
file is there is in use: it is written last, so that a rotation that was cut off changes nothing. Older ones stay.
"""

import re
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from gateway.domain.codes import Code
from gateway.domain.problem import InputRefused, SetupWrong
from keys.cades import SigningKey
from keys.certificates import UNREADABLE
from keys.cms.algorithms import PrivateKey
from keys.key_files import read_secret, write_new
from keys.token_keys import TokenKey, read_uri

TOKEN = ".pkcs11"  # noqa: S105
"""The ending of a file that says in which token the private key is."""

_GENERATION = re.compile(r"-(\d{6})$")


def generations(directory: Path, name: str, ending: str = ".pem") -> list[Path]:
    """The public files of that key, oldest first."""
    numbered = {_number(path, name): path for path in directory.glob(f"{name}*{ending}")}
    return [numbered[number] for number in sorted(filter(None, numbered))]


def newest(directory: Path, name: str, ending: str = ".pem") -> Path:
    """The public file of the key in use. Raises SetupWrong (key.missing)."""
    found = generations(directory, name, ending)
    if not found:
        raise SetupWrong(Code.KEY_MISSING, where=str(directory / f"{name}{ending}"))
    return found[-1]


def newest_generation(directory: Path, name: str, ending: str = ".pem") -> int:
    """The number of the one in use; 0 where there is none."""
    return max((_number(path, name) or 0 for path in directory.glob(f"{name}*{ending}")), default=0)


def next_stem(directory: Path, name: str) -> str:
    """What the files of the next generation are called, without their endings. A half-made one is passed over."""
    found = [_number(path, name) for path in directory.glob(f"{name}*")]
    last = max(filter(None, found), default=0)
    return f"{name}-{last + 1:06d}" if last else name


def write_key(path: Path, key: PrivateKey, passphrase: bytes | None) -> None:
    """A private key as PKCS #8 PEM, encrypted where there is a passphrase."""
    protection = NoEncryption() if passphrase is None else BestAvailableEncryption(passphrase)
    write_new(path, key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, protection))


def read_key(path: Path, passphrase: bytes | None) -> PrivateKey:
    """Raises SetupWrong: key.missing, seal.key-permissions, key.unreadable, key.passphrase."""
    pem = read_secret(path)
    try:
        key = load_pem_private_key(pem, passphrase)
    except TypeError:  # a passphrase without an encrypted key, or the other way round
        raise SetupWrong(Code.KEY_PASSPHRASE, where=str(path)) from None
    except (ValueError, UnsupportedAlgorithm):
        # A wrong passphrase and a damaged file look the same here.
        code = Code.KEY_UNREADABLE if passphrase is None else Code.KEY_PASSPHRASE
        raise SetupWrong(code, where=str(path)) from None
    if not isinstance(key, PrivateKey):
        raise SetupWrong(Code.KEY_UNREADABLE, where=str(path))
    return key


def read_certificates(path: Path) -> list[x509.Certificate]:
    """At least one. Raises SetupWrong: key.missing, key.unreadable."""
    try:
        return x509.load_pem_x509_certificates(path.read_bytes())
    except FileNotFoundError:
        raise SetupWrong(Code.KEY_MISSING, where=str(path)) from None
    except (OSError, *UNREADABLE):
        raise SetupWrong(Code.KEY_UNREADABLE, where=str(path)) from None


def write_certificates(path: Path, *certificates: x509.Certificate) -> None:
    """The certificates in PEM, one after another."""
    write_new(path, b"".join(certificate.public_bytes(Encoding.PEM) for certificate in certificates))


def read_signing_key(public: Path, passphrase: bytes | None) -> SigningKey:
    """The key of a generation, in its file or in a token. Raises SetupWrong: key.*, seal.key-permissions;
    key.mismatch when key and certificate do not belong together."""
    certificate, *chain = read_certificates(public)
    private, token = public.with_suffix(".key"), public.with_suffix(TOKEN)
    key = _token_key(token, certificate) if token.exists() else read_key(private, passphrase)
    try:
        return SigningKey(private_key=key, certificate=certificate, chain=tuple(chain))
    except InputRefused as problem:
        raise SetupWrong(problem.code, where=str(private)) from None


def _token_key(path: Path, certificate: x509.Certificate) -> PrivateKey:
    public_key = certificate.public_key()
    if not isinstance(public_key, EllipticCurvePublicKey):
        raise SetupWrong(Code.KEY_MISMATCH, where=str(path))
    return TokenKey(read_uri(path), public_key)


def _number(path: Path, name: str) -> int | None:
    """Which generation the file is of; None when it is another key's."""
    stem = path.name.partition(".")[0]
    if stem == name:
        return 1
    match = _GENERATION.fullmatch(stem.removeprefix(name)) if stem.startswith(name) else None
    return int(match[1]) if match else None
