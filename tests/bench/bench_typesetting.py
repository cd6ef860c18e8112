"""Typesetting: a tagged, archival decision of six pages and of thirty, beside typst and WeasyPrint doing the like.

Those two are no dependencies: `uv pip install --group bench` brings them, and without them their columns stay empty.
All write the same paragraphs, headings, emphasis and notes; typst as PDF/UA-1 and PDF/A-2a, WeasyPrint as PDF/UA-1.
"""

import importlib
import importlib.util
import re
import resource
import statistics
import time
from collections.abc import Callable
from io import BytesIO
from typing import Any

from pypdf import PdfReader

from tests.bench.bench_papers import decision
from tests.templates.cases import MINISTER, papers, renderer, source

_SIZES = (("six pages", 20, 15), ("thirty pages", 144, 9))
"""What it is called, paragraphs, rounds."""


def _ours(markdown: str) -> bytes:
    return renderer().render(papers(MINISTER, (source(markdown.encode()),))).documents[0].content


def _typst(markdown: str) -> bytes:
    typst: Any = importlib.import_module("typst")
    notes = dict(re.findall(r"^\[\^(\d+)\]: (.*)$", markdown, re.MULTILINE))
    text = re.sub(r"^\[\^\d+\]:.*$", "", markdown, flags=re.MULTILINE)
    text = re.sub(r"\[\^(\d+)\]", lambda found: f"#footnote[{notes[found[1]]}]", text)
    text = re.sub(r"^\[(\d+)\] ", r"\\[\1\\] ", text, flags=re.MULTILINE)
    text = re.sub(r"\*\*(.+?)\*\*", r"#strong[\1]", text)
    text = re.sub(r"(?<!\w)\*(\w+)\*", r"#emph[\1]", text)
    text = re.sub(r"^(#+) (.*)$", lambda found: "=" * len(found[1]) + " " + found[2], text, flags=re.MULTILINE)
    head = '#set document(title: "Decision")\n#set page("us-letter", margin: 82pt)\n#set text(11.5pt, lang: "en")\n'
    made: bytes = typst.compile((head + text).encode(), format="pdf", pdf_standards=["a-2a", "ua-1"])
    return made


def _weasyprint(markdown: str) -> bytes:
    weasyprint: Any = importlib.import_module("weasyprint")
    text = re.sub(r"^\[\^(\d+)\]: (.*)$", r"<p><small>\1 \2</small></p>", markdown, flags=re.MULTILINE)
    text = re.sub(r"\[\^(\d+)\]", r"<sup>\1</sup>", text)
    text = re.sub(r"\*\*(.+?)\*\*", r"<b>\1</b>", text)
    text = re.sub(r"(?<!\w)\*(\w+)\*", r"<i>\1</i>", text)
    text = re.sub(r"^# (.*)$", r"<h1>\1</h1>", text, flags=re.MULTILINE)
    text = re.sub(r"^## (.*)$", r"<h2>\1</h2>", text, flags=re.MULTILINE)
    body = "".join(part if part.startswith("<") else f"<p>{part}</p>" for part in text.split("\n\n"))
    style = "@page{size:letter;margin:82pt}body{font:11.5pt/15.5pt serif}"
    page = f'<html lang="en"><head><title>Decision</title><style>{style}</style></head><body>{body}</body></html>'
    made: bytes = weasyprint.HTML(string=page).write_pdf(pdf_variant="pdf/ua-1")
    return made


_MAKERS: dict[str, Callable[[str], bytes]] = {"ours": _ours, "typst": _typst, "weasyprint": _weasyprint}


def _median(make: Callable[[str], bytes], paragraphs: int, rounds: int) -> float:
    """Milliseconds of CPU of the median round, each another decision; round 0 warms up."""
    taken = []
    for seed in range(rounds + 1):
        text = decision(paragraphs, seed)
        begun = time.process_time()
        make(text)
        taken.append((time.process_time() - begun) * 1000)
    return statistics.median(taken[1:])


def main() -> None:
    """Prints for each maker milliseconds of CPU (median), a page's share, size, and how often ours goes into it."""
    print(f"{'decision':14}{'maker':12}{'pages':>6}{'kB':>6}{'ms':>9}{'ms/page':>9}{'x ours':>8}{'peak MB':>9}")
    for name, paragraphs, rounds in _SIZES:
        ours = 0.0
        for maker, make in _MAKERS.items():
            if maker != "ours" and importlib.util.find_spec(maker) is None:
                print(f"{name:14}{maker:12} not installed (dependency group bench)")
                continue
            sample = make(decision(paragraphs))
            pages = len(PdfReader(BytesIO(sample)).pages)
            taken = _median(make, paragraphs, rounds)
            ours = ours or taken
            peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
            print(
                f"{name:14}{maker:12}{pages:>6}{len(sample) / 1000:>6.0f}{taken:>9.1f}{taken / pages:>9.2f}"
                f"{taken / ours:>8.1f}{peak:>9.0f}"
            )


if __name__ == "__main__":
    main()
