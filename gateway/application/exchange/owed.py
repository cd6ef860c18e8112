"""A mail about an account itself is owed to its mailbox, with what it tells of."""

import datetime as dt
import uuid

from gateway.domain.exchange import ExchangeMail, ExchangeMailKind
from gateway.ports.database import Transaction


def owe(tx: Transaction, account: str, kind: ExchangeMailKind, now: dt.datetime) -> None:
    """The account is sent that mail, once."""
    tx.exchange.owe_mail(ExchangeMail(id=uuid.uuid4().hex, account=account, kind=kind, asked_at=now, next_at=now))
