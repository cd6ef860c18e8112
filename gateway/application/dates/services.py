"""The services of a delivery, by the closing rules and the calendar of its office, as the interface shows them."""

import datetime as dt
from collections.abc import Collection, Sequence
from zoneinfo import ZoneInfo

from gateway.application.dates.calendar import OfficeCalendar
from gateway.application.dates.office_dates import deemed, today_at, zone_of
from gateway.application.dates.receipt_rules import closing_rules
from gateway.application.files.file_parties import FileParties
from gateway.application.sealed import DataKey
from gateway.domain.closing import ClosesOn, ClosingRule, find_closing
from gateway.domain.delivery import Attempt, Delivery, DeliveryState
from gateway.domain.dispatch import Dispatch
from gateway.domain.file_parties import ELECTRONIC
from gateway.domain.receipt import NOTICES
from gateway.domain.service import RECEIVED, SHOWS_SENT, Service, sendings, service_of
from gateway.domain.settling import Sent
from gateway.ports.records import ReceiptRecord

EASTERN = ZoneInfo("America/Toronto")
"""The Board's electronic stamps are in Eastern Time; what day it is, the clock of the processing office says."""


class Services:
    """Derives services; nothing of them is stored. iad_rolls: see `deemed`."""

    def __init__(self, *, calendar: OfficeCalendar, parties: FileParties, iad_rolls: bool) -> None:
        self._calendar = calendar
        self._parties = parties
        self._iad_rolls = iad_rolls

    def of(
        self,
        dispatch: Dispatch,
        delivery: Delivery,
        attempts: Sequence[Attempt],
        receipts: Sequence[ReceiptRecord],
        key: DataKey | None,
    ) -> tuple[Service, ...]:
        """The services, oldest first, but the one that is relied on last. key: the package's; None: without the days of
        deemed receipt, which hang on the address."""
        found = []
        sent = _sendings(delivery, attempts, receipts)
        for attempt in sent:
            rule = find_closing(closing_rules(), dispatch.division, attempt.channel)
            own = [one.receipt for one in receipts if _is_of(one, attempt)]
            mailed = rule.closes_on is ClosesOn.DEEMED
            deemed_at = self._deemed(dispatch, delivery, attempt, key) if mailed and key is not None else None
            delivered = delivery.state is DeliveryState.DELIVERED and attempt is sent[-1]
            service = service_of(attempt, own, rule, deemed_at, delivered=delivered)
            found += [service] if service is not None else []
        return tuple(found)

    def relied_on(
        self,
        dispatch: Dispatch,
        delivery: Delivery,
        attempts: Sequence[Attempt],
        receipts: Sequence[ReceiptRecord],
        key: DataKey,
    ) -> tuple[Sent, ClosingRule] | None:
        """The sending of what left us that is relied on, with what came back on it, and the rule that settles it; None
        when no attempt is known to have sent it."""
        sent = _sendings(delivery, attempts, receipts)
        if not sent:
            return None
        attempt = sent[-1]
        rule = find_closing(closing_rules(), dispatch.division, attempt.channel)
        reports = [
            one.receipt for one in receipts if _is_of(one, attempt) and one.external_id != attempt.id
        ]  # the carrier's acceptance bears the attempt's own id
        until = None
        if rule.closes_on is ClosesOn.DEEMED:
            day = self._deemed(dispatch, delivery, attempt, key)
            if day is not None:
                until = dt.datetime.combine(day + dt.timedelta(days=1), dt.time.min, zone_of(dispatch.office))
        return Sent(attempt=attempt, reports=reports, deemed_until=until), rule

    def _deemed(self, dispatch: Dispatch, delivery: Delivery, attempt: Attempt, key: DataKey) -> dt.date | None:
        mailed = today_at(dispatch.office, attempt.finished_at or attempt.claimed_at)
        return deemed(
            dispatch.division,
            mailed,
            dispatch.office,
            abroad=self._parties.reached_abroad(delivery, key),
            iad_rolls=self._iad_rolls,
            also=self._calendar.closed_days(dispatch.office),
            suspensions=self._calendar.suspensions(dispatch.office),
        ).date


def _sendings(
    delivery: Delivery, attempts: Sequence[Attempt], receipts: Sequence[ReceiptRecord]
) -> tuple[Attempt, ...]:
    return sendings(delivery, attempts, _with_event(receipts, SHOWS_SENT), _with_event(receipts, RECEIVED))


def _is_of(record: ReceiptRecord, attempt: Attempt) -> bool:
    """Whether it is about what the attempt sent; a notice is about a mail of its own."""
    return record.attempt == attempt.id and record.receipt.event not in NOTICES


def _with_event(receipts: Sequence[ReceiptRecord], events: Collection[str]) -> frozenset[str]:
    """The attempts of which some receipt bears one of those events."""
    return frozenset(one.attempt for one in receipts if one.attempt and one.receipt.event in events)


def service_view(service: Service, office: str) -> dict[str, object]:
    """A service with its moments by the office's clock; of electronic ways, beside Eastern Time."""
    zone = zone_of(office)
    view: dict[str, object] = {
        "method": service.method,
        "sent_at": _by(zone, service.sent_at),
        "provided_at": _by(zone, service.provided_at),
        "deemed_at": service.deemed_at.isoformat() if service.deemed_at else None,
        "received_at": _by(zone, service.received_at),
        "basis": service.basis.value,
        "rule": service.rule,
        "evidence": list(service.evidence),
    }
    if service.method in ELECTRONIC:
        view["eastern"] = {
            "sent_at": _by(EASTERN, service.sent_at),
            "received_at": _by(EASTERN, service.received_at),
        }
    return view


def _by(zone: dt.tzinfo, moment: dt.datetime | None) -> str | None:
    return moment.astimezone(zone).isoformat() if moment else None
