"""`gateway evidence export|verify`: the proof for a court, and whether the record still is what was recorded."""

from pathlib import Path
from typing import Annotated

import typer

from gateway.cli import proof_papers
from gateway.cli.pages import add, group
from gateway.cli.session import Session
from gateway.cli.texts import Json, said
from gateway.domain.accounts import Permission
from gateway.domain.digest import sha256
from gateway.domain.ledger import LedgerFinding
from gateway.domain.problem import InputRefused


def add_to(app: typer.Typer) -> None:
    """Adds the commands."""
    commands = group("evidence")
    add(commands, "export", export, "evidence.export")
    add(commands, "verify", verify, "evidence.verify")
    proof_papers.add_to(commands)
    app.add_typer(commands, name="evidence")


def export(
    context: typer.Context,
    dispatch: Annotated[str, typer.Argument(help=said("evidence.dispatch"), show_default=False)],
    participant: Annotated[str, typer.Option("--participant", help=said("evidence.participant"), show_default=False)],
    output: Annotated[Path, typer.Option("--output", "-o", help=said("evidence.output"), show_default=False)],
    sent_bytes: Annotated[bool, typer.Option("--sent-bytes", help=said("evidence.sent-bytes"))] = False,
    everybody: Annotated[bool, typer.Option("--all", help=said("evidence.all"))] = False,
    reason: Annotated[str, typer.Option("--reason", help=said("evidence.reason"))] = "",
    as_json: Json = False,
) -> None:
    """One participant's evidence, as a ZIP."""
    from gateway.application.evidence.export import AskedEvidence
    from gateway.cli.files import write_file

    session: Session = context.obj
    actor = session.actor(Permission.DISCLOSE if everybody else Permission.RESOLVE)
    asked = AskedEvidence(sent_bytes=sent_bytes, everybody=reason if everybody else None)
    made = session.gateway.evidence.export(dispatch, participant, asked, actor=actor)
    write_file(output, made)
    if as_json:
        session.print_json({"file": str(output), "size": len(made), "digest": sha256(made)})
    else:
        session.print_line(session.text("evidence.exported", file=output.name, size=session.number(len(made))))


def verify(
    context: typer.Context,
    file: Annotated[Path | None, typer.Argument(help=said("evidence.file"), show_default=False)] = None,
    authority: Annotated[Path | None, typer.Option("--ca", help=said("evidence.ca"))] = None,
    stamp_authority: Annotated[Path | None, typer.Option("--stamp-ca", help=said("evidence.stamp-ca"))] = None,
    as_json: Json = False,
) -> None:
    """Evidence that was given out; or of the home, every chain, the tree over all events, every checkpoint."""
    session: Session = context.obj
    if file is None:
        _verify_ledger(session, as_json=as_json)
    else:
        _verify_file(session, file, authority, stamp_authority, as_json=as_json)


def _verify_file(
    session: Session, file: Path, authority: Path | None, stamp_authority: Path | None, *, as_json: bool
) -> None:
    from gateway.bootstrap.evidence import offline_verifier
    from gateway.cli.files import read_file
    from gateway.cli.proof_tables import checked_table
    from gateway.cli.tables import show

    checking = session.gateway.evidence.verify if authority is None else offline_verifier(authority, stamp_authority)
    checks = checking(read_file(file))
    good = not any(one.wrong for one in checks)
    if as_json:
        told = [{"check": one.check.value, "looked_at": one.looked_at, "wrong": list(one.wrong)} for one in checks]
        session.print_json({"holds": good, "checks": told})
    else:
        show(checked_table(session, checks))
        session.print_line(session.text("evidence.file-holds") if good else session.text("evidence.file-wrong"))
    if not good:
        raise typer.Exit(InputRefused.exit_status)


def _verify_ledger(session: Session, *, as_json: bool) -> None:
    report = session.gateway.evidence.verify_ledger()
    if as_json:
        session.print_json(vars(report) | {"findings": [vars(one) for one in report.findings]})
    else:
        for one in report.findings:
            session.print_line(_said(session, one))
        if report.findings:
            session.print_line(session.text("evidence.found"))
        else:
            session.print_line(
                session.text(
                    "evidence.holds",
                    events=session.number(report.events),
                    chains=session.number(report.chains),
                    covered=session.number(report.covered),
                    checkpoints=session.number(report.checkpoints),
                )
            )
    if report.findings:
        raise typer.Exit(InputRefused.exit_status)


def _said(session: Session, finding: LedgerFinding) -> str:
    told = session.text(f"evidence.fault.{finding.fault.value}", code=finding.code or "")
    place = session.number(finding.place)
    if finding.chain is None:
        return session.text("evidence.in-tree", place=place, told=told)
    return session.text("evidence.in-chain", chain=finding.chain, place=place, told=told)
