"""What comes back on a notice of the exchange: that its recipient could not be told is on record, and a person sees it.

It says nothing of the papers, which lie where they were left.
"""

import datetime as dt
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace

from gateway.domain.events import Event, EventName
from gateway.domain.exchange import Entry, ExchangeMail
from gateway.domain.receipt import Receipt, ReceiptEvent
from gateway.domain.reference import SendingToken
from gateway.domain.report import FOR_A_PERSON, Finding, Reading
from gateway.ports.database import Transaction
from gateway.ports.incoming import Handling, Incoming
from gateway.ports.records import ReceiptRecord


@dataclass(frozen=True, kw_only=True)
class NoticeOf:
    """A notice that something came back on, and what it was about. number: of the sending, from 1."""

    mail: ExchangeMail
    entry: Entry
    number: int


def notice_of(tx: Transaction, tokens: Sequence[str]) -> NoticeOf | None:
    """The notice whose Message-ID is among the tokens; None: there is none."""
    for token in map(SendingToken.parse, tokens):
        mail = tx.exchange.mail(token.message)
        entry = tx.exchange.entry(mail.entry) if mail is not None and mail.entry is not None else None
        if mail is not None and entry is not None:
            return NoticeOf(mail=mail, entry=entry, number=token.number or 1)
    return None


def came_back_on(tx: Transaction, notice: NoticeOf, incoming: Incoming, reading: Reading, now: dt.datetime) -> Incoming:
    """What came, tied to the delivery whose notice it was. Its schedule goes on: a mailbox may come back."""
    entry, findings = notice.entry, {one.finding for one in reading.reports}
    if Finding.FAILED in findings:
        tx.records.add_receipt(
            ReceiptRecord(
                id=str(uuid.uuid4()),
                delivery=entry.delivery,
                attempt=entry.attempt,
                receipt=Receipt(
                    event=ReceiptEvent.CONSIGNMENT_NOTIFICATION_FAILURE,
                    at=incoming.received_at,
                    source=incoming.source,
                    evidence=incoming.digest,
                ),
                external_id=f"{incoming.digest}/notice",
                object_name=incoming.object_name,
            )
        )
        facts: dict[str, str | int] = {"account": notice.mail.account, "number": notice.number, "incoming": incoming.id}
        tx.records.append(
            Event(
                name=EventName.EXCHANGE_NOTICE_RETURNED,
                at=now,
                actor=incoming.source,
                dispatch=entry.dispatch,
                delivery=entry.delivery,
                attempt=entry.attempt,
                facts=facts | {"evidence": incoming.digest},
            )
        )
    told = sorted(findings & FOR_A_PERSON) or sorted(findings)
    return replace(
        incoming,
        handling=Handling.FOR_PERSON if findings & FOR_A_PERSON else Handling.MATCHED,
        finding=told[0] if told else Finding.UNREADABLE,
        delivery=entry.delivery,
        tries=0,
        next_action_at=None,
    )
