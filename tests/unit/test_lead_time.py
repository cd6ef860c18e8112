"""How early a way must be begun: counted back from the due date in working days, to a time of the office's clock."""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest

from gateway.application.planning.lead_times import lead_times, read_lead_times
from gateway.domain.lead_time import LeadTime, next_begins_by
from gateway.domain.parties import ChannelName
from gateway.domain.problem import SetupWrong

TORONTO = ZoneInfo("America/Toronto")
FRIDAY = dt.date(2026, 11, 27)
MONDAY = dt.date(2026, 11, 30)
NOON = dt.time(12)


def never(_: dt.date) -> bool:
    return False


def at(day: dt.date, hour: int) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(hour), TORONTO)


@pytest.mark.parametrize(
    ("days", "due", "begins"),
    [
        (0, FRIDAY, FRIDAY),
        (1, FRIDAY, dt.date(2026, 11, 26)),
        (1, MONDAY, FRIDAY),
        (2, MONDAY, dt.date(2026, 11, 26)),
        (0, dt.date(2026, 11, 28), dt.date(2026, 11, 28)),  # a standard of the same day, whatever day it is
        (1, dt.date(2026, 11, 28), FRIDAY),
    ],
)
def test_working_days_are_counted_back(days: int, due: dt.date, begins: dt.date) -> None:
    lead = LeadTime(working_days=days, by=NOON)
    assert lead.begins_by(due, never, TORONTO) == at(begins, 12)


def test_a_day_on_which_the_office_is_closed_is_passed_over() -> None:
    lead = LeadTime(working_days=1, by=NOON)
    assert lead.begins_by(MONDAY, lambda day: day == FRIDAY, TORONTO) == at(dt.date(2026, 11, 26), 12)


def test_each_channel_leaves_time_for_all_that_follow_and_a_person_follows_the_last() -> None:
    fax, courier = LeadTime(working_days=0, by=dt.time(13)), LeadTime(working_days=0, by=NOON)
    person = LeadTime(working_days=1, by=dt.time(9))
    assert next_begins_by([fax, courier], person, FRIDAY, never, TORONTO) == at(FRIDAY, 12)
    assert next_begins_by([fax], person, FRIDAY, never, TORONTO) == at(FRIDAY, 13)
    assert next_begins_by([], person, FRIDAY, never, TORONTO) == at(dt.date(2026, 11, 26), 9)


@pytest.mark.parametrize("channel", [one for one in ChannelName if one is not ChannelName.OUTCOME_FEED])
def test_every_channel_of_the_house_that_goes_to_a_recipient_has_a_lead_time_of_its_own(channel: ChannelName) -> None:
    leads = lead_times()
    assert channel.value in leads.channels
    assert leads.of(channel).begins_by(FRIDAY, never, TORONTO) < at(FRIDAY, 17)


def test_another_channel_has_that_of_all_and_a_person_is_called_before_the_due_date() -> None:
    leads = lead_times()
    assert leads.of("somebody-elses") == leads.channels[None]
    assert leads.person.begins_by(FRIDAY, never, TORONTO).date() < FRIDAY


PERSON = '[person]\nworking_days = 1\nby = "09:00"\n'
ALL = '[[lead]]\nworking_days = 1\nby = "12:00"\n'
FAX = '[[lead]]\nchannel = "fax"\nworking_days = 0\nby = "13:00"\n'


@pytest.mark.parametrize(
    "text",
    [
        ALL,
        FAX + PERSON,
        ALL + FAX + FAX + PERSON,
        ALL + ALL + PERSON,
        ALL.replace("12:00", "24:00") + PERSON,
        ALL.replace('"12:00"', "12:00:00") + PERSON,
        ALL.replace("= 1", "= -1") + PERSON,
        ALL + "until = 3\n" + PERSON,
    ],
)
def test_a_rule_file_that_leaves_a_question_open_is_refused(text: str) -> None:
    read_lead_times(ALL + FAX + PERSON)
    with pytest.raises(SetupWrong):
        read_lead_times(text)
