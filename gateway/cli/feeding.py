"""`gateway feed run|status|report|again|give-up`: the outcome feed and its acknowledgements."""

import csv
import sys
from typing import TYPE_CHECKING, Annotated

import typer

from gateway.cli.pages import add, group
from gateway.cli.session import Session
from gateway.cli.texts import Json, said
from gateway.domain.accounts import Permission
from gateway.domain.feed import FeedState

if TYPE_CHECKING:
    from gateway.bootstrap.feed import FeedParts


def add_to(app: typer.Typer) -> None:
    """Adds the commands."""
    commands = group("feed")
    add(commands, "run", run, "feed.run")
    add(commands, "status", status, "feed.status")
    add(commands, "report", report, "feed.report")
    add(commands, "again", again, "feed.again")
    add(commands, "give-up", give_up, "feed.give-up")
    app.add_typer(commands, name="feed")


def run(context: typer.Context, as_json: Json = False) -> None:
    """Everything that can be done now, whatever the hour."""
    session: Session = context.obj
    session.actor(Permission.RESOLVE)
    came_to = _parts(session).run.run()
    if as_json:
        session.print_json(vars(came_to))
    else:
        session.print_line(session.text("feed.done", **vars(came_to)))


def status(context: typer.Context, as_json: Json = False) -> None:
    """How the feed stands."""
    from gateway.cli.feed_tables import print_standing, standing_view

    session: Session = context.obj
    standing = _parts(session).standing()
    if as_json:
        session.print_json(standing_view(standing))
    else:
        print_standing(session, standing)


def report(context: typer.Context, as_json: Json = False) -> None:
    """The reconciliation: CSV, or JSON."""
    from gateway.application.feed.standing import as_rows

    session: Session = context.obj
    rows = list(as_rows(_parts(session).standing.report()))
    if as_json:
        session.print_json({"divisions": rows})
        return
    writer = csv.DictWriter(sys.stdout, fieldnames=list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)


def again(
    context: typer.Context,
    transaction: Annotated[str, typer.Argument(help=said("feed.transaction"), show_default=False)],
    reason: Annotated[str, typer.Option("--reason", help=said("resolve.reason"))],
    as_json: Json = False,
) -> None:
    """A rejected transaction is told again."""
    session: Session = context.obj
    actor = session.actor(Permission.RESOLVE)
    number = _parts(session).standing.again(transaction, actor=actor, reason=reason)
    if as_json:
        session.print_json({"transaction": transaction, "again": number})
    else:
        session.print_line(session.text("feed.told-again", transaction=transaction, again=number))


def give_up(
    context: typer.Context,
    transaction: Annotated[str, typer.Argument(help=said("feed.transaction"), show_default=False)],
    reason: Annotated[str, typer.Option("--reason", help=said("resolve.reason"))],
    as_json: Json = False,
) -> None:
    """What will never be told is work for staff no more."""
    session: Session = context.obj
    actor = session.actor(Permission.RESOLVE)
    _parts(session).standing.give_up(transaction, actor=actor, reason=reason)
    if as_json:
        session.print_json({"transaction": transaction, "state": FeedState.GIVEN_UP.value})
    else:
        session.print_line(session.text("feed.given-up", transaction=transaction))


def _parts(session: Session) -> "FeedParts":
    """Raises SetupWrong (settings.invalid) where there is no feed."""
    from gateway.domain.codes import Code
    from gateway.domain.problem import SetupWrong

    parts = session.gateway.case_systems.feed
    if parts is None:
        raise SetupWrong(Code.SETTINGS_INVALID, where="feed.folder")
    return parts
