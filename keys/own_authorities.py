"""The gateway's own certificate authorities, one generation after another. The directory is locked by the caller.

NAME-000002.key    the private key, which only issues
NAME-000002.link   link certificates, the newest first: each generation's key certified by the one before
NAME-000002.pem    the authority, then all before it: what others pin

A new authority has the name of the one before (RFC 4210 §4.4, "root CA key update"). What is signed under it brings the
links along, so that whoever pinned an older one can check it as well; and who pins the newest file can check what was
signed under any of them. A link has the name of its issuer, so that no path length counts it (RFC 5280 §4.2.1.9).
"""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey

from gateway.domain.codes import Code
from gateway.domain.own_keys import OwnKeyName
from gateway.domain.problem import SetupWrong
from keys import mail_authority, own_files
from keys.cms.algorithms import PrivateKey

LINKS = ".link"

_COMMON_NAMES = {OwnKeyName.MAIL_CA: "Mail CA", OwnKeyName.GATEWAY_CA: "Gateway CA"}


@dataclass(frozen=True, kw_only=True)
class OwnAuthority:
    """An authority that issues. `links` lead from it to those before it; `before`: these, the newest first."""

    key: PrivateKey
    certificate: x509.Certificate
    links: tuple[x509.Certificate, ...] = ()
    before: tuple[x509.Certificate, ...] = ()

    def check_time(self, at: dt.datetime, *, where: str) -> None:
        """Raises SetupWrong (key.expired): what it issued would end before it began."""
        if at >= self.certificate.not_valid_after_utc:
            raise SetupWrong(Code.KEY_EXPIRED, where=where)


def ensure_authority(
    directory: Path, name: OwnKeyName, *, organization: str, at: dt.datetime, passphrase: bytes | None
) -> OwnAuthority:
    """The newest generation; the first is made, or completed, where there is none. Raises as `newest_authority`."""
    if not own_files.generations(directory, name):
        key = ensure_key(directory / f"{name}.key", mail_authority.new_ca_key, passphrase)
        own_files.write_certificates(
            directory / f"{name}.pem",
            mail_authority.ca_certificate(key, organization=organization, at=at, common_name=_COMMON_NAMES[name]),
        )
    return newest_authority(directory, name, passphrase)


def newest_authority(directory: Path, name: OwnKeyName, passphrase: bytes | None) -> OwnAuthority:
    """The authority that issues now. Raises SetupWrong: key.missing where only its certificate is here (a registry's
    own, which issues elsewhere), key.mismatch, key.unreadable, key.passphrase, seal.key-permissions."""
    public = own_files.newest(directory, name)
    key = own_files.read_key(public.with_suffix(".key"), passphrase)
    certificate, *before = own_files.read_certificates(public)
    if certificate.public_key() != key.public_key():
        raise SetupWrong(Code.KEY_MISMATCH, where=str(public.with_suffix(".key")))
    links = public.with_suffix(LINKS)
    return OwnAuthority(
        key=key,
        certificate=certificate,
        links=tuple(own_files.read_certificates(links)) if links.exists() else (),
        before=tuple(before),
    )


def new_authority(directory: Path, name: OwnKeyName, *, at: dt.datetime, passphrase: bytes | None) -> Path:
    """The next generation; its public file, which is written last. Raises as `newest_authority`."""
    old = newest_authority(directory, name, passphrase)
    public = directory / f"{own_files.next_stem(directory, name)}.pem"
    key = ensure_key(public.with_suffix(".key"), mail_authority.new_ca_key, passphrase)
    new = mail_authority.next_ca_certificate(key, before=old.certificate, at=at)
    links = [one for one in old.links if one.not_valid_after_utc > at]
    if old.certificate.not_valid_after_utc > at:
        links.insert(0, mail_authority.link_certificate(key.public_key(), ca=old.certificate, ca_key=old.key, at=at))
    if links:
        own_files.write_certificates(public.with_suffix(LINKS), *links)
    own_files.write_certificates(public, new, old.certificate, *old.before)
    return public


def ensure_key(path: Path, make: Callable[[], EllipticCurvePrivateKey], passphrase: bytes | None) -> PrivateKey:
    """The key as the file holds it; made if there is none."""
    if not path.exists():
        own_files.write_key(path, make(), passphrase)
    return own_files.read_key(path, passphrase)
