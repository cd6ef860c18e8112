"""`gateway keys trust|list|import`: whose packages are taken, and whose keys are pinned."""

from pathlib import Path
from typing import Annotated

import typer

from gateway.cli.changes import Reason, told_of, view_of
from gateway.cli.files import read_file
from gateway.cli.pages import add, group
from gateway.cli.session import Session
from gateway.cli.texts import Json, said
from gateway.domain.accounts import Permission
from gateway.domain.codes import Code
from gateway.domain.problem import InputRefused, located


def add_to(app: typer.Typer) -> None:
    """Adds the commands."""
    commands = group("keys")
    add(commands, "trust", trust, "keys.trust")
    add(commands, "list", list_, "keys.list")
    add(commands, "import", import_, "keys.import")
    add(commands, "check", check, "keys.check")
    app.add_typer(commands, name="keys")


def trust(
    context: typer.Context,
    anchor: Annotated[Path, typer.Argument(help=said("keys.trust.anchor"), show_default=False)],
    divisions: Annotated[
        str | None, typer.Option("--divisions", help=said("keys.trust.divisions"), show_default=False)
    ] = None,
    recipients: Annotated[bool, typer.Option("--recipients", help=said("keys.trust.recipients"))] = False,
    signer: Annotated[str | None, typer.Option("--signer", help=said("keys.trust.signer"), show_default=False)] = None,
    crl: Annotated[list[Path] | None, typer.Option("--crl", help=said("keys.trust.crl"), show_default=False)] = None,
    reason: Reason = None,
    as_json: Json = False,
) -> None:
    """Takes packages signed under an anchor from now on."""
    session: Session = context.obj
    if (divisions is None) is not recipients or (recipients and signer is not None):
        raise InputRefused(Code.REQUEST_INVALID, where="--divisions", expected="--divisions | --recipients")
    with located(anchor.name):
        made = session.gateway.keyring.trust(
            read_file(anchor),
            divisions=divisions,
            signer=signer,
            crls=[read_file(path) for path in crl or ()],
            actor=session.actor(Permission.TRUST),
            reason=reason,
        )
    if as_json:
        of = sorted(part.strip() for part in (divisions or "").split(",") if part.strip())
        anchors = [{"anchor": one.change.subject.split("/")[0], "divisions": of} for one in made]
        session.print_json({"anchors": anchors, "changes": [view_of(one) for one in made]})
    for one in () if as_json else made:
        session.print_line(told_of(session, one))


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
    reason: Reason = None,
    as_json: Json = False,
) -> None:
    """Pins a certificate to a recipient's encrypted e-mail."""
    session: Session = context.obj
    actor = session.actor(Permission.RECIPIENTS)
    made, view = session.gateway.keyring.pin(recipient, read_file(certificate), actor=actor, reason=reason)
    if as_json:
        session.print_json({"recipient": recipient, "certificate": view} | view_of(made))
        return
    session.print_line(told_of(session, made))
    session.print_line(session.text("keys.imported", recipient=recipient, fingerprint=str(view["fingerprint"])))


def check(context: typer.Context, as_json: Json = False) -> None:
    """What is wrong with keys, or soon will be, and which deliveries that stops."""
    from gateway.cli.tables import finding_table, show_list

    session: Session = context.obj
    rows = [
        {
            "owner": one.owner.value,
            "whose": one.whose,
            "fingerprint": one.fingerprint,
            "fault": one.fault.value,
            "until": one.until.isoformat(),
            "deliveries": list(one.deliveries),
        }
        for one in session.gateway.key_watch.findings()
    ]
    if as_json:
        session.print_json({"findings": rows})
    else:
        show_list(session, finding_table(session, rows), empty=session.text("empty.findings"))
