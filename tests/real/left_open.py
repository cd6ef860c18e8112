"""Names the test by which a connection to PostgreSQL was left open.

psycopg warns when such a one is collected, and so would fail whatever test runs just then.
"""

import os

import psycopg

left_by: list[str] = []
"""The tests, as far as the collector came by."""

_begin = psycopg.BaseConnection.__init__


def watch() -> None:
    """From now on each connection knows by which test it was made, and is named if it was not closed."""
    psycopg.BaseConnection.__init__ = _made  # type: ignore[method-assign,assignment]
    psycopg.BaseConnection.__del__ = _gone  # type: ignore[method-assign,assignment]


def _made(connection: "psycopg.BaseConnection[object]", *arguments: object) -> None:
    _begin(connection, *arguments)  # type: ignore[arg-type]
    connection._made_by = os.environ.get("PYTEST_CURRENT_TEST", "no test")  # type: ignore[attr-defined]


def _gone(connection: "psycopg.BaseConnection[object]") -> None:
    made_by = getattr(connection, "_made_by", None)
    if made_by is not None and not connection.closed:
        left_by.append(made_by)
        connection.pgconn.finish()
