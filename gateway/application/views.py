"""What stands, as the interface shows it (INTERFACE.md, `gateway status --json`): plain values ready for JSON."""

import datetime as dt
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence

from gateway.application import contexts
from gateway.application.dates.services import Services, service_view
from gateway.application.retention.remains import expiry_of, open_remains
from gateway.application.sealed import DataKey, Vault, package_key
from gateway.domain.delivery import CAME_BACK, Attempt, Delivery, DeliveryState, needs_person
from gateway.domain.dispatch import Dispatch, Step, dispatch_state
from gateway.domain.events import Event, EventName
from gateway.domain.officers_word import word_in
from gateway.domain.urgency import Urgency, urgency, urgency_of
from gateway.ports.calendar import CountedDue
from gateway.ports.clock import Clock
from gateway.ports.database import Database, Transaction
from gateway.ports.records import ReceiptRecord

View = dict[str, object]


class Views:
    """Reads for people and other systems."""

    def __init__(
        self,
        *,
        database: Database,
        vault: Vault,
        services: Services,
        today: Callable[[str, dt.datetime], dt.date],
        clock: Clock,
    ) -> None:
        """today: the date at an office at a moment, by which what is owed is in time or late."""
        self._database = database
        self._vault = vault
        self._services = services
        self._today = today
        self._clock = clock

    def dispatch(self, dispatch_id: str) -> View:
        """A dispatch with its deliveries, attempts and receipts; of one that expired, as it last stood.

        Raises NoSuchThing (dispatch.unknown)."""
        with self._database.read() as tx:
            dispatch = tx.dispatches.get(dispatch_id)
            expired = expiry_of(tx, dispatch)
        if expired is not None:
            return open_remains(self._vault, expired).status
        with self._database.read() as tx:
            deliveries = tx.deliveries.of_dispatch(dispatch_id)
            ids = [one.id for one in deliveries]
            attempts, receipts = tx.deliveries.attempts_of(ids), tx.records.receipts_of(ids)
            events = tx.records.events(dispatch_id)
            due, stuck, notes = self._due(tx, [dispatch_id]), _stuck(dispatch, events), _notes(events)
            key = package_key(tx.registry, dispatch)
        return self._summary(dispatch, deliveries, due) | {
            "stuck": stuck,
            "sealed": _sealed(events),
            "notes": notes,
            "deliveries": [
                self._delivery(one, due)
                | self._history(attempts.get(one.id, ()), receipts.get(one.id, ()), key)
                | self._served(dispatch, one, attempts.get(one.id, ()), receipts.get(one.id, ()), key)
                for one in deliveries
            ],
        }

    def summary(self, dispatch_id: str) -> View:
        """A dispatch without its deliveries, for who submits and may not read. Raises NoSuchThing."""
        with self._database.read() as tx:
            deliveries = tx.deliveries.of_dispatch(dispatch_id)
            return self._summary(tx.dispatches.get(dispatch_id), deliveries, self._due(tx, [dispatch_id]))

    def accepted(self, dispatch: Dispatch) -> View:
        """The same of one that was accepted just now: it has no deliveries yet, and nothing is asked."""
        return self._summary(dispatch, (), {})

    def dispatches(self, limit: int) -> list[View]:
        """The newest dispatches, without their deliveries."""
        with self._database.read() as tx:
            newest = tx.dispatches.newest(limit)
            ids = [one.id for one in newest]
            deliveries, due = tx.deliveries.of_dispatches(ids), self._due(tx, ids)
            return [self._summary(one, deliveries.get(one.id, ()), due) for one in newest]

    def deliveries(
        self, *, state: DeliveryState | None, channel: str | None, limit: int, came_back: bool = False
    ) -> list[View]:
        """The work list: what is due first comes first. came_back: only mail that did not reach its recipient."""
        with self._database.read() as tx:
            if came_back:
                found = tx.deliveries.find(state=DeliveryState.FAILED, channel=channel, limit=limit, reasons=CAME_BACK)
            else:
                found = tx.deliveries.find(state=state, channel=channel, limit=limit)
            due = self._due(tx, [one.dispatch for one in found])
            return [{"dispatch": one.dispatch} | self._delivery(one, due) for one in found]

    def owed(self) -> Mapping[Urgency, int]:
        """How many deliveries have not been sent, by how they stand against their service standard."""
        with self._database.read() as tx:
            counted = tx.calendar.count_owed()
        owed = dict.fromkeys(Urgency, 0)
        for one in counted:
            owed[urgency(one.due, one.warn_on, self._today(one.office, self._clock.now()))] += one.count
        return owed

    def _due(self, tx: Transaction, dispatch_ids: Sequence[str]) -> Mapping[str, CountedDue]:
        return tx.calendar.due_of(list(dict.fromkeys(dispatch_ids)))

    def _urgency(self, delivery: Delivery, due: CountedDue | None) -> Urgency | None:
        if due is None:  # not planned yet, or planned by a release that kept no count
            return urgency_of(delivery.state, None, None, dt.date.min)
        return urgency_of(delivery.state, due.due, due.warn_on, self._today(due.office, self._clock.now()))

    def _summary(self, dispatch: Dispatch, deliveries: Sequence[Delivery], due: Mapping[str, CountedDue]) -> View:
        counted = due.get(dispatch.id)
        return {
            "dispatch": dispatch.id,
            "package_id": str(dispatch.package_id),
            "division": dispatch.division.value,
            "files": list(dispatch.files),
            "state": dispatch_state(dispatch.step, deliveries).value,
            "accepted_at": _time(dispatch.accepted_at),
            "due": dispatch.due.isoformat() if dispatch.due else None,
            "urgency": _worst(self._urgency(one, counted) for one in deliveries),
            "due_rule": counted.rule if counted else None,
            "warn_on": counted.warn_on.isoformat() if counted and counted.warn_on else None,
            "signer": dispatch.signer,
            "delivery_states": dict(Counter(one.state.value for one in deliveries)),
        }

    def _history(self, attempts: Sequence[Attempt], receipts: Sequence[ReceiptRecord], key: DataKey) -> View:
        return {
            "attempts": [self._attempt(attempt, key) for attempt in attempts],
            "receipts": [_receipt(record) for record in receipts],
        }

    def _served(
        self,
        dispatch: Dispatch,
        delivery: Delivery,
        attempts: Sequence[Attempt],
        receipts: Sequence[ReceiptRecord],
        key: DataKey,
    ) -> View:
        """The services of the delivery; the last is relied on once it is settled."""
        services = self._services.of(dispatch, delivery, attempts, receipts, key)
        shown = [service_view(one, dispatch.office) for one in services]
        return {"service": shown[-1] if shown and delivery.settled else None, "services": shown}

    def _delivery(self, delivery: Delivery, due: Mapping[str, CountedDue]) -> View:
        stands = self._urgency(delivery, due.get(delivery.dispatch))
        return _delivery(delivery) | {"urgency": stands.value if stands else None}

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


def _worst(stands: Iterable[Urgency | None]) -> str | None:
    """The most urgent of them; None when nothing is owed."""
    order = list(Urgency)
    owed = [one for one in stands if one is not None]
    return max(owed, key=order.index).value if owed else None


def _sealed(events: Sequence[Event]) -> View | None:
    """On whose word the gateway itself sealed the package; None where its sender signed it."""
    word = next((word_in(one.facts) for one in events if one.name is EventName.PACKAGE_ACCEPTED), None)
    if word is None:
        return None
    return {
        "on_word_of": word.officer,
        "signed_in_at": _time(word.signed_in_at),
        "signed_in_with": word.signed_in_with.value,
    }


def _notes(events: Sequence[Event]) -> list[View]:
    """What was found of its documents, each by its place in decision.json."""
    found = [one for one in events if one.name is EventName.DOCUMENT_NOTED]
    return [{"document": one.facts["document"], "code": one.facts["code"]} for one in found]


def _stuck(dispatch: Dispatch, events: Sequence[Event]) -> View | None:
    """Which step does not get through this dispatch, since when and why; None while it moves."""
    if dispatch.step is not Step.STUCK:
        return None
    last = [one for one in events if one.name is EventName.DISPATCH_STUCK][-1]
    return {"step": last.facts["step"], "cause": last.facts["cause"], "since": _time(last.at)}


def _delivery(delivery: Delivery) -> View:
    return {
        "delivery": delivery.id,
        "participant": delivery.participant,
        "roles": [role.value for role in delivery.roles],
        "state": delivery.state.value,
        "reason": delivery.reason.value if delivery.reason else None,
        "settled": delivery.settled,
        "needs_person": needs_person(delivery),
        "channel": delivery.channel,
        "plan": list(delivery.plan),
        "due": delivery.due.isoformat() if delivery.due else None,
        "next_action_at": _time(delivery.next_action_at),
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
