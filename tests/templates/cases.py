"""A package with two persons, and what the tests of the papers ask of a PDF."""

import atexit
import datetime as dt
import re
import subprocess
import unicodedata
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from uuid import UUID

from pypdf import PdfReader

from gateway.application.dates.receipt_rules import recourse_clocks
from gateway.application.rule_files import board_rules
from gateway.domain.case_facts import CaseFacts
from gateway.domain.outcomes import Division, OutcomeCode
from gateway.domain.package import (
    CaseFile,
    Classification,
    Decision,
    DecisionPackage,
    Document,
    DocumentKind,
    Heard,
    Member,
    Minister,
    Nature,
    Outcome,
    Person,
    Proceeding,
    ProceedingType,
    Recourse,
    RemovalOrder,
    RemovalOrderAction,
    RemovalOrderKind,
)
from gateway.domain.parties import Language, Participant, PreferredLanguage, Role
from gateway.domain.rules.rule import Enclosure
from gateway.ports.papers import Addressee, Papers, SourceDocument
from templates.confined.pool import ConfinedPool
from templates.confined.process import Limits
from templates.foreign_papers import ForeignPapers
from templates.renderer import PaperRenderer

FOREIGN = ForeignPapers(ConfinedPool(Limits(memory=1 << 30, seconds=30)))
"""One for all tests: its processes stay warm."""
atexit.register(FOREIGN.close)


def renderer() -> PaperRenderer:
    """The renderer as bootstrap makes it."""
    return PaperRenderer(FOREIGN)


FIRST = Person(
    id="p1",
    uci="11-2345-6789",
    given_name="Amara",
    family_name="Nwosu-Lefèbvre",
    outcome=Outcome(
        code=OutcomeCode.REJECTED,
        removal_order=RemovalOrder(
            kind=RemovalOrderKind.DEPARTURE, action=RemovalOrderAction.EXISTING, provisions=("IRPA 49(2)",)
        ),
    ),
)
SECOND = Person(
    id="p2",
    uci="11-2345-6790",
    given_name="Đặng Thị",
    family_name="Hương",
    outcome=Outcome(code=OutcomeCode.ACCEPTED),
)
MINISTER = Participant(id="m1", roles=(Role.MINISTER_COUNSEL,), language=PreferredLanguage.EN)
COUNSEL = Participant(
    id="c1", roles=(Role.COUNSEL,), represents=("p1", "p2"), name="Jean Tremblay", language=PreferredLanguage.FR
)
CLAIMANT = Participant(
    id="a1", roles=(Role.CLAIMANT,), represents=("p1",), name="Amara Nwosu-Lefèbvre", language=PreferredLanguage.EN
)

PACKAGE = DecisionPackage(
    schema="decision-package/1",
    package_id=UUID("6c1d0c0e-5f0e-4a53-9d9f-5f1d3c0e9a11"),
    division=Division.RPD,
    office="toronto",
    files=(CaseFile(number="TC6-12345", persons=("p1",)), CaseFile(number="TC6-12346", persons=("p2",))),
    proceeding=Proceeding(type=ProceedingType.CLAIM, nature=Nature.FINAL),
    persons=(FIRST, SECOND),
    decision=Decision(
        form="written",
        signed_at=dt.datetime.fromisoformat("2026-11-20T23:04:00-05:00"),
        language=Language.FR,
        members=(Member(name="Marie-Ève Œuvrard"),),
        reasons="with-notice",
        heard=(Heard(date=dt.date(2026, 10, 1), mode="videoconference", place="Toronto"),),
    ),
    private_proceeding=True,
    private_basis="166(c)",
    classification=Classification.PROTECTED_B,
    minister=Minister(party=True),
    participants=(MINISTER, COUNSEL, CLAIMANT),
    documents=(),
)

WITH_RECOURSE = replace(PACKAGE, persons=(replace(FIRST, recourse=Recourse(forum="RAD", basis="IRPA 110(1)")), SECOND))
"""The package with a recourse that the Registry noted for the first person."""

MARKDOWN_REASONS = """# Reasons and Decision

[1] The claimant fears *serious harm*.[^1]

[2] The panel has **considered** the evidence.

[^1]: See the record.
"""


def papers(
    participant: Participant = CLAIMANT,
    documents: tuple[SourceDocument, ...] = (),
    package: DecisionPackage = PACKAGE,
    language: PreferredLanguage | None = None,
) -> Papers:
    """The papers of a participant on November 23, 2026, with the notice that the Board's rules make."""
    case = CaseFacts(package=package, book=board_rules(), today=dt.date(2026, 11, 23))
    made = all(
        board_rules().enclosures(fact)[DocumentKind.NOTICE].effect is Enclosure.MAKE for fact in case.of(participant)
    )
    notice = made and not any(one.document.kind is DocumentKind.NOTICE for one in documents)
    return Papers(
        package=package,
        participant=participant,
        addressee=Addressee(
            name=participant.name or "CBSA, Hearings",
            attention="Unit 4",
            lines=("123, rue Queen Ouest", "TORONTO ON  M5V 3L9"),
            reference="2026-0457",
        ),
        language=language or participant.language or PreferredLanguage.EN,
        documents=documents,
        provided_on=dt.date(2026, 11, 23),
        notice=notice,
        recourse_information=notice,
        clocks=recourse_clocks(),
    )


def source(
    content: bytes, kind: DocumentKind = DocumentKind.REASONS, language: Language = Language.EN
) -> SourceDocument:
    """A document of the package: PDF by its first bytes, else Markdown."""
    pdf = content.startswith(b"%PDF")
    return SourceDocument(
        document=Document(
            path=f"documents/{kind.value}.{'pdf' if pdf else 'md'}",
            kind=kind,
            language=language,
            media_type="application/pdf" if pdf else "text/markdown",
        ),
        content=content,
    )


def with_division(division: Division, code: OutcomeCode, proceeding: ProceedingType) -> DecisionPackage:
    """The package at another division, both persons with that outcome."""
    persons = tuple(replace(person, outcome=Outcome(code=code)) for person in PACKAGE.persons)
    return replace(
        PACKAGE, division=division, persons=persons, proceeding=Proceeding(type=proceeding, nature=Nature.FINAL)
    )


def pages_of(content: bytes) -> list[str]:
    """The text of each page, its white space made single spaces."""
    return [plain(page.extract_text()) for page in PdfReader(BytesIO(content)).pages]


def text_of(content: bytes) -> str:
    """The text of all pages."""
    return " ".join(pages_of(content))


def plain(text: str) -> str:
    """Composed, with single spaces."""
    return re.sub(r"\s+", " ", unicodedata.normalize("NFC", text)).strip()


def in_order(text: str, parts: list[str]) -> None:
    """Asserts that the parts stand in the text, one after the other."""
    at = 0
    for part in parts:
        found = text.find(plain(part), at)
        assert found >= 0, f"{part!r} does not follow in {text[at : at + 300]!r}"
        at = found + len(plain(part))


def qpdf_accepts(content: bytes, folder: Path) -> None:
    """Asserts that `qpdf --check` finds nothing."""
    file = folder / "paper.pdf"
    file.write_bytes(content)
    checked = subprocess.run(["qpdf", "--check", str(file)], capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stdout + checked.stderr


def drawn_text(content: bytes, folder: Path, *options: str) -> str:
    """What `pdftotext` reads, in the order of the page."""
    file = folder / "paper.pdf"
    file.write_bytes(content)
    read = subprocess.run(["pdftotext", *options, str(file), "-"], capture_output=True, check=True)
    return read.stdout.decode()
