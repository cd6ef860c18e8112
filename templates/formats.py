"""Dates, times, numbers and enumerations as English and French Canadians write them (CLDR, through Babel)."""

import datetime as dt
from collections.abc import Sequence
from functools import cache
from typing import Literal, cast

from babel import Locale, localedata
from babel.core import get_global
from babel.dates import format_date as _babel_date
from babel.dates import format_time as _babel_time
from babel.dates import get_timezone_name
from babel.lists import format_list as _babel_list
from babel.numbers import format_decimal

from gateway.domain.parties import Language

_NEVER_PRINTED = (
    *("currency_names", "currency_names_plural", "unit_patterns", "unit_display_names", "compact_decimal_formats"),
    *("languages", "scripts", "variants", "date_fields", "interval_formats"),
)


_NEVER_ASKED: Sequence[Literal["likely_subtags", "territory_languages"]] = ("likely_subtags", "territory_languages")
"""What Babel knows of all the world's languages, to guess at names that are said in part: ours are said whole."""


@cache
def _locale(language: Language) -> Locale:
    """Without the names of which no paper, page or mail speaks: all that CLDR knows of the two languages is 4 MB in
    each process, all the world's 2 MB more. Babel hands out the data it keeps, of the language itself and of what that
    builds on."""
    for unasked in _NEVER_ASKED:
        cast(dict[str, object], get_global(unasked)).clear()
    for name in ("root", language.value, f"{language.value}_CA"):
        data = localedata.load(name)
        for part in _NEVER_PRINTED:
            data.pop(part, None)
    return Locale(language.value, "CA")


def format_date(date: dt.date, language: Language) -> str:
    """'November 20, 2026'; '20 novembre 2026', and «1er» for the first of a month."""
    if language is Language.FR and date.day == 1:
        return _babel_date(date, "'1er' MMMM y", locale=_locale(language))
    return _babel_date(date, "long", locale=_locale(language))


def format_weekday(date: dt.date, language: Language) -> str:
    """'Tuesday'; 'mardi'."""
    return _babel_date(date, "EEEE", locale=_locale(language))


def format_time(time: dt.time, language: Language) -> str:
    """'3:04 p.m.'; '15 h 04', which stays on one line."""
    if language is Language.FR:
        return _babel_time(time, "H'\u00a0h\u00a0'mm", locale=_locale(language))
    return _babel_time(time, "short", locale=_locale(language))


def format_zone(moment: dt.datetime, language: Language) -> str:
    """'EST'; 'HNE': the clock that a moment with a zone is shown on."""
    return str(get_timezone_name(moment, width="short", locale=_locale(language)))


def format_number(number: int, language: Language) -> str:
    """'12,345'; '12 345' with a space that does not break."""
    return str(format_decimal(number, locale=_locale(language)))


def format_country(code: str, language: Language) -> str:
    """'Switzerland'; 'Suisse': of an ISO 3166-1 code, which stands for itself where CLDR knows no name."""
    return str(_locale(language).territories.get(code, code))


def format_list(items: Sequence[str], language: Language) -> str:
    """'a, b and c'; 'a, b et c'."""
    return _babel_list(items, style="standard", locale=_locale(language))
