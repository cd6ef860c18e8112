"""Acknowledgements as they come back: our cover as a machine printed it, signed, laid askew into another, and speckled.

Each page goes through two machines of the same resolution: ours to theirs, and theirs to ours.
"""

import random
from dataclasses import dataclass, replace
from io import BytesIO

from PIL import Image, ImageChops, ImageDraw

from gateway.domain.parties import Language
from gateway.domain.return_code import ReturnCode
from gateway.ports.fax import FaxCoding, FaxResolution
from gateway.ports.registry_papers import FaxCover
from templates.fax.raster import rasterize
from templates.printer import PaperPrinter
from tests.templates.samples import registry_papers

_ACROSS = 408
"""Dots to the inch of the paper between the two machines, both ways: twice those of a fax."""
_DOWN = {FaxResolution.FINE: 196, FaxResolution.STANDARD: 98}
_INCH = 25.4
_GREY = 144
MOST_TURNED, MOST_SHIFTED, SPECKLED = 3.0, 5.0, 0.01  # degrees, millimetres, share of the dots


@dataclass(frozen=True, kw_only=True)
class Fault:
    """What happens to a page on its way back: by how much at most."""

    turned: float = 0
    shifted: float = 0
    speckled: float = 0


FAULTS = {
    "as it went": Fault(),
    "turned": Fault(turned=MOST_TURNED),
    "shifted": Fault(shifted=MOST_SHIFTED),
    "speckled": Fault(speckled=SPECKLED),
    "all together": Fault(turned=MOST_TURNED, shifted=MOST_SHIFTED, speckled=SPECKLED),
}


def cover(code: ReturnCode) -> bytes:
    """A cover with that code, as PDF."""
    paper = registry_papers(Language.EN)["fax-cover"]
    assert isinstance(paper, FaxCover)
    return PaperPrinter().draw(replace(paper, code=code)).content


def came_back(code: ReturnCode, resolution: FaxResolution, fault: Fault, chance: random.Random) -> bytes:
    """The page with that code as the TIFF that reaches us."""
    paper = _signed(_printed(cover(code), resolution), chance)
    moved = [round(chance.uniform(-fault.shifted, fault.shifted) / _INCH * _ACROSS) for _ in range(2)]
    angle = chance.choice((-1, 1)) * chance.uniform(fault.turned / 2, fault.turned)
    laid = paper.rotate(angle, Image.Resampling.BILINEAR, translate=(moved[0], moved[1]), fillcolor=255)
    return _sent(_speckled(_scanned(laid, resolution), fault.speckled, chance), resolution)


def _printed(content: bytes, resolution: FaxResolution) -> Image.Image:
    with Image.open(BytesIO(rasterize(content, resolution, FaxCoding.MH)[0])) as page:
        size = (page.width * 2, round(page.height * _ACROSS / _DOWN[resolution]))
        return page.convert("L").resize(size, Image.Resampling.NEAREST)


def _signed(page: Image.Image, chance: random.Random) -> Image.Image:
    """A name scrawled over the lines, whose last stroke runs towards the code."""
    pen = ImageDraw.Draw(page)
    x, y = 3.0 * _ACROSS, 8.0 * _ACROSS
    strokes = [(x, y)]
    for _ in range(24):
        x, y = x + chance.uniform(10, 45), 8.0 * _ACROSS + chance.uniform(-120, 120)
        strokes.append((x, y))
    pen.line(strokes, fill=0, width=8, joint="curve")
    return page


def _scanned(page: Image.Image, resolution: FaxResolution) -> Image.Image:
    size = (page.width // 2, round(page.height * _DOWN[resolution] / _ACROSS))
    return page.resize(size, Image.Resampling.BOX).point(lambda grey: 255 if grey > _GREY else 0)


def _speckled(page: Image.Image, share: float, chance: random.Random) -> Image.Image:
    """That share of the dots the other way round: white ones black, and black ones white."""
    if not share:
        return page
    dots = page.width * page.height
    specks = bytearray(dots)
    for place in chance.sample(range(dots), round(dots * share)):
        specks[place] = 255
    return ImageChops.difference(page, Image.frombytes("L", page.size, bytes(specks)))


def _sent(page: Image.Image, resolution: FaxResolution) -> bytes:
    file = BytesIO()
    page.convert("1").save(file, "TIFF", compression="group4", dpi=(204, _DOWN[resolution]))
    return file.getvalue()
