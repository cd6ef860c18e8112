"""psycopg's connection as the store needs it.

Its errors quote no row that was refused; a look-up, which is a statement alone, writes nothing; and the columns of a
result are described only to somebody who reads that: SQLAlchemy asks for it at each result and reads it at the first of
a statement, and making it took as long as fetching a row. All this without a listener to statements: SQLAlchemy would
tell each statement to all who might listen, at every execution.
"""

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Any, overload

import psycopg
from psycopg.abc import Params

_WRITES = re.compile(r"\b(?:INSERT INTO|(?<!FOR )(?<!KEY )UPDATE|DELETE FROM)\b")
"""Wherever it stands in a statement: a claim begins with what it chooses."""


class Cursor(psycopg.Cursor[Any]):
    """A cursor of `Connection`."""

    @property
    def description(self) -> "Sequence[psycopg.Column] | None":  # type: ignore[override]
        """The columns of the result, each made when it is read; None where there is no result of rows."""
        result = self.pgresult
        return _Columns(self, result.nfields) if result is not None and result.nfields else None

    def execute(self, query: Any, params: Params | None = None, **options: Any) -> "Cursor":
        """Raises RuntimeError for a write in a look-up: it would be over before what belongs with it."""
        if self.connection.autocommit and _writes(query):
            raise RuntimeError("a write in a look-up")
        try:
            return super().execute(query, params, **options)
        except psycopg.Error as error:
            _quote_nothing(error)
            raise

    def executemany(self, query: Any, params_seq: Any, **options: Any) -> None:
        """The same."""
        if self.connection.autocommit and _writes(query):
            raise RuntimeError("a write in a look-up")
        try:
            super().executemany(query, params_seq, **options)
        except psycopg.Error as error:
            _quote_nothing(error)
            raise


class Connection(psycopg.Connection[Any]):
    """A connection whose cursors are `Cursor`."""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self.cursor_factory = Cursor

    def commit(self) -> None:
        """What is only checked now is refused as quietly."""
        try:
            super().commit()
        except psycopg.Error as error:
            _quote_nothing(error)
            raise


class _Columns(Sequence[psycopg.Column]):
    def __init__(self, cursor: Cursor, count: int) -> None:
        self._cursor = cursor
        self._count = count

    def __len__(self) -> int:
        return self._count

    def __iter__(self) -> Iterator[psycopg.Column]:
        return iter([psycopg.Column(self._cursor, place) for place in range(self._count)])

    @overload
    def __getitem__(self, place: int) -> psycopg.Column: ...

    @overload
    def __getitem__(self, place: slice) -> Sequence[psycopg.Column]: ...

    def __getitem__(self, place: int | slice) -> psycopg.Column | Sequence[psycopg.Column]:
        return list(self)[place]


@lru_cache(1024)
def _writes(query: object) -> bool:
    return isinstance(query, str) and _WRITES.search(query) is not None


def _quote_nothing(error: psycopg.Error) -> None:
    """PostgreSQL quotes in an error's details the row that was refused, names and all."""
    if error.diag.message_primary is not None:
        error.args = (error.diag.message_primary,)
