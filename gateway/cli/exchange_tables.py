"""The tables of the exchange: its accounts, and who was named to collect for their holders."""

import datetime as dt
from collections.abc import Mapping, Sequence

from rich.table import Table

from gateway.cli.session import Session


def exchange_account_table(session: Session, rows: Sequence[Mapping[str, object]]) -> Table:
    """Accounts of the exchange."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in (
        session.text("heading.account"),
        session.text("heading.language"),
        session.text("heading.verified"),
        session.text("heading.by"),
        session.text("heading.method"),
        session.text("heading.locked"),
        session.text("heading.closed-at"),
    ):
        table.add_column(heading, overflow="fold")
    for row in rows:
        table.add_row(
            str(row["account"]),
            session.word("language", str(row["language"])),
            _moment(row["verified_at"]),
            str(row["verified_by"]),
            "".join(sign if sign.isprintable() else " " for sign in str(row["method"])),
            _moment(row["locked_until"]),
            _moment(row["closed_at"]),
        )
    return table


def exchange_delegate_table(session: Session, rows: Sequence[Mapping[str, object]]) -> Table:
    """Delegates that stand."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in (
        session.text("heading.delegate"),
        session.text("heading.acts-for"),
        session.text("heading.name"),
        session.text("heading.address"),
        session.text("heading.named"),
        session.text("heading.identity"),
    ):
        table.add_column(heading, overflow="fold")
    for row in rows:
        table.add_row(
            str(row["delegate"]),
            str(row["account"]),
            str(row["name"]),
            str(row["address"]),
            _moment(row["named_at"]),
            session.text("exchange.checked") if row["checked"] else session.text("exchange.unchecked"),
        )
    return table


def _moment(value: object) -> str:
    """A moment in this machine's time, with its offset."""
    if value is None:
        return ""
    return dt.datetime.fromisoformat(str(value)).astimezone().isoformat(sep=" ", timespec="minutes")
