"""What a person says of a page that came back: whose it is, where its code does not tell, and that it is signed.

Until then it proves nothing. Who matched a page by hand does not confirm it too, once there is a second person.
"""

import datetime as dt
import uuid
from dataclasses import replace

from gateway.application.acts.person_acts import PersonActs
from gateway.application.people.own_offices import check_delivery
from gateway.application.recipients.addressed import went_elsewhere
from gateway.application.sealed import Vault, package_key
from gateway.domain.accounts import SECOND
from gateway.domain.bearing import must_wait
from gateway.domain.codes import Code
from gateway.domain.delivery import TRANSITIONS, Attempt, Delivery, DeliveryEvent, DeliveryState, ResultName
from gateway.domain.events import Event, EventName
from gateway.domain.problem import Conflict, InputRefused, NoSuchThing, NotAllowed
from gateway.domain.receipt import Receipt, ReceiptEvent
from gateway.domain.reference import SendingToken
from gateway.domain.report import Finding
from gateway.domain.return_code import ReturnCode
from gateway.ports.clock import Clock
from gateway.ports.database import Database, Transaction
from gateway.ports.incoming import Handling, Incoming
from gateway.ports.records import ReceiptRecord

_MAY_BE_PAGES = frozenset({Finding.PAGES_UNKNOWN, Finding.PERSONAL_REPLY, Finding.UNREADABLE})
"""What a person may find a signed page in. Pages of several deliveries are taken in one by one instead: what is
evidence of one shows nothing of another."""


_MATCH, _CONFIRM = "receipts match", "receipts confirm"
"""The acts, as a refusal names them."""


class PageAct:
    """What acts on a page are recorded with."""

    def __init__(self, *, database: Database, vault: Vault, clock: Clock) -> None:
        self._database = database
        self._acts = PersonActs(vault=vault, clock=clock)
        self._clock = clock

    def _event(self, tx: Transaction, page: Incoming, delivery: Delivery, *, actor: str, reason: str) -> Event:
        """The matching as an event, its reason sealed. Raises InputRefused (request.invalid: no reason), Conflict
        (retention.expired)."""
        key = package_key(tx.registry, tx.dispatches.get(delivery.dispatch))
        return Event(
            name=EventName.RECEIPT_MATCHED,
            at=self._clock.now(),
            actor=actor,
            dispatch=delivery.dispatch,
            delivery=delivery.id,
            attempt=page.attempt,
            facts={"incoming": page.id, "evidence": page.digest},
            reason=self._acts.sealed(key, delivery.id, reason),
        )


class MatchPage(PageAct):
    """Says to which delivery a page belongs whose code no machine can read."""

    def __call__(self, incoming_id: str, named: str, *, actor: str, reason: str) -> Incoming:
        """The page, about a sending. It still waits for a person to confirm its signature. Who said so already by a
        double click is told the same.

        named: the code as it stands on the page, else the delivery's number, for its last sending. Raises NoSuchThing
        (receipt.unknown, delivery.unknown), Conflict (receipt.not-open, receipt.no-page, receipt.of-another-delivery,
        retention.expired, delivery.action-not-possible: nothing was sent), InputRefused (request.invalid: no reason),
        NotAllowed (account.other-office).
        """
        with self._database.write() as tx:
            before = _open(tx, incoming_id)
            attempt = _sending(tx, named)
            for one in {attempt.delivery, before.delivery or attempt.delivery}:
                check_delivery(tx, one, actor)
            if (before.finding, before.delivery, before.matched_by) == (Finding.PAGE_RETURNED, attempt.delivery, actor):
                return before
            if before.finding is Finding.PAGE_RETURNED or before.delivery not in {None, attempt.delivery}:
                raise Conflict(Code.RECEIPT_OF_ANOTHER_DELIVERY, where=incoming_id)
            if before.finding not in _MAY_BE_PAGES:
                raise Conflict(Code.RECEIPT_NO_PAGE, where=incoming_id)
            after = replace(
                before,
                finding=Finding.PAGE_RETURNED,
                delivery=attempt.delivery,
                attempt=attempt.id,
                matched_by=actor,
            )
            tx.incoming.save(after)
            delivery = tx.deliveries.get(attempt.delivery)
            tx.records.append(self._event(tx, after, delivery, actor=actor, reason=reason))
        return after


class ConfirmAcknowledgement(PageAct):
    """Says that a page which came back is signed: then it is the proof of receipt, and ends its delivery."""

    def __call__(self, incoming_id: str, at: dt.datetime, *, actor: str, reason: str) -> Delivery:
        """The delivery then. at: when they received the papers, as stands on the page; reason: who signed, and how that
        is known. What went to a former address, or is delivered already, is kept as evidence and moves nothing.

        Raises NoSuchThing (receipt.unknown), Conflict (receipt.not-open, receipt.no-page, receipt.must-wait,
        delivery.action-not-possible, retention.expired: then the page stays open), NotAllowed (receipt.own-match,
        account.other-office),
        InputRefused (request.invalid: no reason, or a moment before it was sent or after it came).
        """
        with self._database.write() as tx:
            page = _open(tx, incoming_id)
            if page.finding is not Finding.PAGE_RETURNED or page.delivery is None:
                raise Conflict(Code.RECEIPT_NO_PAGE, where=incoming_id)
            check_delivery(tx, page.delivery, actor)
            if page.matched_by == actor and len(tx.accounts.all()) >= SECOND:
                raise NotAllowed(Code.RECEIPT_OWN_MATCH, where=incoming_id)
            before = tx.deliveries.get(page.delivery, lock=True)
            attempt = next(one for one in tx.deliveries.attempts(before.id) if one.id == page.attempt)
            _check(at, attempt, page)
            after = before if went_elsewhere(tx, attempt) else _received(before)
            tx.incoming.save(replace(page, handling=Handling.MATCHED))
            if after != before:
                tx.deliveries.save(after)
            if attempt.result is ResultName.GIVEN_TO_PERSON:
                tx.deliveries.end_attempt(replace(attempt, finished_at=at, result=ResultName.HANDED_OVER))
            tx.records.add_receipt(_receipt(page, attempt, at))
            event = self._event(tx, page, before, actor=actor, reason=reason)
            moved = {"from": before.state.value, "to": after.state.value}
            tx.records.append(replace(event, name=EventName.RECEIPT_CONFIRMED, facts={**event.facts, **moved}))
        return after


def _open(tx: Transaction, incoming_id: str) -> Incoming:
    incoming = tx.incoming.get(incoming_id, lock=True)
    if incoming.handling is not Handling.FOR_PERSON:
        raise Conflict(Code.RECEIPT_NOT_OPEN, where=incoming_id)
    return incoming


def _sending(tx: Transaction, named: str) -> Attempt:
    """By which the recipient may have the papers. Raises NoSuchThing (delivery.unknown), Conflict
    (delivery.action-not-possible)."""
    try:
        token = tx.return_codes.find(ReturnCode.parse(named))
    except ValueError:
        delivery = tx.deliveries.get(named)
        attempts = tx.deliveries.attempts(delivery.id)
    else:
        printed = SendingToken.parse(token or "")
        attempts = [one for one in tx.deliveries.by_tokens([printed.message]) if one.number == printed.number]
        if not attempts:
            raise NoSuchThing(Code.DELIVERY_UNKNOWN, where=named)
        delivery = tx.deliveries.get(attempts[-1].delivery)
    sent = [one for one in attempts if one.may_have_left]
    if not sent:
        raise Conflict(Code.DELIVERY_ACTION_NOT_POSSIBLE, state=delivery.state.value, action=_MATCH)
    return sent[-1]


def _check(at: dt.datetime, attempt: Attempt, incoming: Incoming) -> None:
    sent_at = attempt.started_at or attempt.claimed_at
    if not sent_at <= at <= incoming.received_at:
        bounds = f"{sent_at.isoformat(timespec='seconds')} ≤ at ≤ {incoming.received_at.isoformat(timespec='seconds')}"
        raise InputRefused(Code.REQUEST_INVALID, where="at", expected=bounds)


def _received(delivery: Delivery) -> Delivery:
    """The delivery once a person confirmed that the recipient signed for the papers.

    Raises Conflict (receipt.must-wait: a try is on its way; delivery.action-not-possible): a page that moved nothing
    would be used up.
    """
    if delivery.state is DeliveryState.DELIVERED:
        return delivery
    if must_wait(delivery):
        raise Conflict(Code.RECEIPT_MUST_WAIT, where=delivery.id)
    possible = TRANSITIONS[delivery.state]
    event = next((one for one in (DeliveryEvent.SERVICE_RECORDED, DeliveryEvent.TAKEN) if one in possible), None)
    if event is None:
        raise Conflict(Code.DELIVERY_ACTION_NOT_POSSIBLE, state=delivery.state.value, action=_CONFIRM)
    return replace(delivery, state=possible[event], reason=None, settled=True, next_action_at=None, lease_until=None)


def _receipt(page: Incoming, attempt: Attempt, at: dt.datetime) -> ReceiptRecord:
    number = str(uuid.uuid4())
    return ReceiptRecord(
        id=number,
        delivery=attempt.delivery,
        attempt=attempt.id,
        receipt=Receipt(event=ReceiptEvent.CONTENT_HANDOVER, at=at, source=page.source, evidence=page.digest),
        external_id=f"{page.digest}/signed/{number}",  # what was taken back may be confirmed once more
        object_name=page.object_name,
    )
