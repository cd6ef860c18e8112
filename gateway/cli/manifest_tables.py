"""Tables of the mail room for a person."""

from collections.abc import Mapping, Sequence
from typing import cast

from rich.table import Table

from gateway.cli.session import Session
from gateway.cli.tables import headed, moment

Row = Mapping[str, object]


def batch_table(session: Session, view: Row) -> Table:
    """What waits for a manifest."""
    table = headed(session, "channel", "office", "carrier", "cut-off", "items", "after-cut-off", "since")
    for row in cast("Sequence[Row]", view["waiting"]):
        table.add_row(
            session.word("channel", str(row["channel"])),
            session.word("office", str(row["office"])),
            str(row["carrier"] or ""),
            str(row["cut_off"] or ""),
            session.number(cast("int", row["items"])),
            session.number(cast("int", row["after_cut_off"])),
            moment(row["since"]),
        )
    return table


def scan_table(session: Session, rows: Sequence[Row]) -> Table:
    """Scans."""
    table = headed(session, "piece", "scanned", "scan", "source", "code", "delivery", "fault")
    for row in rows:
        table.add_row(
            str(row["item"]),
            moment(row["at"]),
            session.word("scan-meaning", str(row["meaning"])),
            str(row["source"]),
            str(row["code"]),
            str(row["delivery"] or ""),
            session.word("scan-fault", str(row["fault"])) if row["fault"] else "",
        )
    return table


def manifest_table(session: Session, view: Row) -> Table:
    """Manifests."""
    table = headed(session, "manifest", "channel", "office", "carrier", "items", "closed", "handed-over")
    for row in cast("Sequence[Row]", view["manifests"]):
        table.add_row(
            str(row["manifest"]),
            session.word("channel", str(row["channel"])),
            session.word("office", str(row["office"])),
            str(row["carrier"]),
            session.number(cast("int", row["items"])),
            moment(row["closed_at"]),
            moment(row["handed_over_at"]),
        )
    return table


def item_table(session: Session, view: Row) -> Table:
    """What stands on a manifest."""
    table = headed(session, "place", "piece", "delivery", "pages", "sheets", "state")
    for row in cast("Sequence[Row]", view["items"]):
        table.add_row(
            str(row["place"]),
            str(row["piece"]),
            str(row["delivery"]),
            session.number(cast("int", row["pages"])),
            session.number(cast("int", row["sheets"])),
            session.text(f"manifest.state.{row['state']}"),
        )
    return table
