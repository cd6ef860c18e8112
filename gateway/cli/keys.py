"""`gateway keys …`: whose packages are taken, whose keys are pinned, and our own."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from gateway.cli.changes import Reason, told_of, view_of
from gateway.cli.files import read_file
from gateway.cli.key_lookup import lookup
from gateway.cli.pages import add, group
from gateway.cli.session import Session
from gateway.cli.texts import Json, said
from gateway.domain.accounts import Permission
from gateway.domain.codes import Code
from gateway.domain.key_findings import NO_END
from gateway.domain.own_keys import OwnKeyName
from gateway.domain.problem import InputRefused, located

if TYPE_CHECKING:
    from gateway.application.recipients.key_tests import KeyTest


def add_to(app: typer.Typer) -> None:
    """Adds the commands."""
    commands = group("keys")
    add(commands, "trust", trust, "keys.trust")
    add(commands, "list", list_, "keys.list")
    add(commands, "import", import_, "keys.import")
    add(commands, "lookup", lookup, "keys.lookup")
    add(commands, "check", check, "keys.check")
    add(commands, "test", try_key, "keys.test")
    add(commands, "rotate", rotate, "keys.rotate")
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
    """Anchors, own keys, and the keys pinned to recipients."""
    from gateway.cli.tables import key_table, show

    session: Session = context.obj
    confirmed = session.gateway.key_tests.confirmed()
    rows = [
        row | confirmation(confirmed, str(row["whose"]), row["fingerprint"]) for row in session.gateway.keyring.all()
    ]
    if as_json:
        session.print_json({"keys": rows})
    else:
        show(key_table(session, rows))


def import_(
    context: typer.Context,
    recipient: Annotated[str, typer.Argument(help=said("recipients.recipient"), show_default=False)],
    certificate: Annotated[Path, typer.Argument(help=said("keys.import.certificate"), show_default=False)],
    fingerprint: Annotated[
        str | None, typer.Option("--fingerprint", help=said("keys.import.fingerprint"), show_default=False)
    ] = None,
    reason: Reason = None,
    as_json: Json = False,
) -> None:
    """Pins a certificate or an OpenPGP key to a recipient's encrypted e-mail."""
    session: Session = context.obj
    actor = session.actor(Permission.RECIPIENTS)
    made, view = session.gateway.keyring.pin(
        recipient, read_file(certificate), fingerprint=fingerprint, actor=actor, reason=reason
    )
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
            "until": None if one.until == NO_END else one.until.isoformat(),
            "deliveries": list(one.deliveries),
        }
        for one in session.gateway.key_watch.findings()
    ]
    if as_json:
        session.print_json({"findings": rows})
    else:
        show_list(session, finding_table(session, rows), empty=session.text("empty.findings"))


def try_key(
    context: typer.Context,
    recipient: Annotated[str, typer.Argument(help=said("recipients.recipient"), show_default=False)],
    confirmed: Annotated[bool, typer.Option("--confirmed", help=said("keys.test.confirmed"))] = False,
    as_json: Json = False,
) -> None:
    """Sends a sample, or records that it was opened."""
    from dataclasses import asdict

    from gateway import event_loop

    session: Session = context.obj
    tests, actor = session.gateway.key_tests, session.actor(Permission.RECIPIENTS)
    found = tests.confirm(recipient, actor=actor) if confirmed else event_loop.run(tests.send(recipient, actor=actor))
    facts = {"recipient": recipient, "fingerprint": found.fingerprint}
    if as_json:
        session.print_json(asdict(found) | {"confirmed": confirmed})
    elif confirmed:
        session.print_line(session.text("keys.confirmed", **facts))
    else:
        session.print_line(session.text("keys.tested", **facts))


def rotate(
    context: typer.Context,
    which: Annotated[OwnKeyName, typer.Argument(help=said("keys.rotate.which"), show_default=False)],
    token: Annotated[str | None, typer.Option("--token", help=said("keys.rotate.token"), show_default=False)] = None,
    as_json: Json = False,
) -> None:
    """Replaces one of the gateway's own keys; whoever runs takes the new one up."""
    session: Session = context.obj
    rotation = session.gateway.rotate(which, actor=session.actor(Permission.TRUST), token=token)
    if as_json:
        session.print_json(
            {"key": which.value, "fingerprint": rotation.fingerprint, "replaced": rotation.replaced or None}
        )
    else:
        session.print_line(session.text(f"keys.rotated.{which.value}", fingerprint=rotation.fingerprint))


def confirmation(
    confirmed: Mapping[tuple[str, str], "KeyTest"], recipient: str, fingerprint: object
) -> dict[str, object]:
    """What is shown beside a key whose recipient said that they opened a sample under it."""
    found = confirmed.get((recipient, str(fingerprint)))
    return {} if found is None else {"confirmed": {"at": found.at, "by": found.by}}
