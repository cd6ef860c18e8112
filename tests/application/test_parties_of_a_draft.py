"""Whom a draft begins with: the parties of the file's newest package who stand on the office's day."""

import datetime as dt

from gateway.application.intake.decision_json import read_decision
from gateway.application.new_dispatch.parties import of_package
from tests.application.packages import changed, members_of, minimal, raw

EVENING = dt.datetime(2026, 11, 26, 1, 0, tzinfo=dt.UTC)
"""In Toronto it is still the 25th."""
LAST_DAY = dt.date(2026, 11, 25)


def test_counsel_stands_until_the_last_day_ends_at_the_office_and_not_in_greenwich() -> None:
    until = {"of_record": {"since": "2026-01-12", "until": LAST_DAY.isoformat()}}
    decision = changed(minimal(), lambda one: one["participants"][1].update(until))
    package = read_decision(raw(decision), dict.fromkeys(members_of(decision), b""))
    number = package.files[0].number
    assert of_package(package, number, [], EVENING, LAST_DAY).left_out == ()
    assert of_package(package, number, [], EVENING, EVENING.date()).left_out == ("c1",)
