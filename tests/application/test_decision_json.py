import json
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.application.intake.decision_json import read_decision
from gateway.domain.codes import Code
from gateway.domain.outcomes import Division, OutcomeCode
from gateway.domain.package import DecisionPackage
from gateway.domain.problem import InputRefused
from tests.application.decision_contradictions import REFERENCES, RULES
from tests.application.decision_corpus import HIDDEN, STRUCTURAL, Bad, drop, put
from tests.application.packages import (
    Decision,
    changed,
    full,
    interface_example,
    members_of,
    minimal,
    places_of,
    raw,
    replaced,
)

ALL = [*STRUCTURAL, *HIDDEN, *REFERENCES, *RULES]
GIVEN_NAME = "$.persons[0].given_name"
LATER = {"kind": "transcript", "of": "0b9f1f0a-7a0e-4d0f-8f0e-2f6f0f9d1c22"}


def read(decision: Decision) -> DecisionPackage:
    return read_decision(raw(decision), members_of(decision))


def refusal(content: bytes, members: tuple[str, ...] = ()) -> InputRefused:
    with pytest.raises(InputRefused) as caught:
        read_decision(content, members)
    return caught.value


@pytest.mark.parametrize("division", Division)
def test_a_minimal_package_of_each_division_is_read(division: Division) -> None:
    package = read(minimal(division))
    assert type(package) is DecisionPackage
    assert package.division is division
    assert package.persons[0].outcome.code in OutcomeCode
    assert package.decision.signed_at.isoformat() == "2026-11-20T15:04:00-05:00"


def test_every_field_of_the_format_is_read() -> None:
    package = read(full())
    assert package.relation is not None
    assert package.relation.note is not None
    assert package.relation.note.en == "First line\nsecond line"
    assert package.participants[3].contact is not None
    assert package.participants[3].contact.unknown is True
    assert package.already_provided[0].evidence == "documents/receipt.pdf"
    written, read_in = full(), package
    assert set(written) == set(read_in.__dataclass_fields__)


def test_the_example_of_the_interface_is_read() -> None:
    package = read(interface_example())
    assert package.participants[1].represents == ("p1", "p2")


@pytest.mark.parametrize("bad", ALL)
def test_a_bad_decision_is_refused_with_its_code_and_place(bad: Bad) -> None:
    refused = refusal(json.dumps(bad.decision).encode(), bad.members)
    assert (refused.code, refused.where) == (bad.code, bad.where)


@pytest.mark.parametrize("bad", ALL)
def test_a_refusal_tells_nothing_of_what_was_written(bad: Bad) -> None:
    refused = refusal(json.dumps(bad.decision).encode(), bad.members)
    told = f"{refused} {refused.facts}"
    for name in ("Exemple", "Alex", "Conseil", "Membre", "123 Example", "11-2345", "mail.example"):
        assert name not in told


def _text(decision: Decision, old: str, new: str) -> bytes:
    text = json.dumps(decision)
    assert old in text
    return text.replace(old, new, 1).encode()


NOT_READ = [
    ("nothing", b"", Code.DECISION_NOT_JSON, "$"),
    ("no JSON", b"<xml/>", Code.DECISION_NOT_JSON, "$"),
    ("two documents", raw(minimal()) * 2, Code.DECISION_NOT_JSON, "$"),
    ("cut short", raw(minimal())[:-1], Code.DECISION_NOT_JSON, "$"),
    ("closing the reader's bracket", raw(minimal()) + b"],[1", Code.DECISION_NOT_JSON, "$"),
    ("byte order mark", b"\xef\xbb\xbf" + raw(minimal()), Code.DECISION_NOT_JSON, "$"),
    ("UTF-16", json.dumps(minimal()).encode("utf-16"), Code.DECISION_NOT_JSON, "$"),
    ("UTF-32 without mark", json.dumps(minimal()).encode("utf-32-le"), Code.DECISION_NOT_JSON, "$"),
    ("Latin-1", b'{"schema": "d\xe9cision"}', Code.DECISION_NOT_JSON, "$"),
    ("overlong UTF-8", b'{"schema": "\xc0\x80"}', Code.DECISION_NOT_JSON, "$"),
    ("surrogate in UTF-8", b'{"schema": "\xed\xa0\x80"}', Code.DECISION_NOT_JSON, "$"),
    ("NaN", b'{"sensitive": NaN}', Code.DECISION_NOT_JSON, "$"),
    ("Infinity", b'{"sensitive": Infinity}', Code.DECISION_NOT_JSON, "$"),
    ("minus Infinity", b'{"sensitive": -Infinity}', Code.DECISION_NOT_JSON, "$"),
    ("comment", b"{} // why", Code.DECISION_NOT_JSON, "$"),
    ("raw control character", b'{"office": "a\x00b"}', Code.DECISION_NOT_JSON, "$"),
    ("array at the root", b"[]", Code.DECISION_VALUE_INVALID, "$"),
    ("null at the root", b"null", Code.DECISION_VALUE_INVALID, "$"),
    ("deep arrays", b"[" * 100_000, Code.DECISION_TOO_DEEP, "$"),
    ("deep arrays, closed", b"[" * 100_000 + b"]" * 100_000, Code.DECISION_TOO_DEEP, "$"),
    ("deep objects", b'{"a":' * 100_000, Code.DECISION_TOO_DEEP, "$"),
    ("one level too deep", b"[" * 33 + b"]" * 33, Code.DECISION_TOO_DEEP, "$"),
    ("as deep as may be", b"[" * 32 + b"]" * 32, Code.DECISION_VALUE_INVALID, "$"),
    ("too large", b'"' + b"x" * 1_000_000 + b'"', Code.DECISION_TOO_LARGE, "$"),
    ("lone surrogate", _text(minimal(), '"Alex"', r'"\ud800"'), Code.DECISION_VALUE_INVALID, GIVEN_NAME),
    ("reversed surrogates", _text(minimal(), '"Alex"', r'"\udc00\ud800"'), Code.DECISION_VALUE_INVALID, GIVEN_NAME),
    ("lone surrogate as a key", b'{"\\ud800": 1}', Code.DECISION_NOT_JSON, "$"),
    ("huge number", _text(minimal(), '"Alex"', "9" * 100_000), Code.DECISION_NOT_JSON, "$"),
    ("number beyond floats", _text(minimal(), '"Alex"', "1e999"), Code.DECISION_VALUE_INVALID, GIVEN_NAME),
    (
        "key twice",
        _text(minimal(), '"office": "toronto"', '"office": "toronto", "office": "ottawa"'),
        Code.DECISION_DUPLICATE_KEY,
        "$.office",
    ),
    (
        "key twice, the second escaped",
        _text(minimal(), '"office": "toronto"', r'"office": "toronto", "\u006fffice": "toronto"'),
        Code.DECISION_DUPLICATE_KEY,
        "$.office",
    ),
    (
        "key twice below",
        _text(minimal(), '"code": "rejected"', '"code": "rejected", "code": "accepted"'),
        Code.DECISION_DUPLICATE_KEY,
        "$.persons[0].outcome.code",
    ),
    (
        "a name as a key",
        _text(minimal(), '"office"', '"Alex Exemple": 1, "office"'),
        Code.DECISION_UNKNOWN_FIELD,
        "$.?",
    ),
    (
        "a method of the class as a key",
        _text(minimal(), '"office"', '"participant": 1, "office"'),
        Code.DECISION_UNKNOWN_FIELD,
        "$.participant",
    ),
    (
        "a dunder as a key",
        _text(minimal(), '"office"', '"__class__": 1, "office"'),
        Code.DECISION_UNKNOWN_FIELD,
        "$.__class__",
    ),
]


@pytest.mark.parametrize(
    ("content", "code", "where"), [case[1:] for case in NOT_READ], ids=[one[0] for one in NOT_READ]
)
def test_what_is_no_plain_json_is_refused(content: bytes, code: Code, where: str) -> None:
    refused = refusal(content, members_of(minimal()))
    assert (refused.code, refused.where) == (code, where)


def test_a_fault_of_syntax_tells_line_and_column() -> None:
    assert refusal(b'{\n "schema": ,\n}').facts == {"fault": "not-json", "line": 2, "column": 12}


def test_an_unknown_code_tells_the_codes_there_are() -> None:
    bad = changed(minimal(), lambda one: one["proceeding"].update(nature="last"))
    assert refusal(raw(bad)).facts["expected"] == "final, interlocutory"


def test_the_first_of_several_faults_is_told() -> None:
    bad = minimal() | {"office": 3, "division": "none", "sensitive": "x"}
    assert refusal(raw(bad)).where == "$.division"


def _person(**fields: str) -> Decision:
    return changed(minimal(), lambda one: one["persons"][0].update(fields))


def _signed_at(moment: str) -> Decision:
    return changed(minimal(), lambda one: one["decision"].update(signed_at=moment))


def _only(kind: str, media_type: str) -> list[Decision]:
    return [{"path": "documents/one", "kind": kind, "language": "en", "media_type": media_type}]


ACCEPTED: list[tuple[str, Decision]] = [
    ("null for what is left out", minimal(private_basis=None, relation=None)),
    ("number of the ID", changed(minimal("ID"), put("files.0.number", "0003-C6-01234(-01)"))),
    ("UCI of eight digits", _person(uci="1234-5678")),
    ("UCI without hyphens", _person(uci="1123456789")),
    ("no UCI", changed(minimal(), drop("persons.0.uci"))),
    ("UTC", _signed_at("2026-11-20T20:04:00Z")),
    ("fractions of a second", _signed_at("2026-11-20T20:04:00.123456789+00:00")),
    ("letters beyond the basic plane", _person(family_name="Ñ𠮷é")),
    ("Minister no party at the IAD", minimal("IAD", minister={"party": False})),
    ("reasons as Markdown", changed(minimal(), put("documents.0.media_type", "text/markdown"))),
    ("oral decision, the moment unknown", changed(minimal("ID"), put("decision.form", "oral"))),
    ("person and participant who are one", changed(minimal(), put("participants.2.id", "p1"))),
    ("transcript after an ID order", minimal("ID", relation=LATER, documents=_only("transcript", "application/pdf"))),
    (
        "interlocutory letter of the ID",
        minimal(
            "ID",
            proceeding={"type": "admissibility", "nature": "interlocutory"},
            documents=_only("other", "text/markdown"),
        ),
    ),
]


@pytest.mark.parametrize("decision", [one[1] for one in ACCEPTED], ids=[one[0] for one in ACCEPTED])
def test_what_the_interface_allows_is_taken(decision: Decision) -> None:
    assert read(decision).package_id.hex == decision["package_id"].replace("-", "")


def test_an_office_of_the_registry_s_own_is_known_when_it_is_given() -> None:
    decision = minimal(office="halifax")
    with pytest.raises(InputRefused, match="unknown-office"):
        read(decision)
    assert read_decision(raw(decision), members_of(decision), offices={"halifax"}).office == "halifax"


JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=20,
)


@given(JSON)
def test_no_json_raises_anything_but_a_refusal(value: Any) -> None:
    assert refusal(json.dumps(value).encode()).code.startswith("decision.")


@given(st.binary(max_size=200))
def test_no_bytes_raise_anything_but_a_refusal(content: bytes) -> None:
    assert refusal(content).code.startswith("decision.")


PLACES = places_of(full())


@settings(max_examples=300)
@given(place=st.sampled_from(PLACES), value=JSON)
def test_a_value_out_of_place_is_refused_or_read_and_never_breaks(place: tuple[str | int, ...], value: Any) -> None:
    decision = replaced(full(), place, value)
    with suppress(InputRefused):
        assert read_decision(json.dumps(decision).encode(), members_of(full())).schema == "decision-package/1"
