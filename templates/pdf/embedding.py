# mypy: allow-untyped-calls
"""Text as the operators of a page show it, and the font programs it needs embedded.

Signs of WinAnsiEncoding are one byte each in a static font that is packed once a process. All others are two bytes
each (Identity-H) in a subset of the wide face, made when the paper is finished.
"""

import hashlib
from functools import lru_cache

from templates.pdf.file import PdfFile, deflated
from templates.pdf.fonts import BOLD_ITALIC, ITALIC, NAMES, Face, face, load

_WRITTEN = str.maketrans({"(": "\\(", ")": "\\)", "\\": "\\\\", "\u00a0": " "})
"""Escapes; and a space that does not break is a space once lines are broken, so that a search finds what it parts."""
_SERIF, _SYMBOLIC, _NONSYMBOLIC, _ITALIC = 1 << 1, 1 << 2, 1 << 5, 1 << 6
_UNDEFINED_CODES = frozenset({0x7F, 0x81, 0x8D, 0x8F, 0x90, 0x9D})
_FIRST_CODE, _LAST_CODE = 32, 255
_MOST_IN_BLOCK = 100
"""A CMap holds no more entries in a block (Adobe Technical Note 5014)."""

_KEYS = {name: number for number, name in enumerate(NAMES)}


class FontUse:
    """The fonts of one paper: which are used, and the wide signs in the order of their first use."""

    def __init__(self) -> None:
        self._common: set[str] = set()
        self._wide: dict[str, dict[str, int]] = {}

    def copy(self) -> "FontUse":
        """Another one that begins with the same fonts and signs."""
        other = FontUse()
        other._common = set(self._common)
        other._wide = {name: dict(numbers) for name, numbers in self._wide.items()}
        return other

    def show(self, text: str, of: Face, size: float, current: str) -> tuple[str, str]:
        """The operators that show the text, and the font they leave set. `current` is the one set before."""
        if of.common:
            try:
                shown = text.encode("cp1252").decode("latin-1").translate(_WRITTEN)
            except UnicodeEncodeError:
                return self._mixed(text, of, size, current)
            self._common.add(of.name)
            return _with_font(f"({shown}) Tj", f"/F{_KEYS[of.name]} {size:g} Tf", current)
        return self._wide_text(text, of, size, current)

    def _mixed(self, text: str, of: Face, size: float, current: str) -> tuple[str, str]:
        parts: list[str] = []
        start = 0
        common = [_is_common(sign) for sign in text]
        for end in range(1, len(text) + 1):
            if end == len(text) or common[end] != common[start]:
                show = self.show if common[start] else self._wide_text
                operators, current = show(text[start:end], of, size, current)
                parts.append(operators)
                start = end
        return " ".join(parts), current

    def _wide_text(self, text: str, of: Face, size: float, current: str) -> tuple[str, str]:
        numbers = self._wide.setdefault(of.name, {})
        codes = "".join(f"{numbers.setdefault(sign, len(numbers) + 1):04X}" for sign in text)
        return _with_font(f"<{codes}> Tj", f"/W{_KEYS[of.name]} {size:g} Tf", current)

    def write(self, file: PdfFile, number: int) -> None:
        """Writes the fonts, and as object `number` the dictionary that names them."""
        entries = [f"/F{_KEYS[name]} {_write_common(file, name)} 0 R" for name in sorted(self._common)]
        entries += [f"/W{_KEYS[name]} {_write_wide(file, name, self._wide[name])} 0 R" for name in sorted(self._wide)]
        file.set(number, f"<<{' '.join(entries)}>>")


def _with_font(shown: str, font: str, current: str) -> tuple[str, str]:
    return (shown if font == current else f"{font} {shown}"), font


def _is_common(sign: str) -> bool:
    try:
        sign.encode("cp1252")
    except UnicodeEncodeError:
        return False
    return True


@lru_cache(maxsize=len(NAMES))
def _common_program(name: str) -> tuple[bytes, int, str, str, str]:
    """The packed font file, its size unpacked, the subset's name, widths and the descriptor's entries."""
    common = load(str(face(name).common))
    content = common._ttf_data
    widths = [
        0 if code in _UNDEFINED_CODES else round(common.getCharWidth(ord(bytes([code]).decode("cp1252"))))
        for code in range(_FIRST_CODE, _LAST_CODE + 1)
    ]
    base = f"{_tag(content)}+{face(name).common}"
    return deflated(content), len(content), base, " ".join(map(str, widths)), _descriptor(common, name, _NONSYMBOLIC)


def _write_common(file: PdfFile, name: str) -> int:
    packed, size, base, widths, described = _common_program(name)
    program = file.add_stream(packed, f"/Length1 {size}", packed=True)
    descriptor = file.add(f"<</Type/FontDescriptor/FontName/{base}{described}/FontFile2 {program} 0 R>>")
    return file.add(
        f"<</Type/Font/Subtype/TrueType/BaseFont/{base}/Encoding/WinAnsiEncoding/FirstChar {_FIRST_CODE}"
        f"/LastChar {_LAST_CODE}/Widths[{widths}]/FontDescriptor {descriptor} 0 R>>"
    )


def _write_wide(file: PdfFile, name: str, numbers: dict[str, int]) -> int:
    wide = face(name).wide
    codes = [ord(sign) for sign in numbers]
    glyphs = dict.fromkeys(wide.charToGlyph[code] for code in codes)
    content = wide.makeSubset([*codes])
    # Signs that share a glyph share its place in the subset; the text keeps its own code for each.
    places = {glyph: place for place, glyph in enumerate(glyphs, start=1)}
    to_glyph = b"\0\0" + b"".join(places[wide.charToGlyph[code]].to_bytes(2, "big") for code in codes)
    widths = " ".join(str(round(wide.getCharWidth(code))) for code in codes)
    base = f"{_tag(content)}+{name}"
    program = file.add_stream(content, f"/Length1 {len(content)}")
    described = _descriptor(wide, name, _SYMBOLIC)
    descriptor = file.add(f"<</Type/FontDescriptor/FontName/{base}{described}/FontFile2 {program} 0 R>>")
    mapped = file.add_stream(to_glyph)
    descendant = file.add(
        f"<</Type/Font/Subtype/CIDFontType2/BaseFont/{base}/CIDSystemInfo<</Registry(Adobe)/Ordering(Identity)"
        f"/Supplement 0>>/FontDescriptor {descriptor} 0 R/W[1[{widths}]]/CIDToGIDMap {mapped} 0 R>>"
    )
    unicode = file.add_stream(_to_unicode(codes))
    return file.add(
        f"<</Type/Font/Subtype/Type0/BaseFont/{base}/Encoding/Identity-H/DescendantFonts[{descendant} 0 R]"
        f"/ToUnicode {unicode} 0 R>>"
    )


def _descriptor(program: object, name: str, kind: int) -> str:
    metrics = {key: round(getattr(program, key)) for key in ("ascent", "descent", "capHeight", "stemV", "italicAngle")}
    box = " ".join(str(round(side)) for side in program.bbox)  # type: ignore[attr-defined]
    flags = kind | _SERIF | (_ITALIC if name in (ITALIC, BOLD_ITALIC) else 0)
    return (
        f"/Flags {flags}/FontBBox[{box}]/ItalicAngle {metrics['italicAngle']}/Ascent {metrics['ascent']}"
        f"/Descent {metrics['descent']}/CapHeight {metrics['capHeight']}/StemV {metrics['stemV']}"
    )


def _to_unicode(codes: list[int]) -> bytes:
    lines = [
        "/CIDInit /ProcSet findresource begin 12 dict begin begincmap",
        "/CIDSystemInfo <</Registry(Adobe)/Ordering(UCS)/Supplement 0>> def",
        "/CMapName /Adobe-Identity-UCS def /CMapType 2 def",
        "1 begincodespacerange <0000> <FFFF> endcodespacerange",
    ]
    for start in range(0, len(codes), _MOST_IN_BLOCK):
        block = codes[start : start + _MOST_IN_BLOCK]
        lines.append(f"{len(block)} beginbfchar")
        lines += [f"<{number:04X}> <{code:04X}>" for number, code in enumerate(block, start=start + 1)]
        lines.append("endbfchar")
    lines.append("endcmap CMapName currentdict /CMap defineresource pop end end")
    return "\n".join(lines).encode()


def _tag(content: bytes) -> str:
    """Six capitals that name a subset (ISO 32000-1, 9.6.4): the same for the same subset."""
    digest = hashlib.sha256(content).digest()
    return "".join(chr(ord("A") + byte % 26) for byte in digest[:6])
