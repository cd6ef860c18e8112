"""Making the gateway's own signing keys with their certificates, the first time and at a rotation.

The directory is locked by the caller.
"""

import datetime as dt
from dataclasses import replace
from pathlib import Path

from cryptography.hazmat.primitives.serialization import Encoding

from gateway.domain.own_keys import AUTHORITIES, OwnKeyName
from keys import mail_authority, own_files
from keys.key_files import write_new
from keys.mail_authority import PublicKey
from keys.openpgp_own import OwnOpenPgpKey, new_openpgp_key
from keys.own_authorities import OwnAuthority, ensure_authority, ensure_key
from keys.recipient_certificates import certificate_facts
from keys.secret_box import protect
from keys.token_keys import TokenUri, make_in_token, read_uri

_DOCUMENTS = {
    OwnKeyName.PACKAGE_ACCEPTANCE: "Package acceptance",
    OwnKeyName.EVIDENCE_SIGNING: "Evidence signing",
    OwnKeyName.DISPATCH_SEAL: "Dispatch seal",
}
"""The keys under the gateway's CA, by what stands in their certificates."""


def create_missing(
    directory: Path, *, organization: str, sender: str, at: dt.datetime, passphrase: bytes | None
) -> None:
    """Every certificate that is not there yet, with its key. Raises SetupWrong: settings.invalid, key.*, seal.*."""
    for authority in AUTHORITIES:
        if not own_files.generations(directory, authority):
            ensure_authority(directory, authority, organization=organization, at=at, passphrase=passphrase)
    if not own_files.generations(directory, OwnKeyName.MAIL_SIGNING):
        new_mail_signing(directory, organization=organization, sender=sender, at=at, passphrase=passphrase)
    for name in _DOCUMENTS:
        if not own_files.generations(directory, name):
            new_document_key(directory, name, organization=organization, at=at, passphrase=passphrase)


def new_mail_signing(
    directory: Path,
    *,
    organization: str,
    sender: str,
    at: dt.datetime,
    passphrase: bytes | None,
    token: TokenUri | None = None,
) -> Path:
    """The next generation of the key that signs mail from `sender`; its public file. `token`: where it is made."""
    authority = _issuing(directory, OwnKeyName.MAIL_CA, organization=organization, at=at, passphrase=passphrase)
    public = directory / f"{_stem(directory, OwnKeyName.MAIL_SIGNING)}.pem"
    certificate = mail_authority.signing_certificate(
        _new_public_key(public, passphrase, token),
        ca=authority.certificate,
        ca_key=authority.key,
        organization=organization,
        sender=sender,
        at=at,
    )
    own_files.write_certificates(public, certificate, *authority.links)
    return public


def new_document_key(
    directory: Path,
    name: OwnKeyName,
    *,
    organization: str,
    at: dt.datetime,
    passphrase: bytes | None,
    token: TokenUri | None = None,
) -> Path:
    """The next generation of a key under the gateway's CA; its public file. `token`: where it is made."""
    authority = _issuing(directory, OwnKeyName.GATEWAY_CA, organization=organization, at=at, passphrase=passphrase)
    public = directory / f"{_stem(directory, name)}.pem"
    certificate = mail_authority.document_certificate(
        _new_public_key(public, passphrase, token),
        ca=authority.certificate,
        ca_key=authority.key,
        organization=organization,
        common_name=_DOCUMENTS[name],
        at=at,
    )
    own_files.write_certificates(public, certificate, *authority.links)
    return public


def new_openpgp(directory: Path, *, sender: str, at: dt.datetime, passphrase: bytes | None) -> OwnOpenPgpKey:
    """The next generation of the OpenPGP key. Raises SetupWrong (key.openpgp-program)."""
    stem = own_files.next_stem(directory, OwnKeyName.OPENPGP_SIGNING)
    key, public = new_openpgp_key(sender, at=at)
    write_new(directory / f"{stem}.key", protect(key.to_secret(), stem, passphrase))
    write_new(directory / f"{stem}.asc", public)
    return key


def sender_of(directory: Path) -> str:
    """The address in the mail-signing certificate that is in use, or none. Raises SetupWrong (key.*)."""
    certificate = own_files.read_certificates(own_files.newest(directory, OwnKeyName.MAIL_SIGNING))[0]
    return next(iter(certificate_facts(certificate.public_bytes(Encoding.DER)).emails), "")


def token_of(directory: Path, name: OwnKeyName) -> TokenUri | None:
    """The token that holds the key in use; None for one in a file. Raises SetupWrong (key.missing, key.token-uri)."""
    path = own_files.newest(directory, name).with_suffix(own_files.TOKEN)
    return read_uri(path) if path.exists() else None


def _new_public_key(public: Path, passphrase: bytes | None, token: TokenUri | None) -> PublicKey:
    """The public part of a new key, whose private part lies in a file or in the token."""
    if token is None:
        return ensure_key(public.with_suffix(".key"), mail_authority.new_signing_key, passphrase).public_key()
    uri = replace(token, object=public.stem)
    made = make_in_token(uri)
    write_new(public.with_suffix(own_files.TOKEN), f"{uri}\n".encode())
    return made


def _stem(directory: Path, name: OwnKeyName) -> str:
    """A first generation whose key was written and whose certificate was not is completed, not passed over."""
    return own_files.next_stem(directory, name) if own_files.generations(directory, name) else name


def _issuing(
    directory: Path, name: OwnKeyName, *, organization: str, at: dt.datetime, passphrase: bytes | None
) -> OwnAuthority:
    authority = ensure_authority(directory, name, organization=organization, at=at, passphrase=passphrase)
    authority.check_time(at, where=name)
    return authority
