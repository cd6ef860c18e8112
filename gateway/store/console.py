"""What signs staff in, as rows. See `gateway.ports.console.ConsoleStore` for the contract."""

import datetime as dt
from collections.abc import Sequence
from functools import cache

import sqlalchemy as sa
from sqlalchemy.sql.dml import ReturningInsert

from gateway.domain.console import SetUpLink, SignInNews, StaffCredential, StaffIdentity, StaffSession
from gateway.store.columns import UtcTime
from gateway.store.locking import locked
from gateway.store.rows import columns_of
from gateway.store.signing_in import SigningInTables, SqlSigningIn
from gateway.store.tables.console import (
    console_credentials,
    console_identities,
    console_links,
    console_news,
    console_sessions,
)
from gateway.store.upsert import Insert, insert_into, replace_in

_CREDENTIAL = sa.select(*columns_of(console_credentials, StaffCredential)).where(
    console_credentials.c.account == sa.bindparam("b_account")
)
_REMOVE_CREDENTIAL = sa.delete(console_credentials).where(console_credentials.c.account == sa.bindparam("b_account"))
_IDENTITY = sa.select(*columns_of(console_identities, StaffIdentity)).where(
    console_identities.c.account == sa.bindparam("b_account")
)
_REMOVE_IDENTITY = sa.delete(console_identities).where(console_identities.c.account == sa.bindparam("b_account"))
_LINK = sa.select(*columns_of(console_links, SetUpLink)).where(console_links.c.digest == sa.bindparam("b_digest"))
_END_LINKS = sa.delete(console_links).where(
    console_links.c.account == sa.bindparam("b_account"), console_links.c.used_at.is_(None)
)
_SESSIONS_OF = (
    sa.select(*columns_of(console_sessions, StaffSession))
    .where(console_sessions.c.account == sa.bindparam("b_account"), console_sessions.c.ended_at.is_(None))
    .order_by(console_sessions.c.begun_at)
)
_TELL = sa.insert(console_news).inline()
_UNREAD = sa.and_(console_news.c.account == sa.bindparam("b_account"), console_news.c.read_at.is_(None))
_NEWS = sa.select(*columns_of(console_news, SignInNews)).where(_UNREAD).order_by(console_news.c.ordinal.desc())
_AT = sa.bindparam("b_at", type_=UtcTime)
_FORGET_NEWS = sa.delete(console_news).where(
    sa.or_(
        console_news.c.read_at < sa.bindparam("b_read", type_=UtcTime),
        console_news.c.at < sa.bindparam("b_told", type_=UtcTime),
    )
)
_READ = sa.update(console_news).where(_UNREAD, console_news.c.at <= _AT).values(read_at=_AT)


@cache
def _put(dialect: str) -> Insert:
    return replace_in(console_credentials, dialect, key=("account",))


@cache
def _link_identity(dialect: str) -> ReturningInsert[str]:
    insert = insert_into(console_identities, dialect).on_conflict_do_nothing()
    return insert.returning(console_identities.c.account)


class SqlConsole(SqlSigningIn[StaffSession]):
    """`ConsoleStore` over a connection."""

    _signing_in = SigningInTables(links=console_links, sessions=console_sessions, kind=StaffSession)

    def put_credential(self, credential: StaffCredential) -> None:
        """In place of what the account had."""
        self._connection.execute(_put(self._connection.dialect.name), vars(credential))

    def credential(self, account: str, *, lock: bool = False) -> StaffCredential | None:
        """The account's."""
        query = locked(_CREDENTIAL) if lock else _CREDENTIAL
        row = self._connection.execute(query, {"b_account": account}).one_or_none()
        return None if row is None else StaffCredential(**row._mapping)

    def remove_credential(self, account: str) -> bool:
        """Nobody signs in by the account's password any more; False where nobody did."""
        return self._connection.execute(_REMOVE_CREDENTIAL, {"b_account": account}).rowcount == 1

    def identity(self, account: str) -> StaffIdentity | None:
        """Who the provider said that the account's person is."""
        row = self._connection.execute(_IDENTITY, {"b_account": account}).one_or_none()
        return None if row is None else StaffIdentity(**row._mapping)

    def add_identity(self, identity: StaffIdentity) -> bool:
        """Writes it; False where the account has one or another account has that one."""
        add = _link_identity(self._connection.dialect.name)
        return self._connection.execute(add, vars(identity)).one_or_none() is not None

    def remove_identity(self, account: str) -> bool:
        """The account is nobody's at the provider any more; False where it was nobody's."""
        return self._connection.execute(_REMOVE_IDENTITY, {"b_account": account}).rowcount == 1

    def sessions_of(self, account: str) -> Sequence[StaffSession]:
        """Those of the account that were not ended, oldest first."""
        rows = self._connection.execute(_SESSIONS_OF, {"b_account": account})
        return [StaffSession(**row._mapping) for row in rows]

    def tell(self, news: SignInNews) -> None:
        """The account's person is told from now on."""
        self._connection.execute(_TELL, vars(news))

    def news(self, account: str, limit: int) -> Sequence[SignInNews]:
        """What they did not read yet, newest first."""
        rows = self._connection.execute(_NEWS.limit(limit), {"b_account": account})
        return [SignInNews(**row._mapping) for row in rows]

    def read_news(self, account: str, at: dt.datetime) -> None:
        """They read what was recorded until then."""
        self._connection.execute(_READ, {"b_account": account, "b_at": at})

    def forget_news(self, *, read: dt.datetime, told: dt.datetime) -> None:
        """Removes what was read up to a moment before `read`, and whatever happened before `told`."""
        self._connection.execute(_FORGET_NEWS, {"b_read": read, "b_told": told})

    def add_link(self, link: SetUpLink) -> None:
        """A link that was made; earlier ones of the account open nothing any more."""
        self.end_links(link.account)
        self._connection.execute(sa.insert(console_links), vars(link))

    def end_links(self, account: str) -> None:
        """No link of the account that was not used opens anything any more."""
        self._connection.execute(_END_LINKS, {"b_account": account})

    def link(self, digest: str) -> SetUpLink | None:
        """The link whose secret has that digest."""
        row = self._connection.execute(_LINK, {"b_digest": digest}).one_or_none()
        return None if row is None else SetUpLink(**row._mapping)
