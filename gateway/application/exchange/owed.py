"""Mails that the exchange owes to an account, written with what they tell of."""

import datetime as dt
import uuid

from gateway.domain.exchange import ExchangeMail, ExchangeMailKind
from gateway.ports.database import Transaction


def notice_of(entry: str, account: str, now: dt.datetime) -> ExchangeMail:
    """That something is left, to be told to the account."""
    kind = ExchangeMailKind.NOTICE
    return ExchangeMail(id=uuid.uuid4().hex, account=account, kind=kind, asked_at=now, entry=entry, next_at=now)


def owe(tx: Transaction, account: str, kind: ExchangeMailKind, now: dt.datetime) -> None:
    """The account is sent that mail, once."""
    tx.exchange.owe_mail(ExchangeMail(id=uuid.uuid4().hex, account=account, kind=kind, asked_at=now, next_at=now))
