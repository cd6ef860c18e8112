"""Tables of evidence for a person."""

from collections.abc import Mapping, Sequence

from rich.table import Table

from gateway.cli.session import Session
from gateway.cli.tables import headed, moment
from gateway.domain.evidence_checks import CheckedEvidence


def paper_table(session: Session, papers: Sequence[Mapping[str, object]]) -> Table:
    """Papers of proof: what each is, who signs it, whether it is signed, and whether it stands still."""
    table = headed(session, "paper", "kind", "officer", "made", "signed", "still-stands")
    for one in papers:
        signed = session.text("evidence.draft") if one["signed_at"] is None else moment(one["signed_at"])
        officer = one["officer"] or session.text("evidence.by-gateway")
        kind = session.word("proof-paper", str(one["kind"]))
        stands = session.text("evidence.stands") if one["stands"] else session.text("evidence.stands-not")
        table.add_row(str(one["paper"]), kind, str(officer), moment(one["made_at"]), signed, stands)
    return table


def checked_table(session: Session, checks: Sequence[CheckedEvidence]) -> Table:
    """What was checked of evidence, how much of it, and what does not hold."""
    table = headed(session, "check", "looked-at", "result")
    for one in checks:
        wrong = "\n".join(one.wrong) or session.text("evidence.all-good")
        table.add_row(
            session.text(f"evidence.check.{one.check.value}"),
            session.number(one.looked_at),
            "".join(sign if sign.isprintable() or sign == "\n" else " " for sign in wrong),
        )
    return table
