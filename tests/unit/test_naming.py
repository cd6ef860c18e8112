"""What a paper's text says of its matter, however numbers are spelled; and that other figures are no numbers."""

from collections.abc import Iterator

import pytest

from gateway.domain.naming import Identity, Naming, naming_of

OURS = Identity(own_files=("TC6-12345",), all_files=("TC6-12345", "TC6-12346"), ucis=("11-2345-6789", "2345-6790"))
ID = Identity(own_files=("0003-C6-01234-01",), all_files=("0003-C6-01234-01",), ucis=None)
SPACED = Identity(own_files=("TB6 17977",), all_files=("TB6 17977",), ucis=("1234-5678",))


@pytest.mark.parametrize(
    "spelled",
    [
        "TC6-12345",
        "tc6-12345",
        "TC6 12345",
        "TC612345",
        "TC6\u00a012345",
        "TC6\u201112345",
        "TC6 \u2013 12345",
        "TC6\u221212345",
        "TC6-\u00ad12345",
        "TC6\ufffe\r\n12345",
        "TC6-\n12345",
        "\uff34\uff23\uff16-\uff11\uff12\uff13\uff14\uff15",
        "(TC6-12345)",
        "No de dossier de la SPR : TC6-12345 / TC6-12346",
        "File TC6-12345, UCI 11-2345-6789, Client ID 23456790",
    ],
)
def test_a_file_number_is_known_in_every_spelling(spelled: str) -> None:
    assert naming_of([f"Reasons {spelled} of the member"], OURS) is Naming.OURS


@pytest.mark.parametrize("spelled", ["TB6-17977", "TB617977", "TB6\u00a017977"])
def test_a_number_that_the_package_writes_with_a_space_is_known_too(spelled: str) -> None:
    assert naming_of([f"Dossier {spelled}, IUC 1234-5678"], SPACED) is Naming.OURS


@pytest.mark.parametrize("spelled", ["0003-C6-01234-01", "0003-C6-01234", "0003 C6 01234"])
def test_a_number_of_the_immigration_division_is_known_with_and_without_its_sitting(spelled: str) -> None:
    assert naming_of([spelled], ID) is Naming.OURS


@pytest.mark.parametrize("spelled", ["TC6-123456", "ATC6-12345", "TC6-12346", "TC5-12345", "TC6-1234"])
def test_a_number_that_only_resembles_is_not_ours(spelled: str) -> None:
    assert naming_of(["Cover", spelled], OURS) is Naming.NOBODY


@pytest.mark.parametrize(
    "other",
    [
        "TC6-12347",
        "MB7 00123",
        "VA9\u00a000123",
        "TC612399",
        "0003-C6-01234-01",
        "UCI: 11-2345-6791",
        "IUC 1123456791",
        "Client ID No. 87654321",
        "22 3344 5566",
        "9876-5432",
    ],
)
def test_another_number_on_the_first_page_is_seen_even_beside_ours(other: str) -> None:
    assert naming_of([f"TC6-12345, {other} and so on"], OURS) is Naming.ANOTHER


@pytest.mark.parametrize(
    "figure",
    [
        "2010-2012",
        "416-555-0123",
        "+1 416 555 0123",
        "$12,345.67",
        "2026-11-20",
        "IMM-1234-22",
        "M5V 3L9",
        "4111-1111-1111-1111",
        "SOR/2012-256",
        "2015 CanLII 52898",
        "passport AB123456",
        "s. 97(1)(b)",
    ],
)
def test_other_figures_of_a_decision_are_nobodys_number(figure: str) -> None:
    assert naming_of([f"TC6-12345 {figure} and so on"], OURS) is Naming.OURS


def test_a_citation_of_another_file_after_the_first_page_is_no_matter() -> None:
    assert naming_of(["TC6-12345", "as in TB7-19851"], OURS) is Naming.OURS


def test_identifiers_are_not_judged_where_one_of_a_person_is_unknown() -> None:
    unknown = Identity(own_files=OURS.own_files, all_files=OURS.all_files, ucis=None)
    assert naming_of(["TC6-12345 UCI 99-8877-6655"], unknown) is Naming.OURS


def test_a_paper_about_one_person_must_name_that_persons_file() -> None:
    assert naming_of(["TC6-12346 alone"], OURS) is Naming.NOBODY


def test_a_scan_is_said_to_be_one() -> None:
    assert naming_of(["", " \n", "\x0c- "], OURS) is Naming.NO_TEXT


def test_no_page_is_read_beyond_the_one_that_names_the_file() -> None:
    def pages() -> Iterator[str]:
        yield "Cover page"
        yield "File TC6-12345"
        raise AssertionError("read on")

    assert naming_of(pages(), OURS) is Naming.OURS
