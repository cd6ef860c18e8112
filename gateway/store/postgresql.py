"""PostgreSQL: the only module that knows it. How its connections are made and set, and what its errors mean.

A transaction that writes is READ COMMITTED: whoever waited for a row sees it as it stands, and what must not change
meanwhile is locked by name. One that reads is REPEATABLE READ and read-only: one consistent state, no locks. A look-up
is a statement alone, without BEGIN and ROLLBACK around it: a delivery makes a dozen, and most of their cost was those.
"""

import datetime as dt
import ipaddress
import select
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

import psycopg
import sqlalchemy as sa
from sqlalchemy.engine import URL
from sqlalchemy.engine.interfaces import DBAPIConnection

from gateway.domain.codes import Code
from gateway.domain.problem import InputRefused, Problem, ServiceDown, SetupWrong
from gateway.store.engines import Engines, Server
from gateway.store.psycopg_connection import Connection

DRIVER = "postgresql+psycopg"

_MOST_PREPARED = 500
"""Statements that a connection keeps prepared; a process has some three hundred."""

_FULL = "53100"
_TOO_MANY = "53300"
_UNAVAILABLE = frozenset(
    {
        "25006",  # read-only: a standby that was not promoted
        "40001",  # serialization failure
        "40P01",  # deadlock: the other one went on
        "53200",  # out of memory
        "55P03",  # a lock was not had in time
        "57014",  # the statement took too long
        "57P01",  # shut down by an administrator
        "57P02",  # shut down by a crash of another session
        "57P03",  # cannot be connected to now
        "57P05",  # idle for too long
        "58030",  # I/O error
        "58P01",  # a file is missing
        "XX001",  # damaged data
        "XX002",  # damaged index
    }
)
_REFUSED = frozenset({"28000", "28P01", "3D000", "42501"})
"""Who we are, the password, the database's name, what we may do."""

# A connection that fails has no result, and so no SQLSTATE: the server's words are all there is. A server that speaks
# another language is then said to be unavailable, which is true as well.
_WORDS_AT_CONNECTING = {
    "too many": _TOO_MANY,
    "remaining connection slots": _TOO_MANY,
    "authentication failed": "28P01",
    "no password supplied": "28P01",
    "no pg_hba.conf entry": "28000",
    "does not exist": "3D000",
    "permission denied for database": "42501",
    "certificate": "28000",
    "does not support SSL": "28000",
    "starting up": "57P03",
    "shutting down": "57P03",
    "in recovery mode": "57P03",
}


def engines(url: URL, server: Server) -> Engines:
    """Engines over the database, with one pool of connections between them.

    Raises SetupWrong: settings.secret when the URL holds a password; settings.invalid when it names no database.
    """
    engine = _engine(url, server)
    return Engines(
        reading=engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True),
        looking=engine,
        alone={"isolation_level": "AUTOCOMMIT"},
        writing=engine,
        problem_of=problem_of,
        none_free=lambda: ServiceDown(Code.DATABASE_CONNECTIONS, result="pool"),
    )


_NUL = "NUL (0x00)"
"""In psycopg's words for a text that PostgreSQL does not take. SQLite does, and finds nothing by it."""


def problem_of(error: sa.exc.DBAPIError) -> Problem | None:
    """What a caller is told of the error, or None when it is a defect of ours."""
    if not isinstance(error.orig, psycopg.Error):
        return None
    state = error.orig.sqlstate or _state_at_connecting(error.orig)
    if state == _FULL:
        return ServiceDown(Code.STORAGE_FULL)
    if state == _TOO_MANY:
        return ServiceDown(Code.DATABASE_CONNECTIONS, result=state)
    if state in _REFUSED:
        return SetupWrong(Code.DATABASE_ACCESS, result=state)
    if state in _UNAVAILABLE or state.startswith("08"):
        return ServiceDown(Code.DATABASE_UNAVAILABLE, result=state)
    return InputRefused(Code.REQUEST_INVALID, where="NUL") if _NUL in str(error.orig) else None


def _state_at_connecting(error: psycopg.Error) -> str:
    """The SQLSTATE of an error that came without one: 08006, the connection failed, unless its words say more."""
    if not isinstance(error, psycopg.OperationalError):
        return "08006" if isinstance(error, psycopg.InterfaceError) else ""
    words = str(error)
    return next((state for some, state in _WORDS_AT_CONNECTING.items() if some in words), "08006")


def _engine(url: URL, server: Server) -> sa.Engine:
    if url.drivername != DRIVER or not url.database:
        raise SetupWrong(Code.SETTINGS_INVALID, where="gateway.database", expected=f"{DRIVER}://user@host/name")
    if url.password is not None or "password" in url.query:
        raise SetupWrong(Code.SETTINGS_SECRET, where="gateway.database")
    engine: sa.Engine = sa.create_engine(
        url,
        creator=lambda: _connected(engine, url, server),
        isolation_level="READ COMMITTED",
        pool_size=server.connections,
        max_overflow=0,
        pool_timeout=server.wait.total_seconds(),
        pool_use_lifo=True,  # few are used over and over: what these have prepared and cached serves again
        skip_autocommit_rollback=True,  # after a look-up there is nothing to take back
        hide_parameters=True,
    )
    # Listeners of the pool alone: with one to statements, or with options of the engine, which are one, each execution
    # tells all that might listen.
    sa.event.listen(engine, "checkout", _still_open)
    return engine


def _connected(engine: sa.Engine, url: URL, server: Server) -> DBAPIConnection:
    _, named = engine.dialect.create_connect_args(url)
    if server.password_file is not None:
        named["password"] = _password(server.password_file)
    connection = Connection.connect(**{**named, **_connecting(url, server)})
    # A worker has more statements than psycopg keeps prepared of itself: it would prepare and forget them in turn.
    connection.prepared_max = _MOST_PREPARED
    connection.prepare_threshold = 1  # from the second time on: nearly all of them come again
    return cast("DBAPIConnection", connection)


def as_libpq(url: URL, server: Server) -> tuple[str, str | None]:
    """The same database for PostgreSQL's own programs: where it is, without the password, and the password.

    Raises SetupWrong (file.unreadable).
    """
    protection = {name: value for name, value in _connecting(url, server).items() if name.startswith("ssl")}
    with_protection = url.update_query_dict({name: str(value) for name, value in protection.items()})
    where = with_protection.set(drivername="postgresql").render_as_string(hide_password=True)
    return where, None if server.password_file is None else _password(server.password_file)


def _password(file: Path) -> str:
    try:
        return file.read_text().rstrip("\r\n")
    except OSError:
        raise SetupWrong(Code.FILE_UNREADABLE, where="database.password_file") from None


def _still_open(connection: Any, _record: object, _proxy: object) -> None:
    """A server that was restarted leaves dead connections behind, and the end of one can be read without asking the
    server: on a sound connection that nobody uses there is nothing to read."""
    listener = select.poll()
    listener.register(connection.pgconn.socket, select.POLLIN)
    if listener.poll(0):
        raise sa.exc.DisconnectionError


def _connecting(url: URL, server: Server) -> Mapping[str, str | int]:
    limit = server.statement_limit // dt.timedelta(milliseconds=1)
    arguments: dict[str, str | int] = {
        "application_name": "decision-gateway",
        "connect_timeout": max(2, round(server.wait.total_seconds())),
        # A server that went away without a word is noticed within half a minute.
        "keepalives_idle": 10,
        "keepalives_interval": 5,
        "keepalives_count": 3,
        "tcp_user_timeout": 30_000,
        # A lock is given up first, so that the error says which of the two it was. Ours never idle inside a
        # transaction: one whose worker was stopped must not hold its locks for ever.
        # Nothing of ours reads so much that compiling its plan pays: at a million deliveries that took 40 of 60 ms.
        "options": f"-c statement_timeout={limit} -c lock_timeout={limit // 2}"
        f" -c idle_in_transaction_session_timeout={2 * limit} -c jit=off",
    }
    if "sslmode" not in url.query and not _is_this_machine(url.host):
        arguments |= {"sslmode": "verify-full", "sslrootcert": str(url.query.get("sslrootcert", "system"))}
    return arguments


def _is_this_machine(host: str | None) -> bool:
    """Whether the server certainly is on this machine: a socket in a folder, or a loopback address."""
    if host is None or host == "localhost" or host.startswith("/"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
