"""Endpoints as a table."""

import datetime as dt
from collections.abc import Mapping, Sequence

from rich.table import Table

from gateway.cli.session import Session


def endpoint_table(session: Session, rows: Sequence[Mapping[str, object]]) -> Table:
    """Endpoints, and how each stands."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    headings = (
        session.text("heading.endpoint"),
        session.text("heading.url"),
        session.text("heading.subject"),
        session.text("heading.submitter"),
        session.text("heading.untold"),
        session.text("heading.stands"),
    )
    for heading in headings:
        table.add_column(heading, overflow="fold")
    for row in rows:
        table.add_row(
            str(row["endpoint"]),
            str(row["url"]),
            session.word("call-subject", str(row["subject"])),
            str(row["submitter"] or ""),
            str(row["untold"] or ""),
            _stands(session, row),
        )
    return table


def _stands(session: Session, row: Mapping[str, object]) -> str:
    if row["fault"] is None:
        return ""
    fault = session.word("call-fault", str(row["fault"]))
    if row["suspended_at"] is not None:
        return session.text("callbacks.suspended", since=_moment(row["suspended_at"]), fault=fault)
    return session.text("callbacks.failing", since=_moment(row["failing_since"]), fault=fault)


def _moment(value: object) -> str:
    return dt.datetime.fromisoformat(str(value)).astimezone().isoformat(sep=" ", timespec="minutes")
