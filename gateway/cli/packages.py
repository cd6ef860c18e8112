"""`gateway package build|verify` and `gateway preview`."""

from pathlib import Path
from typing import Annotated

import typer

from gateway.cli.files import read_file, read_folder, write_file
from gateway.cli.pages import add, group
from gateway.cli.session import Session
from gateway.cli.texts import Json, said
from gateway.domain.problem import located


def add_to(app: typer.Typer) -> None:
    """Adds the commands."""
    package = group("package")
    add(package, "build", build, "package.build")
    add(package, "verify", verify, "package.verify")
    app.add_typer(package, name="package")
    add(app, "preview", preview)


def build(
    context: typer.Context,
    decision: Annotated[Path, typer.Argument(help=said("package.build.decision"), show_default=False)],
    documents: Annotated[Path, typer.Option("--documents", help=said("package.build.documents"))],
    key: Annotated[Path, typer.Option("--key", help=said("package.build.key"))],
    cert: Annotated[Path, typer.Option("--cert", help=said("package.build.cert"))],
    output: Annotated[Path, typer.Option("-o", "--output", help=said("option.output"))],
    passphrase_file: Annotated[
        Path | None, typer.Option("--passphrase-file", help=said("package.build.passphrase"), show_default=False)
    ] = None,
    as_json: Json = False,
) -> None:
    """Makes and signs a package."""
    import datetime as dt

    from gateway.application.intake.decision_json import read_decision
    from gateway.domain.digest import sha256
    from keys.asice_build import build as build_package
    from keys.signing_key_file import load_signing_key

    session: Session = context.obj
    raw = read_file(decision)
    members = {f"documents/{name}": content for name, content in read_folder(documents).items()}
    passphrase = read_file(passphrase_file).rstrip(b"\r\n") if passphrase_file else None
    read_decision(raw, members)
    with located(key.name):
        signer = load_signing_key(read_file(key), read_file(cert), passphrase)
    package = build_package(raw, members, signer=signer, at=dt.datetime.now(dt.UTC))
    write_file(output, package)
    if as_json:
        session.print_json({"file": str(output), "digest": sha256(package), "size": len(package)})
    else:
        size = session.number(len(package))
        session.print_line(session.text("package.built", file=output.name, count=len(members), size=size))


def verify(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help=said("package.file"), show_default=False)],
    as_json: Json = False,
) -> None:
    """Checks a package against the home's trust, and says who signed it and what it holds."""
    session: Session = context.obj
    checked = session.gateway.submit.check(read_file(file))
    decision, signer = checked.decision, checked.verified.signer
    if as_json:
        session.print_json(
            {
                "file": str(file),
                "digest": checked.verified.digest,
                "package_id": str(decision.package_id),
                "division": decision.division.value,
                "office": decision.office,
                "files": [one.number for one in decision.files],
                "signer": {
                    "fingerprint": signer.fingerprint,
                    "subject": signer.subject,
                    "anchor": signer.anchor,
                    "divisions": sorted(signer.divisions),
                    "revocation": signer.revocation.value,
                    "claimed_at": signer.claimed_at.isoformat() if signer.claimed_at else None,
                },
                "members": [{"name": name, "size": len(content)} for name, content in checked.verified.members.items()],
            }
        )
        return
    session.print_line(session.text("package.verified", file=file.name))
    session.print_line(session.text("package.signer", subject=signer.subject, fingerprint=signer.fingerprint))
    session.print_line(session.text(f"package.revocation.{signer.revocation.value}"))
    files = ", ".join(one.number for one in decision.files)
    division = session.word("division.code", decision.division)
    session.print_line(session.text("package.holds", division=division, files=files))
    for name, content in checked.verified.members.items():
        session.print_line(session.text("package.member", name=name, size=session.number(len(content))))


def preview(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help=said("package.file"), show_default=False)],
    participant: Annotated[str, typer.Option("--participant", help=said("preview.participant"))],
    output: Annotated[Path, typer.Option("-o", "--output", help=said("option.output"))],
    as_json: Json = False,
) -> None:
    """The papers one participant would get, without sending. Papers that travel as files of their own stand beside."""
    session: Session = context.obj
    checked = session.gateway.submit.check(read_file(file))
    papers = session.gateway.render.preview(checked.decision, checked.verified.members, participant)
    first, *others = papers.documents
    written = [(output, first), *((output.parent / one.name, one) for one in others)]
    for path, document in written:
        write_file(path, document.content)
    if as_json:
        session.print_json({"files": [{"file": str(path), "pages": document.pages} for path, document in written]})
        return
    for path, document in written:
        if document.pages is None:
            session.print_line(session.text("preview.written-as-is", file=path.name))
        else:
            session.print_line(session.text("preview.written", file=path.name, count=document.pages))
