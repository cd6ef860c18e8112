"""What lies where a delivery went before its address changed: withdrawn, taken back, or told to a person.

Somebody else may hold that account. So it is done before anything goes the new way, and in the same transaction; of our
own exchange at once, in that which changes the directory.
"""

import datetime as dt
import json
from collections.abc import Sequence
from dataclasses import replace

from gateway.application.exchange.withdraw import Withdrawal, left_for, withdraw
from gateway.domain.delivery import Attempt, DeliveryState
from gateway.domain.events import Event, EventName
from gateway.domain.exchange import Entry
from gateway.domain.exchange_patience import after_patience, left_anew
from gateway.domain.parties import ChannelName, ExchangeKind, RecipientChannel
from gateway.domain.reasons import Reason
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
    for entry in left_for(tx, attempts, lock=True):
        if own_account(stands) == entry.account:
            continue
        if was_taken(entry):
            tx.unreached.add(Unreached.at(entry, Finding.FORMER_HAS_IT, at, taken=True))
        withdraw(tx, entry, _withdrawal(entry, actor, at))
    for attempt in attempts:
        upload = tx.uploads.find(token_of(attempt.reference)) if attempt.started_at is not None else None
        if upload is not None and not _is_at(upload, stands):
            tx.unreached.add(Unreached.of(attempt, dispatch, Finding.FORMER_HAS_IT, at))


def leave_former_account(
    tx: Transaction,
    recipient: str,
    *,
    before: RecipientChannel | None,
    stands: RecipientChannel | None,
    actor: str,
    at: dt.datetime,
) -> None:
    """The directory names another account for that entry, or none any more: what lies at the one before for it and was
    not taken whole is withdrawn. What nobody collected goes where the recipient is left papers now, or by its next way.

    before, stands: the way by secure upload, as it was and as it is. What lies there for other entries, as at a firm's
    shared account, stays. Whoever leaves something at this moment came before, or finds that the entry was changed.
    """
    if before is not None and before.exchange is ExchangeKind.CONNECT and not _is_same(before, stands):
        _tell_clerk(tx, recipient, actor, at)
    account = own_account(before)
    if account is None or account == own_account(stands):
        return
    lying = [one for one in tx.exchange.lying_for(account, recipient) if not one.taken_whole]
    locked = [tx.exchange.entry(one.id, lock=True) for one in lying]
    for entry in locked:
        if entry is not None and entry.retracted_at is None:
            _leave(tx, entry, anew=stands is not None, actor=actor, at=at)


def _tell_clerk(tx: Transaction, recipient: str, actor: str, at: dt.datetime) -> None:
    """What a clerk is about to upload to the conversation before is destroyed. It may be there already: whoever has it
    in hand says first."""
    owed = [one for one in tx.deliveries.owed_to(recipient) if one.channel == ChannelName.SECURE_UPLOAD]
    for looked_at in sorted(owed, key=lambda one: one.id):
        delivery = tx.deliveries.get(looked_at.id, lock=True)
        if delivery.state is not DeliveryState.AWAITING_PERSON or delivery.reason is not None:
            continue
        tx.deliveries.save(replace(delivery, reason=Reason.RECIPIENT_CHANGED, next_action_at=None))
        tx.records.append(
            Event(
                name=EventName.PERSON_CALLED,
                at=at,
                actor=actor,
                dispatch=delivery.dispatch,
                delivery=delivery.id,
                facts={"reason": Reason.RECIPIENT_CHANGED.value},
            )
        )


def _leave(tx: Transaction, entry: Entry, *, anew: bool, actor: str, at: dt.datetime) -> None:
    """anew: whether its recipient has an account, elsewhere, in which it can be left."""
    if was_taken(entry) and not entry.collected:
        tx.unreached.add(Unreached.at(entry, Finding.FORMER_HAS_IT, at, taken=True))
    withdraw(tx, entry, _withdrawal(entry, actor, at))
    before = tx.deliveries.get(entry.delivery, lock=True)
    if tx.deliveries.attempts(before.id)[-1].id != entry.attempt:
        return
    after = left_anew(before, entry, at) if anew else after_patience(before, entry, at)
    if after == before:
        return
    tx.deliveries.save(after)
    tx.records.append(
        Event(
            name=EventName.EXCHANGE_NOT_COLLECTED,
            at=at,
            actor=actor,
            dispatch=entry.dispatch,
            delivery=entry.delivery,
            attempt=entry.attempt,
            facts={"account": entry.account, "next": (after.channel or "") if after.state != before.state else ""},
        )
    )


def own_account(way: RecipientChannel | None) -> str | None:
    """The account in our own exchange that the way leads to."""
    return way.account if way is not None and way.exchange is ExchangeKind.OWN else None


def _withdrawal(entry: Entry, actor: str, at: dt.datetime) -> Withdrawal:
    said = {"schema": "withdrawal/1", "withdrawn_by": actor, "at": at.isoformat(), "delivery": entry.delivery}
    return Withdrawal(actor=actor, at=at, statement=json.dumps(said, sort_keys=True).encode())


def _is_at(upload: Upload, stands: RecipientChannel | None) -> bool:
    return stands is not None and (stands.exchange, stands.account) == (upload.exchange, upload.account)


def _is_same(before: RecipientChannel, stands: RecipientChannel | None) -> bool:
    return stands is not None and (stands.exchange, stands.account) == (before.exchange, before.account)
