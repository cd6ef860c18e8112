"""`gateway deadline` and `gateway deemed-receipt`: a date, how it was counted, and what it rests on."""

import datetime as dt
from dataclasses import dataclass
from typing import Annotated

import typer

from gateway.cli.pages import add
from gateway.cli.session import Session
from gateway.cli.texts import Json, said
from gateway.domain.codes import Code
from gateway.domain.outcomes import Division
from gateway.domain.package import ProceedingType, RelationKind
from gateway.domain.problem import InputRefused, SetupWrong
from gateway.domain.service_standard import Circumstances, Form, Mode
from gateway.domain.suspension import Suspension


def add_to(app: typer.Typer) -> None:
    """Adds the commands."""
    add(app, "deadline", deadline)
    add(app, "deemed-receipt", deemed_receipt)
    add(app, "clocks", clocks)


_Division = Annotated[Division, typer.Option("--division", help=said("dates.division"))]
_Office = Annotated[str, typer.Option("--office", help=said("dates.office"))]


def deadline(
    context: typer.Context,
    division: _Division,
    office: _Office,
    signed_at: Annotated[str, typer.Option("--signed-at", help=said("deadline.signed-at"))],
    form: Annotated[Form, typer.Option("--form", help=said("deadline.form"))] = "written",
    mode: Annotated[Mode | None, typer.Option("--mode", help=said("deadline.mode"), show_default=False)] = None,
    proceeding: Annotated[
        ProceedingType | None, typer.Option("--proceeding", help=said("deadline.proceeding"), show_default=False)
    ] = None,
    relation: Annotated[
        RelationKind | None, typer.Option("--relation", help=said("deadline.relation"), show_default=False)
    ] = None,
    as_json: Json = False,
) -> None:
    """The last day of the service standard, counted from the moment the decision took effect."""
    from gateway.application.dates.date_views import due_view
    from gateway.application.dates.office_dates import deadline as last_day
    from gateway.application.dates.office_dates import known_office
    from gateway.cli.date_tables import show_date

    session: Session = context.obj
    case = Circumstances(division=division, form=form, mode=mode, proceeding=proceeding, relation=relation)
    entered = _entered(session, office)
    view = due_view(last_day(case, _moment(signed_at, office), office, entered.closed), known_office(office))
    if as_json:
        session.print_json(view)
    else:
        show_date(session, "deadline", view)


def deemed_receipt(
    context: typer.Context,
    division: _Division,
    office: _Office,
    mailed: Annotated[str, typer.Option("--mailed", help=said("deemed-receipt.mailed"))],
    abroad: Annotated[bool, typer.Option("--abroad", help=said("deemed-receipt.abroad"))] = False,
    as_json: Json = False,
) -> None:
    """When what was sent by regular mail is considered to be received."""
    from gateway.application.dates.date_views import deemed_view
    from gateway.application.dates.office_dates import deemed, known_office
    from gateway.cli.date_tables import show_date

    session: Session = context.obj
    entered = _entered(session, office)
    receipt = deemed(
        division,
        day_of(mailed, "--mailed"),
        office,
        abroad=abroad,
        iad_rolls=entered.iad_rolls,
        also=entered.closed,
        suspensions=entered.suspensions,
    )
    view = deemed_view(receipt, known_office(office))
    if as_json:
        session.print_json(view)
    else:
        show_date(session, "deemed-receipt", view)


def clocks(
    context: typer.Context,
    dispatch: Annotated[str, typer.Argument(help=said("status.dispatch"), show_default=False)],
    as_json: Json = False,
) -> None:
    """The clocks that run for the persons of a dispatch; their dates are indicative."""
    from gateway.cli.tables import clock_table, show_list

    session: Session = context.obj
    rows = session.gateway.clocks.of(dispatch)
    if as_json:
        session.print_json({"clocks": rows})
        return
    show_list(session, clock_table(session, rows), empty=session.text("empty.clocks"))
    if rows:
        session.print_line("\n" + session.text("clocks.indicative"))


def _moment(text: str, office: str) -> dt.datetime:
    """A moment with its offset; a day alone is that day at the office. Raises InputRefused (request.invalid)."""
    from zoneinfo import ZoneInfo

    from gateway.application.dates.office_dates import known_office

    try:
        moment = dt.datetime.fromisoformat(text)
    except ValueError:
        moment = None
    if moment is not None and len(text) == len("2026-11-20"):
        return moment.replace(tzinfo=ZoneInfo(known_office(office).zone))
    if moment is None or moment.tzinfo is None:
        raise InputRefused(Code.REQUEST_INVALID, where="--signed-at", expected="2026-11-20T15:04:00-05:00, 2026-11-20")
    return moment


@dataclass(frozen=True, kw_only=True)
class _Entered:
    """What the home knows that no calendar does."""

    closed: frozenset[dt.date] = frozenset()
    suspensions: tuple[Suspension, ...] = ()
    iad_rolls: bool = False


def _entered(session: Session, office: str) -> _Entered:
    """Closures, suspensions and settings of the home; without a home, what the law alone says, and a remark."""
    try:
        gateway = session.gateway
    except SetupWrong as problem:
        if problem.code is not Code.HOME_MISSING:
            raise
        session.note(session.text("dates.no-home"))
        return _Entered()
    return _Entered(
        closed=gateway.calendar.closed_days(office),
        suspensions=gateway.calendar.suspensions(office),
        iad_rolls=gateway.settings.receipt.iad_rolls,
    )


def day_of(text: str, where: str) -> dt.date:
    """The day that a person typed. Raises InputRefused (request.invalid)."""
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        raise InputRefused(Code.REQUEST_INVALID, where=where, expected="2026-11-20") from None
