"""`gateway backup` and `gateway restore`: the whole home out and in."""

import datetime as dt
from pathlib import Path
from typing import Annotated

import typer

from gateway.cli.files import read_file
from gateway.cli.pages import add
from gateway.cli.session import Session
from gateway.cli.texts import Json, said
from gateway.domain.accounts import Permission
from gateway.domain.problem import located


def add_to(app: typer.Typer) -> None:
    """Adds the commands."""
    add(app, "backup", backup)
    add(app, "restore", restore)


_Folder = Annotated[Path, typer.Argument(help=said("backup.folder"), show_default=False)]


def backup(
    context: typer.Context,
    folder: _Folder,
    custodian: Annotated[list[Path], typer.Option("--custodian", help=said("backup.custodian"), show_default=False)],
    as_json: Json = False,
) -> None:
    """The home as it stands, while it works."""
    from gateway.backup.take import back_up
    from gateway.cli.progress import progress
    from keys.certificate_files import CertificateFiles
    from keys.recipient_certificates import check_recipient_certificate

    session: Session = context.obj
    actor, now = session.actor(Permission.BACKUP), dt.datetime.now(dt.UTC)
    custodians = []
    for path in custodian:
        with located(path.name):
            custodians.append(check_recipient_certificate(CertificateFiles().to_der(read_file(path)), now))
    with progress(session.text("backup.copying"), None) as tell:
        taken = back_up(session.home, folder, custodians, actor=actor, now=now, tell=tell)
    if as_json:
        session.print_json({"folder": str(folder), "taken_at": taken.taken_at.isoformat(), "objects": taken.objects})
    else:
        session.print_line(session.text("backup.taken", count=taken.objects, folder=str(folder)))


def restore(
    context: typer.Context,
    folder: _Folder,
    key: Annotated[Path, typer.Option("--key", help=said("restore.key"), show_default=False)],
    cert: Annotated[Path, typer.Option("--cert", help=said("restore.cert"), show_default=False)],
    reason: Annotated[str, typer.Option("--reason", help=said("resolve.reason"))],
    passphrase_file: Annotated[
        Path | None, typer.Option("--passphrase-file", help=said("package.build.passphrase"), show_default=False)
    ] = None,
    as_json: Json = False,
) -> None:
    """A home where none is; every channel is paused until somebody has looked."""
    from gateway.backup.restore import Act
    from gateway.backup.restore import restore as from_backup
    from gateway.cli.progress import progress
    from keys.signing_key_file import load_signing_key

    session: Session = context.obj
    passphrase = read_file(passphrase_file).rstrip(b"\r\n") if passphrase_file else None
    with located(key.name):
        opener = load_signing_key(read_file(key), read_file(cert), passphrase)
    with progress(session.text("restore.copying"), None) as tell:
        act = Act(actor=session.user, reason=reason, at=dt.datetime.now(dt.UTC))
        made = from_backup(folder, session.home, opener, act, tell)
    taken_at = made.inventory.taken_at
    if as_json:
        paused = list(made.paused)
        session.print_json({"home": str(session.home), "taken_at": taken_at.isoformat(), "paused": paused})
    else:
        moment = taken_at.astimezone().isoformat(" ", "minutes")
        session.print_line(session.text("restore.made", home=str(session.home), moment=moment))
        session.print_line(session.text("restore.look"))
