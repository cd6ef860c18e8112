"""Tables of the mail room for a person."""

from collections.abc import Iterator, Mapping, Sequence
from typing import cast

from rich.table import Table

from gateway.cli.session import Session
from gateway.cli.tables import headed, moment

Row = Mapping[str, object]
_PARTS = ("meaning", "action")


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


def with_others(session: Session, view: Row) -> Iterator[str]:
    """How the manifest stands with the carrier's own service and with the print and mail vendor, where it is told
    them, and what holds that up."""
    from templates.catalogue import text

    told = cast("Row | None", view.get("carrier_service"))
    if told is not None:
        yield session.text("manifest.with-carrier", state=session.word("carriage-state", str(told["state"])))
        if told["reason"]:
            meaning, action = (text("reasons", f"{told['reason']}.{part}", session.language) for part in _PARTS)
            yield session.text("status.reason", reason=str(told["reason"]), meaning=meaning, action=action)
    if "print_vendor" in view:
        yield session.text("manifest.with-vendor", state=session.word("print-state", str(view["print_vendor"])))


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
