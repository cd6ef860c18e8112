"""By which channels: what opens and closes a way, risk settings, sizes, pages and keys; whatever staff ask."""

from typing import Any

import pytest

from gateway.domain.codes import Code
from gateway.domain.parties import ChannelName
from gateway.domain.problem import SetupWrong
from gateway.domain.reasons import Reason
from gateway.domain.routing import PlannedDelivery
from gateway.domain.rules.book import RuleBook
from gateway.domain.rules.rule import Obstacle
from gateway.domain.ways import DocumentSize, Envelope, Load, Means, Opened, Verdict, WayLimits, ways_to
from tests.application.packages import POSTAL, minimal
from tests.unit.routed import EVERY, EVERYBODY, book, entry, granting, package, planned

ELECTRONIC = ("encrypted-email", "secure-upload")


def plan_of(division: str, who: str = "c1", rules: RuleBook | None = None, **changes: Any) -> PlannedDelivery:
    return planned(package(division, **changes), *EVERYBODY, channels=EVERY, rules=rules)[who]


def verdict(one: PlannedDelivery, channel: str) -> Verdict:
    return next(each for each in one.verdicts if each.channel == channel)


PRIVATE: dict[str, Any] = {"private_proceeding": True, "private_basis": "166(b)"}
ORDER: dict[str, Any] = {"restrictions": [{"kind": "confidentiality-order"}]}
BAN: dict[str, Any] = {"restrictions": [{"kind": "publication-ban"}]}


@pytest.mark.parametrize(
    ("division", "changes", "rule"),
    [
        ("ID", PRIVATE, "id-private-email"),
        ("ID", {"sensitive": True}, "id-sensitive"),
        ("ID", ORDER, "id-confidentiality-order"),
        ("IAD", {"sensitive": True}, "iad-sensitive"),
        ("IAD", ORDER, "iad-confidentiality-order"),
        ("IAD", BAN, "iad-publication-ban"),
        ("IAD", {"private_proceeding": True, "private_basis": "iad-93"}, "iad-private"),
    ],
)
@pytest.mark.parametrize("who", ["m1", "c1"])
def test_fax_and_mail_alone_whatever_staff_ask(division: str, changes: dict[str, Any], rule: str, who: str) -> None:
    one = plan_of(division, who, **changes)
    assert one.channels == ("fax", "courier", "priority-post", "registered-mail", "regular-mail")
    assert verdict(one, "encrypted-email").rule.id == rule
    assert not any(one.may_take(name) for name in ELECTRONIC)


@pytest.mark.parametrize("division", ["RPD", "RAD", "ID", "IAD"])
def test_a_carrier_that_stands_still_is_passed_over_with_its_rule_and_whatever_staff_ask(division: str) -> None:
    plans = planned(package(division), *EVERYBODY, channels=EVERY, suspended=["courier", "encrypted-email"])
    one = plans["c1"]
    assert not {"courier", "encrypted-email"} & set(one.channels)
    closed = verdict(one, "courier")
    assert (closed.rule.id, closed.reason) == ("carrier-suspended", Reason.CARRIER_SUSPENDED)
    assert closed.rule.source.fr != closed.rule.source.en
    assert not one.may_take("courier")
    assert one.reason is None


def test_nothing_but_carriers_that_stand_still_is_a_persons_matter_until_they_are_restored() -> None:
    stands = planned(package("RPD"), *EVERYBODY, channels=["courier"], suspended=["courier"])["m1"]
    assert (stands.channels, stands.reason) == ((), Reason.CARRIER_SUSPENDED)
    assert stands.because is not None
    assert stands.because.id == "carrier-suspended"
    assert planned(package("RPD"), *EVERYBODY, channels=["courier"])["m1"].channels == ("courier",)


@pytest.mark.parametrize(
    "changes",
    [
        {"name": "N" * 40},
        {"contact": {"postal": {**POSTAL, "lines": ["1" * 40]}}},
        {"contact": {"postal": {**POSTAL, "lines": ["12 MAIN ST #5"]}}},
    ],
)
def test_what_the_post_would_not_carry_is_passed_over_by_the_plan_with_its_rule(changes: dict[str, Any]) -> None:
    claimant = {"id": "a1", "roles": ["claimant"], "represents": ["p1"], "contact": {"postal": POSTAL}}
    alone: dict[str, Any] = {"minister": {"party": False}}
    whole = planned(package("RPD", participants=[claimant], **alone), channels=EVERY)["a1"]
    assert "regular-mail" in whole.channels
    one = planned(package("RPD", participants=[claimant | changes], **alone), channels=EVERY)["a1"]
    closed = verdict(one, "regular-mail")
    assert (closed.rule.id, closed.reason) == ("address-not-carried", Reason.RECIPIENT_ADDRESS_INVALID)
    assert (one.channels, one.reason, one.may_take("regular-mail")) == ((), Reason.RECIPIENT_ADDRESS_INVALID, False)


def test_a_gate_is_told_before_a_strike() -> None:
    one = planned(package("IAD", sensitive=True), *EVERYBODY, channels=EVERY, suspended=["encrypted-email"])["c1"]
    assert verdict(one, "encrypted-email").rule.id == "iad-sensitive"


@pytest.mark.parametrize("division", ["RPD", "RAD", "ID", "IAD"])
def test_by_hand_is_open_on_request_to_whom_the_package_gives_an_address_and_planned_for_nobody(division: str) -> None:
    one = plan_of(division)
    by_hand = verdict(one, "hand-delivery")
    assert (by_hand.taken, by_hand.on_request, by_hand.offered) == (True, True, True)
    assert one.may_take("hand-delivery")
    assert "hand-delivery" not in one.channels
    without = planned(package(division), *EVERYBODY, channels=[name for name in EVERY if name != "hand-delivery"])["c1"]
    assert not without.may_take("hand-delivery")


@pytest.mark.parametrize("division", ["RPD", "RAD", "ID", "IAD"])
def test_by_hand_is_open_on_request_to_an_entry_of_the_directory_that_names_no_way_by_hand(division: str) -> None:
    one = planned(package(division), *EVERYBODY, channels=EVERY)["m1"]
    assert one.may_take("hand-delivery")
    assert "hand-delivery" not in one.channels


class TestOverrides:
    """DESIGN.md, promise 3: where a rule file grants one, two people; everywhere else, nobody."""

    def test_the_boards_own_rules_grant_none(self) -> None:
        assert [gate.id for gate in book().rules.gate if gate.override] == []
        one = plan_of("IAD", sensitive=True)
        assert not any(one.may_override(name) for name in EVERY)

    def test_a_registrys_rule_that_grants_one_says_so_and_opens_nothing_by_itself(self) -> None:
        own = book(overlay=granting("iad-sensitive", division="IAD", when="sensitive = true"))
        one = plan_of("IAD", rules=own, sensitive=True)
        assert one.may_override("encrypted-email")
        assert not one.may_take("encrypted-email")
        assert not one.may_override("fax")
        closed = verdict(one, "encrypted-email").gates
        assert [gate.override.source.en for gate in closed if gate.override] == ["Registry directive 7"]

    def test_one_rule_that_grants_none_is_enough(self) -> None:
        own = book(overlay=granting("iad-sensitive", division="IAD", when="sensitive = true"))
        one = plan_of("IAD", rules=own, sensitive=True, **ORDER)
        assert not one.may_override("encrypted-email")

    def test_what_two_people_set_aside_opens_that_gate_alone(self) -> None:
        own = book(overlay=granting("iad-sensitive", division="IAD", when="sensitive = true"))
        for changes, opened in (({"sensitive": True}, True), ({"sensitive": True, **ORDER}, False)):
            one = plan_of("IAD", rules=own, **changes)
            assert ("encrypted-email" in opened_by(one, own, "iad-sensitive")) is opened
        other = plan_of("IAD", rules=own, sensitive=True)
        assert "encrypted-email" not in opened_by(other, own, "iad-sensitive", channel="secure-upload")
        refused = plan_of("IAD", rules=book(), sensitive=True)
        assert "encrypted-email" not in opened_by(refused, book(), "iad-sensitive")

    def test_an_override_without_its_source_is_refused_with_its_line(self) -> None:
        text = granting("iad-sensitive", division="IAD", when="sensitive = true")
        broken = text.replace('source = { en = "Registry directive 7", fr = "Directive 7 du greffe" }\n', "")
        with pytest.raises(SetupWrong) as wrong:
            book(overlay=broken)
        assert wrong.value.code is Code.RULE_INVALID
        assert (wrong.value.where or "").startswith("registry.toml:")


def opened_by(one: PlannedDelivery, rules: RuleBook, *gates: str, channel: str = "encrypted-email") -> tuple[str, ...]:
    """The ways once two people set these gates aside for that channel."""
    envelope = Envelope(
        participant=one.participant,
        recipient=one.recipient,
        facts=one.provision.facts,
        load=Load(bytes=0, pages=0),
    )
    means = Means(channels=dict.fromkeys(EVERY, WayLimits(max_bytes=10**7, growth=2.6)), key_fault=lambda _: None)
    return ways_to(envelope, rules, means, Opened(channel=channel, gates=frozenset(gates))).channels


@pytest.mark.parametrize("division", ["RPD", "RAD"])
def test_refugee_matters_are_private_by_law_and_go_by_encrypted_e_mail(division: str) -> None:
    private: dict[str, Any] = {"private_proceeding": True, "private_basis": "166(c)"}
    assert plan_of(division, "m1", **private).channels[0] == "encrypted-email"
    assert plan_of(division, "c1", **private).channels[:2] == ("secure-upload", "encrypted-email")  # standing counsel


def test_encrypted_e_mail_for_private_matters_of_the_id_is_an_officers_decision() -> None:
    opened = book("id.private.encrypted_email=on")
    assert plan_of("ID", rules=opened, **PRIVATE).channels[0] == "encrypted-email"
    assert not plan_of("ID", rules=opened, **(PRIVATE | {"sensitive": True})).may_take("encrypted-email")


@pytest.mark.parametrize(
    ("decided", "divisions"),
    [("memo", {"ID", "IAD"}), ("open", {"RPD", "RAD", "ID", "IAD"}), ("closed", set())],
)
def test_ordinary_fax_for_protected_b_follows_the_memo_until_an_officer_decides(
    decided: str, divisions: set[str]
) -> None:
    rules = book(f"fax.protected_b={decided}")
    found = {division for division in ("RPD", "RAD", "ID", "IAD") if "fax" in plan_of(division, rules=rules).channels}
    assert found == divisions
    assert "fax" in plan_of("RPD", rules=rules, classification="protected-a").channels


def test_the_exchange_at_the_id_the_iad_and_for_the_ministers_counsel_are_settings() -> None:
    for division in ("ID", "IAD"):
        assert "secure-upload" not in plan_of(division).channels
        assert plan_of(division, rules=book(f"{division.lower()}.secure_upload=open")).channels[1] == "secure-upload"
    assert "secure-upload" in plan_of("RPD", "m1").channels
    assert "secure-upload" not in plan_of("RPD", "m1", rules=book("minister.secure_upload=closed")).channels


@pytest.mark.parametrize(
    ("division", "rule"), [("RPD", "rpd-39-d"), ("RAD", "rad-32-d"), ("ID", "id-29-d"), ("IAD", "iad-36-5-d")]
)
@pytest.mark.parametrize(
    ("pages", "consent", "allowed"), [(20, None, True), (21, None, False), (21, False, False), (21, True, True)]
)
def test_a_document_of_more_than_20_pages_is_faxed_by_consent(
    division: str, rule: str, pages: int, *, consent: bool | None, allowed: bool
) -> None:
    listed = [dict(one) for one in minimal(division)["participants"]]
    if consent is not None:
        listed[1]["fax_over_20_pages_consent"] = consent
    of = package(division, participants=listed)
    sizes = {one.path: DocumentSize(bytes=1000, pages=pages) for one in of.documents}
    rules = book("fax.protected_b=open")
    one = planned(of, *EVERYBODY, channels=EVERY, sizes=sizes, rules=rules)["c1"]
    assert one.may_take("fax") is allowed
    if not allowed:
        assert verdict(one, "fax").rule.id == rule


def test_pages_count_per_document_and_not_together() -> None:
    of = package("IAD")
    sizes = {one.path: DocumentSize(bytes=1000, pages=20) for one in of.documents}
    assert planned(of, *EVERYBODY, channels=EVERY, sizes=sizes)["c1"].may_take("fax")


def test_a_message_over_the_recipients_limit_goes_another_way_with_the_figure() -> None:
    of = package("RPD")
    sizes = {one.path: DocumentSize(bytes=4_000_000) for one in of.documents}
    one = planned(of, *EVERYBODY, channels=EVERY, sizes=sizes, max_bytes=100_000_000)["c1"]
    assert one.channels[0] == "secure-upload"
    closed = verdict(one, "encrypted-email")
    assert (closed.rule.id, closed.size, closed.limit) == ("recipient-limit", 10_400_000, 10_000_000)
    one = planned(of, *EVERYBODY, channels=EVERY, sizes=sizes, max_bytes=9_000_000)["c1"]
    assert (one.reason, verdict(one, "courier").limit) == (Reason.MESSAGE_TOO_LARGE, 9_000_000)


@pytest.mark.parametrize("fault", [Reason.KEY_EXPIRED, Reason.KEY_WEAK, Reason.KEY_WRONG_USE])
def test_a_key_that_is_known_to_be_unfit_leads_to_the_next_way_or_to_a_person(fault: Reason) -> None:
    one = planned(package(), *EVERYBODY, channels=EVERY, key_fault=fault)["m1"]
    assert (one.channels[0], verdict(one, "encrypted-email").reason) == ("secure-upload", fault)
    one = planned(package(), *EVERYBODY, key_fault=fault)["m1"]
    assert (one.channels, one.reason) == ((), fault)


def oral(mode: str) -> dict[str, Any]:
    heard = [{"date": "2026-11-19", "mode": mode}]
    return {"decision": minimal("ID")["decision"] | {"form": "oral", "heard": heard}}


def test_where_the_settings_leave_no_way_that_arrives_the_same_day_a_person_is_called_at_once() -> None:
    closed = book("fax.protected_b=closed")
    one = plan_of("ID", rules=closed, **PRIVATE, **oral("videoconference"))
    assert (one.channels, one.reason) == ((), Reason.NO_SAME_DAY_WAY)
    assert one.because is not None
    assert one.because.id == "id-ways-remote"
    written = plan_of("ID", rules=closed, **PRIVATE)
    assert written.channels[0] == "courier"
    assert plan_of("ID", **PRIVATE, **oral("telephone")).channels[0] == "fax"


def test_an_address_in_the_package_has_no_key_and_is_reached_by_fax_and_mail() -> None:
    listed = [dict(one) for one in minimal("IAD")["participants"] if one["id"] != "c1"]
    listed[1]["contact"] = {"postal": POSTAL, "fax": "+14165550123", "email": "a@b.example"}
    one = planned(package("IAD", participants=listed), *EVERYBODY, channels=EVERY)["a1"]
    assert one.channels == ("fax", "courier", "priority-post", "registered-mail", "regular-mail")
    assert verdict(one, "encrypted-email").rule.id == "key-missing"


def test_every_channel_has_a_verdict_with_its_rule_source_and_reason() -> None:
    for division in ("RPD", "RAD", "ID", "IAD"):
        for one in planned(package(division), *EVERYBODY, channels=("encrypted-email",)).values():
            if not one.to_send:
                continue
            judged = {each.channel for each in one.verdicts}
            assert judged == set(ChannelName) - {ChannelName.OUTCOME_FEED}
            assert all(each.rule.id and each.rule.source.fr and each.rule.explanation.en for each in one.verdicts)
            assert all(each.taken or each.reason or not each.offered for each in one.verdicts)


def test_a_third_partys_channel_is_taken_where_a_registrys_order_names_it() -> None:
    overlay = """
[[order]]
id = "rpd-ways-minister-counsel"
when = { division = ["RPD"], role = ["minister-counsel"] }
channels = ["gc-vault", "encrypted-email"]
source = { en = "Agreement", fr = "Entente" }
explanation = { en = "The vault first.", fr = "Le coffre d’abord." }
"""
    minister = entry("cbsa-hearings-gta", channels=("gc-vault", "encrypted-email"))
    of = package("RPD")
    both = ("gc-vault", "encrypted-email")
    assert planned(of, minister, channels=both, rules=book(overlay=overlay))["m1"].channels == both
    assert planned(of, minister, channels=both)["m1"].channels == ("encrypted-email",)
    assert {one.value for one in Obstacle} >= {"not-set-up", "no-address"}
