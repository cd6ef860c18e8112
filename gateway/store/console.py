"""What signs staff in, as rows. See `gateway.ports.console.ConsoleStore` for the contract."""

import datetime as dt
from functools import cache

import sqlalchemy as sa

from gateway.domain.console import SetUpLink, StaffCredential
from gateway.domain.signing_in import Session
from gateway.store.columns import UtcTime
from gateway.store.console_tables import console_credentials, console_links, console_sessions
from gateway.store.locking import locked
from gateway.store.rows import columns_of
from gateway.store.upsert import Insert, replace_in

_CREDENTIAL = sa.select(*columns_of(console_credentials, StaffCredential)).where(
    console_credentials.c.account == sa.bindparam("b_account")
)
_LINK = sa.select(*columns_of(console_links, SetUpLink)).where(console_links.c.digest == sa.bindparam("b_digest"))
_USE = sa.update(console_links).where(
    console_links.c.digest == sa.bindparam("b_digest"), console_links.c.used_at.is_(None)
)
_END_LINKS = sa.delete(console_links).where(
    console_links.c.account == sa.bindparam("b_account"), console_links.c.used_at.is_(None)
)
_SESSION = sa.select(*columns_of(console_sessions, Session)).where(
    console_sessions.c.digest == sa.bindparam("b_digest")
)
_OPEN_SESSION = sa.update(console_sessions).where(
    console_sessions.c.digest == sa.bindparam("b_digest"), console_sessions.c.ended_at.is_(None)
)
_END_SESSIONS = sa.update(console_sessions).where(
    console_sessions.c.account == sa.bindparam("b_account"), console_sessions.c.ended_at.is_(None)
)
_FORGET_LINKS = sa.delete(console_links).where(console_links.c.expires_at < sa.bindparam("b_before", type_=UtcTime))
_FORGET_SESSIONS = sa.delete(console_sessions).where(
    console_sessions.c.begun_at < sa.bindparam("b_before", type_=UtcTime)
)


@cache
def _put(dialect: str) -> Insert:
    return replace_in(console_credentials, dialect, key=("account",))


class SqlConsole:
    """`ConsoleStore` over a connection."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def put_credential(self, credential: StaffCredential) -> None:
        """In place of what the account had."""
        self._connection.execute(_put(self._connection.dialect.name), vars(credential))

    def credential(self, account: str, *, lock: bool = False) -> StaffCredential | None:
        """The account's."""
        query = locked(_CREDENTIAL) if lock else _CREDENTIAL
        row = self._connection.execute(query, {"b_account": account}).one_or_none()
        return None if row is None else StaffCredential(**row._mapping)

    def add_link(self, link: SetUpLink) -> None:
        """A link that was made; earlier ones of the account open nothing any more."""
        self._connection.execute(_END_LINKS, {"b_account": link.account})
        self._connection.execute(sa.insert(console_links), vars(link))

    def link(self, digest: str) -> SetUpLink | None:
        """The link whose secret has that digest."""
        row = self._connection.execute(_LINK, {"b_digest": digest}).one_or_none()
        return None if row is None else SetUpLink(**row._mapping)

    def use_link(self, digest: str, at: dt.datetime) -> bool:
        """Uses it; False when that was done before."""
        return self._connection.execute(_USE.values(used_at=at), {"b_digest": digest}).rowcount == 1

    def add_session(self, session: Session) -> None:
        """A browser signed in."""
        self._connection.execute(sa.insert(console_sessions), vars(session))

    def session(self, digest: str) -> Session | None:
        """The session whose secret has that digest."""
        row = self._connection.execute(_SESSION, {"b_digest": digest}).one_or_none()
        return None if row is None else Session(**row._mapping)

    def session_seen(self, digest: str, at: dt.datetime) -> bool:
        """The session was seen then; False, and nothing is written, when it has ended."""
        return self._connection.execute(_OPEN_SESSION.values(seen_at=at), {"b_digest": digest}).rowcount == 1

    def end_session(self, digest: str, at: dt.datetime) -> None:
        """Ends the session; one that ended before, or that there is not, stays as it is."""
        self._connection.execute(_OPEN_SESSION.values(ended_at=at), {"b_digest": digest})

    def end_sessions(self, account: str, at: dt.datetime) -> None:
        """Ends every session of the account."""
        self._connection.execute(_END_SESSIONS.values(ended_at=at), {"b_account": account})

    def forget_spent(self, *, links: dt.datetime, sessions: dt.datetime) -> None:
        """Removes links that opened nothing any more by then, and sessions that had begun by then."""
        self._connection.execute(_FORGET_LINKS, {"b_before": links})
        self._connection.execute(_FORGET_SESSIONS, {"b_before": sessions})
