"""`gateway evidence verify`: whether what is recorded still is what was recorded."""

import typer

from gateway.cli.pages import add, group
from gateway.cli.session import Session
from gateway.cli.texts import Json
from gateway.domain.ledger import LedgerFinding
from gateway.domain.problem import InputRefused


def add_to(app: typer.Typer) -> None:
    """Adds the commands."""
    commands = group("evidence")
    add(commands, "verify", verify, "evidence.verify")
    app.add_typer(commands, name="evidence")


def verify(context: typer.Context, as_json: Json = False) -> None:
    """Every chain, the tree over all events, every checkpoint."""
    session: Session = context.obj
    report = session.gateway.verify_ledger()
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
    told, place = session.text(f"evidence.fault.{finding.fault.value}"), session.number(finding.place)
    if finding.chain is None:
        return session.text("evidence.in-tree", place=place, told=told)
    return session.text("evidence.in-chain", chain=finding.chain, place=place, told=told)
