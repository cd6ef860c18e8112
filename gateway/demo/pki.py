"""The keys of the demonstration, made at run time: those who sign, those who receive, and the mail server.

A root and an issuing authority stand for the government's; each division's Registry has a signer under them. Nothing
of it outlives the demonstration.
"""

import datetime as dt
import ipaddress
from dataclasses import dataclass

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from keys.cades import SigningKey
from keys.cms.algorithms import PrivateKey

ORGANIZATION = "Demonstration (invented)"
_DAY = dt.timedelta(days=1)
_LIFE = 365 * _DAY
_CLOCKS_BEHIND = dt.timedelta(hours=1)

SIGNING = ("digital_signature",)
RECEIVING_RSA = ("key_encipherment",)
RECEIVING_EC = ("key_agreement",)
_ISSUING = ("key_cert_sign", "crl_sign")
_USES = (
    "digital_signature",
    "content_commitment",
    "key_encipherment",
    "data_encipherment",
    "key_agreement",
    "key_cert_sign",
    "crl_sign",
    "encipher_only",
    "decipher_only",
)


@dataclass(frozen=True, kw_only=True)
class Identity:
    """A private key and its certificate."""

    key: PrivateKey
    certificate: x509.Certificate

    @property
    def pem(self) -> bytes:
        """The certificate in PEM."""
        return self.certificate.public_bytes(Encoding.PEM)

    @property
    def key_pem(self) -> bytes:
        """The private key in PKCS #8 PEM, unencrypted: it lives as long as the demonstration."""
        return self.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


@dataclass(frozen=True, kw_only=True)
class Authority:
    """An identity that issues certificates and revocation lists, from `at` on."""

    own: Identity
    at: dt.datetime

    @classmethod
    def root(cls, at: dt.datetime) -> "Authority":
        """A self-signed authority."""
        key, name = ec.generate_private_key(ec.SECP384R1()), _name("Root authority")
        builder = _builder(name, name, key, at).add_extension(_authority(1), critical=True)
        certificate = builder.add_extension(_usage(_ISSUING), critical=True).sign(key, hashes.SHA384())
        return cls(own=Identity(key=key, certificate=certificate), at=at)

    def authority(self) -> "Authority":
        """An authority below this one, that issues end entities only."""
        key = ec.generate_private_key(ec.SECP384R1())
        builder = _builder(_name("Issuing authority"), self.own.certificate.subject, key, self.at)
        builder = builder.add_extension(_authority(0), critical=True).add_extension(_usage(_ISSUING), critical=True)
        return Authority(own=Identity(key=key, certificate=self._sign(builder)), at=self.at)

    def signer(self, name: str) -> SigningKey:
        """One who signs packages, with this authority's certificate as the chain."""
        identity = self._end_entity(name, ec.generate_private_key(ec.SECP256R1()), SIGNING, None)
        return SigningKey(private_key=identity.key, certificate=identity.certificate, chain=(self.own.certificate,))

    def recipient(self, name: str, address: str, key: PrivateKey) -> Identity:
        """One who receives encrypted mail at `address`."""
        uses = RECEIVING_RSA if isinstance(key, rsa.RSAPrivateKey) else RECEIVING_EC
        return self._end_entity(name, key, uses, address)

    def case_system(self, name: str) -> SigningKey:
        """One who opens what is encrypted to them and signs their answers with the same key."""
        key = rsa.generate_private_key(65537, 2048)
        identity = self._end_entity(name, key, (*SIGNING, *RECEIVING_RSA), None)
        return SigningKey(private_key=key, certificate=identity.certificate, chain=(self.own.certificate,))

    def mail_server(self, host: str) -> Identity:
        """A server known by its loopback address (RFC 6125)."""
        key = ec.generate_private_key(ec.SECP256R1())
        names = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(host))])
        builder = _builder(_name("Mail server"), self.own.certificate.subject, key, self.at)
        builder = builder.add_extension(_END_ENTITY, critical=True).add_extension(names, critical=False)
        usage = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH])
        builder = builder.add_extension(usage, critical=False).add_extension(_usage(SIGNING), critical=True)
        return Identity(key=key, certificate=self._sign(builder))

    def revocation_list(self, *revoked: x509.Certificate) -> bytes:
        """This authority's list, in PEM, valid for a day."""
        builder = (
            x509.CertificateRevocationListBuilder()
            .issuer_name(self.own.certificate.subject)
            .last_update(self.at - _CLOCKS_BEHIND)
            .next_update(self.at + _DAY)
        )
        for certificate in revoked:
            entry = x509.RevokedCertificateBuilder(certificate.serial_number, self.at - _CLOCKS_BEHIND)
            builder = builder.add_revoked_certificate(entry.build())
        return builder.sign(self.own.key, hashes.SHA384()).public_bytes(Encoding.PEM)

    def _end_entity(self, name: str, key: PrivateKey, uses: tuple[str, ...], address: str | None) -> Identity:
        builder = _builder(_name(name), self.own.certificate.subject, key, self.at)
        builder = builder.add_extension(_END_ENTITY, critical=True).add_extension(_usage(uses), critical=True)
        builder = builder.add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.EMAIL_PROTECTION]), critical=False)
        if address is not None:
            names = x509.SubjectAlternativeName([x509.RFC822Name(address)])
            builder = builder.add_extension(names, critical=False)
        return Identity(key=key, certificate=self._sign(builder))

    def _sign(self, builder: x509.CertificateBuilder) -> x509.Certificate:
        issuer = x509.AuthorityKeyIdentifier.from_issuer_public_key(self.own.key.public_key())
        return builder.add_extension(issuer, critical=False).sign(self.own.key, hashes.SHA384())


_END_ENTITY = x509.BasicConstraints(ca=False, path_length=None)


def _authority(path_length: int) -> x509.BasicConstraints:
    return x509.BasicConstraints(ca=True, path_length=path_length)


def _usage(uses: tuple[str, ...]) -> x509.KeyUsage:
    return x509.KeyUsage(**{use: use in uses for use in _USES})


def _name(common_name: str) -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, ORGANIZATION),
            x509.NameAttribute(NameOID.COMMON_NAME, common_name),
        ]
    )


def _builder(subject: x509.Name, issuer: x509.Name, key: PrivateKey, at: dt.datetime) -> x509.CertificateBuilder:
    public_key = key.public_key()
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(public_key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(at - _CLOCKS_BEHIND)
        .not_valid_after(at + _LIFE)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public_key), critical=False)
    )
