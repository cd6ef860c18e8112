"""Dates, times, numbers and lists in both languages."""

import datetime as dt

import pytest

from gateway.domain.parties import Language
from templates.formats import format_date, format_list, format_number, format_time

EN, FR = Language.EN, Language.FR


@pytest.mark.parametrize(
    ("date", "language", "expected"),
    [
        (dt.date(2026, 11, 20), EN, "November 20, 2026"),
        (dt.date(2026, 11, 20), FR, "20 novembre 2026"),
        (dt.date(2026, 8, 1), FR, "1er août 2026"),
        (dt.date(2026, 8, 1), EN, "August 1, 2026"),
        (dt.date(2026, 2, 11), FR, "11 février 2026"),
    ],
)
def test_dates_are_written_out(date: dt.date, language: Language, expected: str) -> None:
    assert format_date(date, language) == expected


def test_times_and_numbers_do_not_break() -> None:
    assert format_time(dt.time(15, 4), FR) == "15\u00a0h\u00a004"
    assert format_number(12345, FR) == "12\u00a0345"
    assert format_number(12345, EN) == "12,345"


def test_lists_end_with_and() -> None:
    assert format_list(["a", "b", "c"], EN) == "a, b and c"
    assert format_list(["a", "b", "c"], FR) == "a, b et c"
    assert format_list(["a"], FR) == "a"
