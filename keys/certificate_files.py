"""Certificates and revocation lists as people hand them in: the house's `Certificates`."""

import datetime as dt

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from gateway.domain.codes import Code
from gateway.domain.problem import InputRefused
from gateway.ports.keys import AnchorFile, KeyFacts
from keys.certificates import UNREADABLE
from keys.recipient_certificates import certificate_facts
from keys.status_reading import list_fresh_until, read_list
from keys.trust_files import read_anchor_file, read_crl


class CertificateFiles:
    """See `gateway.ports.keys.Certificates`."""

    def to_der(self, raw: bytes) -> bytes:
        """One certificate, PEM or DER, as DER. Raises InputRefused (key.unreadable)."""
        try:
            if raw.lstrip().startswith(b"-----"):
                certificate = x509.load_pem_x509_certificate(raw)
            else:
                certificate = x509.load_der_x509_certificate(raw)
        except UNREADABLE:
            raise InputRefused(Code.KEY_UNREADABLE) from None
        return certificate.public_bytes(Encoding.DER)

    def facts(self, certificate: bytes) -> KeyFacts:
        """What is shown of it. Raises InputRefused (key.unreadable)."""
        return certificate_facts(certificate)

    def list_ends(self, crl: bytes) -> dt.datetime:
        """The next update of a list. Raises InputRefused (key.crl-invalid)."""
        known = read_list(crl).crl
        return list_fresh_until(known, None) or known.last_update_utc

    def anchor_file(self, raw: bytes) -> AnchorFile:
        """The certificates of a PEM file. Raises InputRefused (key.no-anchor, key.unreadable)."""
        found = read_anchor_file(raw)
        return AnchorFile(anchors=found.anchors, intermediates=found.intermediates)

    def revocation_list(self, raw: bytes) -> bytes:
        """A CRL, PEM or DER, as DER. Raises InputRefused (key.crl-invalid)."""
        return read_crl(raw)
