# mypy: allow-untyped-calls
"""Papers: a six-page decision in Markdown and the join of a 30-page PDF, beside the bare libraries doing the like."""

import re
import statistics
import time
from collections.abc import Callable
from functools import lru_cache
from importlib.resources import files
from io import BytesIO

from pypdf import PdfReader, PdfWriter
from reportlab.lib.fonts import addMapping
from reportlab.lib.styles import getSampleStyleSheet
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.platypus import Paragraph, SimpleDocTemplate
from reportlab.platypus.flowables import Flowable

from templates.pdf import fonts
from tests.templates.cases import MINISTER, papers, renderer, source

_SENTENCE = (
    "the panel considered whether a claimant who returned to her country of nationality in the spring could be taken "
    "to have re-availed herself of its protection and finds that on a balance of probabilities she had not intended it"
)
_WORDS = tuple(_SENTENCE.split(" "))
_ROUNDS = 15


def decision(paragraphs: int, seed: int = 0) -> str:
    """A decision of numbered paragraphs under headings, with emphasis and notes. `seed` makes it another one."""
    parts = ["# Reasons and Decision"]
    for number in range(1, paragraphs + 1):
        if number % 8 == 1:
            parts.append(f"## Part {number // 8 + 1}")
        words = [_WORDS[(seed + number * 7 + place * 5) % len(_WORDS)] for place in range(75)]
        parts.append(f"[{number}] The *Act*[^{number}] says: {' '.join(words)} **{seed}**.")
    parts += [f"[^{number}]: Exhibit {number}, page {number + seed}." for number in range(1, paragraphs + 1)]
    return "\n\n".join(parts)


@lru_cache(maxsize=1)
def _register() -> None:
    for name in fonts.NAMES:
        pdfmetrics.registerFont(TTFont(name, str(files("templates") / "fonts" / f"{name}.ttf")))


def _bare_platypus(markdown: str) -> bytes:
    _register()
    addMapping(fonts.REGULAR, 0, 0, fonts.REGULAR)
    addMapping(fonts.REGULAR, 1, 0, fonts.BOLD)
    addMapping(fonts.REGULAR, 0, 1, fonts.ITALIC)
    style = getSampleStyleSheet()["BodyText"].clone("bare", fontName=fonts.REGULAR, fontSize=11.5, leading=15.5)
    target = BytesIO()
    marked = re.sub(r"\*\*(.+?)\*\*", r"<b>\1</b>", re.sub(r"\[\^(\d+)\]", r"<super>\1</super>", markdown))
    marked = re.sub(r"\*(.+?)\*", r"<i>\1</i>", marked)
    story: list[Flowable] = [Paragraph(part, style) for part in marked.split("\n\n")]
    SimpleDocTemplate(target, invariant=1, leftMargin=82, rightMargin=82, topMargin=86, bottomMargin=84).build(story)
    return target.getvalue()


def _bare_append(first: bytes, second: bytes) -> bytes:
    writer = PdfWriter(clone_from=PdfReader(BytesIO(first)))
    writer.append(BytesIO(second))
    target = BytesIO()
    writer.write(target)
    return target.getvalue()


def _median(work: Callable[[int], object]) -> float:
    """Milliseconds of CPU of the median round; round 0 warms up."""
    taken = []
    for number in range(_ROUNDS + 1):
        begun = time.process_time()
        work(number)
        taken.append((time.process_time() - begun) * 1000)
    return statistics.median(taken[1:])


def _render(markdown_or_pdf: bytes) -> bytes:
    return renderer().render(papers(MINISTER, (source(markdown_or_pdf),))).documents[0].content


def main() -> None:
    """Prints milliseconds of CPU (median), pages and size, and the ratio to the bare library."""
    thirty = _bare_platypus(decision(160))
    front = _render(b"")
    rows = (
        (
            "Markdown of six pages, letter, notice",
            lambda seed: _render(decision(30, seed).encode()),
            lambda seed: _bare_platypus(decision(30, seed)),
            _render(decision(30).encode()),
        ),
        (
            "letter and notice joined with 30 pages",
            lambda _: _render(thirty),
            lambda _: _bare_append(front, thirty),
            _render(thirty),
        ),
    )
    print(f"{'papers':42}{'pages':>7}{'kB':>7}{'ms':>9}{'bare ms':>9}{'ratio':>7}")
    for name, ours, bare, sample in rows:
        mine, other = _median(ours), _median(bare)
        pages = len(PdfReader(BytesIO(sample)).pages)
        print(f"{name:42}{pages:>7}{len(sample) / 1000:>7.0f}{mine:>9.1f}{other:>9.1f}{mine / other:>7.2f}")


if __name__ == "__main__":
    main()
