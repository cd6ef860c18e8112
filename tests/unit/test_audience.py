"""No delivery ever holds a document outside its audience."""

import json
from typing import Any

from gateway.application.intake.decision_json import read_decision
from gateway.domain.audience import audience_unclear, documents_for, persons_of
from gateway.domain.package import DecisionPackage
from tests.application.packages import minimal

PERSONS = [
    {"id": "p1", "family_name": "Un", "outcome": {"code": "rejected"}},
    {"id": "p2", "family_name": "Deux", "outcome": {"code": "accepted"}},
]
PARTICIPANTS: list[dict[str, Any]] = [
    {"id": "m1", "roles": ["minister-counsel"], "recipient": "cbsa"},
    {"id": "c1", "roles": ["counsel"], "represents": ["p1"], "recipient": "c-1"},
    {"id": "c2", "roles": ["counsel"], "represents": ["r1"], "recipient": "c-2"},
    {"id": "r1", "roles": ["designated-representative"], "represents": ["p2"], "contact": {"unknown": True}},
]


def document(name: str, **changes: Any) -> dict[str, Any]:
    return {
        "path": f"documents/{name}.pdf",
        "kind": "reasons",
        "language": "en",
        "media_type": "application/pdf",
    } | changes


def joined(*documents: dict[str, Any]) -> DecisionPackage:
    decision = minimal(
        files=[{"number": "TC6-12345", "persons": ["p1", "p2"]}],
        persons=PERSONS,
        participants=PARTICIPANTS,
        minister={"party": True},
        documents=list(documents),
    )
    return read_decision(json.dumps(decision).encode(), [one["path"] for one in documents])


def seen(package: DecisionPackage, participant_id: str) -> list[str]:
    participant = package.participant(participant_id)
    assert participant is not None
    return [one.path.removeprefix("documents/").removesuffix(".pdf") for one in documents_for(package, participant)]


def stands_for(package: DecisionPackage, participant_id: str) -> list[str]:
    participant = package.participant(participant_id)
    assert participant is not None
    return [person.id for person in persons_of(package, participant)]


def test_counsel_stand_for_whom_they_represent_also_through_a_designated_representative() -> None:
    package = joined(document("all"))
    assert stands_for(package, "c1") == ["p1"]
    assert stands_for(package, "c2") == ["p2"]
    assert stands_for(package, "m1") == ["p1", "p2"]


def test_documents_about_one_person_go_to_those_who_stand_for_that_person() -> None:
    package = joined(document("all"), document("one", persons=["p1"]), document("two", persons=["p2"]))
    assert seen(package, "c1") == ["all", "one"]
    assert seen(package, "c2") == ["all", "two"]
    assert seen(package, "m1") == ["all", "one", "two"]


def test_named_recipients_are_the_whole_audience() -> None:
    package = joined(document("minister", recipients=["m1"], version="non-disclosure"), document("rest"))
    assert seen(package, "m1") == ["minister", "rest"]
    assert seen(package, "c1") == ["rest"]


def test_a_redacted_version_without_recipients_is_for_a_person_to_place() -> None:
    assert audience_unclear(joined(document("redacted", version="redacted")))
    assert not audience_unclear(joined(document("redacted", version="redacted", recipients=["c1"])))


def test_participants_who_represent_each_other_do_not_go_round_in_circles() -> None:
    looped = [dict(one) for one in PARTICIPANTS]
    looped[3]["represents"] = ["p2", "c2"]
    decision = minimal(
        files=[{"number": "TC6-12345", "persons": ["p1", "p2"]}],
        persons=PERSONS,
        participants=looped,
        minister={"party": True},
        documents=[document("all")],
    )
    package = read_decision(json.dumps(decision).encode(), ["documents/all.pdf"])
    assert stands_for(package, "c2") == ["p2"]
