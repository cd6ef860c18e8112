# mypy: allow-untyped-calls
"""Signed papers: valid to a stock reader, broken by one flipped byte, and still accessible and archival."""

import datetime as dt
import subprocess
from io import BytesIO
from pathlib import Path
from typing import cast

import page
import pytest
from asn1crypto import x509 as asn1_x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import SignatureCoverageLevel, validate_pdf_signature
from pyhanko.sign.validation.settings import KeyUsageConstraints
from pyhanko_certvalidator import ValidationContext
from pypdf import PdfReader
from pypdf.generic import ArrayObject, DictionaryObject

from gateway.ports.papers import PaperSigner
from keys.cades import SigningKey
from keys.pades import PadesSigner
from tests.keys.pki import Authority, ec_key, rsa_key
from tests.real import need
from tests.templates.cases import MARKDOWN_REASONS, MINISTER, papers, renderer, source

AT = dt.datetime(2026, 11, 26, 15, 4, tzinfo=dt.UTC)
WORDS = "Signature de la greffière"
SIGNING = KeyUsageConstraints(key_usage={"digital_signature"})
UNKNOWN = ValidationContext(trust_roots=[], moment=AT, allow_fetching=False)


def paper() -> bytes:
    return renderer().render(papers(MINISTER, (source(MARKDOWN_REASONS.encode()),))).documents[0].content


def signed(content: bytes, key: SigningKey | None = None) -> bytes:
    signing = key or Authority.root().signer()
    signer: PaperSigner = PadesSigner(lambda: signing)
    return signer.sign(content, field_words=WORDS, at=AT)


def findings(content: bytes, profile: str) -> set[str]:
    return {failure.rule_id for failure in page.validate_pdf_bytes(content, profile=profile).failures}


@pytest.mark.parametrize("curve", ["P-256", "P-384", "RSA"])
def test_a_library_finds_the_signature_valid_over_the_whole_paper(curve: str) -> None:
    root = Authority.root()
    key = rsa_key("signer") if curve == "RSA" else ec_key(ec.SECP384R1() if curve == "P-384" else None)
    content = signed(paper(), root.signer(key=key))
    (signature,) = PdfFileReader(BytesIO(content)).embedded_signatures
    anchor = asn1_x509.Certificate.load(root.certificate.public_bytes(Encoding.DER))
    context = ValidationContext(trust_roots=[anchor], moment=AT, allow_fetching=False, revocation_mode="soft-fail")
    status = validate_pdf_signature(signature, context, key_usage_settings=SIGNING)
    assert (status.bottom_line, status.coverage) == (True, SignatureCoverageLevel.ENTIRE_FILE)
    assert signature.sig_object["/SubFilter"] == "/ETSI.CAdES.detached"
    assert signature.self_reported_timestamp == AT


def test_the_paper_itself_stands_unchanged_before_its_signature() -> None:
    content = paper()
    assert signed(content).startswith(content)
    assert PdfReader(BytesIO(signed(content))).metadata == PdfReader(BytesIO(content)).metadata


@pytest.mark.parametrize("profile", ["pdfua-1", "pdfa-2a"])
def test_what_held_of_the_paper_holds_still(profile: str) -> None:
    assert findings(paper(), profile) == set()
    assert findings(signed(paper()), profile) == set()


def test_a_reader_for_the_blind_is_told_what_the_field_is() -> None:
    form = PdfReader(BytesIO(signed(paper()))).root_object["/AcroForm"].get_object()
    assert isinstance(form, DictionaryObject)
    (field,) = (one.get_object() for one in cast(ArrayObject, form["/Fields"]))
    assert field["/TU"] == WORDS


def test_a_second_signature_leaves_the_first_one_whole() -> None:
    """As when an officer signs what the Registry has sealed; each has a field of its own."""
    both = PdfFileReader(BytesIO(signed(signed(paper())))).embedded_signatures
    names = [one.field_name for one in both]
    assert len(names) == len(set(names)) == 2
    statuses = [validate_pdf_signature(one, UNKNOWN, key_usage_settings=SIGNING) for one in both]
    assert [status.intact and status.valid for status in statuses] == [True, True]


def pdfsig(content: bytes, folder: Path) -> str:
    program = need.program("pdfsig", "poppler-utils")
    (folder / "signed.pdf").write_bytes(content)
    return subprocess.run([program, folder / "signed.pdf"], capture_output=True, text=True, check=False).stdout


@pytest.mark.real
def test_pdfsig_finds_it_valid_and_one_flipped_byte_breaks_it(tmp_path: Path) -> None:
    content = signed(paper())
    told = pdfsig(content, tmp_path)
    assert "Signature is Valid." in told
    assert "Total document signed" in told
    assert "ETSI.CAdES.detached" in told
    flipped = bytearray(content)
    flipped[len(content) // 3] ^= 1
    assert "Digest Mismatch." in pdfsig(bytes(flipped), tmp_path)
