"""`gateway retention run|hold|release`: what has been kept long enough, and what is kept all the same."""

from typing import Annotated

import typer

from gateway.cli.pages import add, group
from gateway.cli.session import Session
from gateway.cli.texts import Json, said
from gateway.domain.accounts import Permission


def add_to(app: typer.Typer) -> None:
    """Adds the commands."""
    commands = group("retention")
    add(commands, "run", run, "retention.run")
    add(commands, "hold", hold, "retention.hold")
    add(commands, "release", release, "retention.release")
    app.add_typer(commands, name="retention")


_Dispatch = Annotated[str, typer.Argument(help=said("status.dispatch"), show_default=False)]
_Reason = Annotated[str, typer.Option("--reason", help=said("resolve.reason"))]


def run(
    context: typer.Context,
    dry_run: Annotated[bool, typer.Option("--dry-run", help=said("retention.dry-run"))] = False,
    as_json: Json = False,
) -> None:
    """Destroys what has been kept long enough, or lists it."""
    session: Session = context.obj
    retention = session.gateway.retention
    found = retention.due() if dry_run else retention.run(actor=session.actor(Permission.RETENTION))
    if as_json:
        session.print_json(
            {
                "destroyed": not dry_run,
                "dispatches": [
                    {
                        "dispatch": one.dispatch,
                        "what": one.what.value,
                        "kept_until": one.kept_until.isoformat(),
                        "rule": one.rule,
                        "held": one.held,
                    }
                    for one in found
                ],
            }
        )
        return
    for one in found:
        what = session.word("kept", one.what.value)
        facts = {"dispatch": one.dispatch, "what": what, "date": one.kept_until.date().isoformat(), "rule": one.rule}
        if one.held:
            session.print_line(session.text("retention.held", **facts))
        elif dry_run:
            session.print_line(session.text("retention.due", **facts))
        else:
            session.print_line(session.text(f"retention.destroyed-{one.what.value}", **facts))
    if not found:
        session.print_line(session.text("retention.nothing"))


def hold(context: typer.Context, dispatch: _Dispatch, reason: _Reason, as_json: Json = False) -> None:
    """A legal hold: nothing of the dispatch expires."""
    session: Session = context.obj
    session.gateway.retention.hold(dispatch, actor=session.actor(Permission.RETENTION), reason=reason)
    _tell(session, dispatch, held=True, as_json=as_json)


def release(context: typer.Context, dispatch: _Dispatch, reason: _Reason, as_json: Json = False) -> None:
    """The hold ends."""
    session: Session = context.obj
    session.gateway.retention.release(dispatch, actor=session.actor(Permission.RETENTION), reason=reason)
    _tell(session, dispatch, held=False, as_json=as_json)


def _tell(session: Session, dispatch: str, *, held: bool, as_json: bool) -> None:
    if as_json:
        session.print_json({"dispatch": dispatch, "held": held})
    elif held:
        session.print_line(session.text("retention.placed", dispatch=dispatch))
    else:
        session.print_line(session.text("retention.released", dispatch=dispatch))
