import datetime as dt
from typing import Any, get_args

import pytest

from gateway.application.dates.closures import closed_at
from gateway.application.dates.office_dates import due_of, office_time, on_office_clock
from gateway.application.intake.decision_json import read_decision
from gateway.application.rules import offices, service_standards
from gateway.domain.calendar import DayKind
from gateway.domain.codes import Code
from gateway.domain.outcomes import Division
from gateway.domain.package import DecisionPackage, Nature, RelationKind
from gateway.domain.problem import SetupWrong
from gateway.domain.service_standard import Circumstances, Form, Mode, due_date, find_standard
from tests.application.packages import members_of, minimal, raw

FRIDAY = "2026-11-20T15:04:00-05:00"
"""The Friday before a week without holidays."""


def package(division: str, *, office: str = "toronto", relation: object = None, **decision: Any) -> DecisionPackage:
    one = minimal(division, office=office, relation=relation)
    one["decision"] |= {"signed_at": FRIDAY} | decision
    return read_decision(raw(one), members_of(one))


def oral(mode: str, **decision: Any) -> dict[str, Any]:
    return {"form": "oral", "heard": [{"date": "2026-11-20", "mode": mode}]} | decision


@pytest.mark.parametrize(
    ("division", "decision", "rule", "date"),
    [
        ("RPD", {}, "rpd", "2026-11-27"),
        ("RAD", {}, "rad", "2026-11-27"),
        ("IAD", {}, "iad", "2026-11-27"),
        ("ID", {}, "id-written", "2026-11-24"),
        ("ID", oral("videoconference"), "id-oral-remote", "2026-11-20"),
        ("ID", oral("telephone"), "id-oral-remote", "2026-11-20"),
        ("ID", oral("in-person"), "id-oral-in-person", "2026-11-20"),
        ("ID", {"form": "oral"}, "id-oral-remote", "2026-11-20"),
        ("RPD", oral("in-person"), "rpd", "2026-11-27"),
        ("IAD", oral("in-person"), "iad", "2026-11-27"),
    ],
)
def test_each_division_has_the_standard_of_the_memo(
    division: str, decision: dict[str, Any], rule: str, date: str
) -> None:
    due = due_of(package(division, **decision))
    assert (due.standard.rule, due.date) == (rule, dt.date.fromisoformat(date))
    assert due.standard.source


def test_the_rpd_and_the_rad_warn_after_four_working_days() -> None:
    assert due_of(package("RPD")).warn_on == due_of(package("RAD")).warn_on == dt.date(2026, 11, 26)
    assert due_of(package("IAD")).warn_on is None


def test_holidays_and_weekends_do_not_count() -> None:
    due = due_of(package("RPD", signed_at="2026-12-23T10:00:00-05:00"))
    assert [step.date.day for step in due.steps if step.counts] == [24, 29, 30, 31, 4]
    assert [step.date.day for step in due.steps if step.why is DayKind.CLOSED] == [25, 28, 1]
    assert due.date == dt.date(2027, 1, 4)


def test_a_day_that_staff_closed_does_not_count() -> None:
    due = office_time(lambda office: {dt.date(2026, 11, 24)} if office == "toronto" else set()).due
    assert due(package("ID")).date == dt.date(2026, 11, 25)
    assert due(package("ID", office="ottawa")).date == dt.date(2026, 11, 24)


@pytest.mark.parametrize(("office", "date"), [("toronto", "2026-11-25"), ("vancouver", "2026-11-24")])
def test_the_day_of_the_signature_is_that_of_the_office(office: str, date: str) -> None:
    late = package(
        "ID", office=office, signed_at="2026-11-21T05:30:00Z" if office == "vancouver" else "2026-11-24T04:30:00Z"
    )
    assert due_of(late).date == dt.date.fromisoformat(date)


def test_a_decision_is_dated_by_the_clock_of_its_office_whatever_offset_the_sender_wrote() -> None:
    evening = "2026-11-25T01:30:00Z"
    told = on_office_clock(
        package(
            "RPD", signed_at=evening, form="oral", rendered_at=evening, members=[{"name": "A", "signed_at": evening}]
        )
    ).decision
    moments = [told.signed_at, told.rendered_at, told.members[0].signed_at]
    assert [moment and (moment.date(), moment.hour) for moment in moments] == [(dt.date(2026, 11, 24), 20)] * 3
    assert on_office_clock(package("RPD", signed_at=evening)).decision.members[0].signed_at is None


def test_an_oral_decision_with_its_reasons_counts_from_when_it_was_stated() -> None:
    """RPD r.68(1)(a), IAD r.104(b); reasons that are to follow were not given with it."""
    stated = oral("videoconference", rendered_at="2026-11-18T11:00:00-05:00")
    assert due_of(package("RPD", **stated)).date == dt.date(2026, 11, 25)
    assert due_of(package("IAD", **stated)).date == dt.date(2026, 11, 25)
    assert due_of(package("RPD", **stated, reasons="to-follow")).date == dt.date(2026, 11, 27)


def test_a_detention_review_is_due_on_the_day_it_is_decided() -> None:
    one = minimal("ID", proceeding={"type": "detention-review", "nature": "final"})
    one["persons"][0]["outcome"]["code"] = "released"
    one["decision"] |= oral("videoconference", rendered_at="2026-11-20T11:00:00-05:00")
    due = due_of(read_decision(raw(one), members_of(one)))
    assert (due.standard.rule, due.date) == ("id-detention-review", dt.date(2026, 11, 20))


def test_a_panel_counts_from_its_last_signature() -> None:
    members = [
        {"name": "A", "signed_at": "2026-11-23T09:00:00-05:00"},
        {"name": "B", "signed_at": "2026-11-24T09:00:00-05:00"},
        {"name": "C"},
    ]
    assert due_of(package("RPD", members=members)).date == dt.date(2026, 12, 1)


def test_an_oral_decision_of_the_id_counts_from_when_it_was_stated() -> None:
    stated = oral("videoconference", rendered_at="2026-11-19T11:00:00-05:00")
    assert due_of(package("ID", **stated)).date == dt.date(2026, 11, 19)
    assert due_of(package("ID", rendered_at="2026-11-19T11:00:00-05:00")).date == dt.date(2026, 11, 24)


def test_an_oral_decision_on_a_saturday_is_due_on_that_day() -> None:
    stated = oral("videoconference", rendered_at="2026-11-21T11:00:00-05:00")
    assert due_of(package("ID", **stated)).date == dt.date(2026, 11, 21)


def test_the_last_sitting_says_how_a_decision_was_given() -> None:
    heard = [{"date": "2026-11-20", "mode": "in-person"}, {"date": "2026-10-01", "mode": "telephone"}]
    assert due_of(package("ID", form="oral", heard=heard)).standard.rule == "id-oral-in-person"


def test_a_transcript_that_follows_is_not_overdue_when_it_is_signed() -> None:
    relation = {"kind": "transcript", "of": "0b9f1f0a-7a0e-4d0f-8f0e-2f6f0f9d1c22"}
    later = package("ID", relation=relation, **oral("in-person", rendered_at="2026-10-01T11:00:00-04:00"))
    assert (due_of(later).standard.rule, due_of(later).date) == ("id-transcript", dt.date(2026, 11, 24))


def test_due_date_is_a_function_of_what_it_is_given() -> None:
    closed = closed_at(offices()["toronto"])
    assert due_date(package("RAD"), service_standards(), closed, dt.UTC) == dt.date(2026, 11, 27)
    assert due_date(package("RAD"), service_standards(), lambda _: False, dt.UTC) == dt.date(2026, 11, 27)


@pytest.mark.parametrize("division", Division)
@pytest.mark.parametrize("form", get_args(Form))
@pytest.mark.parametrize("mode", [None, *get_args(Mode)])
@pytest.mark.parametrize("nature", Nature)
@pytest.mark.parametrize("relation", [None, *RelationKind])
def test_no_decision_is_without_a_standard(
    division: Division, form: Form, mode: Mode | None, nature: Nature, relation: RelationKind | None
) -> None:
    case = Circumstances(division=division, form=form, mode=mode, nature=nature, relation=relation)
    assert find_standard(service_standards(), case).division is division


def test_where_no_standard_fits_the_setup_is_wrong() -> None:
    with pytest.raises(SetupWrong) as caught:
        find_standard([], Circumstances(division=Division.RPD, form="oral"))
    assert caught.value.code is Code.RULE_INVALID
