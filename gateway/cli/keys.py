"""`gateway keys trust|list|import`: whose packages are taken, and whose keys are pinned."""

from pathlib import Path
from typing import Annotated

import typer

from gateway.cli.files import read_file
from gateway.cli.pages import add, group
from gateway.cli.session import Session
from gateway.cli.texts import Json, said
from gateway.domain.problem import located


def add_to(app: typer.Typer) -> None:
    """Adds the commands."""
    commands = group("keys")
    add(commands, "trust", trust, "keys.trust")
    add(commands, "list", list_, "keys.list")
    add(commands, "import", import_, "keys.import")
    app.add_typer(commands, name="keys")


def trust(
    context: typer.Context,
    anchor: Annotated[Path, typer.Argument(help=said("keys.trust.anchor"), show_default=False)],
    divisions: Annotated[str, typer.Option("--divisions", help=said("keys.trust.divisions"))],
    signer: Annotated[str | None, typer.Option("--signer", help=said("keys.trust.signer"), show_default=False)] = None,
    crl: Annotated[list[Path] | None, typer.Option("--crl", help=said("keys.trust.crl"), show_default=False)] = None,
    as_json: Json = False,
) -> None:
    """Takes packages signed under an anchor from now on."""
    session: Session = context.obj
    with located(anchor.name):
        trusted = session.gateway.keyring.trust(
            read_file(anchor),
            divisions=divisions,
            signer=signer,
            crls=[read_file(path) for path in crl or ()],
            actor=session.user,
        )
    if as_json:
        anchors = [{"anchor": one.fingerprint, "divisions": sorted(one.divisions)} for one in trusted]
        session.print_json({"anchors": anchors})
    for one in () if as_json else trusted:
        session.print_line(
            session.text("keys.trusted", fingerprint=one.fingerprint, divisions=session.divisions(one.divisions))
        )


def list_(context: typer.Context, as_json: Json = False) -> None:
    """Anchors, own keys, and the certificates pinned to recipients."""
    from gateway.cli.tables import key_table, show

    session: Session = context.obj
    rows = session.gateway.keyring.all()
    if as_json:
        session.print_json({"keys": rows})
    else:
        show(key_table(session, rows))


def import_(
    context: typer.Context,
    recipient: Annotated[str, typer.Argument(help=said("recipients.recipient"), show_default=False)],
    certificate: Annotated[Path, typer.Argument(help=said("keys.import.certificate"), show_default=False)],
    as_json: Json = False,
) -> None:
    """Pins a certificate to a recipient's encrypted e-mail."""
    session: Session = context.obj
    view = session.gateway.keyring.pin(recipient, read_file(certificate), actor=session.user)
    if as_json:
        session.print_json({"recipient": recipient, "certificate": view})
    else:
        session.print_line(session.text("keys.imported", recipient=recipient, fingerprint=str(view["fingerprint"])))
