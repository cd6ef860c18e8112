"""Taking back what lies in our exchange: what was taken stays taken, and that the rest was not is evidence."""

import datetime as dt
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace

from gateway.domain.delivery import Attempt
from gateway.domain.digest import sha256
from gateway.domain.events import Event, EventName
from gateway.domain.exchange import Entry
from gateway.domain.receipt import EXCHANGE, Receipt, ReceiptEvent
from gateway.domain.reference import token_of
from gateway.ports.database import Transaction
from gateway.ports.records import ReceiptRecord


@dataclass(frozen=True, kw_only=True)
class Withdrawal:
    """Who takes back, and when. statement: says so; kept as evidence under that name, if beside the event at all."""

    actor: str
    at: dt.datetime
    statement: bytes
    kept_as: str | None = None


def left_for(tx: Transaction, attempts: Sequence[Attempt], *, lock: bool = False) -> list[Entry]:
    """What those attempts left in our exchange."""
    tokens = dict.fromkeys(token_of(one.reference) for one in attempts)
    entries = (tx.exchange.entry(token, lock=lock) for token in tokens)
    return [one for one in entries if one is not None]


def withdraw(tx: Transaction, entry: Entry, by: Withdrawal) -> None:
    """Nothing of it can be taken any more, and nobody is asked to collect it. Again: changes nothing."""
    if entry.retracted_at is not None:
        return
    tx.exchange.save_entry(replace(entry, retracted_at=by.at, collect_by=None))
    tx.exchange.end_notice(entry.id)
    if not entry.collected:
        event, evidence = ReceiptEvent.CONTENT_HANDOVER_FAILURE, sha256(by.statement)
        tx.records.add_receipt(
            ReceiptRecord(
                id=str(uuid.uuid4()),
                delivery=entry.delivery,
                attempt=entry.attempt,
                receipt=Receipt(event=event, at=by.at, source=EXCHANGE, evidence=evidence),
                external_id=f"{entry.id}/retracted",
                object_name=by.kept_as,
            )
        )
    tx.records.append(
        Event(
            name=EventName.EXCHANGE_RETRACTED,
            at=by.at,
            actor=by.actor,
            dispatch=entry.dispatch,
            delivery=entry.delivery,
            attempt=entry.attempt,
            facts={"account": entry.account, "taken": len(entry.taken), "of": len(entry.documents)},
        )
    )
