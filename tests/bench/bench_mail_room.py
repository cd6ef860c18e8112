# mypy: allow-untyped-calls
"""Closing manifests of 250, 1,000 and 4,000 envelopes of 12 pages and writing their files, and what memory that takes.

Beside it: a thousand bar codes drawn by reportlab alone, in one file.
"""

import datetime as dt
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path

from reportlab.graphics.barcode.code128 import Code128
from reportlab.pdfgen.canvas import Canvas

from gateway.bootstrap.limits import document_limits
from gateway.domain.package import DocumentKind
from gateway.domain.parties import ChannelName, Language
from gateway.ports.papers import MessageText, Papers, RenderedDocument, RenderedPapers
from gateway.settings import Settings
from templates.confined.pool import ConfinedPool
from templates.foreign_papers import ForeignPapers
from templates.packets import Packets
from templates.pdf import styles
from templates.pdf.document import Description, Section, build
from templates.pdf.furniture import Furniture
from templates.pdf.text import Typesetter
from tests.application.mail_room import SIGNED, MailRoomStage

PAGES = 12


SIZES = (250, 1_000, 4_000)


def main() -> None:
    """On SQLite; a process for each size, so that the peaks of memory are its own."""
    if len(sys.argv) > 1 and sys.argv[-1].isdigit():
        _close(int(sys.argv[-1]))
        return
    for count in SIZES:
        subprocess.run([sys.executable, "-m", "tests.bench.bench_mail_room", str(count)], check=True)
    with _timed(f"{SIZES[1]:,} bar codes by reportlab alone"):
        _bare(SIZES[1])


def _close(count: int) -> None:
    """In this process."""
    foreign = ForeignPapers(ConfinedPool(document_limits(Settings())))
    with tempfile.TemporaryDirectory() as folder:
        stage = MailRoomStage(Path(folder), ChannelName.REGULAR_MAIL, printing=Packets(foreign))
        made = _papers()

        def render(papers: Papers) -> RenderedPapers:
            return made

        stage.renderer.render = render  # type: ignore[method-assign]
        with _timed(f"{count:,} deliveries planned, rendered and gathered"):
            for _ in range(count // 50):
                stage.gather(50)
        out = Path(folder) / "out"
        out.mkdir()
        before = _peak()
        with _timed(f"closing over {count:,} envelopes of {PAGES} pages"):
            closing = stage.close_manifest()
        assert closing.manifest is not None
        assert closing.items == count
        with _timed("their files: manifest, lists, labels, packets"):
            for file in stage.files(closing.manifest.number, Language.EN):
                (out / file.name).write_bytes(file.content)
        print("memory that came on top, MB at the peak".ljust(60) + f"{_peak() - before:.1f}")
        print("files, MB".ljust(60) + f"{sum(one.stat().st_size for one in out.iterdir()) / 1e6:.1f}")
        with _timed("the handover"):
            stage.hand_over(closing.manifest.number, at=stage.clock.now(), signed=SIGNED, actor="clerk")
        stage.close()
    foreign.close()


def _papers() -> RenderedPapers:
    set_text = Typesetter("bench")
    words = "The panel finds that the claimant has established the facts on a balance of probabilities. " * 700
    flowables = [set_text.paragraph(words[start : start + 900], styles.BODY) for start in range(0, 40_000, 900)]
    furniture = Furniture(head="", files="", number=lambda page, pages: f"{page}/{pages}")
    paper = build(
        [Section(flowables=flowables, furniture=furniture, language="en-CA")],
        Description(title="Reasons", author="Board", language="en-CA", date=dt.date(2026, 11, 20)),
    )
    assert paper.pages == PAGES, paper.pages
    document = RenderedDocument(
        kind=DocumentKind.REASONS,
        name="reasons.pdf",
        media_type="application/pdf",
        content=paper.content,
        pages=paper.pages,
    )
    return RenderedPapers(message=MessageText(subject="Decision", text="Enclosed."), documents=(document,))


def _bare(count: int) -> None:
    target = BytesIO()
    canvas = Canvas(target, pagesize=(288, 432))
    for number in range(count):
        Code128(f"{number:024d}", barWidth=1.06, barHeight=64).drawOn(canvas, 20, 100)
        canvas.showPage()
    canvas.save()


def _peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1_000


@contextmanager
def _timed(what: str) -> Iterator[None]:
    begun, work = time.perf_counter(), time.process_time()
    yield
    spent, work = time.perf_counter() - begun, time.process_time() - work
    print(f"{what}, s".ljust(60) + f"{spent:.1f}  ({work:.1f} of a core)", flush=True)


if __name__ == "__main__":
    main()
