"""`gateway route`: who would get what by which channels, and with `--explain` the rule behind each choice."""

from pathlib import Path
from typing import Annotated

import typer

from gateway.cli.files import read_file
from gateway.cli.pages import add
from gateway.cli.session import Session
from gateway.cli.texts import Json, said


def add_to(app: typer.Typer) -> None:
    """Adds the command."""
    add(app, "route", route)


def route(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help=said("package.file"), show_default=False)],
    explain: Annotated[bool, typer.Option("--explain", help=said("route.explain"))] = False,
    as_json: Json = False,
) -> None:
    """The plan of a package by the rules of this home, without taking it in or sending anything."""
    from gateway.cli.reasoning import show_reasoning
    from gateway.cli.tables import route_table, show

    session: Session = context.obj
    view = session.gateway.route.package(read_file(file))
    if as_json:
        session.print_json({"file": str(file)} | view)
    elif explain:
        show_reasoning(session, view)
    else:
        show(route_table(session, view))
