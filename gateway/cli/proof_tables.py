"""Tables of evidence for a person."""

import datetime as dt
from collections.abc import Mapping, Sequence

from rich.table import Table

from gateway.cli.session import Session
from gateway.domain.evidence_checks import CheckedEvidence


def paper_table(session: Session, papers: Sequence[Mapping[str, object]]) -> Table:
    """Papers of proof: what each is, who signs it, and whether it is signed."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in (
        session.text("heading.paper"),
        session.text("heading.kind"),
        session.text("heading.officer"),
        session.text("heading.made"),
        session.text("heading.signed"),
    ):
        table.add_column(heading, overflow="fold")
    for one in papers:
        signed = session.text("evidence.draft") if one["signed_at"] is None else _moment(one["signed_at"])
        officer = one["officer"] or session.text("evidence.by-gateway")
        kind = session.word("proof-paper", str(one["kind"]))
        table.add_row(str(one["paper"]), kind, str(officer), _moment(one["made_at"]), signed)
    return table


def checked_table(session: Session, checks: Sequence[CheckedEvidence]) -> Table:
    """What was checked of evidence, how much of it, and what does not hold."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in (session.text("heading.check"), session.text("heading.looked-at"), session.text("heading.result")):
        table.add_column(heading, overflow="fold")
    for one in checks:
        wrong = "\n".join(one.wrong) or session.text("evidence.all-good")
        table.add_row(
            session.text(f"evidence.check.{one.check.value}"),
            session.number(one.looked_at),
            "".join(sign if sign.isprintable() or sign == "\n" else " " for sign in wrong),
        )
    return table


def _moment(value: object) -> str:
    """A moment in this machine's time, with its offset."""
    return dt.datetime.fromisoformat(str(value)).astimezone().isoformat(sep=" ", timespec="minutes")
