"""`gateway files parties|show|confirm`: what the Registry says of a file's parties."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from gateway.cli.files import read_file
from gateway.cli.pages import add, group
from gateway.cli.session import Session
from gateway.cli.texts import Json, said
from gateway.domain.accounts import Permission
from gateway.domain.file_parties import PartiesMessage
from gateway.domain.outcomes import Division
from gateway.ports.parties import StoredParties

if TYPE_CHECKING:
    from gateway.application.files.file_parties import Received


def add_to(app: typer.Typer) -> None:
    """Adds the commands."""
    commands = group("files")
    add(commands, "parties", parties, "files.parties")
    add(commands, "show", show, "files.show")
    add(commands, "confirm", confirm, "files.confirm")
    app.add_typer(commands, name="files")


_Number = Annotated[str, typer.Argument(help=said("files.number"), show_default=False)]
_Division = Annotated[Division, typer.Option("--division", help=said("files.division"))]


def parties(
    context: typer.Context,
    number: _Number,
    message: Annotated[Path, typer.Argument(help=said("files.message"), show_default=False)],
    as_json: Json = False,
) -> None:
    """Takes a message in."""
    session: Session = context.obj
    received = session.gateway.parties.receive(number, read_file(message), actor=session.actor(Permission.SUBMIT))
    _tell(session, received, as_json=as_json)


def confirm(
    context: typer.Context,
    number: _Number,
    division: _Division,
    reason: Annotated[str, typer.Option("--reason", help=said("files.reason"))],
    as_json: Json = False,
) -> None:
    """A person found the parties unchanged."""
    session: Session = context.obj
    received = session.gateway.parties.confirm(division, number, actor=session.actor(Permission.RESOLVE), reason=reason)
    _tell(session, received, as_json=as_json)


def show(context: typer.Context, number: _Number, division: _Division, as_json: Json = False) -> None:
    """What was said of a file."""
    from gateway.cli.tables import parties_table, show_list

    session: Session = context.obj
    rows = [_view(stored, message) for stored, message in session.gateway.parties.of_file(division, number)]
    if as_json:
        session.print_json({"messages": rows})
    else:
        show_list(session, parties_table(session, rows), empty=session.text("empty.files"))


def _tell(session: Session, received: "Received", *, as_json: bool) -> None:
    from gateway.application.files.file_parties import received_view

    stored = received.stored
    if as_json:
        session.print_json(received_view(received))
        return
    facts: dict[str, str | int] = {"file": stored.file, "sequence": stored.sequence, "source": stored.source}
    if received.repeat:
        session.print_line(session.text("files.repeat", **facts))
    else:
        session.print_line(session.text("files.taken", count=received.planned_again, **facts))
    if received.stopped:
        session.print_line(session.text("files.stopped", count=received.stopped))
    for sequence in received.missing:
        session.print_line(session.text("files.missing", sequence=sequence, source=stored.source))


def _view(stored: StoredParties, message: PartiesMessage) -> dict[str, object]:
    """Which matters changed for whom, without the addresses themselves."""
    names = ("of_record", "designation", "electronic", "recipient", "contact")
    return {
        "source": stored.source,
        "sequence": stored.sequence,
        "effective_at": stored.effective_at.isoformat(),
        "received_at": stored.received_at.isoformat(),
        "received_by": stored.received_by,
        "changes": [
            {"participant": one.participant, "of": [name for name in names if getattr(one, name) is not None]}
            for one in message.changes
        ],
    }
