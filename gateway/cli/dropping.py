"""`gateway drop run`: takes in what other systems dropped as files."""

import typer

from gateway.cli.pages import add, group
from gateway.cli.session import Session
from gateway.cli.texts import Json
from gateway.domain.accounts import Permission

_BATCH = 20


def add_to(app: typer.Typer) -> None:
    """Adds the commands."""
    commands = group("drop")
    add(commands, "run", run, "drop.run")
    app.add_typer(commands, name="drop")


def run(context: typer.Context, as_json: Json = False) -> None:
    """Takes in everything that lies there now."""
    from gateway.domain.codes import Code
    from gateway.domain.problem import SetupWrong

    session: Session = context.obj
    session.actor(Permission.SUBMIT)
    intake = session.gateway.case_systems.drop
    if intake is None:
        raise SetupWrong(Code.SETTINGS_INVALID, where="drop.folder")
    accepted = refused = 0
    while (round_ := intake(_BATCH)).done:
        accepted, refused = accepted + round_.accepted, refused + round_.refused
    if as_json:
        session.print_json({"accepted": accepted, "refused": refused})
    else:
        session.print_line(session.text("drop.done", accepted=accepted, refused=refused))
