"""Accounts as tables: who there is, and the review."""

import csv
import sys
from collections.abc import Sequence
from typing import cast

from rich.table import Table

from gateway.cli.session import Session
from gateway.cli.tables import Row, headed, moment, shown

_JOINED = ("roles", "offices", "signs_in_by")


def user_table(session: Session, rows: Sequence[Row]) -> Table:
    """Accounts."""
    table = headed(session, "name", "roles", "offices", "created", "by", "disabled")
    for row in rows:
        table.add_row(
            shown(row["name"]),
            _roles(session, row),
            _offices(session, row),
            moment(row["created_at"]),
            shown(row["created_by"]),
            moment(row["disabled_at"]),
        )
    return table


def review_table(session: Session, rows: Sequence[Row]) -> Table:
    """Accounts with when they were last used, and what signs them in."""
    table = headed(session, "name", "roles", "offices", "used", "signs-in-by", "stands")
    for row in rows:
        table.add_row(
            shown(row["name"]),
            _roles(session, row),
            _offices(session, row),
            moment(row["used_at"]),
            ", ".join(session.word("sign-in-way", one) for one in _codes(row, "signs_in_by")),
            session.word("account-standing", str(row["standing"])),
        )
    return table


def write_csv(rows: Sequence[Row]) -> None:
    """The review on standard output, the codes as in JSON; a name begins with a letter, so no cell is a formula."""
    if not rows:
        return
    writer = csv.DictWriter(sys.stdout, fieldnames=list(rows[0]), lineterminator="\n")
    writer.writeheader()
    for row in rows:
        writer.writerow({**row, **{name: " ".join(_codes(row, name)) for name in _JOINED}})


def _roles(session: Session, row: Row) -> str:
    return ", ".join(session.word("account-role", one) for one in _codes(row, "roles"))


def _offices(session: Session, row: Row) -> str:
    return ", ".join(session.word("office", one) for one in _codes(row, "offices"))


def _codes(row: Row, name: str) -> list[str]:
    return cast("list[str]", row[name])
