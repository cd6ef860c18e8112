"""What the record says of the month, asked of PostgreSQL itself: how much waits, and how long each step took."""

from typing import Any

import psycopg

Connection = psycopg.Connection[tuple[Any, ...]]

_ACCEPTED = "JOIN events a ON a.dispatch = e.dispatch AND a.name = 'package-accepted'"
_STEPS = {
    "plan": f"SELECT e.at - a.at FROM events e {_ACCEPTED} WHERE e.name = 'delivery-planned'",
    "render": "SELECT e.at - p.at FROM events e JOIN events p ON p.dispatch = e.dispatch AND p.delivery = e.delivery "
    "AND p.name = 'delivery-planned' WHERE e.name = 'delivery-rendered'",
    "deliver": "SELECT t.finished_at - e.at FROM events e JOIN attempts t ON t.delivery = e.delivery "
    "WHERE e.name = 'delivery-rendered' AND t.finished_at IS NOT NULL",
    "send alone": "SELECT finished_at - started_at FROM attempts WHERE finished_at IS NOT NULL "
    "AND started_at IS NOT NULL",
    "from accepted to sent": f"SELECT e.at - a.at FROM events e {_ACCEPTED} WHERE e.name = 'attempt-ended'",
}
"""Each from the end of what came before it to its own end, waiting included; `send alone` without. Microseconds."""


def counts(connection: Connection) -> dict[str, dict[str, int]]:
    """Rows by step or state, by table."""
    return {
        "dispatches": _counted(connection, "SELECT step, count(*) FROM dispatches GROUP BY step"),
        "deliveries": _counted(connection, "SELECT state, count(*) FROM deliveries GROUP BY state"),
        "transactions": _counted(connection, "SELECT state, count(*) FROM feed_transactions GROUP BY state"),
    }


def latency(connection: Connection) -> dict[str, list[float]]:
    """Milliseconds of every delivery, by step."""
    return {
        name: [float(row[0]) / 1000 for row in connection.execute(query.encode())] for name, query in _STEPS.items()
    }


def by_channel(connection: Connection) -> dict[tuple[str, str, str], int]:
    """Deliveries by channel, state and reason."""
    rows = connection.execute(
        "SELECT coalesce(channel, ''), state, coalesce(reason, ''), count(*) FROM deliveries GROUP BY 1, 2, 3"
    )
    return {(channel, state, reason): count for channel, state, reason, count in rows}


def _counted(connection: Connection, query: str) -> dict[str, int]:
    return dict(connection.execute(query.encode()).fetchall())
