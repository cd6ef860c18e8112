"""The report of a recall: what it came to for each delivery, as things stand now; plain values ready for JSON."""

import datetime as dt
from collections.abc import Sequence

from gateway.application.exchange.withdraw import left_for
from gateway.application.people.own_offices import check_dispatch
from gateway.domain.codes import Code
from gateway.domain.delivery import Attempt, Delivery, ResultName
from gateway.domain.dispatch import dispatch_state
from gateway.domain.events import Event, EventName
from gateway.domain.exchange import Entry
from gateway.domain.problem import NoSuchThing
from gateway.domain.recall import containment, was_taken
from gateway.domain.receipt import ReceiptEvent
from gateway.domain.reference import token_of
from gateway.ports.database import Database, Transaction
from gateway.ports.records import ReceiptRecord

View = dict[str, object]

_LEFT = (ResultName.HANDED_OVER, ResultName.MAYBE_SENT)


class RecallReports:
    """Reads for who must call recipients, and for who must answer for it later."""

    def __init__(self, *, database: Database) -> None:
        self._database = database

    def __call__(self, dispatch_id: str, *, viewer: str | None) -> View:
        """The report. viewer: None for who reads on the machine.

        Raises NoSuchThing (dispatch.unknown, dispatch.not-recalled), NotAllowed (account.other-office).
        """
        with self._database.read() as tx:
            dispatch = check_dispatch(tx, tx.dispatches.get(dispatch_id), viewer)
            events = tx.records.events(dispatch_id)
            recalls = [one for one in events if one.name is EventName.DISPATCH_RECALLED]
            if not recalls:
                raise NoSuchThing(Code.DISPATCH_NOT_RECALLED, where=dispatch_id)
            deliveries = tx.deliveries.of_dispatch(dispatch_id)
            calls = [one for one in events if one.name is EventName.RECALL_CALLED]
            told = [
                _delivery(tx, one, events) | {"called": [_call(call) for call in calls if call.delivery == one.id]}
                for one in deliveries
            ]
        return {
            "dispatch": dispatch.id,
            "package_id": str(dispatch.package_id),
            "division": dispatch.division.value,
            "files": list(dispatch.files),
            "state": dispatch_state(dispatch.step, deliveries).value,
            "recalls": [_recall(one) for one in recalls],
            "deliveries": told,
        }


def _recall(event: Event) -> View:
    return {"at": event.at.isoformat(), "by": event.actor, "evidence": event.facts["evidence"]}


def _call(event: Event) -> View:
    return {"at": event.at.isoformat(), "by": event.actor}


def _delivery(tx: Transaction, delivery: Delivery, events: Sequence[Event]) -> View:
    removed = {one.attempt: one.at for one in events if one.name is EventName.UPLOAD_REMOVED and one.attempt}
    attempts = tx.deliveries.attempts(delivery.id)
    left = left_for(tx, attempts)
    receipts = tx.records.receipts_of([delivery.id]).get(delivery.id, ())
    return {
        "delivery": delivery.id,
        "participant": delivery.participant,
        "roles": [role.value for role in delivery.roles],
        "state": delivery.state.value,
        "containment": containment(delivery, attempts, left, removed).value,
        "left": [
            _sending(one, left) | {"removed_at": _time(removed.get(one.id))}
            for one in attempts
            if one.result in _LEFT or _on_its_way(one)
        ],
        "taken": [_taking(one, receipts) for one in left if was_taken(one)],
    }


def _on_its_way(attempt: Attempt) -> bool:
    return attempt.started_at is not None and attempt.result is None


def _sending(attempt: Attempt, left: Sequence[Entry]) -> View:
    """One way by which it left or may have, and since when it is withdrawn there, where it could be."""
    entry = next((one for one in left if one.id == token_of(attempt.reference)), None)
    return {
        "channel": attempt.channel,
        "at": _time(attempt.finished_at or attempt.started_at),
        "result": attempt.result.value if attempt.result else None,
        "retracted_at": _time(entry.retracted_at) if entry else None,
    }


def _taking(entry: Entry, receipts: Sequence[ReceiptRecord]) -> View:
    """By whom, since when, and how much of it. Who acknowledged it without a download said so, and no more."""
    moments = [
        one.receipt.at
        for one in receipts
        if one.attempt == entry.attempt and one.receipt.event is ReceiptEvent.CONTENT_HANDOVER
    ]
    return {
        "by": entry.account,
        "at": _time(min(moments, default=None)),
        "documents": len(entry.taken),
        "of": len(entry.documents),
        "acknowledged_at": _time(entry.acknowledged_at),
    }


def _time(moment: dt.datetime | None) -> str | None:
    return moment.isoformat() if moment else None
