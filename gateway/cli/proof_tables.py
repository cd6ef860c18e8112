"""Tables of evidence for a person."""

import datetime as dt
from collections.abc import Mapping, Sequence

from rich.table import Table

from gateway.cli.session import Session


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


def _moment(value: object) -> str:
    """A moment in this machine's time, with its offset."""
    return dt.datetime.fromisoformat(str(value)).astimezone().isoformat(sep=" ", timespec="minutes")
