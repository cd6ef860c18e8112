"""A date and the count that leads to it, for a person."""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import cast

from rich.table import Table

from gateway.cli.session import Session
from gateway.cli.tables import show
from gateway.domain.parties import Language
from templates.formats import format_date, format_weekday


def show_date(session: Session, kind: str, view: Mapping[str, object]) -> None:
    """Prints the date with its rule, then each day of the count. kind: what the date is, a text of its own."""
    if view["date"] is None:
        since = _day(session, str(view["suspended_since"]))
        session.print_line(session.text("deemed-receipt.halted", since=since))
    else:
        session.print_line(session.text(f"{kind}.date", date=_day(session, str(view["date"]))))
    if view.get("warn_on"):
        session.print_line(session.text("deadline.warn", date=_day(session, str(view["warn_on"]))))
    source = view["source_fr" if session.language is Language.FR else "source"]
    session.print_line(session.text("dates.rule", rule=str(view["rule"]), source=str(source)) + "\n")
    show(_steps(session, cast("Sequence[Mapping[str, object]]", view["steps"])))


def _steps(session: Session, steps: Sequence[Mapping[str, object]]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column(session.text("heading.number"), justify="right")
    table.add_column(session.text("heading.day"))
    table.add_column(session.text("heading.why"), overflow="fold")
    counted = 0
    for step in steps:
        counted += bool(step["counts"])
        number = str(counted) if step["counts"] else ""
        table.add_row(number, _day(session, str(step["date"])), _why(session, step))
    return table


def _why(session: Session, step: Mapping[str, object]) -> str:
    why = session.word("day", str(step["why"]))
    if "holiday" not in step:
        return why
    return session.text("dates.holiday", why=why, holiday=session.word("holiday", str(step["holiday"])))


def _day(session: Session, text: str) -> str:
    """A day with its weekday, which the counts turn on."""
    day = dt.date.fromisoformat(text)
    weekday, date = format_weekday(day, session.language), format_date(day, session.language)
    return session.text("dates.day", weekday=weekday, date=date)
