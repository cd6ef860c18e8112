# mypy: allow-untyped-calls
"""PDF that came from others: 229 pages joined and searched, fax pages, signing; beside pikepdf, qpdf and the bare
libraries. Milliseconds of CPU in this process, collector off as in the confined one; and the way through that process
by the clock."""

import datetime as dt
import gc
import shutil
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable
from functools import partial
from io import BytesIO
from pathlib import Path

import pikepdf
from asn1crypto import keys, x509
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from PIL import Image
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import signers
from pyhanko_certvalidator.registry import SimpleCertificateStore
from pypdf import PdfReader

from gateway.domain.naming import Identity, naming_of
from gateway.domain.parties import Language
from gateway.ports.fax import FaxCoding, FaxResolution
from keys.pades import PadesSigner
from templates.fax.raster import rasterize
from templates.foreign.joining import Arrival, join
from templates.foreign.text import open_for_pdfium, page_texts
from templates.matter import Matter
from templates.pdf.document import build, stand_in
from templates.renderer import _description
from tests.bench.bench_papers import decision
from tests.keys.pki import Authority
from tests.templates.cases import FOREIGN, MINISTER, papers, renderer, source

_ROUNDS = 7
_PAGES = 229
_NOBODY = Identity(own_files=("TC6-99999",), all_files=("TC6-12345", "TC6-12346", "TC6-99999"), ucis=None)


def _median(work: Callable[[], object], clock: Callable[[], float] = time.process_time) -> float:
    work()
    taken = []
    for _ in range(_ROUNDS):
        gc.collect()
        begun = clock()
        work()
        taken.append((clock() - begun) * 1000)
    return statistics.median(taken)


def _plain_reasons() -> bytes:
    """A tagged decision of 229 pages without notes."""
    text = "\n\n".join(part for part in decision(1500).split("\n\n") if not part.startswith("[^"))
    for number in range(1, 1501):
        text = text.replace(f"[^{number}]", "")
    whole = renderer().render(papers(MINISTER, (source(text.encode()),))).documents[0].content
    with pikepdf.open(BytesIO(whole)) as file:
        del file.pages[_PAGES:]
        return _saved(file)


def _untagged(content: bytes) -> bytes:
    with pikepdf.open(BytesIO(content)) as file:
        del file.Root.StructTreeRoot
        del file.Root.MarkInfo
        return _saved(file)


def _saved(file: pikepdf.Pdf) -> bytes:
    target = BytesIO()
    file.save(target, object_stream_mode=pikepdf.ObjectStreamMode.generate)
    return target.getvalue()


def _merged_by_pikepdf(paper: bytes, content: bytes) -> bytes:
    with pikepdf.open(BytesIO(paper)) as ours, pikepdf.open(BytesIO(content)) as theirs:
        ours.pages.extend(theirs.pages)
        return _saved(ours)


def _qpdf(paper: bytes, content: bytes) -> Callable[[], object] | None:
    program = shutil.which("qpdf")
    if program is None:
        return None
    folder = Path(tempfile.mkdtemp())
    (folder / "a.pdf").write_bytes(paper)
    (folder / "b.pdf").write_bytes(content)
    command: list[str | Path] = [
        program,
        "--empty",
        "--pages",
        folder / "a.pdf",
        folder / "b.pdf",
        "--",
        folder / "out.pdf",
    ]
    return lambda: subprocess.run(command, check=True)


def _row(name: str, mine: float, other: float | None, unit: str = "") -> None:
    ratio = f"{mine / other:>7.2f}" if other else ""
    print(f"{name:58}{mine:>9.1f}{other or 0:>9.1f}{ratio} {unit}")


def main() -> None:
    """Prints milliseconds (median), those of the other tool, and the ratio."""
    gc.disable()
    tagged = _plain_reasons()
    plain = _untagged(tagged)
    matter = Matter(papers(MINISTER, (source(plain),)))
    furniture = matter.furniture(Language.EN, strip=True)
    paper = build([stand_in((612, 792), furniture)] * _PAGES, _description(matter)).content
    print(f"{'foreign PDF':58}{'ms':>9}{'other':>9}{'ratio':>7}")
    _joining(paper, plain, tagged)
    _reading(plain)
    _fax()
    _signing()


def _joining(paper: bytes, plain: bytes, tagged: bytes) -> None:
    places = range(_PAGES)
    by_pikepdf, by_qpdf = _median(lambda: _merged_by_pikepdf(paper, plain)), _qpdf(paper, plain)
    for name, content in (("untagged", plain), ("tagged, structure kept", tagged)):
        arrival = Arrival(content=content, places=places, language="en")
        mine = _median(partial(join, paper, arrival))
        _row(f"229 pages sanitised and stamped, {name} (pikepdf merges)", mine, by_pikepdf)
    way = _median(lambda: FOREIGN.join(paper, plain, places, "en", "x"), time.perf_counter)
    _row("  untagged, through the confined process, by the clock", way, None)
    if by_qpdf:
        _row("  (qpdf --pages, by the clock, its start included)", _median(by_qpdf, time.perf_counter), None)


def _reading(plain: bytes) -> None:
    def searched() -> object:
        document = open_for_pdfium(plain)
        found = naming_of(page_texts(document), _NOBODY)
        document.close()
        return found

    by_pypdf = _median(lambda: [page.extract_text() for page in PdfReader(BytesIO(plain)).pages[:20]]) / 20 * _PAGES
    _row("229 pages searched for a number that is not there (pypdf)", _median(searched), by_pypdf)


def _fax() -> None:
    content = renderer().render(papers(MINISTER, (source(decision(30).encode()),))).documents[0].content
    pages = len(PdfReader(BytesIO(content)).pages)
    for resolution, coding in ((FaxResolution.FINE, FaxCoding.MMR), (FaxResolution.STANDARD, FaxCoding.MH)):
        mine = _median(partial(rasterize, content, resolution, coding)) / pages
        file, _ = rasterize(content, resolution, coding)
        with Image.open(BytesIO(file)) as image:
            dots = image.convert("1")
        kind = "group4" if coding is FaxCoding.MMR else "group3"
        other = _median(partial(_coded_by_pillow, dots, kind))
        _row(f"a fax page, {resolution.value} {coding.value} (Pillow, coding alone)", mine, other, "a page")


def _coded_by_pillow(dots: Image.Image, kind: str) -> None:
    dots.save(BytesIO(), "TIFF", compression=kind)


def _signing() -> None:
    content = renderer().render(papers(MINISTER, (source(decision(30).encode()),))).documents[0].content
    key, at = Authority.root().signer(), dt.datetime(2026, 11, 26, tzinfo=dt.UTC)
    signer = PadesSigner(lambda: key)
    metadata = signers.PdfSignatureMetadata(field_name="Signature")
    pkcs8 = key.private_key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    simple = signers.SimpleSigner(
        x509.Certificate.load(key.certificate.public_bytes(Encoding.DER)),
        keys.PrivateKeyInfo.load(pkcs8),
        SimpleCertificateStore(),
    )

    def stock() -> object:
        return signers.sign_pdf(IncrementalPdfFileWriter(BytesIO(content)), metadata, simple)

    mine = _median(partial(signer.sign, content, field_words="x", at=at))
    _row("a paper signed, P-256 (pyHanko as it comes)", mine, _median(stock))


if __name__ == "__main__":
    main()
