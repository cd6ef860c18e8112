"""Identifiers of the wrong form are refused with their place and an example of what was expected."""

from typing import Any

import pytest

from gateway.application.identifiers import check_fax_number
from gateway.application.intake.decision_json import read_decision
from gateway.application.recipients.directory_file import read_directory
from gateway.domain.codes import Code
from gateway.domain.parties import Language
from gateway.domain.problem import InputRefused
from templates.catalogue import problem_text
from tests.application.directory_corpus import directory
from tests.application.packages import POSTAL, members_of, minimal, raw


def refused(decision: dict[str, Any]) -> InputRefused:
    with pytest.raises(InputRefused) as caught:
        read_decision(raw(decision), members_of(decision))
    return caught.value


def taken(decision: dict[str, Any]) -> None:
    read_decision(raw(decision), members_of(decision))


def with_number(division: str, number: str) -> dict[str, Any]:
    return minimal(division, files=[{"number": number, "persons": ["p1"]}])


@pytest.mark.parametrize(
    ("division", "number"),
    [
        ("RPD", "TB1-12345"),
        ("RAD", "MB5-00902"),
        ("IAD", "TB6 17977"),
        ("ID", "0003-C1-01234"),
        ("ID", "0018-C6-01234-01"),
        ("ID", "0001-B9-01234 (01)"),
    ],
)
def test_file_numbers_as_the_divisions_write_them_are_taken(division: str, number: str) -> None:
    taken(with_number(division, number))


@pytest.mark.parametrize(
    ("division", "number", "expected"),
    [
        ("RPD", "0003-C6-01234-01", "TC6-12345"),
        ("RPD", "TC6-1234", "TC6-12345"),
        ("RAD", "T6-12345", "TC6-12345"),
        ("IAD", "TC6--12345", "TC6-12345"),
        ("ID", "TC6-12345", "0003-C6-01234-01"),
    ],
)
def test_a_number_of_another_form_is_refused_with_an_example(division: str, number: str, expected: str) -> None:
    problem = refused(with_number(division, number))
    assert (problem.code, problem.where) == (Code.DECISION_IDENTIFIER_INVALID, "$.files[0].number")
    assert problem.facts["expected"] == expected
    for language in Language:
        title, detail = problem_text(problem, language)
        assert title
        assert expected in detail


@pytest.mark.parametrize("uci", ["1234-5678", "11-2345-6789", "12345678", "1123456789"])
def test_a_uci_has_its_groups_or_no_hyphen(uci: str) -> None:
    decision = minimal()
    decision["persons"][0]["uci"] = uci
    taken(decision)


@pytest.mark.parametrize("uci", ["1234567", "11-23456789", "112345-6789", "1-2345-6789", "11 2345 6789"])
def test_a_uci_of_another_form_is_refused(uci: str) -> None:
    decision = minimal()
    decision["persons"][0]["uci"] = uci
    assert refused(decision).where == "$.persons[0].uci"


@pytest.mark.parametrize(("body", "number"), [("LSO", "12345P"), ("BQ", "123456-7"), ("CICC", "R123456")])
def test_memberships_of_the_bodies_that_may_represent_are_taken(body: str, number: str) -> None:
    decision = minimal()
    decision["participants"][1]["membership"] = {"body": body, "number": number}
    taken(decision)


@pytest.mark.parametrize(
    ("body", "number", "where", "expected"),
    [
        ("Law Society", "12345P", "body", "BQ, CICC, CNQ"),
        ("LSO", "no number", "number", "12345P"),
        ("CICC", "RCIC 12", "number", "R123456"),
    ],
)
def test_another_body_or_number_is_refused(body: str, number: str, where: str, expected: str) -> None:
    decision = minimal()
    decision["participants"][1]["membership"] = {"body": body, "number": number}
    problem = refused(decision)
    assert problem.where == f"$.participants[1].membership.{where}"
    assert str(problem.facts["expected"]).startswith(expected)


@pytest.mark.parametrize(
    "postal",
    [
        {"postal_code": "K1A0B1"},
        {"postal_code": "H2Y 1C6", "province": "QC"},
        {"country": "FR", "postal_code": "75001", "province": "Île-de-France"},
        {"country": "US", "postal_code": "14301", "province": "NY"},
    ],
)
def test_addresses_are_held_to_their_countrys_forms(postal: dict[str, str]) -> None:
    taken(with_postal(postal))


@pytest.mark.parametrize(
    ("postal", "where", "expected"),
    [
        ({"postal_code": "M5V-3L9"}, "postal_code", "M5V 3L9"),
        ({"postal_code": "m5v 3l9"}, "postal_code", "M5V 3L9"),
        ({"postal_code": "D5V 3L9"}, "postal_code", "M5V 3L9"),
        ({"postal_code": "W5V 3L9"}, "postal_code", "M5V 3L9"),
        ({"postal_code": "M5V 3O9"}, "postal_code", "M5V 3L9"),
        ({"postal_code": "90210"}, "postal_code", "M5V 3L9"),
        ({"province": "Ontario"}, "province", "AB, BC"),
        ({"province": "PQ"}, "province", "AB, BC"),
    ],
)
def test_a_canadian_address_of_another_form_is_refused(postal: dict[str, str], where: str, expected: str) -> None:
    problem = refused(with_postal(postal))
    assert problem.where == f"$.participants[2].contact.postal.{where}"
    assert str(problem.facts["expected"]).startswith(expected)


def with_postal(postal: dict[str, str]) -> dict[str, Any]:
    decision = minimal()
    decision["participants"][2]["contact"] = {"postal": POSTAL | postal}
    return decision


@pytest.mark.parametrize("number", ["+14165550123", "+14169541165", "+33142685300", "+442079460123"])
def test_fax_numbers_of_a_numbering_plan_are_taken(number: str) -> None:
    check_fax_number(number)


@pytest.mark.parametrize(
    "number",
    ["+1416555", "+11234567890", "+19115550123", "+14165550123;ext=5", "+1 416 555 0123", "911", "+9990000000", ""],
)
def test_what_no_fax_can_be_reached_by_is_refused(number: str) -> None:
    with pytest.raises(ValueError, match=r"E\.164|plan|telephone"):
        check_fax_number(number)


def test_a_fax_number_in_a_package_is_refused_with_an_example() -> None:
    decision = minimal()
    decision["participants"][2]["contact"] = {"fax": "+11234567890"}
    problem = refused(decision)
    assert (problem.where, problem.facts["expected"]) == ("$.participants[2].contact.fax", "+14165550123")


@pytest.mark.parametrize(
    ("way", "where"),
    [
        ({"type": "fax", "number": "+11234567890"}, "number"),
        ({"type": "courier", "postal": POSTAL | {"postal_code": "M5V-3L9"}}, "postal.postal_code"),
    ],
)
def test_the_directory_is_held_to_the_same_forms(way: dict[str, Any], where: str) -> None:
    entry = directory()
    entry["recipients"][0]["channels"] = [way]
    with pytest.raises(InputRefused) as caught:
        read_directory(raw(entry), read_certificate=lambda _: b"", read_public_key=lambda _: b"")
    assert caught.value.code is Code.RECIPIENT_IDENTIFIER_INVALID
    assert caught.value.where == f"$.recipients[0].channels[0].{where}"
