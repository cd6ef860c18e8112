"""`gateway recipients import|list|show|correct-address`: the recipient directory."""

from pathlib import Path
from typing import Annotated

import typer

from gateway.cli.changes import Reason, tell, told_of, view_of
from gateway.cli.files import read_file
from gateway.cli.pages import add, group
from gateway.cli.session import Session
from gateway.cli.texts import Json, said
from gateway.domain.accounts import Permission
from gateway.domain.parties import Recipient
from gateway.domain.pins import Pin


def add_to(app: typer.Typer) -> None:
    """Adds the commands."""
    commands = group("recipients")
    add(commands, "import", import_, "recipients.import")
    add(commands, "list", list_, "recipients.list")
    add(commands, "show", show, "recipients.show")
    add(commands, "correct-address", correct_address, "recipients.correct-address")
    app.add_typer(commands, name="recipients")


def import_(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help=said("recipients.file"), show_default=False)],
    reason: Reason = None,
    as_json: Json = False,
) -> None:
    """Reads a directory file, all of it or none."""
    session: Session = context.obj
    made = session.gateway.keyring.import_recipients(
        read_file(file),
        lambda path: read_file(file.parent / path),
        actor=session.actor(Permission.RECIPIENTS),
        reason=reason,
    )
    if as_json:
        views = [view_of(one) for one in made]
        session.print_json({"recipients": [one.change.subject for one in made], "changes": views})
    for one in () if as_json else made:
        session.print_line(told_of(session, one))


def list_(context: typer.Context, as_json: Json = False) -> None:
    """Every entry."""
    from gateway.cli.tables import recipient_table, show_list

    session: Session = context.obj
    rows = [_view(entry, session) for entry in session.gateway.directory.all()]
    if as_json:
        session.print_json({"recipients": rows})
    else:
        show_list(session, recipient_table(session, rows), empty=session.text("empty.recipients"))


def show(
    context: typer.Context,
    recipient: Annotated[str, typer.Argument(help=said("recipients.recipient"), show_default=False)],
    as_json: Json = False,
) -> None:
    """One entry with its ways and keys."""
    from gateway.cli.tables import show_recipient

    session: Session = context.obj
    view = _view(session.gateway.directory.known(recipient), session)
    view["history"] = [_pin(one) for one in session.gateway.directory.pins(recipient)]
    if as_json:
        session.print_json(view)
    else:
        show_recipient(session, view)


def correct_address(
    context: typer.Context,
    recipient: Annotated[str, typer.Argument(help=said("recipients.recipient"), show_default=False)],
    file: Annotated[Path, typer.Argument(help=said("recipients.contact"), show_default=False)],
    channel: Annotated[str, typer.Option("--channel", help=said("recipients.channel"))] = "encrypted-email",
    key: Annotated[Path | None, typer.Option("--key", help=said("recipients.key"), show_default=False)] = None,
    fingerprint: Annotated[
        str | None, typer.Option("--fingerprint", help=said("recipients.fingerprint"), show_default=False)
    ] = None,
    reason: Reason = None,
    as_json: Json = False,
) -> None:
    """Another address for one entry."""
    from gateway.application.acts.contact_json import read_contact
    from gateway.application.recipients.entry_address import SaidKey

    session: Session = context.obj
    actor = session.actor(Permission.RECIPIENTS)
    made = session.gateway.console.entry_address(
        recipient,
        channel,
        read_contact(read_file(file)),
        key=SaidKey(raw=read_file(key) if key else None, fingerprint=fingerprint),
        actor=actor,
        reason=reason or "",
    )
    tell(session, made, as_json=as_json)


def _view(entry: Recipient, session: Session) -> dict[str, object]:
    from dataclasses import asdict

    from gateway.cli.keys import confirmation

    ways: list[dict[str, object]] = []
    confirmed = session.gateway.key_tests.confirmed(entry.id)
    for way in entry.channels:
        key = session.gateway.keyring.key(way)
        view: dict[str, object] = {
            "type": way.type,
            "address": way.address,
            "account": way.account,
            "number": way.number,
            "postal": asdict(way.postal) if way.postal else None,
            "protection": way.protection.value if way.protection else None,
            "public_key" if way.public_key else "certificate": key,
            "fingerprint": way.fingerprint,
        }
        fingerprint = (key or {}).get("fingerprint")
        view |= confirmation(confirmed, entry.id, fingerprint)
        ways.append({name: value for name, value in view.items() if value is not None})
    return {
        "id": entry.id,
        "name": entry.name,
        "kind": entry.kind.value,
        "organization": entry.organization,
        "language": entry.language.value,
        "divisions": sorted(entry.divisions),
        "offices": sorted(entry.offices),
        "channels": ways,
    }


def _pin(pin: Pin) -> dict[str, object]:
    return {
        "channel": pin.channel,
        "fingerprint": pin.fingerprint,
        "pinned_at": pin.pinned_at.isoformat(),
        "pinned_by": pin.pinned_by,
        "approved_by": pin.approved_by,
        "ended_at": pin.ended_at.isoformat() if pin.ended_at else None,
        "ended_by": pin.ended_by,
        "replaced_by": pin.replaced_by,
    }
