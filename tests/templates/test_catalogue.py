"""The message catalogues: complete in both languages, strict, and quick to have."""

import re
import subprocess
import sys
import tomllib
from enum import StrEnum
from importlib.resources import files

import pytest

from gateway.domain.codes import Code
from gateway.domain.delivery import DeliveryState, ResultName
from gateway.domain.dispatch import DispatchState
from gateway.domain.outcomes import OUTCOMES_OF, Division
from gateway.domain.package import DocumentKind, ProceedingType, RelationKind, RemovalOrderAction, RemovalOrderKind
from gateway.domain.parties import ChannelName, Language, RecipientKind, Role
from gateway.domain.problem import InputRefused
from gateway.domain.reasons import Reason
from gateway.domain.receipt import ReceiptEvent
from templates.catalogue import CatalogueError, message_of, messages, placeholders, problem_text, text
from templates.words import citation, office_name, outcome_sentence, word

EN, FR = Language.EN, Language.FR
AREAS = sorted(path.name.removesuffix(".toml") for path in (files("templates") / "catalogues" / "en").iterdir())


@pytest.mark.parametrize("area", AREAS)
def test_both_languages_hold_the_same_messages_with_the_same_placeholders(area: str) -> None:
    english, french = messages(area, EN), messages(area, FR)
    assert english.keys() == french.keys()
    assert {key: placeholders(english[key]) for key in english} == {key: placeholders(french[key]) for key in french}


def test_no_area_stands_in_one_language_alone() -> None:
    french = sorted(path.name.removesuffix(".toml") for path in (files("templates") / "catalogues" / "fr").iterdir())
    assert french == AREAS


@pytest.mark.parametrize("area", AREAS)
def test_french_punctuation_is_kept_on_its_line_by_no_break_spaces(area: str) -> None:
    for key, message in messages(area, FR).items():
        forms = [message] if isinstance(message, str) else list(message.values())
        for form in forms:
            assert not re.search(r" [:;?!»]|« ", form), key


@pytest.mark.parametrize(
    ("language", "other", "ours"),
    [
        (FR, r"bordereau", "manifeste"),
        (FR, r"deuxième personne", "seconde personne"),
        (FR, r"espace d’échange", "échange"),
        (FR, r"\bmodes? (?:de (?:transmission|livraison)|exclu|prévu)", "voie"),
        (FR, r"\bentrées? (?:du|au) répertoire", "inscription au répertoire"),
        (FR, r"\bcan(?:al|aux)\b", "voie"),
        (FR, r"\bnouvel essai\b", "nouvelle tentative"),
        (FR, r"\s[;!?]", "no space before ; ! and ? (Bureau de la traduction, Guide du rédacteur)"),
        (EN, r"\d\}? signs\b|\bsigns long", "characters"),
    ],
)
def test_one_thing_has_one_word(language: Language, other: str, ours: str) -> None:
    for area in AREAS:
        for key, message in messages(area, language).items():
            for form in [message] if isinstance(message, str) else message.values():
                assert not re.search(other, form, re.IGNORECASE), f"{area}.{key}: the word is “{ours}”"


@pytest.mark.parametrize("language", Language)
def test_every_code_has_a_title_and_a_detail(language: Language) -> None:
    for code in Code:
        title, detail = problem_text(InputRefused(code, where="$.x"), language)
        assert title
        assert detail
        assert not title.endswith(".")
        assert detail.endswith(".")


@pytest.mark.parametrize("language", Language)
def test_every_reason_says_what_it_means_and_what_to_do(language: Language) -> None:
    for reason in Reason:
        for part in ("meaning", "action"):
            assert text("reasons", f"{reason.value}.{part}", language).endswith(".")


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize(
    ("kind", "codes"),
    [
        ("division.name", Division),
        ("division.code", Division),
        ("proceeding", ProceedingType),
        ("role", Role),
        ("recipient-kind", RecipientKind),
        ("channel", ChannelName),
        ("delivery-state", DeliveryState),
        ("dispatch-state", DispatchState),
        ("attempt-result", ResultName),
        ("receipt-event", ReceiptEvent),
        ("document", DocumentKind),
        ("file-name", DocumentKind),
        ("language", Language),
    ],
)
def test_every_code_of_the_interface_has_its_word(kind: str, codes: type[StrEnum], language: Language) -> None:
    for code in codes:
        assert word(kind, code.value, language)


@pytest.mark.parametrize("language", Language)
def test_every_outcome_of_every_division_and_proceeding_is_a_sentence(language: Language) -> None:
    for division, outcomes in OUTCOMES_OF.items():
        for proceeding in ProceedingType:
            for outcome in outcomes:
                assert outcome_sentence(division, proceeding, outcome, language).endswith(".")


@pytest.mark.parametrize("language", Language)
def test_every_removal_order_role_and_relation_has_its_text(language: Language) -> None:
    for kind in RemovalOrderKind:
        for action in RemovalOrderAction:
            assert word(f"removal-order.{kind.value}", action.value, language)
    for role in Role:
        assert message_of("papers", f"letter.capacity.{role.value}", language)
    for stage in [*RelationKind, "final", "interlocutory"]:
        assert message_of("papers", f"letter.opening.{stage}", language)
        assert message_of("papers", f"letter.subject.{stage}", language)
        assert message_of("mail", f"subject.{stage}", language)


def test_a_withdrawal_says_of_what_and_a_desistement_is_no_abandon() -> None:
    withdrawn = [f for code, f in _french_outcomes() if code in ("withdrawn", "request-withdrawn")]
    assert all("retirée" in one or "retiré" in one for one in withdrawn)
    assert not [one for _, one in _french_outcomes() if "abandon" in one.lower()]


def _french_outcomes() -> list[tuple[str, str]]:
    return [
        (outcome.value, outcome_sentence(division, proceeding, outcome, FR))
        for division, outcomes in OUTCOMES_OF.items()
        for outcome in outcomes
        for proceeding in ProceedingType
    ]


def test_a_missing_message_is_an_error_and_never_the_other_language() -> None:
    with pytest.raises(CatalogueError, match=r"fr/papers\.toml has no message nowhere"):
        text("papers", "nowhere", FR)
    with pytest.raises(CatalogueError, match=r"no fr/nothing\.toml"):
        text("nothing", "x", FR)


def test_a_missing_fact_is_an_error() -> None:
    with pytest.raises(CatalogueError, match="needs the fact pages"):
        text("papers", "page.number", EN, page=1)
    with pytest.raises(CatalogueError, match="count"):
        text("papers", "page.files", EN, files="TC6-12345")


@pytest.mark.parametrize(
    ("language", "count", "expected"),
    [(EN, 0, "Files x"), (EN, 1, "File x"), (EN, 2, "Files x"), (FR, 0, "Dossier x"), (FR, 1, "Dossier x")],
)
def test_nought_is_singular_in_french_and_plural_in_english(language: Language, count: int, expected: str) -> None:
    assert text("papers", "page.files", language, files="x", count=count) == expected


def test_a_fact_with_braces_is_not_filled_again() -> None:
    assert text("papers", "page.number", EN, page="{pages}", pages="9") == "Page {pages} of 9"


def test_a_problem_without_its_facts_is_still_reported_whole() -> None:
    title, detail = problem_text(InputRefused(Code.DOCUMENT_MISSING_GLYPH, where="documents/r.md"), EN)
    assert title == "Character that cannot be printed"
    assert "documents/r.md" in detail
    assert "{" not in detail


def test_a_file_of_another_shape_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tomllib, "loads", lambda _: {"a": {"b": 3}})
    with pytest.raises(CatalogueError, match=r"a\.b is no text"):
        messages.__wrapped__("papers", EN)


def test_an_office_that_a_registry_added_is_shown_by_its_id() -> None:
    assert office_name("toronto", FR) == "Toronto"
    assert office_name("quebec-city", EN) == "Quebec City"


def test_provisions_are_cited_in_the_language_of_the_paper() -> None:
    assert citation("IRPA 49(2)", FR) == "LIPR\u00a049(2)"
    assert citation("IRPA 49(2)", EN) == "IRPA\u00a049(2)"
    assert citation("Something else", FR) == "Something else"


def test_the_catalogue_is_had_without_any_library() -> None:
    script = (
        "import sys; from templates.catalogue import text; from gateway.domain.parties import Language; "
        "text('papers', 'board', Language.FR); "
        "print(sorted({name.partition('.')[0] for name in sys.modules} "
        "& {'reportlab', 'pikepdf', 'babel', 'markdown_it', 'pydantic'}))"
    )
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "[]"
