"""The two small authorities under which the gateway signs: others pin a CA, and the signing key below can change.

One is for its mail, and may be a registry's own; the other for acceptances and evidence, which must stay checkable
whatever becomes of the mail. Certificates follow RFC 5280 and RFC 8550: CA on P-384 with SHA-384 (gpgsm wants the
digest as wide as the curve), signing key on P-256.
"""

import datetime as dt

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ec import (
    SECP256R1,
    SECP384R1,
    EllipticCurvePrivateKey,
    EllipticCurvePublicKey,
)
from cryptography.hazmat.primitives.asymmetric.ec import generate_private_key as generate
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA384
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from gateway.domain.codes import Code
from gateway.domain.problem import SetupWrong
from keys.cms.algorithms import PrivateKey

PublicKey = RSAPublicKey | EllipticCurvePublicKey

CA_VALIDITY = dt.timedelta(days=3653)
SIGNING_VALIDITY = dt.timedelta(days=1096)

_CLOCKS_BEHIND = dt.timedelta(hours=1)
"""Certificates start a little early: a reader whose clock is behind must not meet one that is not valid yet."""

_MAX_ORGANIZATION = 64
"""ub-organization-name (RFC 5280, appendix A)."""


def new_ca_key() -> EllipticCurvePrivateKey:
    """A key for the CA."""
    return generate(SECP384R1())


def new_signing_key() -> EllipticCurvePrivateKey:
    """A key for signing mail."""
    return generate(SECP256R1())


def ca_certificate(
    key: PrivateKey, *, organization: str, at: dt.datetime, common_name: str = "Mail CA"
) -> x509.Certificate:
    """A self-signed CA that issues end entities only. Raises SetupWrong (settings.invalid) for the organization."""
    return _self_signed(key, _name(organization, common_name), at)


def next_ca_certificate(key: PrivateKey, *, before: x509.Certificate, at: dt.datetime) -> x509.Certificate:
    """A self-signed CA of the same name as the one before it, which it follows."""
    return _self_signed(key, before.subject, at)


def link_certificate(key: PublicKey, *, ca: x509.Certificate, ca_key: PrivateKey, at: dt.datetime) -> x509.Certificate:
    """The key of a new CA certified by the one before it, as long as that one holds."""
    name, until = ca.subject, ca.not_valid_after_utc
    builder = _builder(key, subject=name, issuer=name, authority=ca_key.public_key(), at=at, until=until)
    return _authorized(builder).sign(ca_key, SHA384())


def signing_certificate(
    key: PublicKey,
    *,
    ca: x509.Certificate,
    ca_key: PrivateKey,
    organization: str,
    sender: str,
    at: dt.datetime,
) -> x509.Certificate:
    """A certificate for mail from `sender`. Raises SetupWrong (settings.invalid) for the organization or sender."""
    until = min(at + SIGNING_VALIDITY, ca.not_valid_after_utc)
    subject = _name(organization, "Mail signing")
    builder = _builder(key, subject=subject, issuer=ca.subject, authority=ca_key.public_key(), at=at, until=until)
    builder = builder.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
    builder = builder.add_extension(_usage(signs_certificates=False), critical=True)
    builder = builder.add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.EMAIL_PROTECTION]), critical=False)
    builder = builder.add_extension(x509.SubjectAlternativeName([_address(sender)]), critical=False)
    return builder.sign(ca_key, SHA384())


def document_certificate(
    key: PublicKey,
    *,
    ca: x509.Certificate,
    ca_key: PrivateKey,
    organization: str,
    common_name: str,
    at: dt.datetime,
) -> x509.Certificate:
    """A certificate for signing documents, and no mail: it names no address. Raises SetupWrong (settings.invalid)."""
    until = min(at + SIGNING_VALIDITY, ca.not_valid_after_utc)
    subject = _name(organization, common_name)
    builder = _builder(key, subject=subject, issuer=ca.subject, authority=ca_key.public_key(), at=at, until=until)
    builder = builder.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
    builder = builder.add_extension(_usage(signs_certificates=False, commits=True), critical=True)
    return builder.sign(ca_key, SHA384())


def _self_signed(key: PrivateKey, name: x509.Name, at: dt.datetime) -> x509.Certificate:
    public_key = key.public_key()
    builder = _builder(public_key, subject=name, issuer=name, authority=public_key, at=at, until=at + CA_VALIDITY)
    return _authorized(builder).sign(key, SHA384())


def _authorized(builder: x509.CertificateBuilder) -> x509.CertificateBuilder:
    builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
    return builder.add_extension(_usage(signs_certificates=True), critical=True)


def _builder(
    key: PublicKey,
    *,
    subject: x509.Name,
    issuer: x509.Name,
    authority: PublicKey,
    at: dt.datetime,
    until: dt.datetime,
) -> x509.CertificateBuilder:
    authority_id = x509.AuthorityKeyIdentifier.from_issuer_public_key(authority)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(at - _CLOCKS_BEHIND)
        .not_valid_after(until)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
        .add_extension(authority_id, critical=False)
    )


def _usage(*, signs_certificates: bool, commits: bool = False) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        content_commitment=commits,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _name(organization: str, common_name: str) -> x509.Name:
    if not 0 < len(organization) <= _MAX_ORGANIZATION:
        raise SetupWrong(Code.SETTINGS_INVALID, where="organization", most=_MAX_ORGANIZATION)
    attributes = {NameOID.ORGANIZATION_NAME: organization, NameOID.COMMON_NAME: common_name}
    return x509.Name([x509.NameAttribute(oid, value) for oid, value in attributes.items()])


def _address(sender: str) -> x509.RFC822Name:
    local, at_sign, domain = sender.rpartition("@")
    if not (local and at_sign and domain and sender.isascii() and sender.isprintable()) or " " in sender:
        raise SetupWrong(Code.SETTINGS_INVALID, where="sender")
    return x509.RFC822Name(sender)
