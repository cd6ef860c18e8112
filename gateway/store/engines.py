"""What the two databases have in common to those above them: engines over one database, and how it is reached."""

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from gateway.domain.problem import Problem


@dataclass(frozen=True, kw_only=True)
class Engines:
    """Reading and writing over one database, and what its errors mean.

    reading: transactions over one state. looking: statements by themselves, over a connection with the options `alone`.
    problem_of: what a caller is told of an error, or None when it is a defect of ours.
    none_free: what a caller is told when no connection came free in time.
    """

    reading: sa.Engine
    looking: sa.Engine
    writing: sa.Engine
    problem_of: Callable[[sa.exc.DBAPIError], Problem | None]
    none_free: Callable[[], Problem]
    alone: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Server:
    """How a database server is spoken to; a file needs none of it.

    password_file: read at each new connection, so that a password can be changed under a running gateway.
    connections: the most that one process holds. wait: the longest for a connection, in all.
    statement_limit: the longest that the server works on one statement; half of it for a row that another holds.
    """

    password_file: Path | None = None
    connections: int = 10
    wait: dt.timedelta = dt.timedelta(seconds=10)
    statement_limit: dt.timedelta = dt.timedelta(seconds=30)
