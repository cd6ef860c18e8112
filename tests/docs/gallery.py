# mypy: allow-untyped-calls
"""`make gallery`: a picture of every paper in both languages, and the page that shows them.

The papers are the samples of the tests, drawn by PDFium at a size fit for a page, in eight greys.
"""

from io import BytesIO
from pathlib import Path

import pypdfium2
from PIL import Image

from gateway.domain.parties import Language
from templates.catalogue import text
from tests.templates.samples import SAMPLES

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "gallery"
MOST_BYTES = 60_000
_SCALES = (1.15, 0.9, 0.75, 0.7)
"""Pixels a point, by the number of pages beside each other."""
_GREYS = 8
_GAP = 12


def picture(content: bytes) -> bytes:
    """The pages beside each other, as a PNG."""
    document = pypdfium2.PdfDocument(content)
    count = min(len(document), len(_SCALES))
    pages = [document[number].render(scale=_SCALES[count - 1]).to_pil().convert("L") for number in range(count)]
    width = sum(page.width for page in pages) + _GAP * (len(pages) + 1)
    sheet = Image.new("L", (width, max(page.height for page in pages) + 2 * _GAP), 200)
    x = _GAP
    for page in pages:
        sheet.paste(page, (x, _GAP))
        x += page.width + _GAP
    target = BytesIO()
    sheet.quantize(_GREYS).save(target, "PNG", optimize=True)
    return target.getvalue()


def page() -> str:
    """The page that shows the pictures."""
    lines = [
        "# The papers",
        "",
        "What the Registry sends, as it looks; made by `make gallery` from invented cases.",
        "",
    ]
    for name in SAMPLES:
        title = name.replace("-", " ").capitalize()
        lines += [f"## {title}", ""]
        lines += [
            f"![{title}, {text('words', f'language.{one.value}', Language.EN)}]({name}-{one.value}.png)"
            for one in Language
        ]
        lines.append("")
    return "\n".join(lines)


def main() -> None:
    """Writes `docs/gallery`."""
    FOLDER.mkdir(exist_ok=True)
    for name, sample in SAMPLES.items():
        for language in Language:
            drawn = picture(sample(language))
            if len(drawn) > MOST_BYTES:
                raise SystemExit(f"{name} is larger than {MOST_BYTES} bytes: {len(drawn)}")
            (FOLDER / f"{name}-{language.value}.png").write_bytes(drawn)
    (FOLDER / "README.md").write_text(page(), encoding="utf-8")


if __name__ == "__main__":
    main()
