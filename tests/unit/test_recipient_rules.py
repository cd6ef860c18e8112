"""Who is provided with a decision, by division and case, each by the rule that says so."""

import datetime as dt
from typing import Any

import pytest

from gateway.domain.case_facts import ServedBefore
from gateway.domain.outcomes import Division
from gateway.domain.parties import PreferredLanguage, RecipientKind, Role
from gateway.domain.reasons import Reason
from gateway.domain.routing import PlannedDelivery
from gateway.domain.rules.rule import Standing
from tests.application.packages import POSTAL, minimal
from tests.unit.routed import CENTRE, COUNSEL, EVERY, EVERYBODY, MINISTER, THE_RPD, book, entry, package, planned

M1 = {"id": "m1", "roles": ["minister-counsel"], "recipient": "cbsa-hearings-gta"}
C1 = {"id": "c1", "roles": ["counsel"], "represents": ["p1"], "recipient": "counsel-12345p"}
ROLE = {"RPD": "claimant", "RAD": "appellant", "ID": "person-concerned", "IAD": "appellant"}


def person(division: str, **more: Any) -> dict[str, Any]:
    return {"id": "a1", "roles": [ROLE[division]], "represents": ["p1"], "contact": {"postal": POSTAL}} | more


def designated(**more: Any) -> dict[str, Any]:
    one = {"id": "r1", "roles": ["designated-representative"], "represents": ["p1"], "contact": {"postal": POSTAL}}
    return one | {"designation": {"basis": "minor"}} | more


def rules_of(one: PlannedDelivery) -> list[str]:
    return [rule.id for rule in one.provision.rules]


def plans(division: str, *participants: dict[str, Any], **changes: Any) -> dict[str, PlannedDelivery]:
    of = package(division, participants=list(participants), **({"minister": {"party": True}} | changes))
    return planned(of, *EVERYBODY, channels=EVERY)


@pytest.mark.parametrize(
    ("division", "rule"), [("RPD", "rpd-38-3"), ("RAD", "rad-31-4"), ("ID", "id-28-3"), ("IAD", "iad-36-4")]
)
def test_counsel_receives_and_the_person_does_not(division: str, rule: str) -> None:
    found = plans(division, M1, C1, person(division))
    assert found["c1"].channels
    assert rules_of(found["c1"]) == [f"{rule}-counsel"]
    assert (found["a1"].provision.standing, found["a1"].to_send) == (Standing.NOT_PROVIDED, False)
    assert rules_of(found["a1"]) == [rule]


@pytest.mark.parametrize(
    ("division", "rule"),
    [("RPD", "rpd-67-1-person"), ("RAD", "rad-50-1-person"), ("ID", "id-7-person"), ("IAD", "iad-102-person")],
)
def test_a_person_without_counsel_receives(division: str, rule: str) -> None:
    found = plans(division, M1, person(division))
    assert (found["a1"].provision.standing, rules_of(found["a1"])) == (Standing.SERVED, [rule])
    assert found["a1"].channels[0] == "courier"


@pytest.mark.parametrize("division", ["RPD", "RAD", "ID", "IAD"])
@pytest.mark.parametrize(
    ("setting", "standing"),
    [("never", Standing.NOT_PROVIDED), ("courtesy", Standing.COURTESY), ("served", Standing.SERVED)],
)
def test_whether_a_person_with_counsel_has_a_copy_is_a_setting_of_the_division(
    division: str, setting: str, standing: Standing
) -> None:
    of = package(division, participants=[M1, C1, person(division)], minister={"party": True})
    rules = book(f"{division.lower()}.person_copy={setting}")
    assert planned(of, *EVERYBODY, channels=EVERY, rules=rules)["a1"].provision.standing is standing


@pytest.mark.parametrize(
    ("removal", "division", "ended"),
    [
        ("requested", "RPD", False),
        ("requested", "RAD", False),
        ("requested", "IAD", False),
        ("requested", "ID", True),
        *((removal, division, True) for removal in ("granted", "by-client") for division in ROLE),
    ],
)
def test_counsel_ends_as_the_rules_of_the_division_say(removal: str, division: str, *, ended: bool) -> None:
    """ID r.14: counsel's own notice ends it; elsewhere a request changes nothing until it is granted."""
    found = plans(division, M1, C1 | {"of_record": {"removal": removal}}, person(division))
    assert (found["c1"].reason is Reason.COUNSEL_ENDED) is ended
    assert found["a1"].to_send is ended


def test_whom_nobody_receives_for_is_not_forgotten() -> None:
    (missing,) = (one for one in plans("RPD", M1).values() if not one.provision.listed)
    assert (missing.participant.id, missing.participant.roles) == ("claimant.p1", (Role.CLAIMANT,))
    assert missing.reason is Reason.RECIPIENT_NOT_LISTED
    assert rules_of(missing) == ["rpd-67-1-each-person"]


@pytest.mark.parametrize("division", ["RPD", "RAD", "ID"])
def test_a_designated_representative_receives_for_a_person_without_counsel(division: str) -> None:
    found = plans(division, M1, person(division), designated())
    assert found["r1"].provision.standing is Standing.SERVED
    assert found["a1"].provision.standing is Standing.NOT_PROVIDED
    found = plans(division, M1, C1, person(division), designated())
    assert found["r1"].provision.standing is Standing.NOT_PROVIDED


def test_at_the_iad_counsel_and_the_designated_representative_both_receive() -> None:
    found = plans("IAD", M1, C1, person("IAD"), designated())
    assert (rules_of(found["c1"]), rules_of(found["r1"])) == (["iad-36-4-counsel"], ["iad-36-4-designated"])
    assert not found["a1"].to_send
    found = plans("IAD", M1, person("IAD"), designated())
    assert found["a1"].to_send
    assert found["r1"].to_send


@pytest.mark.parametrize(("ends", "receives"), [("2026-11-20", False), ("2026-11-21", True), ("2030-01-01", True)])
def test_a_designation_ends_on_its_day_and_the_person_then_receives(ends: str, *, receives: bool) -> None:
    minor = designated(designation={"basis": "minor", "ends": ends})
    for division in ROLE:
        found = plans(division, M1, person(division), minor)
        assert found["r1"].to_send is receives
        assert found["a1"].to_send is (not receives or division == "IAD")


def test_the_minister_is_always_told() -> None:
    for division in Division:
        found = planned(package(division), *EVERYBODY, channels=EVERY)
        assert found["m1"].to_send
    for division in (Division.RPD, Division.RAD):
        alone = {"participants": [C1], "minister": {"party": False}}
        found = planned(package(division, **alone), *EVERYBODY, channels=EVERY)
        assert rules_of(found["sorting-centre"]) == [f"{division.value.lower()}-minister-not-party"]
        party = {"participants": [C1], "minister": {"party": True}}
        found = planned(package(division, **party), *EVERYBODY, channels=EVERY)
        assert rules_of(found["minister-counsel"]) == [f"{division.value.lower()}-minister-party"]
        assert found["minister-counsel"].channels[0] == "encrypted-email"


def test_the_ministry_that_takes_part_receives_and_no_other() -> None:
    of = package(minister={"party": True, "interventions": [{"organization": "IRCC", "counsel": "m1"}]})
    right, wrong = (entry("cbsa-hearings-gta", organization=one) for one in ("IRCC", "CBSA"))
    assert planned(of, right, COUNSEL, channels=EVERY)["m1"].channels
    assert planned(of, wrong, COUNSEL, channels=EVERY)["m1"].reason is Reason.MINISTER_CONTRADICTION


@pytest.mark.parametrize(
    ("changes", "who"),
    [
        ({"participants": [M1, C1, {"id": "s1", "roles": ["sorting-centre"], "recipient": "sorting"}]}, "s1"),
        ({"participants": [M1, C1], "minister": {"party": False}}, "m1"),
        (
            {
                "participants": [M1, C1, M1 | {"id": "m2"}],
                "minister": {"party": True, "interventions": [{"organization": "CBSA", "counsel": "m1"}]},
            },
            "m1",
        ),
        (
            {
                "participants": [M1, C1],
                "minister": {"party": True, "interventions": [{"organization": "CBSA", "counsel": "c1"}]},
            },
            "m1",
        ),
        (
            {"participants": [C1], "minister": {"party": False}, "proceeding": {"type": "cease", "nature": "final"}},
            "c1",
        ),
    ],
)
def test_what_contradicts_the_minister_goes_to_a_person(changes: dict[str, Any], who: str) -> None:
    found = planned(package("RPD", **({"minister": {"party": True}} | changes)), *EVERYBODY, channels=EVERY)
    assert (found[who].channels, found[who].reason) == ((), Reason.MINISTER_CONTRADICTION)


def test_the_rpd_is_given_the_notice_of_a_rad_decision_and_not_of_an_interlocutory_one() -> None:
    found = planned(package("RAD"), *EVERYBODY, channels=EVERY)
    assert rules_of(found["division"]) == ["rad-50-1-rpd"]
    assert found["division"].channels[0] == "encrypted-email"
    interlocutory = {"proceeding": {"type": "appeal-by-person", "nature": "interlocutory"}}
    assert "division" not in planned(package("RAD", **interlocutory), *EVERYBODY, channels=EVERY)


@pytest.mark.parametrize("role", ["unhcr", "interested-person"])
def test_who_made_written_submissions_in_an_appeal_is_given_the_notice(role: str) -> None:
    other = {"id": "u1", "roles": [role], "contact": {"postal": POSTAL}}
    found = plans("RAD", M1, C1, other | {"made_submissions": True})
    assert (found["u1"].provision.standing, rules_of(found["u1"])) == (Standing.SERVED, ["rad-50-1-submissions"])
    found = plans("RAD", M1, C1, other)
    assert (found["u1"].provision.standing, rules_of(found["u1"])) == (
        Standing.NOT_PROVIDED,
        ["rad-50-1-no-submissions"],
    )
    assert plans("RPD", M1, C1, other | {"made_submissions": True})["u1"].reason is Reason.NO_RULE


def test_one_human_with_two_roles_has_one_envelope() -> None:
    both = plans("IAD", M1, C1 | {"roles": ["counsel", "designated-representative"]})
    assert [one.participant.id for one in both.values() if one.to_send] == ["m1", "c1"]
    twice = plans(
        "IAD", M1, C1 | {"language": "en"}, designated(contact=None, recipient="counsel-12345p", language="fr")
    )
    assert [one.participant.id for one in twice.values() if one.to_send] == ["m1", "c1"]
    assert twice["c1"].provision.members == ("c1", "r1")
    assert twice["c1"].participant.roles == (Role.COUNSEL, Role.DESIGNATED_REPRESENTATIVE)
    assert twice["c1"].language is PreferredLanguage.BOTH


def test_who_stands_for_nobody_goes_to_a_person() -> None:
    assert plans("RPD", M1, C1 | {"represents": []})["c1"].reason is Reason.STANDS_FOR_NOBODY


@pytest.mark.parametrize(
    ("division", "outcome", "called"),
    [
        ("RPD", "rejected", True),
        ("RPD", "accepted", False),
        ("RAD", "confirmed", True),
        ("ID", "removal-order-made", True),
        ("ID", "favourable", False),
        ("IAD", "dismissed", True),
        ("IAD", "allowed", False),
    ],
)
def test_recourse_is_never_guessed(division: str, outcome: str, *, called: bool) -> None:
    documents = [{"path": "documents/notice.pdf", "kind": "notice", "language": "en", "media_type": "application/pdf"}]
    persons = [{"id": "p1", "family_name": "X", "outcome": {"code": outcome}}]
    changes: dict[str, Any] = {"persons": persons}
    if outcome == "favourable":
        changes["documents"] = documents
    found = plans(division, M1, C1, **changes)
    assert (found["c1"].reason is Reason.RECOURSE_MISSING) is called
    assert found["m1"].reason is None


@pytest.mark.parametrize("kind", ["transcript", "reasons", "amendment", "erratum"])
def test_what_comes_later_goes_to_everyone_who_had_the_decision(kind: str) -> None:
    relation = {"relation": {"kind": kind, "of": "0b9f1f0a-7a0e-4d0f-8f0e-2f6f0f9d1c22"}}
    earlier = ServedBefore(participant="c9", roles=(Role.COUNSEL,), recipient="counsel-9")
    same = ServedBefore(participant="other-name", roles=(Role.COUNSEL,), recipient="counsel-12345p")
    of = package("IAD", participants=[M1, C1], minister={"party": True}, **relation)
    found = planned(of, *EVERYBODY, channels=EVERY, served_before=[earlier, same])
    assert (found["c9"].reason, rules_of(found["c9"])) == (Reason.SERVED_BEFORE, ["later-to-all-served"])
    assert "other-name" not in found
    first = planned(
        package("IAD", participants=[M1, C1], minister={"party": True}), *EVERYBODY, served_before=[earlier]
    )
    assert "c9" not in first


def test_what_was_handed_over_in_the_hearing_room_is_not_sent_again() -> None:
    paths = [one["path"] for one in minimal("ID")["documents"]]
    provided = {"by": "A member", "at": "2026-11-20T16:00:00-05:00", "place": "Toronto"}
    whole = plans("ID", M1, C1, already_provided=[provided | {"participant": "c1", "documents": paths}])
    assert (whole["c1"].to_send, whole["c1"].provision.handed_over, whole["m1"].to_send) == (False, True, True)
    part = plans("ID", M1, C1, already_provided=[provided | {"participant": "c1", "documents": paths[:1]}])
    assert [one.path for one in part["c1"].provision.documents] == paths[1:]


def test_everybody_of_these_tests_is_reached_by_the_directory() -> None:
    assert {one.kind for one in EVERYBODY} == {
        RecipientKind.MINISTER_COUNSEL,
        RecipientKind.COUNSEL,
        RecipientKind.SORTING_CENTRE,
        RecipientKind.DIVISION,
    }
    assert (MINISTER, COUNSEL, CENTRE, THE_RPD) == EVERYBODY
    assert planned(package(), *EVERYBODY, today=dt.date(2026, 11, 20))["m1"].channels == ("encrypted-email",)


class TestWhoIsDetained:
    """A person who is held is reached where they are, or a person finds out how."""

    PLACE = entry("place-of-detention", RecipientKind.DETENTION_FACILITY)

    def plan(self, **reached: Any) -> PlannedDelivery:
        person = minimal("ID")["persons"][0] | {"detained": {"facility": "place-of-detention"}}
        concerned: dict[str, Any] = {"id": "a1", "roles": ["person-concerned"], "represents": ["p1"]} | reached
        listed = [M1, concerned]
        return planned(package("ID", persons=[person], participants=listed), MINISTER, self.PLACE, channels=EVERY)["a1"]

    def test_nothing_goes_to_a_home_where_the_person_is_not(self) -> None:
        one = self.plan(contact={"postal": POSTAL})
        assert (one.channels, one.reason) == ((), Reason.HELD_ELSEWHERE)
        assert one.because is not None
        assert one.because.id == "held-elsewhere"

    def test_the_place_of_detention_that_the_registry_names_is_written_to_as_anybody(self) -> None:
        one = self.plan(recipient="place-of-detention")
        assert (one.reason, bool(one.channels)) == (None, True)

    def test_counsel_who_receives_for_them_is_written_to_as_ever(self) -> None:
        person = minimal("ID")["persons"][0] | {"detained": {"facility": "place-of-detention"}}
        assert planned(package("ID", persons=[person]), MINISTER, COUNSEL)["c1"].channels == ("encrypted-email",)
