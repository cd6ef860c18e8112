# mypy: allow-untyped-calls
"""Makes the fonts of this folder from Debian's `fonts-liberation2` and `fonts-dejavu-core`, and the colour profile.

For whoever changes the set of signs: `python -m templates.fonts.build`. It needs fontTools (a development
dependency) and the two Debian packages; the gateway itself needs neither. The results are committed, small,
unhinted (paper has no pixels) and renamed, as the SIL Open Font License asks of a modified font.
"""

import struct
from collections.abc import Iterable
from pathlib import Path

from fontTools import subset
from fontTools.ttLib import TTFont
from PIL import ImageCms

LIBERATION = Path("/usr/share/fonts/truetype/liberation2")
DEJAVU = Path("/usr/share/fonts/truetype/dejavu")

TEXT_SIGNS = (
    (0x0020, 0x024F),  # Latin: basic, supplement, extended A and B
    (0x02B0, 0x02FF),  # spacing modifiers
    (0x0370, 0x03FF),  # Greek
    (0x0400, 0x045F),  # Cyrillic
    (0x1E00, 0x1EFF),  # Latin extended additional: Vietnamese names
    (0x2000, 0x206F),  # general punctuation
    (0x2070, 0x209F),  # superscripts and subscripts
    (0x20A0, 0x20BF),  # currency
    (0x2100, 0x218F),  # letter-like signs and number forms
    (0x2190, 0x2193),  # arrows
    (0x2200, 0x22FF),  # mathematical operators
)
OTHER_SIGNS = (
    (0x0020, 0x007E),
    (0x1400, 0x167F),  # Canadian syllabics
    (0x2070, 0x209F),  # superscripts and subscripts
    (0x2150, 0x218F),  # number forms
    (0x2190, 0x21FF),  # arrows
    (0x25A0, 0x25FF),  # geometric shapes
    (0x2610, 0x2612),  # ballot boxes
    (0x2713, 0x2718),  # check marks
)
TURNING = frozenset({*range(0x200E, 0x2010), *range(0x202A, 0x202F), *range(0x2066, 0x206A)})
"""Marks that turn the direction of text, which the drawing layer does not do: text that has them is refused."""
UNDEFINED = frozenset({0x7F, 0x81, 0x8D, 0x8F, 0x90, 0x9D})
"""Bytes that stand for no sign in Windows code page 1252."""
HYPHEN, NON_BREAKING_HYPHEN = 0x2010, 0x2011

FACES = (
    (LIBERATION / "LiberationSerif-Regular.ttf", "RegistrySerif-Regular", "Registry Serif", TEXT_SIGNS),
    (LIBERATION / "LiberationSerif-Bold.ttf", "RegistrySerif-Bold", "Registry Serif", TEXT_SIGNS),
    (LIBERATION / "LiberationSerif-Italic.ttf", "RegistrySerif-Italic", "Registry Serif", TEXT_SIGNS),
    (LIBERATION / "LiberationSerif-BoldItalic.ttf", "RegistrySerif-BoldItalic", "Registry Serif", TEXT_SIGNS),
    (DEJAVU / "DejaVuSans.ttf", "RegistrySigns-Regular", "Registry Signs", OTHER_SIGNS),
)

COMMON_SIGNS = frozenset(ord(bytes([code]).decode("cp1252")) for code in range(0x20, 0x100) if code not in UNDEFINED)
"""What English and French need: the signs of WinAnsiEncoding (ISO 32000-1, annex D), one byte each."""

_FAMILY, _SUBFAMILY, _UNIQUE, _FULL, _POSTSCRIPT = 1, 2, 3, 4, 6
_KEPT_NAMES = frozenset({0, 5, 7, 10, 13, 14, _SUBFAMILY})
"""Copyright, version, trademark and licence stay; what names the font is ours."""


def build(folder: Path, source: Path, name: str, family: str, ranges: Iterable[tuple[int, int]]) -> Path:
    """Writes `folder/name.ttf`: the signs of `ranges` that `source` has, without hints or layout tables."""
    options = subset.Options(hinting=False, layout_features=[], notdef_outline=True, name_IDs=["*"], name_legacy=True)
    options.drop_tables += ["GSUB", "GPOS", "GDEF", "kern", "FFTM", "MATH"]
    font = subset.load_font(str(source), options)
    subsetter = subset.Subsetter(options)
    subsetter.populate(
        unicodes=[sign for first, last in ranges for sign in range(first, last + 1) if sign not in TURNING]
    )
    subsetter.subset(font)
    _add_non_breaking_hyphen(font)
    _rename(font, name, family)
    font["head"].modified = font["head"].created
    font.recalcTimestamp = False
    target = folder / f"{name}.ttf"
    font.save(target)
    return target


def build_common(folder: Path, name: str) -> Path:
    """Writes `folder/RegistryCommon-….ttf` from the text face `name`: what nearly every paper needs and no more.

    It is embedded as it is, so that a process packs it once and no paper makes a subset.
    """
    options = subset.Options(hinting=False, layout_features=[], notdef_outline=True, name_IDs=["*"], name_legacy=True)
    font = subset.load_font(str(folder / f"{name}.ttf"), options)
    subsetter = subset.Subsetter(options)
    subsetter.populate(unicodes=COMMON_SIGNS)
    subsetter.subset(font)
    common = name.replace("Serif", "Common")
    _rename(font, common, "Registry Common")
    font.recalcTimestamp = False
    target = folder / f"{common}.ttf"
    font.save(target)
    return target


def build_profile(target: Path) -> Path:
    """Writes the sRGB profile of the output intent, made by Little CMS. Its date (bytes 24 to 35) is set to 2000."""
    profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    profile[24:36] = struct.pack(">6H", 2000, 1, 1, 0, 0, 0)
    target.write_bytes(profile)
    return target


def _add_non_breaking_hyphen(font: TTFont) -> None:
    for table in font["cmap"].tables:
        hyphen = table.cmap.get(HYPHEN, table.cmap.get(ord("-")))
        if hyphen and table.isUnicode():
            table.cmap[NON_BREAKING_HYPHEN] = hyphen


def _rename(font: TTFont, name: str, family: str) -> None:
    names = font["name"]
    style = name.partition("-")[2]
    own = {_FAMILY: family, _UNIQUE: name, _FULL: f"{family} {style}", _POSTSCRIPT: name}
    for record in list(names.names):
        if record.nameID in own:
            record.string = own[record.nameID]
        elif record.nameID not in _KEPT_NAMES:
            names.removeNames(nameID=record.nameID)


if __name__ == "__main__":
    here = Path(__file__).parent
    for face in FACES:
        build(here, *face)
        if face[3] is TEXT_SIGNS:
            build_common(here, face[1])
    build_profile(here / "srgb.icc")
