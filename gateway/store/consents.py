"""Consents as rows. See `gateway.ports.consents.ConsentStore` for the contract."""

import sqlalchemy as sa

from gateway.domain.account_consent import AccountConsent
from gateway.store.rows import columns_of
from gateway.store.tables.exchange import exchange_consents

_LAST = (
    sa.select(*columns_of(exchange_consents, AccountConsent))
    .where(exchange_consents.c.account == sa.bindparam("b_account"))
    .order_by(exchange_consents.c.ordinal.desc())
    .limit(1)
)


class SqlConsents:
    """`ConsentStore` over a connection."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def add(self, consent: AccountConsent) -> None:
        """Appends."""
        self._connection.execute(sa.insert(exchange_consents).inline(), vars(consent))

    def last(self, account: str) -> AccountConsent | None:
        """The account's last word."""
        row = self._connection.execute(_LAST, {"b_account": account}).one_or_none()
        return None if row is None else AccountConsent(**row._mapping)
