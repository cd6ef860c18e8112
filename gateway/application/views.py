"""What stands, as the interface shows it (INTERFACE.md, `gateway status --json`): plain values ready for JSON."""

import datetime as dt
from collections import Counter
from collections.abc import Mapping, Sequence

from gateway.application import contexts
from gateway.application.sealed import DataKey, Vault, data_key
from gateway.domain.delivery import Attempt, Delivery, DeliveryState
from gateway.domain.dispatch import Dispatch, Step, dispatch_state
from gateway.domain.events import EventName
from gateway.ports.database import Database, Transaction
from gateway.ports.records import ReceiptRecord

View = dict[str, object]


class Views:
    """Reads for people and other systems."""

    def __init__(self, *, database: Database, vault: Vault) -> None:
        self._database = database
        self._vault = vault

    def dispatch(self, dispatch_id: str) -> View:
        """A dispatch with its deliveries, attempts and receipts. Raises NoSuchThing (dispatch.unknown)."""
        with self._database.read() as tx:
            dispatch = tx.dispatches.get(dispatch_id)
            deliveries = tx.deliveries.of_dispatch(dispatch_id)
            return self._summary(dispatch, deliveries) | {
                "stuck": _stuck(tx, dispatch),
                "deliveries": self._deliveries(tx, deliveries, data_key(tx.registry, dispatch.data_key)),
            }

    def summary(self, dispatch_id: str) -> View:
        """A dispatch without its deliveries, for who submits and may not read. Raises NoSuchThing."""
        with self._database.read() as tx:
            return self._summary(tx.dispatches.get(dispatch_id), tx.deliveries.of_dispatch(dispatch_id))

    def dispatches(self, limit: int) -> list[View]:
        """The newest dispatches, without their deliveries."""
        with self._database.read() as tx:
            newest = tx.dispatches.newest(limit)
            deliveries = tx.deliveries.of_dispatches([one.id for one in newest])
            return [self._summary(one, deliveries.get(one.id, ())) for one in newest]

    def deliveries(self, *, state: DeliveryState | None, channel: str | None, limit: int) -> list[View]:
        """The work list: what is due first comes first."""
        with self._database.read() as tx:
            return [
                {"dispatch": one.dispatch} | _delivery(one)
                for one in tx.deliveries.find(state=state, channel=channel, limit=limit)
            ]

    def _summary(self, dispatch: Dispatch, deliveries: Sequence[Delivery]) -> View:
        return {
            "dispatch": dispatch.id,
            "package_id": str(dispatch.package_id),
            "division": dispatch.division.value,
            "files": list(dispatch.files),
            "state": dispatch_state(dispatch.step, deliveries).value,
            "accepted_at": _time(dispatch.accepted_at),
            "due": dispatch.due.isoformat() if dispatch.due else None,
            "signer": dispatch.signer,
            "delivery_states": dict(Counter(one.state.value for one in deliveries)),
        }

    def _deliveries(self, tx: Transaction, deliveries: Sequence[Delivery], key: DataKey) -> list[View]:
        ids = [one.id for one in deliveries]
        attempts: Mapping[str, Sequence[Attempt]] = tx.deliveries.attempts_of(ids)
        receipts = tx.records.receipts_of(ids)
        return [
            _delivery(one)
            | {
                "attempts": [self._attempt(attempt, key) for attempt in attempts.get(one.id, ())],
                "receipts": [_receipt(record) for record in receipts.get(one.id, ())],
            }
            for one in deliveries
        ]

    def _attempt(self, attempt: Attempt, key: DataKey) -> View:
        words = self._vault.open(key, contexts.words(attempt.id), attempt.words).decode() if attempt.words else None
        return {
            "attempt": attempt.id,
            "channel": attempt.channel,
            "claimed_at": _time(attempt.claimed_at),
            "started_at": _time(attempt.started_at),
            "finished_at": _time(attempt.finished_at),
            "result": attempt.result.value if attempt.result else None,
            "reason": attempt.reason.value if attempt.reason else None,
            "reference": attempt.reference,
            "detail": words,
            "sent": attempt.sent_digest,
        }


def _stuck(tx: Transaction, dispatch: Dispatch) -> View | None:
    """Which step does not get through this dispatch, since when and why; None while it moves."""
    if dispatch.step is not Step.STUCK:
        return None
    last = [one for one in tx.records.events(dispatch.id) if one.name is EventName.DISPATCH_STUCK][-1]
    return {"step": last.facts["step"], "cause": last.facts["cause"], "since": _time(last.at)}


def _delivery(delivery: Delivery) -> View:
    return {
        "delivery": delivery.id,
        "participant": delivery.participant,
        "roles": [role.value for role in delivery.roles],
        "state": delivery.state.value,
        "reason": delivery.reason.value if delivery.reason else None,
        "settled": delivery.settled,
        "channel": delivery.channel,
        "plan": list(delivery.plan),
        "due": delivery.due.isoformat() if delivery.due else None,
        "next_action_at": _time(delivery.next_action_at),
        "service": None,
        "services": [],
    }


def _receipt(record: ReceiptRecord) -> View:
    receipt = record.receipt
    return {
        "event": receipt.event.value,
        "at": _time(receipt.at),
        "source": receipt.source,
        "evidence": receipt.evidence,
    }


def _time(moment: dt.datetime | None) -> str | None:
    return moment.isoformat() if moment else None
