"""Endpoints as a table."""

from collections.abc import Mapping, Sequence

from rich.table import Table

from gateway.cli.session import Session
from gateway.cli.tables import headed, moment


def endpoint_table(session: Session, rows: Sequence[Mapping[str, object]]) -> Table:
    """Endpoints, and how each stands."""
    table = headed(session, "endpoint", "url", "subject", "submitter", "untold", "stands")
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
        return session.text("callbacks.suspended", since=moment(row["suspended_at"]), fault=fault)
    return session.text("callbacks.failing", since=moment(row["failing_since"]), fault=fault)
