"""The clocks that run for a recipient, and the closing rules, as data."""

import datetime as dt
from typing import Any

import pytest

from channels.registry import ChannelRegistry
from gateway.application.dates.closures import days_of
from gateway.application.dates.receipt_rules import closing_rules, recourse_clocks
from gateway.application.intake.decision_json import read_decision
from gateway.application.rules import offices
from gateway.domain.closing import BASIS_OF, Basis, ClosesOn, find_closing
from gateway.domain.outcomes import Division
from gateway.domain.package import DecisionPackage
from gateway.domain.parties import ChannelName, Language
from gateway.domain.problem import SetupWrong
from gateway.domain.recourse_clock import RecourseClock, clocks_for, count_clock
from tests.application.packages import members_of, minimal, raw

ORDER = {"kind": "departure", "action": "existing", "provisions": ["IRPA 49(2)"]}


def package(division: str, outcome: str, forum: str | None, order: object = None, **person: Any) -> DecisionPackage:
    one = minimal(division)
    one["persons"][0] |= {"outcome": {"code": outcome} | ({"removal_order": order} if order else {})} | person
    one["persons"][0].pop("recourse")
    if forum:
        one["persons"][0]["recourse"] = {"forum": forum}
    return read_decision(raw(one), members_of(one))


def running(case: DecisionPackage) -> list[str]:
    return [one.clock for one in clocks_for(recourse_clocks(), case, case.persons[0])]


@pytest.mark.parametrize(
    ("case", "clocks"),
    [
        (package("RPD", "rejected", "RAD"), ["rad-notice-of-appeal", "rad-perfecting"]),
        (
            package("RPD", "rejected", "RAD", ORDER),
            ["rad-notice-of-appeal", "rad-perfecting", "removal-appeal-period"],
        ),
        (package("RPD", "rejected", "FC", ORDER), ["judicial-review", "removal-claim-ended"]),
        (package("RPD", "withdrawn", "FC", ORDER), ["judicial-review", "removal-claim-withdrawn"]),
        (package("RAD", "confirmed", "FC", ORDER), ["judicial-review", "removal-claim-ended"]),
        (package("RAD", "confirmed", "FC", ORDER | {"action": "stayed"}), ["judicial-review"]),
        (package("IAD", "dismissed", "FC", location="abroad"), ["judicial-review-abroad", "judicial-review"]),
        (package("ID", "removal-order-made", "IAD"), ["iad-removal-order", "iad-minister"]),
        (
            package("ID", "removal-order-made", "IAD", ORDER | {"action": "made"}),
            ["iad-removal-order", "iad-minister", "removal-order-made"],
        ),
        (package("RPD", "accepted", "none"), []),
        (package("RPD", "rejected", None, ORDER), []),
    ],
)
def test_the_clocks_are_those_of_the_recourse_that_the_registry_set(case: DecisionPackage, clocks: list[str]) -> None:
    assert running(case) == clocks


DAYS = {
    "rad-notice-of-appeal": 15,
    "rad-perfecting": 30,
    "judicial-review": 15,
    "judicial-review-abroad": 60,
    "iad-removal-order": 30,
    "iad-minister": 30,
    "iad-sponsorship": 30,
    "iad-residency": 60,
    "removal-claim-withdrawn": 0,
    "removal-claim-ended": 15,
    "removal-appeal-period": None,
    "removal-order-made": None,
}


def test_the_periods_are_those_of_the_law() -> None:
    assert {one.clock: one.days for one in recourse_clocks()} == DAYS


@pytest.mark.parametrize("clock", recourse_clocks(), ids=lambda one: one.clock)
def test_a_recipient_is_told_trigger_period_and_provision_in_both_languages_and_never_a_date(
    clock: RecourseClock,
) -> None:
    for language in Language:
        for told in (clock.trigger(language), clock.period(language), clock.provision(language)):
            assert told
            assert "20" not in told.replace("20 days", "")
    assert clock.trigger(Language.EN) != clock.trigger(Language.FR)


def clock_of(name: str) -> RecourseClock:
    return next(one for one in recourse_clocks() if one.clock == name)


@pytest.mark.parametrize(
    ("name", "event", "date"),
    [
        ("rad-notice-of-appeal", "2026-11-02", "2026-11-17"),
        # The fifteenth day is a Saturday: RAD r.35(3).
        ("rad-notice-of-appeal", "2026-11-06", "2026-11-23"),
        ("removal-claim-ended", "2026-11-06", "2026-11-21"),
        ("removal-claim-withdrawn", "2026-11-06", "2026-11-06"),
    ],
)
def test_staff_are_shown_an_indicative_date(name: str, event: str, date: str) -> None:
    steps = count_clock(clock_of(name), dt.date.fromisoformat(event), days_of(offices()["toronto"]))
    assert steps[-1].date == dt.date.fromisoformat(date)


def test_a_clock_that_counts_no_days_has_no_date() -> None:
    assert count_clock(clock_of("removal-order-made"), dt.date(2026, 11, 6), days_of(offices()["toronto"])) == ()


@pytest.mark.parametrize(
    ("division", "channel", "rule", "basis"),
    [
        ("IAD", "encrypted-email", "iad-electronic", Basis.INDICATED),
        ("IAD", "secure-upload", "evidence", Basis.EVIDENCE),
        ("RPD", "encrypted-email", "email-no-bounce", Basis.SENT),
        ("ID", "encrypted-email", "email-no-bounce", Basis.SENT),
        ("RPD", "secure-upload", "evidence", Basis.EVIDENCE),
        ("IAD", "regular-mail", "regular-mail", Basis.DEEMED),
        ("RAD", "registered-mail", "evidence", Basis.EVIDENCE),
        ("RAD", "courier", "evidence", Basis.EVIDENCE),
        ("ID", "fax", "evidence", Basis.EVIDENCE),
        ("RPD", "hand-delivery", "evidence", Basis.EVIDENCE),
    ],
)
def test_each_division_and_channel_closes_by_its_rule(division: str, channel: str, rule: str, basis: Basis) -> None:
    found = find_closing(closing_rules(), Division(division), channel)
    assert (found.rule, BASIS_OF[found.closes_on]) == (rule, basis)


def test_no_division_and_channel_is_without_a_closing_rule() -> None:
    for division in Division:
        for channel in [*ChannelName, *ChannelRegistry().names, "somebody-elses"]:
            rule = find_closing(closing_rules(), division, channel)
            assert (rule.after_days is not None) is (rule.closes_on is ClosesOn.NO_BOUNCE)
    with pytest.raises(SetupWrong):
        find_closing((), Division.RPD, "fax")
