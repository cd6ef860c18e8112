"""When regular mail is considered received: the rules' own cases, and properties of every count."""

import datetime as dt
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.application.dates.closures import days_of
from gateway.application.dates.date_views import deemed_view
from gateway.application.dates.office_dates import deemed
from gateway.application.dates.receipt_rules import deemed_receipt_rules
from gateway.application.rules import offices
from gateway.domain.calendar import DayKind
from gateway.domain.codes import Code
from gateway.domain.deemed_receipt import DeemedReceipt, RollsPast, deemed_receipt, find_deemed_rule
from gateway.domain.outcomes import Division
from gateway.domain.problem import InputRefused, SetupWrong
from gateway.domain.suspension import Suspension
from tests.application.test_memo_deadlines import gateway

WEEK = dt.timedelta(days=7)
STORM = dt.date(2026, 2, 3)


def day(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


def received(
    division: str, office: str, mailed: str, *, abroad: bool = False, iad_rolls: bool = False
) -> dt.date | None:
    return deemed(Division(division), day(mailed), office, abroad=abroad, iad_rolls=iad_rolls).date


VECTORS = [
    # The vectors of the fact sheet: Good Friday then Easter Monday; the regional day; abroad.
    ("RPD", "toronto", "2026-03-27", False, "2026-04-07"),
    ("RPD", "montreal", "2026-06-17", False, "2026-06-25"),
    ("RPD", "toronto", "2026-06-17", False, "2026-06-24"),
    ("IAD", "toronto", "2026-03-27", True, "2026-04-16"),
    # The same days by the other divisions' rules.
    ("RAD", "toronto", "2026-03-27", False, "2026-04-07"),
    ("RAD", "montreal", "2026-06-17", False, "2026-06-25"),
    ("ID", "toronto", "2026-03-27", False, "2026-04-07"),
    ("ID", "montreal", "2026-06-17", False, "2026-06-25"),
    ("IAD", "toronto", "2026-03-27", False, "2026-04-03"),
    ("IAD", "toronto", "2026-11-07", False, "2026-11-14"),
    # Outside the IAD, abroad changes nothing.
    ("RPD", "vancouver", "2026-03-27", True, "2026-04-07"),
    # Family Day is a statutory holiday in Ontario, and the Board's offices are open.
    ("ID", "toronto", "2026-02-09", False, "2026-02-17"),
    ("RPD", "toronto", "2026-02-09", False, "2026-02-16"),
    ("ID", "montreal", "2026-02-09", False, "2026-02-16"),
]


@pytest.mark.parametrize(("division", "office", "mailed", "abroad", "date"), VECTORS)
def test_a_letter_is_considered_received_on_the_day_of_the_rule(
    division: str, office: str, mailed: str, abroad: bool, date: str
) -> None:
    assert received(division, office, mailed, abroad=abroad) == day(date)


def test_a_registry_may_decide_that_iad_receipt_rolls() -> None:
    assert received("IAD", "toronto", "2026-03-27", iad_rolls=True) == day("2026-04-07")
    assert received("RPD", "toronto", "2026-03-27", iad_rolls=True) == day("2026-04-07")


def test_a_closure_that_staff_entered_moves_rpd_receipt_and_is_no_statutory_holiday_at_the_id() -> None:
    def on_the_storm(division: Division) -> dt.date | None:
        return deemed(division, STORM - WEEK, "ottawa", abroad=False, iad_rolls=False, also={STORM}).date

    assert on_the_storm(Division.RPD) == STORM + dt.timedelta(days=1)
    assert on_the_storm(Division.ID) == STORM


def test_once_it_rolls_the_id_passes_over_a_closure_too() -> None:
    """«The next working day» is one on which the office works."""
    monday = day("2026-01-26")
    receipt = deemed(Division.ID, day("2026-01-17"), "ottawa", abroad=False, iad_rolls=False, also={monday})
    assert receipt.date == day("2026-01-27")


class TestStrike:
    """A carrier's suspension halts deeming for it."""

    def mailed(self, *suspensions: Suspension, mailed: str = "2026-01-05") -> DeemedReceipt:
        return deemed(Division.RPD, day(mailed), "toronto", abroad=False, iad_rolls=False, suspensions=suspensions)

    def test_nothing_is_deemed_while_it_lasts(self) -> None:
        strike = Suspension(channel="regular-mail", since=day("2026-01-08"))
        receipt = self.mailed(strike)
        assert (receipt.date, receipt.halted_by) == (None, strike)
        assert [(one.date.day, one.why) for one in receipt.steps[-2:]] == [
            (7, DayKind.CALENDAR),
            (8, DayKind.SUSPENDED),
        ]

    def test_afterwards_the_count_goes_on_where_it_stood(self) -> None:
        receipt = self.mailed(Suspension(channel="regular-mail", since=day("2026-01-08"), until=day("2026-01-11")))
        assert receipt.date == day("2026-01-15")
        assert [one.date.day for one in receipt.steps if one.counts] == [6, 7, 11, 12, 13, 14, 15]

    def test_what_was_received_before_it_stands(self) -> None:
        strike = Suspension(channel="regular-mail", since=day("2026-01-13"))
        assert self.mailed(strike).date == day("2026-01-12")

    def test_a_letter_posted_into_a_strike_starts_when_it_ends(self) -> None:
        strike = Suspension(channel="regular-mail", since=day("2026-01-01"))
        receipt = self.mailed(strike)
        assert (receipt.date, len(receipt.steps)) == (None, 2)

    def test_another_carrier_is_another_matter(self) -> None:
        assert self.mailed(Suspension(channel="courier", since=day("2026-01-01"))).date == day("2026-01-12")


SOME_DAY = st.dates(min_value=dt.date(2015, 1, 1), max_value=dt.date(2045, 12, 31))


@given(
    mailed=SOME_DAY, office=st.sampled_from(sorted(offices())), division=st.sampled_from(Division), abroad=st.booleans()
)
def test_every_count_counts_each_day_once_and_ends_on_a_day_of_its_rule(
    mailed: dt.date, office: str, division: Division, abroad: bool
) -> None:
    rule = find_deemed_rule(deemed_receipt_rules(), division, abroad=abroad)
    days = days_of(offices()[office])
    receipt = deemed_receipt(rule, mailed, days)
    assert receipt.date is not None
    assert [step.date for step in receipt.steps] == [
        mailed + dt.timedelta(days=ahead) for ahead in range((receipt.date - mailed).days + 1)
    ]
    counted = [step for step in receipt.steps if step.counts]
    assert len(counted) == rule.days
    assert counted[0].date == mailed + dt.timedelta(days=1)
    if rule.rolls_past is RollsPast.NOTHING:
        assert receipt.date == mailed + dt.timedelta(days=rule.days)
    else:
        assert days.bars(rule.rolls_past)[0](receipt.date) is None
        assert all(step.why is not DayKind.WORKING for step in receipt.steps[:-1])


@given(first=SOME_DAY, later=st.integers(0, 30), division=st.sampled_from(Division))
def test_what_is_mailed_later_is_never_received_earlier(first: dt.date, later: int, division: Division) -> None:
    dates = [
        deemed(division, mailed, "montreal", abroad=False, iad_rolls=False).date
        for mailed in (first, first + dt.timedelta(days=later))
    ]
    assert dates[0] is not None
    assert dates[1] is not None
    assert dates[0] <= dates[1]


@given(mailed=SOME_DAY, ahead=st.integers(-40, 40), long=st.integers(1, 60), division=st.sampled_from(Division))
def test_a_suspension_never_makes_receipt_earlier_and_nothing_is_received_during_one(
    mailed: dt.date, ahead: int, long: int, division: Division
) -> None:
    since = mailed + dt.timedelta(days=ahead)
    strike = Suspension(channel="regular-mail", since=since, until=since + dt.timedelta(days=long))
    without = deemed(division, mailed, "toronto", abroad=False, iad_rolls=False).date
    with_it = deemed(division, mailed, "toronto", abroad=False, iad_rolls=False, suspensions=[strike]).date
    assert without is not None
    assert with_it is not None
    assert without <= with_it
    assert not strike.covers(with_it)


def test_an_unknown_office_and_a_division_without_a_rule_are_said() -> None:
    with pytest.raises(InputRefused) as refused:
        received("RPD", "atlantis", "2026-03-27")
    assert refused.value.code is Code.DECISION_UNKNOWN_OFFICE
    with pytest.raises(SetupWrong):
        find_deemed_rule((), Division.RPD, abroad=False)


def test_the_view_is_the_interfaces() -> None:
    receipt = deemed(Division.RPD, day("2026-03-27"), "toronto", abroad=False, iad_rolls=False)
    view = json.loads(json.dumps(deemed_view(receipt, offices()["toronto"])))
    assert (view["date"], view["rule"], view["source"]) == ("2026-04-07", "rpd-41-2", "SOR/2012-256, r.41(2)")
    assert view["steps"][0] == {"date": "2026-03-27", "counts": False, "why": "start"}
    assert view["steps"][7] == {
        "date": "2026-04-03",
        "counts": True,
        "why": "office-closed",
        "holiday": "good-friday",
    }


@pytest.mark.parametrize(
    ("language", "said"),
    [
        (
            "en",
            ["Considered received: Tuesday, April 7, 2026", "SOR/2012-256, r.41(2)", "office closed: Easter Monday"],
        ),
        (
            "fr",
            [
                "Considéré comme reçu le mardi 7 avril 2026",
                "DORS/2012-256, art. 41(2)",
                "bureau fermé\u00a0: lundi de Pâques",
            ],
        ),
    ],
)
def test_the_command_says_it_in_both_languages(language: str, said: list[str], tmp_path: Path) -> None:
    line = ["deemed-receipt", "--division", "RPD", "--mailed", "2026-03-27", "--office", "toronto", "--lang", language]
    shown = gateway(tmp_path, *line)
    assert [one for one in said if one not in shown] == []


@pytest.mark.parametrize("vector", VECTORS[:4])
def test_the_command_answers_the_vectors(vector: tuple[str, str, str, bool, str], tmp_path: Path) -> None:
    division, office, mailed, abroad, date = vector
    line = ["deemed-receipt", "--division", division, "--mailed", mailed, "--office", office, "--json"]
    assert json.loads(gateway(tmp_path, *line, *(["--abroad"] if abroad else [])))["date"] == date
