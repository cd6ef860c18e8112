"""Closures, and channels as they stand, for a person."""

from collections.abc import Sequence
from typing import cast

from rich.table import Table

from gateway.cli.session import Session
from gateway.cli.tables import Row, headed, moment, shown
from gateway.domain.reasons import Reason


def closure_table(session: Session, rows: Sequence[Row]) -> Table:
    """Closures that staff entered."""
    table = headed(session, "closed", "office", "reason", "entered", "withdrawn", "closure")
    for row in rows:
        office = session.word("office", str(row["office"])) if row["office"] else session.text("closures.all")
        table.add_row(
            str(row["date"]),
            office,
            shown(row["reason"]),
            shown(row["entered_by"]),
            shown(row["withdrawn_by"]),
            str(row["closure"]),
        )
    return table


def channel_table(session: Session, rows: Sequence[Row]) -> Table:
    """Channels and how they stand."""
    table = headed(session, "channel", "stands", "reason")
    for row in rows:
        stands = [session.text("channels.set-up") if row["set_up"] else session.text("channels.not-set-up")]
        if row["paused_until"]:
            stands.append(_pause(session, row))
        suspension = cast("Row | None", row["suspension"])
        if suspension:
            stands.append(session.text("channels.carrier-suspended", since=moment(suspension["since"])))
        reason = suspension["reason"] if suspension else row["pause_reason"]
        table.add_row(session.word("channel", str(row["channel"])), "; ".join(stands), shown(reason))
    return table


def _pause(session: Session, row: Row) -> str:
    if row["pause_reason"] in {Reason.PAUSED_BY_PERSON, Reason.HOME_RESTORED}:
        return session.text("channels.paused-until-resumed")
    return session.text("channels.paused", until=moment(row["paused_until"]))
