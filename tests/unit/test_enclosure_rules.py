"""What each recipient gets: by division, proceeding, outcome and the audience that the package sets."""

from typing import Any

import pytest

from gateway.domain.package import DocumentKind
from gateway.domain.reasons import Reason
from gateway.domain.routing import PlannedDelivery
from tests.application.packages import minimal
from tests.unit.routed import EVERY, EVERYBODY, book, entry, package, planned

LATER = "0b9f1f0a-7a0e-4d0f-8f0e-2f6f0f9d1c22"
M1 = {"id": "m1", "roles": ["minister-counsel"], "recipient": "cbsa-hearings-gta"}


def document(name: str, kind: str = "reasons", **more: Any) -> dict[str, Any]:
    path = f"documents/{name}.pdf"
    return {"path": path, "kind": kind, "language": "en", "media_type": "application/pdf"} | more


def person(outcome: str, name: str = "p1", **more: Any) -> dict[str, Any]:
    return {"id": name, "family_name": "X", "outcome": {"code": outcome}, "recourse": {"forum": "FC"}} | more


def counsel(name: str, *persons: str) -> dict[str, Any]:
    return {"id": name, "roles": ["counsel"], "represents": list(persons), "recipient": f"counsel-{name}"}


def plans(division: str, **changes: Any) -> dict[str, PlannedDelivery]:
    entries = (*EVERYBODY, entry("counsel-c1"), entry("counsel-c2"))
    return planned(package(division, **changes), *entries, channels=EVERY)


def given(one: PlannedDelivery) -> list[str]:
    return [each.path.removeprefix("documents/").removesuffix(".pdf") for each in one.provision.documents]


def rule_of(one: PlannedDelivery, kind: str) -> str:
    return dict(one.provision.enclosures)[DocumentKind(kind)].id


@pytest.mark.parametrize(
    ("division", "changes", "rule"),
    [
        ("RPD", {"persons": [person("rejected")]}, "rpd-67-2-a"),
        ("RPD", {"persons": [person("rejected-no-credible-basis")]}, "rpd-67-2-a"),
        (
            "RPD",
            {
                "persons": [person("accepted")],
                "decision": minimal()["decision"] | {"form": "oral"},
                "minister": {"party": True, "present_at_decision": False},
            },
            "rpd-67-2-b",
        ),
        ("RPD", {"persons": [person("ceased")], "proceeding": {"type": "cease", "nature": "final"}}, "rpd-67-2-c"),
        ("RAD", {}, "rad-50-2"),
        ("IAD", {"persons": [person("allowed")]}, "iad-103-1-sponsorship"),
        (
            "IAD",
            {"persons": [person("stayed")], "proceeding": {"type": "removal-order", "nature": "final"}},
            "iad-103-1-stay",
        ),
    ],
)
def test_where_the_rules_want_the_reasons_with_the_notice_they_must_be_there(
    division: str, changes: dict[str, Any], rule: str
) -> None:
    for timing in ("with-notice", "on-request"):
        decision = (changes.get("decision") or minimal(division)["decision"]) | {"reasons": timing}
        whole = plans(division, **(changes | {"decision": decision}))["m1"]
        assert (rule_of(whole, "reasons"), given(whole), whole.reason) == (rule, ["reasons"], None)
        less = plans(division, **(changes | {"decision": decision, "documents": [document("other", "other")]}))["m1"]
        assert (less.channels, less.reason) == ((), Reason.DOCUMENT_MISSING)
        assert less.because is not None
        assert less.because.id == rule


@pytest.mark.parametrize(("division", "outcome"), [("RPD", "accepted"), ("ID", "removal-order-made")])
def test_reasons_on_request_wait_for_the_request_and_then_go_in_a_package_of_their_own(
    division: str, outcome: str
) -> None:
    decision = minimal(division)["decision"] | {"reasons": "on-request"}
    changes = {"persons": [person(outcome)], "decision": decision}
    assert "reasons" not in given(plans(division, **changes)["m1"])
    asked = plans(division, **changes, relation={"kind": "reasons", "of": LATER})
    assert "reasons" in given(asked["m1"])
    assert not asked["m1"].provision.notice


@pytest.mark.parametrize("division", ["RPD", "RAD", "IAD"])
def test_a_notice_is_made_of_a_final_decision_unless_the_package_holds_one(division: str) -> None:
    assert plans(division)["m1"].provision.notice
    held = [document("notice", "notice"), document("reasons")]
    assert not plans(division, documents=held)["m1"].provision.notice
    for kind, ours in (("amendment", True), ("erratum", True), ("transcript", False), ("translation", False)):
        assert plans(division, relation={"kind": kind, "of": LATER})["m1"].provision.notice is ours


@pytest.mark.parametrize("division", ["RPD", "RAD", "ID", "IAD"])
def test_an_interlocutory_decision_is_a_letter(division: str) -> None:
    proceeding = minimal(division)["proceeding"] | {"nature": "interlocutory"}
    one = plans(division, proceeding=proceeding)["m1"]
    assert (one.provision.notice, rule_of(one, "notice")) == (False, "interlocutory-letter")


def test_at_the_id_what_the_member_signed_must_be_there() -> None:
    assert rule_of(plans("ID")["m1"], "order") == "id-7-2"
    favourable = plans("ID", persons=[person("favourable")], documents=[document("notice", "notice")])["m1"]
    assert (rule_of(favourable, "notice"), favourable.reason) == ("id-7-1", None)
    assert not favourable.provision.notice
    only_order = plans("ID", persons=[person("favourable")])["m1"]
    assert only_order.reason is Reason.DOCUMENT_MISSING
    review = {"type": "detention-review", "nature": "final"}
    released = plans("ID", persons=[person("released")], proceeding=review)["m1"]
    assert rule_of(released, "order") == "id-11-2"


def test_joined_claims_with_two_counsel_keep_their_own_documents_apart() -> None:
    found = plans(
        "RPD",
        files=[{"number": "TC6-12345", "persons": ["p1", "p2"]}],
        persons=[person("rejected"), person("accepted", "p2")],
        participants=[M1, counsel("c1", "p1"), counsel("c2", "p2")],
        documents=[
            document("reasons"),
            document("of-one", "other", persons=["p1"]),
            document("of-two", "other", persons=["p2"]),
            document("secret", "other", recipients=["m1"], version="non-disclosure"),
            document("redacted", "other", recipients=["c1", "c2"], version="redacted"),
        ],
    )
    assert given(found["c1"]) == ["reasons", "of-one", "redacted"]
    assert given(found["c2"]) == ["reasons", "of-two", "redacted"]
    assert given(found["m1"]) == ["reasons", "of-one", "of-two", "secret"]


def test_one_outcome_of_several_that_wants_the_reasons_brings_them_to_who_stands_for_both() -> None:
    mixed = {
        "files": [{"number": "TC6-12345", "persons": ["p1", "p2"]}],
        "persons": [person("accepted"), person("rejected", "p2")],
        "decision": minimal()["decision"] | {"reasons": "on-request"},
        "participants": [M1, counsel("c1", "p1"), counsel("c2", "p2")],
    }
    found = plans("RPD", **mixed)
    assert (given(found["c1"]), rule_of(found["c1"], "reasons")) == ([], "reasons-on-request")
    assert (given(found["c2"]), rule_of(found["c2"], "reasons")) == (["reasons"], "rpd-67-2-a")
    assert given(found["m1"]) == ["reasons"]


def test_reasons_outside_the_audience_of_who_must_have_them_call_a_person() -> None:
    found = plans("RPD", documents=[document("reasons", recipients=["m1"])])
    assert found["m1"].reason is None
    assert found["c1"].reason is Reason.DOCUMENT_MISSING


@pytest.mark.parametrize("action", ["existing", "made", "confirmed", "stayed", "set-aside"])
@pytest.mark.parametrize("kind", ["departure", "exclusion", "deportation"])
def test_rules_can_ask_what_was_done_to_a_removal_order(kind: str, action: str) -> None:
    order = {"kind": kind, "action": action, "provisions": ["IRPA 49(2)"]}
    of = person("dismissed") | {"outcome": {"code": "dismissed", "removal_order": order}}
    files = [{"number": "TB6 17977", "persons": ["p1", "p2"]}]
    found = plans("IAD", persons=[of, person("allowed", "p2")], files=files)
    facts = {(one.outcome.value, one.removal_order.value) for one in found["m1"].provision.facts}
    assert facts == {("dismissed", action), ("allowed", "none")}


def test_a_registrys_own_rule_reaches_the_papers_that_are_made() -> None:
    overlay = """
[[enclosure]]
id = "rpd-67-1-notice"
when = { division = ["RPD"], nature = ["final"], relation = ["none"] }
kinds = ["notice"]
effect = "enclose"
source = { en = "Registry", fr = "Greffe" }
explanation = { en = "The Registry makes the notice itself.", fr = "Le greffe établit l’avis lui-même." }

[[enclosure]]
id = "registry-no-recourse-papers"
when = { division = ["IAD"] }
kinds = ["appeal-information"]
effect = "omit"
over = ["as-held"]
source = { en = "Registry", fr = "Greffe" }
explanation = { en = "Given at the counter.", fr = "Remis au comptoir." }
"""
    own = book(overlay=overlay)
    rpd = planned(package("RPD"), *EVERYBODY, channels=EVERY, rules=own)["m1"].provision
    iad = planned(package("IAD"), *EVERYBODY, channels=EVERY, rules=own)["m1"].provision
    assert (rpd.notice, rpd.recourse_information) == (False, False)
    assert (iad.notice, iad.recourse_information) == (True, False)
    plain = plans("IAD")["m1"].provision
    assert (plain.notice, plain.recourse_information) == (True, True)


def test_a_letter_that_would_provide_nothing_is_a_persons_matter() -> None:
    whole = document("ruling", "other", recipients=["c1"])
    later = plans("RPD", proceeding={"type": "claim", "nature": "interlocutory"}, documents=[whole])
    assert (later["c1"].reason, given(later["c1"])) == (None, ["ruling"])
    assert (later["m1"].channels, later["m1"].reason) == ((), Reason.NOTHING_TO_GIVE)
    assert later["m1"].because is not None
    assert later["m1"].because.id == "nothing-to-give"
