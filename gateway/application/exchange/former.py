"""What lies where a delivery went before its address changed: withdrawn, taken back, or told to a person.

Somebody else may hold that account. So it is done before anything goes the new way, and in the same transaction.
"""

import datetime as dt
import json
from collections.abc import Sequence

from gateway.application.exchange.withdraw import Withdrawal, left_for, withdraw
from gateway.domain.delivery import Attempt
from gateway.domain.parties import ExchangeKind, RecipientChannel
from gateway.domain.recall import was_taken
from gateway.domain.reference import token_of
from gateway.domain.report import Finding
from gateway.domain.unreached import Unreached
from gateway.ports.database import Transaction
from gateway.ports.uploads import Upload


def leave_former(
    tx: Transaction,
    dispatch: str,
    attempts: Sequence[Attempt],
    *,
    stands: RecipientChannel | None,
    actor: str,
    at: dt.datetime,
) -> None:
    """Nothing can be taken any more of what the attempts left elsewhere than where the delivery's exchange account
    stands now; that something was taken calls a person. stands: None where it has no such account any more.

    What a clerk uploaded is not known by its account: it is for who changes the address to see to.
    """
    said = {"schema": "withdrawal/1", "withdrawn_by": actor, "at": at.isoformat()}
    for entry in left_for(tx, attempts, lock=True):
        if stands is not None and stands.exchange is ExchangeKind.OWN and stands.account == entry.account:
            continue
        if was_taken(entry):
            tx.unreached.add(Unreached.at(entry, Finding.FORMER_HAS_IT, at, taken=True))
        statement = json.dumps(said | {"delivery": entry.delivery}, sort_keys=True).encode()
        withdraw(tx, entry, Withdrawal(actor=actor, at=at, statement=statement))
    for attempt in attempts:
        upload = tx.uploads.find(token_of(attempt.reference)) if attempt.started_at is not None else None
        if upload is not None and not _is_at(upload, stands):
            tx.unreached.add(Unreached.of(attempt, dispatch, Finding.FORMER_HAS_IT, at))


def _is_at(upload: Upload, stands: RecipientChannel | None) -> bool:
    return stands is not None and (stands.exchange, stands.account) == (upload.exchange, upload.account)
