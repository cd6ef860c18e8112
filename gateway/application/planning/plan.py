"""Planning: who gets what by which channel, and by when. What cannot be planned goes to a person now."""

import datetime as dt
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from gateway.application.casework import Case, OpenCase
from gateway.application.planning.router import Router
from gateway.application.recipients.directory import RecipientDirectory
from gateway.domain.delivery import Delivery, DeliveryEvent, DeliveryState, next_state
from gateway.domain.dispatch import Dispatch, Step
from gateway.domain.events import Event, EventName
from gateway.domain.far_end import server_of
from gateway.domain.package import DecisionPackage
from gateway.domain.reasons import Reason
from gateway.domain.routing import PlannedDelivery
from gateway.domain.rules.rule import AnyRule
from gateway.domain.service_standard import DueDate
from gateway.domain.ways import Opened
from gateway.ports.calendar import CountedDue
from gateway.ports.clock import Clock
from gateway.ports.database import Database, Transaction


@dataclass(frozen=True, kw_only=True)
class OfficeTime:
    """Dates as the office counts them."""

    due: Callable[[DecisionPackage], DueDate]
    """The last day of the service standard, with its count."""
    today: Callable[[str, dt.datetime], dt.date]
    """The date at an office at a moment."""


@dataclass(frozen=True, kw_only=True)
class Planned:
    """A package as it was planned: what is to be rendered of it, and the ways that two people opened, by
    participant."""

    case: Case
    waiting: Sequence[Delivery]
    opened: Mapping[str, Opened]


class Plan:
    """Plans dispatches. Planning again changes only what still waits for a plan."""

    def __init__(
        self,
        *,
        database: Database,
        open_case: OpenCase,
        directory: RecipientDirectory,
        router: Router,
        office_time: OfficeTime,
        clock: Clock,
    ) -> None:
        self._database = database
        self._open_case = open_case
        self._directory = directory
        self._router = router
        self._office_time = office_time
        self._clock = clock

    def __call__(self, dispatch: Dispatch, *, keep_for: dt.timedelta | None = None) -> Planned:
        """Plans one claimed dispatch. keep_for: how long it stays claimed, under the same fence, for whoever planned it
        to render it at once from what is open already; None: it is given back, for anybody to render.

        Raises LeaseLost when another worker took it over.
        """
        with self._directory.reading_once():
            case, opened = self._open_case(dispatch), self._opened(dispatch)
            items = [one for one in self._router.plan(case.decision, case.members, opened) if one.to_send]
        now = self._clock.now()
        with self._database.write() as tx:
            counted = self._office_time.due(case.decision)
            after = _to_be_rendered(dispatch, counted.date, now, keep_for)
            # First, so that locks are taken in one order: the dispatch, then its deliveries.
            tx.dispatches.save(after)
            standing = () if dispatch.is_untouched else tx.deliveries.of_dispatch(dispatch.id)
            planned = _write(tx, after, items, standing, now)
            tx.calendar.put_due(_counted(dispatch, counted), borne=all(one.due == counted.date for one in standing))
            if standing:  # of which there may be others, and their dates may have moved
                planned = tx.deliveries.of_dispatch(dispatch.id)
        waiting = [one for one in planned if one.state is DeliveryState.PLANNED]
        return Planned(case=replace(case, dispatch=after), waiting=waiting, opened=opened)

    def _opened(self, dispatch: Dispatch) -> Mapping[str, Opened]:
        if dispatch.is_untouched:
            return {}
        with self._database.look_up() as tx:
            return tx.opened_ways.of_dispatch(dispatch.id)


def _to_be_rendered(dispatch: Dispatch, due: dt.date, now: dt.datetime, keep_for: dt.timedelta | None) -> Dispatch:
    after = replace(dispatch, step=Step.RENDER, due=due, attempts=0, next_action_at=now, lease_until=None)
    # Kept, it is as if whoever planned it had claimed it once more.
    return after if keep_for is None else replace(after, attempts=1, lease_until=now + keep_for)


def _write(
    tx: Transaction,
    dispatch: Dispatch,
    items: Sequence[PlannedDelivery],
    standing: Sequence[Delivery],
    now: dt.datetime,
) -> Sequence[Delivery]:
    """The deliveries under their plans: those that are new, and those that still waited for one."""
    before = {one.participant: one for one in standing}
    new = {item.participant.id: _new(dispatch, item) for item in items if item.participant.id not in before}
    again = {
        item.participant.id: _stands(before[item.participant.id], item)
        for item in items
        if item.participant.id in before and before[item.participant.id].state is DeliveryState.PLANNED
    }
    planned = new | again
    tx.deliveries.add(*new.values())
    for one in again.values():
        tx.deliveries.save(one)
    told = [(item, planned[item.participant.id]) for item in items if item.participant.id in planned]
    tx.records.append(*(_event(item, delivery, now) for item, delivery in told))
    return list(planned.values())


def _counted(dispatch: Dispatch, due: DueDate) -> CountedDue:
    """How the date was counted, so that a closure that staff enter later can move it."""
    return CountedDue(
        dispatch=dispatch.id,
        office=dispatch.office,
        rule=due.standard.rule,
        start=due.steps[0].date,
        due=due.date,
        warn_on=due.warn_on,
    )


def _new(dispatch: Dispatch, item: PlannedDelivery) -> Delivery:
    fresh = Delivery(
        id=str(uuid.uuid4()),
        dispatch=dispatch.id,
        participant=item.participant.id,
        roles=item.participant.roles,
        recipient=None,
        language=item.language,
        state=DeliveryState.PLANNED,
        reason=None,
        plan=(),
        due=dispatch.due,
    )
    return _stands(fresh, item)


def _stands(delivery: Delivery, item: PlannedDelivery) -> Delivery:
    """The delivery under its plan: still planned, or with a person when there is no way."""
    planned = replace(
        delivery,
        recipient=item.recipient.id if item.recipient else None,
        plan=item.channels,
        position=0,
        server=server_of(item.recipient),
        reason=item.reason or _release(delivery),
    )
    if item.reason is None:
        return planned
    return replace(planned, state=next_state(delivery.state, DeliveryEvent.PERSON_NEEDED))


def _release(delivery: Delivery) -> Reason | None:
    """A person's release of papers that were held back stands through a new plan."""
    return delivery.reason if delivery.reason is Reason.RELEASED_BY_PERSON else None


def _event(item: PlannedDelivery, delivery: Delivery, now: dt.datetime) -> Event:
    called = delivery.state is DeliveryState.NEEDS_PERSON
    rules = [*item.provision.rules, *(one.rule for one in item.verdicts if one.offered)]
    because = {"reason": delivery.reason.value} if delivery.reason else {"channels": " ".join(delivery.plan)}
    return Event(
        name=EventName.PERSON_CALLED if called else EventName.DELIVERY_PLANNED,
        at=now,
        actor="gateway",
        dispatch=delivery.dispatch,
        delivery=delivery.id,
        facts=because
        | {
            "standing": item.provision.standing.value,
            "rules": " ".join(dict.fromkeys(rule.id for rule in (*rules, *_behind(item)))),
        },
    )


def _behind(item: PlannedDelivery) -> tuple[AnyRule, ...]:
    return (item.because,) if item.because else ()
