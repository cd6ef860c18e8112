"""What signs staff in, as rows. See `gateway.ports.console.ConsoleStore` for the contract."""

from functools import cache

import sqlalchemy as sa

from gateway.domain.console import SetUpLink, StaffCredential
from gateway.store.console_tables import console_credentials, console_links, console_sessions
from gateway.store.locking import locked
from gateway.store.rows import columns_of
from gateway.store.signing_in import SigningInTables, SqlSigningIn
from gateway.store.upsert import Insert, replace_in

_CREDENTIAL = sa.select(*columns_of(console_credentials, StaffCredential)).where(
    console_credentials.c.account == sa.bindparam("b_account")
)
_LINK = sa.select(*columns_of(console_links, SetUpLink)).where(console_links.c.digest == sa.bindparam("b_digest"))
_END_LINKS = sa.delete(console_links).where(
    console_links.c.account == sa.bindparam("b_account"), console_links.c.used_at.is_(None)
)


@cache
def _put(dialect: str) -> Insert:
    return replace_in(console_credentials, dialect, key=("account",))


class SqlConsole(SqlSigningIn):
    """`ConsoleStore` over a connection."""

    _signing_in = SigningInTables(links=console_links, sessions=console_sessions)

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
