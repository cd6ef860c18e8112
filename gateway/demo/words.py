"""The words of the demonstration for what the program knows by codes."""

from collections.abc import Mapping, Sequence

from gateway.demo.counsel import OPENED_WITH
from gateway.demo.results import DeliveryResult, PackageResult
from gateway.domain.parties import Language, PreferredLanguage
from gateway.domain.reasons import Reason
from templates.catalogue import text
from templates.formats import format_date, format_list
from templates.words import division_name, office_name, outcome_sentence, word


def said(key: str, language: Language, **facts: str | int) -> str:
    """A text of the demonstration."""
    return text("demo", key, language, **facts)


def place(package: PackageResult, language: Language) -> str:
    """'Toronto, to be sent by November 27, 2026'."""
    due = package.dispatch.due
    return said(
        "package.place",
        language,
        office=office_name(package.dispatch.office, language),
        due=format_date(due, language) if due else "",
    )


def title(package: PackageResult, language: Language) -> str:
    """'Refugee Protection Division'."""
    return division_name(package.dispatch.division, language)


def outcomes(package: PackageResult, language: Language) -> Sequence[tuple[str, str]]:
    """Each person's file numbers and what was decided; one line where all persons share the outcome."""
    decision = package.written.decision
    rows: dict[str, list[str]] = {}
    for person in decision.persons:
        sentence = outcome_sentence(decision.division, decision.proceeding.type, person.outcome.code, language)
        numbers = [file.number for file in decision.files if person.id in file.persons]
        rows.setdefault(sentence, []).extend(number for number in numbers if number not in rows.get(sentence, []))
    return [(", ".join(numbers), sentence) for sentence, numbers in rows.items()]


def who(result: DeliveryResult, language: Language) -> str:
    """'counsel for the Minister'."""
    return word("role", result.delivery.roles[0].value, language)


def whose(result: DeliveryResult) -> str:
    """The organization; empty for a person, whose name stands nowhere here."""
    return (result.recipient.organization or "") if result.recipient else ""


def opened_with(result: DeliveryResult, language: Language) -> str:
    """'P-384'; 'link and code'."""
    return said("row.link-and-code", language) if result.opened_with == OPENED_WITH else result.opened_with or ""


def languages(package: PackageResult, result: DeliveryResult, language: Language) -> str:
    """'English and French': of letter and notice, and of the documents that came with the package."""
    chosen = result.delivery.language
    written = set(Language) if chosen is PreferredLanguage.BOTH else {Language(chosen.value)}
    written |= {document.language for document in package.written.decision.documents}
    return format_list([word("language", one.value, language) for one in Language if one in written], language)


def files(result: DeliveryResult, language: Language) -> str:
    """'2 files, 4 pages'."""
    pages = said("row.pages", language, count=sum(one.pages for one in result.documents))
    return said("row.documents", language, count=len(result.documents), pages=pages)


def decimal(value: float, places: int, language: Language) -> str:
    """'0.41'; '0,41'."""
    shown = f"{value:.{places}f}"
    return shown.replace(".", ",") if language is Language.FR else shown


def reason(code: Reason, language: Language) -> Mapping[str, str]:
    """`meaning`: why a person must act; `action`: what they can do."""
    return {part: text("reasons", f"{code.value}.{part}", language) for part in ("meaning", "action")}
