import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]
from jsonschema.exceptions import ValidationError  # type: ignore[import-untyped]

from gateway.application.intake.decision_json import read_decision
from gateway.application.schemas import NAMES, schema
from gateway.domain.codes import Code
from gateway.domain.outcomes import Division
from gateway.domain.problem import InputRefused, NoSuchThing
from tests.application.decision_contradictions import REFERENCES, RULES
from tests.application.decision_corpus import REQUIRED, STRUCTURAL, Bad
from tests.application.directory_corpus import FORM, BadFile, directory
from tests.application.packages import Decision, full, interface_example, members_of, minimal, places_of, replaced


def validator(name: str) -> Draft202012Validator:
    return Draft202012Validator(schema(name), format_checker=Draft202012Validator.FORMAT_CHECKER)


PLACES = places_of(full())
DECISION = validator("decision-package")
DIRECTORY = validator("recipient-directory")


@pytest.mark.parametrize("name", NAMES)
def test_a_published_schema_is_itself_valid(name: str) -> None:
    Draft202012Validator.check_schema(schema(name))
    assert schema(name)["$schema"] == Draft202012Validator.META_SCHEMA["$id"]
    assert schema(name)["$id"].startswith("urn:decision-gateway:schema:")
    assert schema(name)["title"].startswith(name)
    assert json.loads(json.dumps(schema(name))) == schema(name)


def test_an_unknown_schema_is_no_such_thing() -> None:
    with pytest.raises(NoSuchThing) as caught:
        schema("no-such-thing")
    assert caught.value.code is Code.SCHEMA_UNKNOWN


@pytest.mark.parametrize("name", NAMES)
def test_every_object_of_a_schema_is_closed_and_described(name: str) -> None:
    for definition in objects(schema(name)):
        assert definition["additionalProperties"] is False
        assert definition["description"]


def objects(published: dict[str, Any]) -> list[dict[str, Any]]:
    return [published, *(one for one in published["$defs"].values() if one["type"] == "object")]


def test_the_corpus_knows_every_object_of_the_format_and_what_it_needs() -> None:
    published = [sorted(one.get("required", [])) for one in objects(schema("decision-package"))]
    assert sorted(published) == sorted(sorted(names) for names in REQUIRED.values())


@pytest.mark.parametrize("decision", [*(minimal(division) for division in Division), full(), interface_example()])
def test_the_schema_takes_what_the_reader_takes(decision: Decision) -> None:
    DECISION.validate(decision)


@pytest.mark.parametrize("bad", STRUCTURAL)
def test_the_schema_refuses_what_the_reader_refuses_for_its_form(bad: Bad) -> None:
    with pytest.raises(ValidationError):
        DECISION.validate(bad.decision)


@pytest.mark.parametrize("bad", [*REFERENCES, *RULES])
def test_the_schema_says_nothing_of_what_lies_between_the_parts(bad: Bad) -> None:
    DECISION.validate(bad.decision)


@pytest.mark.parametrize(
    ("place", "value"),
    [
        (("package_id",), "6c1d0c0e5f0e4a539d9f5f1d3c0e9a11"),
        (("decision", "signed_at"), "2026-11-20T15:04:00"),
        (("decision", "heard", 0, "date"), "86400"),
    ],
)
def test_a_validator_that_ignores_formats_still_refuses_by_pattern(place: tuple[str | int, ...], value: str) -> None:
    assert not Draft202012Validator(schema("decision-package")).is_valid(replaced(full(), place, value))


def test_the_directory_schema_takes_the_example() -> None:
    DIRECTORY.validate(directory())


@pytest.mark.parametrize("bad", FORM)
def test_the_directory_schema_refuses_what_its_reader_refuses_for_its_form(bad: BadFile) -> None:
    with pytest.raises(ValidationError):
        DIRECTORY.validate(bad.file)


PLAIN = st.none() | st.booleans() | st.integers(0, 9) | st.text("ab-\n1", max_size=4)
VALUES = PLAIN | st.lists(PLAIN, max_size=2) | st.dictionaries(st.sampled_from(["id", "kind", "code"]), PLAIN)
OF_FORM = {Code.DECISION_UNKNOWN_FIELD, Code.DECISION_FIELD_MISSING, Code.DECISION_UNKNOWN_CODE}


@settings(max_examples=300)
@given(place=st.sampled_from(PLACES), value=VALUES)
def test_schema_and_reader_agree_on_the_form_of_any_change(place: tuple[str | int, ...], value: Any) -> None:
    decision = replaced(full(), place, value)
    valid = DECISION.is_valid(decision)
    try:
        read_decision(json.dumps(decision).encode(), members_of(full()))
    except InputRefused as refused:
        agree = not valid or refused.code not in OF_FORM
    else:
        agree = valid
    assert agree
