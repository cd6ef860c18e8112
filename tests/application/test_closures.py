import datetime as dt
from concurrent.futures import ThreadPoolExecutor
from zoneinfo import ZoneInfo

import pytest

from gateway.application.dates.closures import closed_at
from gateway.application.dates.office_dates import today_at, zone_of
from gateway.application.rules import offices
from gateway.domain.calendar import Closed, is_working_day, working_day_from
from gateway.domain.office import Office, RegionalDay


def at(office: str) -> Closed:
    return closed_at(offices()[office])


@pytest.mark.parametrize(
    ("office", "mailed", "received"),
    [
        ("toronto", "2026-03-27", "2026-04-07"),
        ("montreal", "2026-06-17", "2026-06-25"),
        ("toronto", "2026-06-17", "2026-06-24"),
    ],
)
def test_the_seventh_day_after_mailing_rolls_to_a_working_day(office: str, mailed: str, received: str) -> None:
    """RPD r.41(2): seven days after mailing, the next working day where that is none."""
    seventh = dt.date.fromisoformat(mailed) + dt.timedelta(days=7)
    assert working_day_from(seventh, at(office)) == dt.date.fromisoformat(received)


CLOSED_2026 = [
    *("2026-01-01", "2026-04-03", "2026-04-06", "2026-05-18", "2026-07-01", "2026-08-03"),
    *("2026-09-07", "2026-09-30", "2026-10-12", "2026-11-11", "2026-12-25", "2026-12-28"),
]


def closed_weekdays(office: str, year: int) -> list[str]:
    days = (dt.date(year, 1, 1) + dt.timedelta(days=ahead) for ahead in range(365))
    return [day.isoformat() for day in days if day.weekday() < 5 and not is_working_day(day, at(office))]


def test_the_closed_weekdays_of_a_year_are_those_of_the_federal_public_service() -> None:
    assert closed_weekdays("toronto", 2026) == CLOSED_2026
    assert closed_weekdays("montreal", 2026) == sorted({*CLOSED_2026, "2026-06-24"} - {"2026-08-03"})


@pytest.mark.parametrize("day", ["2026-02-16", "2026-04-04", "2026-06-21"])
def test_what_only_provinces_keep_is_a_working_day_or_a_weekend(day: str) -> None:
    assert not at("calgary")(dt.date.fromisoformat(day))


@pytest.mark.parametrize(
    ("office", "day"),
    [
        ("montreal", "2028-06-26"),
        ("montreal", "2029-06-25"),
        ("ottawa", "2027-12-27"),
        ("ottawa", "2027-12-28"),
        ("vancouver", "2027-03-29"),
        ("calgary", "2027-08-02"),
        ("toronto", "2028-01-03"),
    ],
)
def test_a_holiday_on_a_weekend_closes_the_monday_after(office: str, day: str) -> None:
    assert at(office)(dt.date.fromisoformat(day))


def test_what_staff_enter_closes_that_office_alone() -> None:
    storm = dt.date(2026, 2, 3)
    assert closed_at(offices()["ottawa"], {storm})(storm)
    assert not at("toronto")(storm)


def test_an_office_without_a_regional_day_has_the_others() -> None:
    office = Office(id="halifax", name_en="Halifax", name_fr="Halifax", zone="America/Halifax", province="NS")
    assert closed_at(office)(dt.date(2026, 4, 6))
    assert not closed_at(office)(dt.date(2026, 8, 3))


def test_threads_that_ask_at_once_get_one_answer() -> None:
    days = [dt.date(2040, 12, 25)] * 64
    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(at("toronto"), days))


def test_the_five_offices_have_their_clocks_and_regional_days() -> None:
    assert set(offices()) == {"toronto", "montreal", "vancouver", "calgary", "ottawa"}
    assert [one for one, office in offices().items() if office.regional_day is RegionalDay.ST_JEAN] == ["montreal"]
    assert zone_of("calgary") == ZoneInfo("America/Edmonton")


def test_a_day_is_that_of_the_office() -> None:
    moment = dt.datetime(2021, 4, 2, 5, 0, tzinfo=dt.UTC)
    assert today_at("vancouver", moment) == dt.date(2021, 4, 1)
    assert today_at("toronto", moment) == dt.date(2021, 4, 2)
