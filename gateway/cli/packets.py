"""`gateway packet`: what the member or a bailiff hands over, for print."""

from pathlib import Path
from typing import Annotated

import typer

from gateway.cli.files import write_file
from gateway.cli.pages import add
from gateway.cli.session import Session
from gateway.cli.texts import Json, said
from gateway.domain.accounts import Permission


def add_to(app: typer.Typer) -> None:
    """Adds the command."""
    add(app, "packet", packet)


def packet(
    context: typer.Context,
    delivery: Annotated[str, typer.Argument(help=said("resolve.delivery"), show_default=False)],
    output: Annotated[Path, typer.Option("-o", "--output", help=said("option.output"))],
    as_json: Json = False,
) -> None:
    """The packet of one delivery by hand."""
    session: Session = context.obj
    content = session.gateway.mail_room.packet(delivery, actor=session.actor(Permission.RESOLVE))
    write_file(output, content)
    if as_json:
        session.print_json({"delivery": delivery, "file": str(output)})
    else:
        session.print_line(session.text("packet.written", file=output.name))
