"""A small certificate authority for tests: made once a session, nothing of it is kept."""

import datetime as dt
from dataclasses import dataclass, field
from functools import cache

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from keys.cades import SigningKey
from keys.cms.algorithms import PrivateKey

NOW = dt.datetime(2026, 11, 20, 15, 4, tzinfo=dt.UTC)
"""The moment at which the tests take packages."""

DAY = dt.timedelta(days=1)


Digest = hashes.SHA256 | hashes.SHA384 | hashes.SHA512


@cache
def rsa_key(name: str, bits: int = 3072) -> rsa.RSAPrivateKey:
    """One RSA key for each name: they are slow to make."""
    return rsa.generate_private_key(public_exponent=65537, key_size=bits)


def ec_key(curve: ec.EllipticCurve | None = None) -> ec.EllipticCurvePrivateKey:
    """A new key, on P-256 unless told otherwise."""
    return ec.generate_private_key(curve or ec.SECP256R1())


def digest_for(key: PrivateKey) -> Digest:
    """SHA-384 for P-384, SHA-512 for P-521, else SHA-256."""
    by_size: dict[int, Digest] = {384: hashes.SHA384(), 521: hashes.SHA512()}
    return by_size.get(key.key_size, hashes.SHA256())


def key_usage(*uses: str) -> x509.KeyUsage:
    """The extension with these uses set."""
    names = [
        "digital_signature",
        "content_commitment",
        "key_encipherment",
        "data_encipherment",
        "key_agreement",
        "key_cert_sign",
        "crl_sign",
        "encipher_only",
        "decipher_only",
    ]
    return x509.KeyUsage(**{name: name in uses for name in names})


@dataclass(kw_only=True)
class Order:
    """What a certificate is to hold; the defaults make a good signer."""

    name: str
    ca: bool = False
    path_length: int | None = None
    uses: tuple[str, ...] | None = ("digital_signature",)
    extended: tuple[x509.ObjectIdentifier, ...] = (ExtendedKeyUsageOID.EMAIL_PROTECTION,)
    not_before: dt.datetime = NOW - 100 * DAY
    not_after: dt.datetime = NOW + 265 * DAY
    extensions: tuple[tuple[x509.ExtensionType, bool], ...] = ()
    digest: Digest | None = None
    serial: int = field(default_factory=x509.random_serial_number)


def ca_order(name: str, path_length: int | None = None) -> Order:
    """What an authority's certificate holds."""
    return Order(name=name, ca=True, path_length=path_length, uses=("key_cert_sign", "crl_sign"), extended=())


def subject(name: str) -> x509.Name:
    """A distinguished name of the test authority."""
    return x509.Name(
        [x509.NameAttribute(NameOID.COUNTRY_NAME, "CA"), x509.NameAttribute(NameOID.COMMON_NAME, f"Test {name}")]
    )


@dataclass(frozen=True, kw_only=True)
class Authority:
    """A key and certificate that issue others."""

    key: PrivateKey
    certificate: x509.Certificate

    @classmethod
    def root(cls, order: "Order | None" = None, key: PrivateKey | None = None) -> "Authority":
        """A self-signed authority, on P-384 unless a key is given."""
        order, key = order or ca_order("Root"), key or ec_key(ec.SECP384R1())
        return cls(key=key, certificate=_certificate(order, key, subject(order.name), key))

    def issue(self, order: "Order", key: PrivateKey) -> x509.Certificate:
        """A certificate as ordered."""
        return _certificate(order, key, self.certificate.subject, self.key)

    def authority(self, order: "Order | None" = None, key: PrivateKey | None = None) -> "Authority":
        """An authority below this one."""
        key = key or ec_key()
        return Authority(key=key, certificate=self.issue(order or ca_order("Issuing"), key))

    def signer(self, order: "Order | None" = None, key: PrivateKey | None = None) -> SigningKey:
        """An end entity with this authority's certificate as its chain."""
        key = key or ec_key()
        certificate = self.issue(order or Order(name="Signer"), key)
        return SigningKey(private_key=key, certificate=certificate, chain=(self.certificate,))

    def crl(
        self,
        *revoked: x509.Certificate,
        key: PrivateKey | None = None,
        since: dt.datetime = NOW - DAY,
        until: dt.datetime | None = NOW + DAY,
        extensions: tuple[tuple[x509.ExtensionType, bool], ...] = (),
    ) -> bytes:
        """A revocation list in DER; `key`: signed by another key than this authority's."""
        builder = x509.CertificateRevocationListBuilder().issuer_name(self.certificate.subject).last_update(since)
        if until is not None:
            builder = builder.next_update(until)
        for certificate in revoked:
            entry = x509.RevokedCertificateBuilder(certificate.serial_number, since)
            builder = builder.add_revoked_certificate(entry.build())
        for extension, critical in extensions:
            builder = builder.add_extension(extension, critical)
        signing = key or self.key
        return builder.sign(signing, digest_for(signing)).public_bytes(serialization.Encoding.DER)


def _certificate(order: Order, key: PrivateKey, issuer: x509.Name, issuer_key: PrivateKey) -> x509.Certificate:
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject(order.name))
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(order.serial)
        .not_valid_before(order.not_before)
        .not_valid_after(order.not_after)
        .add_extension(x509.BasicConstraints(ca=order.ca, path_length=order.path_length), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key()), critical=False)
    )
    if order.uses is not None:
        builder = builder.add_extension(key_usage(*order.uses), critical=True)
    if order.extended:
        builder = builder.add_extension(x509.ExtendedKeyUsage(order.extended), critical=False)
    for extension, critical in order.extensions:
        builder = builder.add_extension(extension, critical)
    return builder.sign(issuer_key, order.digest or digest_for(issuer_key))


def pem(*certificates: x509.Certificate) -> bytes:
    """The certificates in PEM, one after another."""
    return b"".join(certificate.public_bytes(serialization.Encoding.PEM) for certificate in certificates)


def key_pem(key: PrivateKey, passphrase: bytes | None = None) -> bytes:
    """The private key in PKCS #8 PEM."""
    protection = serialization.BestAvailableEncryption(passphrase) if passphrase else serialization.NoEncryption()
    return key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, protection)
