# mypy: allow-untyped-calls
"""Signed papers: PAdES-B (ETSI EN 319 142-1) as an incremental update, under which PDF/UA-1 and PDF/A-2a still hold.

pyHanko writes the update. It would also write the metadata anew, in a form that breaks the archival profile, so the
metadata stays as the paper has it; and the signature's field, which shows nothing, lies off the page and has a name
for readers.
"""

import datetime as dt
from io import BytesIO
from itertools import count
from typing import cast

from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.writer import BasePdfFileWriter
from pyhanko.sign.fields import InvisSigSettings, SigFieldSpec, SigSeedSubFilter
from pyhanko.sign.signers import PdfSignatureMetadata, PdfSigner, Signer
from pyhanko.sign.signers.pdf_signer import PdfSigningSession
from pyhanko_certvalidator.registry import SimpleCertificateStore

from gateway import event_loop
from keys.cades import SigningKey
from keys.cms.algorithms import scheme_for, sign_with

_RESERVED = 12_288
"""Bytes for the signature in the file: a chain of a few certificates, and pyHanko needs no trial signature."""


def sign_paper(content: bytes, key: SigningKey, *, field_words: str, at: dt.datetime, officer: str | None) -> bytes:
    """The paper with the signature as its last update. See `PaperSigner`."""
    key_signer = _KeySigner(key)
    writer = _QuietWriter(BytesIO(content))
    name = _free_name(writer)
    metadata = PdfSignatureMetadata(
        field_name=name, md_algorithm=key_signer.digest, subfilter=SigSeedSubFilter.PADES, name=officer
    )
    field = SigFieldSpec(
        name,
        invis_sig_settings=InvisSigSettings(box_out_of_bounds=True, set_hidden_flag=False),
        readable_field_name=field_words,
    )
    signer = _DatedSigner(metadata, key_signer, field, at)
    target = BytesIO()
    event_loop.run(signer.async_sign_pdf(writer, bytes_reserved=_RESERVED, output=target))
    return target.getvalue()


def _free_name(writer: IncrementalPdfFileWriter) -> str:
    """A name for the field that no earlier signature has."""
    taken = {signature.field_name for signature in writer.prev.embedded_signatures}
    return next(name for number in count(1) if (name := f"Signature{number}") not in taken)


class _QuietWriter(IncrementalPdfFileWriter):
    """Leaves the metadata as they are."""

    def _update_meta(self) -> None:
        """Nothing to do."""


class _DatedSigner(PdfSigner):
    """Dates the signature by the clock it is given."""

    def __init__(self, metadata: PdfSignatureMetadata, signer: Signer, field: SigFieldSpec, at: dt.datetime) -> None:
        super().__init__(metadata, signer, new_field_spec=field)
        self._at = at

    def init_signing_session(
        self,
        pdf_out: BasePdfFileWriter,
        existing_fields_only: bool = False,  # noqa: FBT001, FBT002  (pyHanko's shape)
    ) -> PdfSigningSession:
        """See `PdfSigner`."""
        session = super().init_signing_session(pdf_out, existing_fields_only)
        session.system_time = self._at
        return session


class _KeySigner(Signer):
    """Signs with a key that `cryptography` holds, or whatever else stands behind `SigningKey`."""

    def __init__(self, key: SigningKey) -> None:
        registry = SimpleCertificateStore()
        registry.register_multiple([_asn1(one) for one in key.chain])
        super().__init__(signing_cert=_asn1(key.certificate), cert_registry=registry, embed_roots=False)
        self._key = key.private_key
        self._scheme = scheme_for(key.private_key)

    @property
    def digest(self) -> str:
        """The digest that the key signs with, as pyHanko names it."""
        return self._scheme.digest.name

    async def async_sign_raw(self, data: bytes, digest_algorithm: str, dry_run: bool = False) -> bytes:  # noqa: FBT001, FBT002
        """The bare signature."""
        if dry_run or digest_algorithm != self.digest:
            raise ValueError(digest_algorithm)
        return sign_with(self._key, self._scheme, data)


def _asn1(certificate: x509.Certificate) -> asn1_x509.Certificate:
    return cast(asn1_x509.Certificate, asn1_x509.Certificate.load(certificate.public_bytes(Encoding.DER)))
