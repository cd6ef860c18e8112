# mypy: allow-untyped-calls
"""Fax pages: what fax tools accept, the same dots in both codings, and barcodes that are still read."""

import re
import struct
import subprocess
import tomllib
from io import BytesIO
from pathlib import Path

import pytest
import segno
import zxingcpp
from PIL import Image
from reportlab.graphics.barcode.code128 import Code128
from reportlab.pdfgen.canvas import Canvas

from gateway.domain.codes import Code
from gateway.domain.problem import InputRefused
from gateway.ports.fax import FaxCoding, FaxImage, FaxResolution
from tests.real import need
from tests.templates import hostile_pdfs
from tests.templates.cases import FOREIGN, MARKDOWN_REASONS, MINISTER, papers, renderer, source
from tests.templates.hostile_pdfs import one_page

NAME = "papers.pdf"
WORDS_ON_COVER = "TC6-12345/7"
FIELD = re.compile(r"^\w+ \((\d+)\) [A-Z]+ \(\d+\) \d+<([\d ]+)>$", re.MULTILINE)
IMAGE_LENGTH, COMPRESSION, ROWS_PER_STRIP, PAGE_NUMBER = 257, 259, 278, 297
KINDS = [(resolution, coding) for resolution in FaxResolution for coding in FaxCoding]


def fax(content: bytes, resolution: FaxResolution = FaxResolution.FINE, coding: FaxCoding = FaxCoding.MMR) -> FaxImage:
    return FOREIGN.rasterize(content, NAME, resolution, coding)


def decision() -> bytes:
    return renderer().render(papers(MINISTER, (source(MARKDOWN_REASONS.encode()),))).documents[0].content


def with_barcodes() -> bytes:
    """A page with the codes that a cover carries."""
    target = BytesIO()
    canvas = Canvas(target, pagesize=(612, 792), invariant=1)
    Code128(WORDS_ON_COVER, barWidth=1.2, barHeight=40).drawOn(canvas, 60, 600)
    for y, row in enumerate(segno.make(WORDS_ON_COVER, error="m", micro=False).matrix):
        for x, dark in enumerate(row):
            if dark:
                canvas.rect(80 + 3 * x, 400 - 3 * y, 3, 3, stroke=0, fill=1)
    canvas.save()
    return target.getvalue()


def tags(content: bytes) -> list[dict[int, tuple[int, ...]]]:
    """The entries of each directory, read by hand."""
    order, magic, at = struct.unpack_from("<2sHI", content)
    assert (order, magic, at) == (b"II", 42, 8)
    found = []
    while at:
        (number,) = struct.unpack_from("<H", content, at)
        entries: dict[int, tuple[int, ...]] = {}
        for index in range(number):
            tag, kind, count = struct.unpack_from("<HHI", content, at + 2 + 12 * index)
            place = at + 2 + 12 * index + 8
            if kind == 5:
                (place,) = struct.unpack_from("<I", content, place)
            entries[tag] = struct.unpack_from("<" + {3: "H", 4: "I", 5: "II"}[kind] * count, content, place)
        assert list(entries) == sorted(entries)
        found.append(entries)
        (at,) = struct.unpack_from("<I", content, at + 2 + 12 * number)
        assert at % 2 == 0
    return found


@pytest.mark.parametrize(("resolution", "coding"), KINDS)
def test_each_page_says_of_itself_what_profile_s_and_f_ask_for(resolution: FaxResolution, coding: FaxCoding) -> None:
    image = fax(decision(), resolution, coding)
    pages = tags(image.content)
    down, lines = (196, 2156) if resolution is FaxResolution.FINE else (98, 1078)
    options = {293: (0,)} if coding is FaxCoding.MMR else {292: (4,)}
    assert len(pages) == image.pages > 2
    for number, entries in enumerate(pages):
        strip, length = entries.pop(273), entries.pop(279)
        assert strip[0] + length[0] <= len(image.content)
        assert entries == options | {
            254: (2,),
            256: (1728,),
            257: (lines,),
            258: (1,),
            259: (4 if coding is FaxCoding.MMR else 3,),
            262: (0,),
            266: (2,),
            277: (1,),
            278: (lines,),
            282: (204, 1),
            283: (down, 1),
            296: (2,),
            297: (number, image.pages),
            327: (0,),
        }


def required_of(profile: str, compression: int) -> dict[int, list[int] | str]:
    """The fields that a profile of RFC 3949 requires, and the values of which one must stand."""
    found = tomllib.loads(Path(__file__).with_name("fax_profiles.toml").read_text())[profile]
    fields = found["fields"] | found.get("of-compression", {}).get(str(compression), {})
    return {int(number): values for number, values in fields.items()}


def dumped(file: Path) -> list[dict[int, list[int]]]:
    """The fields of each page as `tiffdump` reads them."""
    said = subprocess.run(["tiffdump", file], capture_output=True, text=True, check=True).stdout
    assert "Magic: 0x4949 <little-endian>" in said
    assert "Directory 0: offset 8 " in said
    return [
        {int(number): [int(one) for one in values.split()] for number, values in FIELD.findall(page)}
        for page in said.split("Directory ")[1:]
    ]


@pytest.mark.real
@pytest.mark.parametrize(("resolution", "coding"), KINDS)
def test_tiffdump_finds_in_each_page_what_its_profile_requires(
    resolution: FaxResolution, coding: FaxCoding, tmp_path: Path
) -> None:
    """Profile F holds for both codings, profile S for MH alone."""
    need.program("tiffdump", "libtiff-tools")
    file, image = tmp_path / "fax.tif", fax(decision(), resolution, coding)
    file.write_bytes(image.content)
    pages = dumped(file)
    assert len(pages) == image.pages
    for number, fields in enumerate(pages):
        for profile in ("F",) if coding is FaxCoding.MMR else ("S", "F"):
            required = required_of(profile, fields[COMPRESSION][0])
            assert required.keys() <= fields.keys(), profile
            wrong = {one for one, values in required.items() if values != "any" and fields[one][0] not in values}
            assert not wrong, profile
        assert fields[PAGE_NUMBER] == [number, image.pages]
        assert fields[ROWS_PER_STRIP] == fields[IMAGE_LENGTH]


@pytest.mark.parametrize("resolution", FaxResolution)
def test_both_codings_hold_the_same_dots_and_they_are_the_page(resolution: FaxResolution) -> None:
    dots = []
    for coding in FaxCoding:
        with Image.open(BytesIO(fax(one_page("Words"), resolution, coding).content)) as image:
            dots.append(image.convert("L").tobytes())
    assert dots[0] == dots[1]
    assert 0 < dots[0].count(0) < len(dots[0]) / 20


def test_the_same_input_gives_the_same_bytes() -> None:
    assert fax(one_page()).content == fax(one_page()).content


@pytest.mark.parametrize(
    ("box", "turn", "lines"),
    [
        ("[0 0 612 792]", 0, 2156),
        ("[0 0 792 612]", 0, 2156),
        ("[0 0 612 792]", 90, 2156),
        ("[0 0 595 842]", 0, 2292),
        ("[0 0 612 1008]", 0, 2744),
        ("[0 0 420 595]", 0, 1620),
        ("[0 0 1224 1584]", 0, 2149),
        ("[0 0 300 3000]", 0, 2744),
    ],
)
def test_a_page_of_any_size_stands_upright_and_fits(box: str, turn: int, lines: int) -> None:
    (entries,) = tags(fax(one_page(box=box, page=f"/Rotate {turn}")).content)
    assert entries[256] == (1728,)
    assert entries[257] == (lines,)


@pytest.mark.real
@pytest.mark.parametrize(("resolution", "coding"), KINDS)
def test_fax_tools_accept_it(resolution: FaxResolution, coding: FaxCoding, tmp_path: Path) -> None:
    need.program("tiffinfo", "libtiff-tools")
    need.program("tiff2pdf", "libtiff-tools")
    need.program("tiffcp", "libtiff-tools")
    need.program("tiffcmp", "libtiff-tools")
    given, copied = tmp_path / "fax.tif", tmp_path / "copied.tif"
    given.write_bytes(fax(decision(), resolution, coding).content)
    commands: list[list[str | Path]] = [
        ["tiffinfo", "-D", given],
        ["tiff2pdf", "-o", tmp_path / "fax.pdf", given],
        ["tiffcp", "-c", "none", given, copied],
    ]
    for command in commands:
        ran = subprocess.run(command, capture_output=True, text=True, check=True)
        assert "arning" not in ran.stderr + ran.stdout
        assert "rror" not in ran.stderr + ran.stdout
    compared = subprocess.run(["tiffcmp", "-t", given, copied], capture_output=True, text=True, check=False)
    assert "canline" not in compared.stdout
    assert "ixel" not in compared.stdout


@pytest.mark.real
@pytest.mark.parametrize("resolution", FaxResolution)
def test_a_fax_machine_decodes_every_line(resolution: FaxResolution, tmp_path: Path) -> None:
    """`fax2tiff` reads the bare lines as a machine would have received them."""
    need.program("fax2tiff", "libtiff-tools")
    image = fax(one_page("Words of the member"), resolution, FaxCoding.MH)
    (entries,) = tags(image.content)
    raw, out = tmp_path / "page.g3", tmp_path / "page.tif"
    raw.write_bytes(image.content[entries[273][0] : entries[273][0] + entries[279][0]])
    quality = ["-R", "196" if resolution is FaxResolution.FINE else "98"]
    ran = subprocess.run(
        ["fax2tiff", "-1", "-L", "-W", *quality, "-o", out, raw], capture_output=True, text=True, check=True
    )
    assert "bad" not in ran.stderr
    with Image.open(out) as decoded, Image.open(BytesIO(image.content)) as ours:
        assert decoded.size == ours.size
        assert decoded.convert("L").tobytes() == ours.convert("L").tobytes()


@pytest.mark.parametrize("coding", FaxCoding)
def test_zxing_reads_the_barcodes_of_a_fax(coding: FaxCoding) -> None:
    with Image.open(BytesIO(fax(with_barcodes(), FaxResolution.FINE, coding).content)) as image:
        read = {(one.format.name, one.text) for one in zxingcpp.read_barcodes(image.convert("L"))}
    assert read == {("Code128", WORDS_ON_COVER), ("QRCode", WORDS_ON_COVER)}


@pytest.mark.real
def test_zbar_reads_the_barcodes_of_a_fax(tmp_path: Path) -> None:
    need.program("zbarimg", "zbar-tools")
    with Image.open(BytesIO(fax(with_barcodes()).content)) as image:
        image.convert("L").save(tmp_path / "fax.png")
    read = subprocess.run(["zbarimg", "-q", tmp_path / "fax.png"], capture_output=True, text=True, check=True).stdout
    assert set(read.split()) == {f"CODE-128:{WORDS_ON_COVER}", f"QR-Code:{WORDS_ON_COVER}"}


def test_a_hostile_file_is_refused_by_the_papers_name() -> None:
    with pytest.raises(InputRefused) as caught:
        fax(b"%PDF-1.7\nnothing of it")
    assert (caught.value.code, caught.value.where) == (Code.DOCUMENT_UNREADABLE, NAME)
    with pytest.raises(InputRefused) as caught:
        fax(hostile_pdfs.encrypted("secret", "owner"))
    assert caught.value.code is Code.DOCUMENT_ENCRYPTED
