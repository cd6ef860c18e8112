"""`gateway scans check`: what the mail room's scanner reads."""

from typing import Annotated

import typer

from gateway.cli.pages import add, group
from gateway.cli.session import Session
from gateway.cli.texts import Json, said
from gateway.domain.accounts import Permission


def add_to(app: typer.Typer) -> None:
    """Adds the commands."""
    commands = group("scans")
    add(commands, "check", check, "scans.check")
    app.add_typer(commands, name="scans")


def check(
    context: typer.Context,
    sheet: Annotated[str, typer.Argument(help=said("scans.sheet"), show_default=False)],
    label: Annotated[str, typer.Argument(help=said("scans.label"), show_default=False)],
    as_json: Json = False,
) -> None:
    """Whether a first sheet and a label belong together."""
    session: Session = context.obj
    item = session.gateway.mail_room.check(sheet, label, actor=session.actor(Permission.RESOLVE))
    if as_json:
        session.print_json(
            {"manifest": item.manifest, "place": item.place, "piece": item.piece, "delivery": item.delivery}
        )
    else:
        session.print_line(session.text("scans.together", manifest=item.manifest or "", place=item.place or 0))
