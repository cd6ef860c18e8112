"""The gateway's own keys, in a directory of their own: what seals the store, and what signs.

kek-ID.key           key-encryption keys (`keys.kek_files`)
mail-ca              the mail CA: its certificate is what recipients pin (`keys.own_authorities`)
mail-signing         signs S/MIME
openpgp-signing      signs OpenPGP; its public part, .asc, is what recipients pin
gateway-ca           the CA of the three below: its certificate is what submitters and courts pin
package-acceptance   signs the acceptance of a package
evidence-signing     signs evidence
dispatch-seal        seals the packages that officers make in the console

Each is a .key and a .pem, and a rotated one has several generations (`keys.own_files`). A registry that has a key and
certificate for mail from elsewhere (EC or RSA) puts them in the place of ours, the intermediates after the certificate
in the same file, and what its recipients pin in `mail-ca.pem`.

Private keys are PKCS #8 PEM. With a passphrase every secret is encrypted under it.
"""

import datetime as dt
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509

from gateway.domain.own_keys import OwnKeyName
from keys import kek_files, own_certificates, own_files
from keys.cades import SigningKey
from keys.key_files import changing, read_secret, require_private_directory
from keys.openpgp_own import OwnOpenPgpKey
from keys.sealing import KeyEncryptionKey
from keys.secret_box import reveal


@dataclass(frozen=True, kw_only=True)
class OwnKeys:
    """All the gateway's keys: `keks` with the newest last, those that sign now, and the CAs that others pin, the newest
    first.

    `openpgp` is None where GnuPG was missing when the keys were made, `dispatch_seal` where they were made by a release
    that had none: `gateway init` completes them.
    """

    keks: tuple[KeyEncryptionKey, ...]
    mail_signing: SigningKey
    package_acceptance: SigningKey
    evidence_signing: SigningKey
    dispatch_seal: SigningKey | None
    openpgp: OwnOpenPgpKey | None
    mail_cas: tuple[x509.Certificate, ...]
    gateway_cas: tuple[x509.Certificate, ...]
    generations: Mapping[OwnKeyName, int]
    """Which generation of each is in use, of those that there are."""

    @property
    def certificates(self) -> Mapping[OwnKeyName, x509.Certificate]:
        """Those in use, by name."""
        sealing = {} if self.dispatch_seal is None else {OwnKeyName.DISPATCH_SEAL: self.dispatch_seal.certificate}
        return {
            OwnKeyName.MAIL_SIGNING: self.mail_signing.certificate,
            OwnKeyName.MAIL_CA: self.mail_ca,
            OwnKeyName.PACKAGE_ACCEPTANCE: self.package_acceptance.certificate,
            OwnKeyName.EVIDENCE_SIGNING: self.evidence_signing.certificate,
            OwnKeyName.GATEWAY_CA: self.gateway_ca,
        } | sealing

    @property
    def mail_ca(self) -> x509.Certificate:
        """The one that issues now."""
        return self.mail_cas[0]

    @property
    def gateway_ca(self) -> x509.Certificate:
        """The one that issues now."""
        return self.gateway_cas[0]


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
        own_certificates.create_missing(
            directory, organization=organization, sender=sender, at=at, passphrase=passphrase
        )
        if shutil.which("gpg") and not own_files.generations(directory, OwnKeyName.OPENPGP_SIGNING, ".asc"):
            own_certificates.new_openpgp(directory, sender=sender, at=at, passphrase=passphrase)


def add_key_encryption_key(directory: Path, passphrase: bytes | None = None) -> str:
    """Rotation: a new KEK, that wraps from now on; the old ones still unwrap. Returns its id."""
    with changing(directory):
        return kek_files.add_kek(directory, passphrase)


def load_own_keys(directory: Path, passphrase: bytes | None = None) -> OwnKeys:
    """The keys as they lie there. The CAs' private keys are not read: they only issue.

    Raises SetupWrong: key.missing; seal.key-permissions; key.unreadable; key.passphrase when it is wrong, missing
    or given for keys that have none; key.mismatch when key and certificate do not belong together.
    """
    require_private_directory(directory)
    mail, acceptance, evidence = (
        own_files.read_signing_key(own_files.newest(directory, name), passphrase)
        for name in (OwnKeyName.MAIL_SIGNING, OwnKeyName.PACKAGE_ACCEPTANCE, OwnKeyName.EVIDENCE_SIGNING)
    )
    return OwnKeys(
        keks=kek_files.load_keks(directory, passphrase),
        mail_signing=mail,
        package_acceptance=acceptance,
        evidence_signing=evidence,
        dispatch_seal=_dispatch_seal(directory, passphrase),
        openpgp=_openpgp(directory, passphrase),
        mail_cas=tuple(own_files.read_certificates(own_files.newest(directory, OwnKeyName.MAIL_CA))),
        gateway_cas=tuple(own_files.read_certificates(own_files.newest(directory, OwnKeyName.GATEWAY_CA))),
        generations=_generations(directory),
    )


def _generations(directory: Path) -> Mapping[OwnKeyName, int]:
    found: dict[OwnKeyName, int] = {
        name: own_files.newest_generation(directory, name, ".asc" if name is OwnKeyName.OPENPGP_SIGNING else ".pem")
        for name in OwnKeyName
        if name is not OwnKeyName.KEY_ENCRYPTION
    }
    found[OwnKeyName.KEY_ENCRYPTION] = kek_files.newest_generation(directory)
    return {name: number for name, number in found.items() if number}


def _dispatch_seal(directory: Path, passphrase: bytes | None) -> SigningKey | None:
    found = own_files.generations(directory, OwnKeyName.DISPATCH_SEAL)
    return own_files.read_signing_key(found[-1], passphrase) if found else None


def _openpgp(directory: Path, passphrase: bytes | None) -> OwnOpenPgpKey | None:
    found = own_files.generations(directory, OwnKeyName.OPENPGP_SIGNING, ".asc")
    if not found:
        return None
    path = found[-1].with_suffix(".key")
    secret = reveal(read_secret(path), path.stem, passphrase, where=str(path))
    return OwnOpenPgpKey.from_secret(secret, str(path))
