"""Links and sessions as rows. See `gateway.ports.signing_in.SigningInStore` for the contract."""

import datetime as dt
from typing import ClassVar, Generic, TypeVar

import sqlalchemy as sa

from gateway.domain.signing_in import Session
from gateway.store.columns import UtcTime
from gateway.store.rows import columns_of

SessionT = TypeVar("SessionT", bound=Session)

_BEFORE = sa.bindparam("b_before", type_=UtcTime)


class SigningInTables:
    """The statements over two tables, made once. kind: of what stands in `sessions`."""

    def __init__(self, *, links: sa.Table, sessions: sa.Table, kind: type[Session] = Session) -> None:
        self.kind = kind
        of_digest = sa.bindparam("b_digest", type_=sa.Text)
        of_account = sa.bindparam("b_account", type_=sa.Text)
        self.add = sa.insert(sessions)
        self.use = sa.update(links).where(links.c.digest == of_digest, links.c.used_at.is_(None))
        self.find = sa.select(*columns_of(sessions, kind)).where(sessions.c.digest == of_digest)
        self.open = sa.update(sessions).where(sessions.c.digest == of_digest, sessions.c.ended_at.is_(None))
        self.open_of = sa.update(sessions).where(
            sessions.c.account == of_account, sessions.c.digest != of_digest, sessions.c.ended_at.is_(None)
        )
        self.forget_links = sa.delete(links).where(links.c.expires_at < _BEFORE)
        self.forget_sessions = sa.delete(sessions).where(sessions.c.begun_at < _BEFORE)


class SqlSigningIn(Generic[SessionT]):
    """`SigningInStore` over a connection. Who extends it names its tables."""

    _signing_in: ClassVar[SigningInTables]

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def use_link(self, digest: str, at: dt.datetime) -> bool:
        """Uses it; False when that was done before."""
        used = self._signing_in.use.values(used_at=at)
        return self._connection.execute(used, {"b_digest": digest}).rowcount == 1

    def add_session(self, session: SessionT) -> None:
        """A browser signed in."""
        self._connection.execute(self._signing_in.add, vars(session))

    def session(self, digest: str) -> SessionT | None:
        """The session whose secret has that digest."""
        row = self._connection.execute(self._signing_in.find, {"b_digest": digest}).one_or_none()
        if row is None:
            return None
        session: SessionT = self._signing_in.kind(**row._mapping)  # type: ignore[assignment]
        return session

    def session_seen(self, digest: str, at: dt.datetime) -> bool:
        """The session was seen then; False, and nothing is written, when it has ended."""
        seen = self._signing_in.open.values(seen_at=at)
        return self._connection.execute(seen, {"b_digest": digest}).rowcount == 1

    def end_session(self, digest: str, at: dt.datetime) -> None:
        """Ends the session; one that ended before, or that there is not, stays as it is."""
        self._connection.execute(self._signing_in.open.values(ended_at=at), {"b_digest": digest})

    def end_sessions(self, account: str, at: dt.datetime, *, besides: str = "") -> None:
        """Ends every session of the account; besides the one of that digest, if one is given."""
        self._connection.execute(
            self._signing_in.open_of.values(ended_at=at), {"b_account": account, "b_digest": besides}
        )

    def forget_spent(self, *, links: dt.datetime, sessions: dt.datetime) -> None:
        """Removes links that opened nothing any more by then, and sessions that had begun by then."""
        self._connection.execute(self._signing_in.forget_links, {"b_before": links})
        self._connection.execute(self._signing_in.forget_sessions, {"b_before": sessions})
