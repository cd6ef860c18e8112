"""Pages that come back may be made by anybody: each ends in a refusal, or in no code, and the reader goes on."""

import struct
import zlib
from collections.abc import Iterator
from io import BytesIO

import pytest
from PIL import Image

from gateway.domain.codes import Code
from gateway.domain.problem import InputRefused
from gateway.domain.return_code import ReturnCode
from gateway.ports.fax import FaxCoding, FaxResolution
from gateway.ports.incoming import Picture
from templates.confined import process
from templates.confined.pool import ConfinedPool
from templates.confined.process import Limits
from templates.foreign_papers import ForeignPapers
from tests.templates.fax_pages import cover
from tests.templates.hostile_corpus import REFUSED

CODE = ReturnCode.of("<0a@tribunal.example>")


@pytest.fixture(scope="module")
def pages() -> Iterator[ForeignPapers]:
    """Given up by the processor time that they take, however long a busy machine makes of that."""
    with pytest.MonkeyPatch.context() as patched, ConfinedPool(Limits(memory=1 << 30, seconds=4)) as pool:
        patched.setattr(process, "_PATIENCE", 20)
        yield ForeignPapers(pool)


def tiff(entries: dict[int, int], *, next_at: int = 0, many: int = 1) -> bytes:
    """Directories of one strip each, one behind the other; the last one's successor stands at `next_at`."""
    size = 2 + 12 * len(entries) + 4
    file = struct.pack("<2sHI", b"II", 42, 8)
    for number in range(many):
        following = 8 + size * (number + 1) if number + 1 < many else next_at
        packed = b"".join(struct.pack("<HHII", tag, 4, 1, value) for tag, value in sorted(entries.items()))
        file += struct.pack("<H", len(entries)) + packed + struct.pack("<I", following)
    return file


def page(width: int, height: int) -> dict[int, int]:
    """A page that is said to be that large, of which a few bytes are there."""
    return {256: width, 257: height, 258: 1, 259: 1, 262: 1, 273: 8, 277: 1, 278: height, 279: 64}


def png_bomb() -> bytes:
    """Of 40,000 by 40,000 dots, in two megabytes."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    row = b"\0" + bytes(5_000)
    packer = zlib.compressobj(1)
    data = b"".join(packer.compress(row * 100) for _ in range(400)) + packer.flush()
    header = struct.pack(">IIBBBBB", 40_000, 40_000, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", data) + chunk(b"IEND", b"")


def white_pages(count: int) -> bytes:
    """A sound TIFF of so many small white pages."""
    file, first = BytesIO(), Image.new("1", (64, 64), 1)
    first.save(file, "TIFF", compression="group4", save_all=True, append_images=[first] * (count - 1))
    return file.getvalue()


HOSTILE = {
    "a giant page": tiff(page(100_000, 100_000)),
    "a page of four thousand million dots across": tiff(page(0xFFFFFFFF, 0xFFFFFFFF)),
    "no dots at all": tiff(page(0, 0)),
    "ten thousand pages": tiff(page(64, 8), many=10_000),
    "a directory that follows itself": tiff(page(64, 8), next_at=8),
    "a page cut short": tiff(page(1728, 2200))[:60],
    "a packed giant": png_bomb(),
    "more pages than are looked at": white_pages(201),
    "a name and nothing else": b"II*\0",
    "a photograph of noise": b"\xff\xd8\xff\xe0" + bytes(range(256)) * 400,
}


def named(pages: ForeignPapers, content: bytes) -> tuple[ReturnCode, ...]:
    """What the pages name; nothing where they are refused."""
    try:
        return pages.codes(content)
    except InputRefused:
        return ()


@pytest.mark.parametrize("kind", HOSTILE)
def test_a_hostile_page_names_nothing_and_the_reader_goes_on(pages: ForeignPapers, kind: str) -> None:
    assert named(pages, HOSTILE[kind]) == ()
    assert pages.codes(cover(CODE)) == (CODE,)


@pytest.mark.parametrize(
    "kind", ["a giant page", "ten thousand pages", "a packed giant", "more pages than are looked at"]
)
def test_what_is_too_large_is_refused_by_its_size_and_not_by_its_cost(pages: ForeignPapers, kind: str) -> None:
    with pytest.raises(InputRefused) as refused:
        pages.codes(HOSTILE[kind])
    assert refused.value.code in {Code.DOCUMENT_TOO_LARGE, Code.DOCUMENT_UNREADABLE}


@pytest.mark.parametrize("kind", REFUSED)
def test_a_hostile_pdf_names_nothing_either(pages: ForeignPapers, kind: str) -> None:
    assert named(pages, REFUSED[kind][0]) == ()


@pytest.mark.parametrize("coding", list(FaxCoding))
@pytest.mark.parametrize("resolution", list(FaxResolution))
def test_what_we_send_is_read_in_the_confined_process(
    pages: ForeignPapers, resolution: FaxResolution, coding: FaxCoding
) -> None:
    image = pages.rasterize(cover(CODE), "cover", resolution, coding)
    assert pages.codes(image.content) == (CODE,)


@pytest.mark.parametrize("kind", HOSTILE)
def test_a_hostile_page_is_drawn_as_dots_or_not_at_all(pages: ForeignPapers, kind: str) -> None:
    try:
        drawn = pages.picture(HOSTILE[kind], 1)
    except InputRefused:
        drawn = 0
    if isinstance(drawn, Picture):
        with Image.open(BytesIO(drawn.png), formats=["PNG"]) as picture:
            assert picture.mode == "L"
            assert max(picture.size) <= 2_400
    assert isinstance(pages.picture(cover(CODE), 1), Picture), "the reader goes on"


def test_pages_are_drawn_by_their_number_and_what_lies_beyond_is_counted(pages: ForeignPapers) -> None:
    three = white_pages(3)
    shown = [pages.picture(three, number) for number in (1, 3, 4)]
    assert [one.more if isinstance(one, Picture) else one for one in shown] == [True, False, 3]
    fine = pages.rasterize(cover(CODE), "cover", FaxResolution.STANDARD, FaxCoding.MMR)
    drawn = pages.picture(fine.content, 1)
    assert isinstance(drawn, Picture)
    assert pages.codes(drawn.png) == (CODE,), "what a person sees is the page"
