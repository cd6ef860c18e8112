"""The tables of the exchange: its accounts, and who was named to collect for their holders."""

from collections.abc import Mapping, Sequence

from rich.table import Table

from gateway.cli.session import Session
from gateway.cli.tables import headed, moment, shown


def exchange_account_table(session: Session, rows: Sequence[Mapping[str, object]]) -> Table:
    """Accounts of the exchange."""
    table = headed(session, "account", "language", "verified", "by", "method", "locked", "closed-at")
    for row in rows:
        table.add_row(
            str(row["account"]),
            session.word("language", str(row["language"])),
            moment(row["verified_at"]),
            str(row["verified_by"]),
            shown(row["method"]),
            moment(row["locked_until"]),
            moment(row["closed_at"]),
        )
    return table


def exchange_delegate_table(session: Session, rows: Sequence[Mapping[str, object]]) -> Table:
    """Delegates that stand."""
    table = headed(session, "delegate", "acts-for", "name", "address", "named", "identity")
    for row in rows:
        table.add_row(
            str(row["delegate"]),
            str(row["account"]),
            str(row["name"]),
            str(row["address"]),
            moment(row["named_at"]),
            session.text("exchange.checked") if row["checked"] else session.text("exchange.unchecked"),
        )
    return table
