"""The gateway's own keys, in a directory of their own: what seals the store, and what signs its mail.

kek-ID.key        key-encryption keys (`keys.kek_files`)
mail-ca.key       the mail CA's private key, mail-ca.pem its certificate: what recipients pin
mail-signing.key  the private key that signs mail, mail-signing.pem its certificate

A registry that has a key and certificate for mail from elsewhere (EC or RSA) puts them in the place of ours, the
intermediates after the certificate in the same file, and what its recipients pin in `mail-ca.pem`.

Private keys are PKCS #8 PEM. With a passphrase every secret is encrypted under it.
"""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from gateway.domain.codes import Code
from gateway.domain.problem import InputRefused, SetupWrong
from keys import kek_files, mail_authority
from keys.cades import SigningKey
from keys.cms.algorithms import PrivateKey
from keys.key_files import changing, read_secret, require_private_directory, write_new
from keys.sealing import KeyEncryptionKey

_CA, _SIGNING = "mail-ca", "mail-signing"


@dataclass(frozen=True, kw_only=True)
class OwnKeys:
    """All the gateway's keys: `keks` with the newest last, what signs mail, and the CA that recipients pin."""

    keks: tuple[KeyEncryptionKey, ...]
    mail_signing: SigningKey
    mail_ca: x509.Certificate


def create_own_keys(
    directory: Path,
    *,
    organization: str,
    sender: str,
    at: dt.datetime,
    passphrase: bytes | None = None,
    in_use: bool = False,
) -> None:
    """Makes what is missing of the gateway's keys. What is there stays as it is, so a second call changes nothing,
    and a call after one that was cut off completes it.

    `organization` stands in the certificates, `sender` is the address the mail comes from. `in_use`: something is
    sealed already, so that a directory without a KEK is the wrong one, or one that is not mounted: a new KEK there
    would seal what nobody can open once the right directory is back.
    Raises SetupWrong: settings.invalid, seal.key-permissions, key.missing, key.unreadable, key.passphrase,
    file.unreadable.
    """
    with changing(directory):
        if not kek_files.has_kek(directory):
            if in_use:
                raise kek_files.no_kek(directory)
            kek_files.add_kek(directory, passphrase)
        if not (directory / f"{_SIGNING}.pem").exists() or not (directory / f"{_CA}.pem").exists():
            _create_certificates(directory, organization=organization, sender=sender, at=at, passphrase=passphrase)


def add_key_encryption_key(directory: Path, passphrase: bytes | None = None) -> str:
    """Rotation: a new KEK, that wraps from now on; the old ones still unwrap. Returns its id."""
    with changing(directory):
        return kek_files.add_kek(directory, passphrase)


def load_own_keys(directory: Path, passphrase: bytes | None = None) -> OwnKeys:
    """The keys as they lie there. The CA's private key is not read: it only issues.

    Raises SetupWrong: key.missing; seal.key-permissions; key.unreadable; key.passphrase when it is wrong, missing
    or given for keys that have none; key.mismatch when key and certificate do not belong together.
    """
    require_private_directory(directory)
    certificate, *chain = _read_certificates(directory / f"{_SIGNING}.pem")
    private_key = _read_key(directory / f"{_SIGNING}.key", passphrase)
    try:
        signing = SigningKey(private_key=private_key, certificate=certificate, chain=tuple(chain))
    except InputRefused as problem:
        raise SetupWrong(problem.code, where=str(directory / f"{_SIGNING}.key")) from None
    return OwnKeys(
        keks=kek_files.load_keks(directory, passphrase),
        mail_signing=signing,
        mail_ca=_read_certificates(directory / f"{_CA}.pem")[0],
    )


def _create_certificates(
    directory: Path, *, organization: str, sender: str, at: dt.datetime, passphrase: bytes | None
) -> None:
    ca_path, signing_path = directory / f"{_CA}.pem", directory / f"{_SIGNING}.pem"
    ca_key = _ensure_key(directory, _CA, mail_authority.new_ca_key, passphrase)
    if not ca_path.exists():
        _write_certificate(ca_path, mail_authority.ca_certificate(ca_key, organization=organization, at=at))
    if signing_path.exists():
        return
    ca = _read_certificates(ca_path)[0]
    signing_key = _ensure_key(directory, _SIGNING, mail_authority.new_signing_key, passphrase)
    certificate = mail_authority.signing_certificate(
        signing_key.public_key(), ca=ca, ca_key=ca_key, organization=organization, sender=sender, at=at
    )
    _write_certificate(signing_path, certificate)


def _ensure_key(
    directory: Path, name: str, make: Callable[[], EllipticCurvePrivateKey], passphrase: bytes | None
) -> PrivateKey:
    """The key of that name as the file holds it; made if there is none."""
    path = directory / f"{name}.key"
    if not path.exists():
        protection = NoEncryption() if passphrase is None else BestAvailableEncryption(passphrase)
        write_new(path, make().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, protection))
    return _read_key(path, passphrase)


def _read_key(path: Path, passphrase: bytes | None) -> PrivateKey:
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


def _read_certificates(path: Path) -> list[x509.Certificate]:
    """At least one. Raises SetupWrong: key.missing, key.unreadable."""
    try:
        return x509.load_pem_x509_certificates(path.read_bytes())
    except FileNotFoundError:
        raise SetupWrong(Code.KEY_MISSING, where=str(path)) from None
    except (OSError, ValueError):
        raise SetupWrong(Code.KEY_UNREADABLE, where=str(path)) from None


def _write_certificate(path: Path, certificate: x509.Certificate) -> None:
    write_new(path, certificate.public_bytes(Encoding.PEM))
