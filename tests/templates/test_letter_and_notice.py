"""What letter and notice say, to whom, in which language."""

import datetime as dt
from dataclasses import replace
from pathlib import Path
from typing import Literal

import pytest

from gateway.domain.codes import Code
from gateway.domain.outcomes import Division, OutcomeCode
from gateway.domain.package import (
    DocumentKind,
    Member,
    Nature,
    Note,
    Outcome,
    ProceedingType,
    Recourse,
    Relation,
    RelationKind,
)
from gateway.domain.parties import Participant, PreferredLanguage, Role
from gateway.domain.problem import InputRefused
from gateway.ports.papers import Papers
from tests.templates.cases import (
    CLAIMANT,
    COUNSEL,
    FIRST,
    MARKDOWN_REASONS,
    MINISTER,
    PACKAGE,
    SECOND,
    WITH_RECOURSE,
    drawn_text,
    in_order,
    pages_of,
    papers,
    plain,
    renderer,
    source,
    text_of,
    with_division,
)
from tests.templates.hostile_pdfs import one_page

OF = PACKAGE.package_id


def main_paper(given: Papers) -> bytes:
    return renderer().render(given).documents[0].content


@pytest.mark.real
def test_an_english_letter_and_notice_hold_the_data_in_reading_order(tmp_path: Path) -> None:
    text = plain(drawn_text(main_paper(papers(CLAIMANT, package=WITH_RECOURSE)), tmp_path, "-raw"))
    in_order(text, ["Immigration and Refugee Board of Canada", "Amara Nwosu-Lefèbvre", "Attention: Unit 4"])
    in_order(
        text,
        [
            "123, rue Queen Ouest",
            "Decision of the Refugee Protection Division",
            "Dear Sir or Madam:",
            "in file TC6-12345. The decision is dated November 20, 2026.",
            "They concern Amara Nwosu-Lefèbvre.",
            "Enclosures 1. Notice of decision 2. Information on recourse",
            "Recourse Amara Nwosu-Lefèbvre: appeal to the Refugee Appeal Division. Provision: IRPA 110(1).",
            "The Registry Refugee Protection Division, Toronto",
            "Page 1 of 3",
            "Notice of Decision",
            "Refugee Protection Division Rules, rule 67",
            "Page 2 of 3",
            "Information on Recourse",
            "Appeal to the Refugee Appeal Division",
            "15 days to file the notice of appeal",
        ],
    )
    for fact in (
        "November 23, 2026",
        "2026-0457",
        "Claim for refugee protection",
        "October 1, 2026, by videoconference, Toronto",
        "November 20, 2026, in writing",
        "Marie-Ève Œuvrard",
        "Private proceeding, IRPA 166(c)",
        "The claim for refugee protection is rejected.",
        "UCI 11-2345-6789",
        "Existing departure order (IRPA 49(2))",
        "Issued by the Registry on November 23, 2026",
    ):
        assert fact in text


def test_a_french_letter_and_notice_hold_the_data() -> None:
    text = text_of(main_paper(papers(COUNSEL)))
    for fact in (
        "Madame, Monsieur,",
        "La Section de la protection des réfugiés a rendu sa décision dans les dossiers TC6-12345 et TC6-12346.",
        "Vous les recevez à titre de conseil inscrit au dossier.",
        "Personnes représentées : Amara Nwosu-Lefèbvre et Đặng Thị Hương.",
        "1er octobre 2026, par vidéoconférence, Toronto",
        "Commissaire",
        "Huis clos, LIPR 166c)",
        "La demande d’asile est rejetée.",
        "La demande d’asile est acceptée.",
        "IUC 11-2345-6789",
        "(LIPR 49(2))",
        "Page 1 sur 2",
        "Dossiers TC6-12345, TC6-12346",
    ):
        assert fact in text, fact


def test_a_participant_never_learns_of_a_person_they_do_not_stand_for() -> None:
    text = text_of(main_paper(papers(CLAIMANT)))
    for trace in ("Đặng", "Hương", "6790", "TC6-12346", "accepted"):
        assert trace not in text


def test_counsel_of_a_designated_representative_stands_for_the_represented_person() -> None:
    representative = Participant(id="d1", roles=(Role.DESIGNATED_REPRESENTATIVE,), represents=("p2",))
    counsel = replace(COUNSEL, id="c2", represents=("d1",), language=PreferredLanguage.EN)
    package = replace(PACKAGE, participants=(representative, counsel))
    text = text_of(main_paper(papers(counsel, package=package)))
    assert "as counsel of record for Đặng Thị Hương." in text
    assert "Amara" not in text


def test_the_minister_gets_all_persons_in_a_table_of_outcomes() -> None:
    text = text_of(main_paper(papers(MINISTER)))
    assert "You receive them as counsel for the Minister." in text
    assert "The decision is not the same for each person." in text
    in_order(
        text,
        [
            "Person Decision Removal order",
            "Amara Nwosu-Lefèbvre UCI 11-2345-6789 File TC6-12345 The claim for refugee protection is rejected.",
            "Đặng Thị Hương UCI 11-2345-6790 File TC6-12346 The claim for refugee protection is accepted. None",
        ],
    )


def test_one_who_stands_for_nobody_is_refused_rather_than_guessed() -> None:
    nobody = replace(CLAIMANT, represents=())
    with pytest.raises(InputRefused) as refused:
        main_paper(papers(nobody, package=replace(PACKAGE, participants=(nobody,))))
    assert refused.value.code is Code.DECISION_CONTRADICTION
    assert "a1" in str(refused.value.where)


def test_both_languages_follow_each_other() -> None:
    pages = pages_of(main_paper(papers(CLAIMANT, language=PreferredLanguage.BOTH)))
    heads = ("Decision of the Ref", "Décision de la Sec", "Notice of Decision", "Avis de décision")
    for page, head in zip(pages, heads, strict=True):
        assert head in page
    assert "Page 2 sur 4" in pages[1]
    assert "Page 3 of 4" in pages[2]


@pytest.mark.parametrize("division", [Division.RAD, Division.IAD])
def test_appeal_divisions_have_their_own_notice(division: Division) -> None:
    code = OutcomeCode.CONFIRMED if division is Division.RAD else OutcomeCode.STAYED
    package = with_division(division, code, ProceedingType.APPEAL_BY_PERSON)
    text = text_of(main_paper(papers(CLAIMANT, package=package)))
    assert "Notice of Decision" in text
    assert ("rule 50" if division is Division.RAD else "rule 102") in text


def test_no_notice_is_rendered_at_the_immigration_division() -> None:
    package = with_division(Division.ID, OutcomeCode.DETENTION_CONTINUED, ProceedingType.DETENTION_REVIEW)
    rendered = renderer().render(papers(CLAIMANT, package=package))
    assert "Notice of Decision" not in text_of(rendered.documents[0].content)
    assert rendered.documents[0].kind is DocumentKind.OTHER
    assert rendered.documents[0].name == "TC6-12345_ID_Letter_2026-11-20.pdf"


def test_an_interlocutory_decision_is_a_letter_without_notice_or_recourse() -> None:
    package = replace(PACKAGE, proceeding=replace(PACKAGE.proceeding, nature=Nature.INTERLOCUTORY))
    text = text_of(main_paper(papers(CLAIMANT, (source(MARKDOWN_REASONS.encode()),), package)))
    assert "an interlocutory decision" in text
    for absent in ("Notice", "Recourse", "appeal"):
        assert absent not in text


def test_whether_there_is_a_notice_or_recourse_information_is_for_the_rules_alone() -> None:
    given = papers(CLAIMANT, (source(MARKDOWN_REASONS.encode()),), WITH_RECOURSE)
    assert "Notice of Decision" in text_of(main_paper(given))
    assert "Notice of Decision" not in text_of(main_paper(replace(given, notice=False, recourse_information=False)))
    without = renderer().render(replace(given, recourse_information=False)).documents[0]
    assert "Notice of Decision" in text_of(without.content)
    assert (without.pages or 0) < (renderer().render(given).documents[0].pages or 0)


@pytest.mark.parametrize("kind", RelationKind)
@pytest.mark.parametrize("language", [PreferredLanguage.EN, PreferredLanguage.FR])
def test_a_later_package_says_what_it_is(kind: RelationKind, language: PreferredLanguage) -> None:
    note = Note(en="A note of the Registry.", fr="Une note du greffe.")
    package = replace(PACKAGE, relation=Relation(kind=kind, of=OF, note=note))
    text = text_of(main_paper(papers(CLAIMANT, package=package, language=language)))
    assert (note.en if language is PreferredLanguage.EN else note.fr) in text
    noticed = "Notice of Decision" in text or "Avis de décision" in text
    assert noticed is (
        kind not in (RelationKind.REASONS, RelationKind.TRANSCRIPT, RelationKind.TRANSLATION, RelationKind.SET_ASIDE)
    )
    if kind is RelationKind.AMENDMENT and language is PreferredLanguage.EN:
        assert "both dates stand" in text
        assert "Amended Notice of Decision" in text


def test_an_oral_decision_of_a_panel_names_both_dates_and_all_members() -> None:
    signed = dt.datetime.fromisoformat("2026-11-19T10:00:00-05:00")
    decision = replace(
        PACKAGE.decision,
        form="oral",
        rendered_at=dt.datetime.fromisoformat("2026-10-02T16:00:00-04:00"),
        members=(Member(name="A. First", signed_at=signed), Member(name="B. Second")),
    )
    text = text_of(main_paper(papers(CLAIMANT, package=replace(PACKAGE, decision=decision))))
    assert "Given orally on October 2, 2026; signed on November 20, 2026" in text
    in_order(text, ["Members", "A. First, signed November 19, 2026", "B. Second"])


@pytest.mark.parametrize(
    ("reasons", "said"),
    [("on-request", "within 10 days of notification"), ("to-follow", "will be provided to you later")],
)
def test_reasons_that_are_not_enclosed_are_accounted_for(
    reasons: Literal["on-request", "to-follow"], said: str
) -> None:
    package = replace(PACKAGE, decision=replace(PACKAGE.decision, reasons=reasons))
    assert said in text_of(main_paper(papers(CLAIMANT, package=package)))
    assert said not in text_of(main_paper(papers(CLAIMANT, (source(b"Text."),), package)))


def test_recourse_is_printed_as_the_registry_set_it_and_no_date_is_computed() -> None:
    persons = (
        replace(FIRST, recourse=Recourse(forum="FC", basis="IRPA 72(1)")),
        replace(SECOND, recourse=Recourse(forum="none")),
    )
    text = text_of(main_paper(papers(MINISTER, package=replace(PACKAGE, persons=persons))))
    assert "Amara Nwosu-Lefèbvre: application for leave and for judicial review to the Federal Court." in text
    assert "Đặng Thị Hương: none noted by the Registry." in text
    assert "December" not in text


@pytest.mark.parametrize("language", [PreferredLanguage.EN, PreferredLanguage.FR])
def test_information_on_recourse_gives_trigger_period_and_provision_and_no_date(language: PreferredLanguage) -> None:
    pages = pages_of(main_paper(papers(CLAIMANT, package=WITH_RECOURSE, language=language)))
    said = {
        PreferredLanguage.EN: ["receive the written reasons", "15 days", "IRPR 159.91(1)(a)", "30 days"],
        PreferredLanguage.FR: ["recevez les motifs écrits", "15 jours", "RIPR 159.91(1)a)", "30 jours"],
    }
    in_order(pages[2], said[language])
    assert "2026" not in pages[2]


def test_what_is_told_beside_the_papers_is_what_they_say_themselves() -> None:
    rendered = renderer().render(papers(CLAIMANT, package=WITH_RECOURSE))
    page = pages_of(rendered.documents[0].content)[2]
    assert len(rendered.note.limits) == 3
    for limit in rendered.note.limits:
        assert limit.en.provision in page
    assert rendered.note.reference == "2026-0457"
    came = source(one_page("Information"), DocumentKind.APPEAL_INFORMATION)
    for given in (papers(CLAIMANT), papers(CLAIMANT, (came,), WITH_RECOURSE)):
        assert renderer().render(given).note.limits == ()


def test_information_on_recourse_that_came_in_the_package_is_not_made_again() -> None:
    came = source(one_page("Information"), DocumentKind.APPEAL_INFORMATION)
    text = text_of(main_paper(papers(CLAIMANT, (came,), WITH_RECOURSE)))
    assert "Information on Recourse" not in text
    assert text.count("Information on recourse") == 1


def test_no_recourse_section_where_the_registry_set_none() -> None:
    person = replace(FIRST, recourse=None)
    assert "Recourse" not in text_of(main_paper(papers(CLAIMANT, package=replace(PACKAGE, persons=(person, SECOND)))))


def test_many_persons_and_files_run_over_pages_and_each_page_keeps_its_edge() -> None:
    persons = tuple(
        replace(FIRST, id=f"q{number}", family_name=f"Family{number}", outcome=Outcome(code=code))
        for number, code in enumerate([OutcomeCode.ACCEPTED, OutcomeCode.WITHDRAWN] * 30)
    )
    files = tuple(
        replace(PACKAGE.files[0], number=f"TC6-{10000 + number}", persons=(f"q{number}",)) for number in range(60)
    )
    pages = pages_of(main_paper(papers(MINISTER, package=replace(PACKAGE, persons=persons, files=files))))
    assert len(pages) > 4
    for number, page in enumerate(pages, start=1):
        assert f"Page {number} of {len(pages)}" in page
        assert "TC6-10000" in page
        assert "TC6-10059" in page
    whole = " ".join(pages)
    assert all(f"Family{number} UCI" in whole for number in range(60))


def test_a_sign_no_font_has_is_refused_by_place_and_code_point() -> None:
    person = replace(FIRST, given_name="\u0639")
    with pytest.raises(InputRefused) as refused:
        main_paper(papers(CLAIMANT, package=replace(PACKAGE, persons=(person, SECOND))))
    assert refused.value.code is Code.DOCUMENT_MISSING_GLYPH
    assert refused.value.where == "decision.json"
    assert refused.value.facts == {"character": "U+0639"}


def test_markup_in_a_name_stays_text() -> None:
    person = replace(FIRST, given_name='<img src="file:///etc/passwd"/>', family_name="<b>O'Neil & Co</b>")
    text = text_of(main_paper(papers(CLAIMANT, package=replace(PACKAGE, persons=(person, SECOND)))))
    assert '<img src="file:///etc/passwd"/> <b>O\'Neil & Co</b>' in text


def test_time_limits_are_mentioned_only_where_some_recourse_was_noted() -> None:
    persons = tuple(replace(one, recourse=Recourse(forum="none")) for one in (FIRST, SECOND))
    text = text_of(main_paper(papers(MINISTER, package=replace(PACKAGE, persons=persons))))
    assert "none noted by the Registry." in text
    assert "time limits" not in text
