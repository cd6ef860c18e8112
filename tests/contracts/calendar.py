"""What every `Calendar` keeps to."""

import datetime as dt
from dataclasses import replace

import pytest

from gateway.domain.codes import Code
from gateway.domain.delivery import DeliveryState
from gateway.domain.dispatch import Step
from gateway.domain.events import Event, EventName
from gateway.domain.problem import Conflict, NoSuchThing
from gateway.domain.reasons import Reason
from gateway.ports.calendar import CarrierSuspension, Closure, CountedDue, DueCount
from gateway.ports.database import Database
from tests.contracts.samples import MINUTE, NOW, a_delivery, a_dispatch, name

DAY = dt.timedelta(days=1)
START = dt.date(2026, 11, 20)
DUE = dt.date(2026, 11, 27)


def a_closure(day: dt.date = DUE, office: str | None = "toronto") -> Closure:
    return Closure(id=name(), office=office, date=day, entered_at=NOW, entered_by="clerk", reason=b"sealed")


def a_suspension(channel: str = "regular-mail") -> CarrierSuspension:
    return CarrierSuspension(
        id=name(), channel=channel, since=NOW - MINUTE, entered_at=NOW, entered_by="clerk", reason=b"sealed"
    )


def counted(dispatch: str, office: str = "toronto") -> CountedDue:
    return CountedDue(dispatch=dispatch, office=office, rule="rpd", start=START, due=DUE, warn_on=DUE - DAY)


class CalendarContract:
    """Subclasses bring the fixture `database`: empty, of the shape this release knows."""

    def test_closures_come_back_by_date_and_a_withdrawal_stands(self, database: Database) -> None:
        later, sooner = a_closure(DUE + DAY), a_closure(office=None)
        with database.write() as tx:
            for one in (later, sooner):
                tx.calendar.add_closure(one)
            assert tx.calendar.closures() == [sooner, later]
            gone = replace(later, withdrawn_at=NOW, withdrawn_by="clerk")
            assert tx.calendar.withdraw_closure(later.id, at=NOW, by="clerk") == gone
            assert tx.calendar.withdraw_closure(later.id, at=NOW + MINUTE, by="other") == gone
            with pytest.raises(NoSuchThing) as raised:
                tx.calendar.withdraw_closure("nothing", at=NOW, by="clerk")
        assert (raised.value.code, raised.value.where) == (Code.CLOSURE_UNKNOWN, "nothing")

    def test_what_waits_for_a_carrier_is_found(self, database: Database) -> None:
        dispatch = a_dispatch()
        waits = a_delivery(dispatch.id, state=DeliveryState.NEEDS_PERSON, reason=Reason.CARRIER_SUSPENDED)
        moved = replace(waits, id=name(), state=DeliveryState.FAILED)
        other = replace(waits, id=name(), reason=Reason.ADDRESS_CHANGED)
        with database.write() as tx:
            tx.dispatches.add(dispatch)
            for one in (moved, waits, other):
                tx.deliveries.add(one)
            assert tx.calendar.waiting_for_carrier() == [waits.id]

    def test_what_was_settled_since_a_moment_is_found_while_it_stands_as_handed_over(self, database: Database) -> None:
        dispatch = a_dispatch()
        late = a_delivery(dispatch.id, state=DeliveryState.HANDED_OVER, settled=True)
        early, open_again = replace(late, id=name()), replace(late, id=name(), settled=False)
        proven = replace(late, id=name(), state=DeliveryState.DELIVERED)
        with database.write() as tx:
            tx.dispatches.add(dispatch)
            for one, at in ((late, NOW), (early, NOW - DAY), (open_again, NOW), (proven, NOW)):
                tx.deliveries.add(one)
                event = Event(name=EventName.DELIVERY_SETTLED, at=at, actor="gateway", dispatch=dispatch.id)
                tx.records.append(replace(event, delivery=one.id))
            assert tx.calendar.settled_since(NOW - MINUTE) == [late.id]

    def test_what_left_by_a_channel_and_is_open_is_looked_at_again_at_once(self, database: Database) -> None:
        dispatch = a_dispatch()
        later = NOW + DAY
        mail = ("regular-mail",)
        waits = a_delivery(dispatch.id, state=DeliveryState.HANDED_OVER, plan=mail, next_action_at=later)
        settled = replace(waits, id=name(), settled=True)
        courier = replace(waits, id=name(), plan=("courier",))
        due = replace(waits, id=name(), next_action_at=None)
        with database.write() as tx:
            tx.dispatches.add(dispatch)
            for one in (waits, settled, courier, due):
                tx.deliveries.add(one)
            tx.calendar.look_again("regular-mail", NOW)
            after = [tx.deliveries.get(one.id).next_action_at for one in (waits, settled, courier, due)]
        assert after == [NOW, later, later, None]

    def test_one_suspension_of_a_channel_stands_at_a_time(self, database: Database) -> None:
        first, other, next_ = a_suspension(), a_suspension("courier"), a_suspension()
        with database.write() as tx:
            for one in (first, other):
                tx.calendar.suspend(one)
            with pytest.raises(Conflict) as twice:
                tx.calendar.suspend(next_)
            restored = tx.calendar.restore("regular-mail", at=NOW, by="clerk", reason=b"over")
            with pytest.raises(Conflict) as never:
                tx.calendar.restore("regular-mail", at=NOW, by="clerk", reason=b"over")
            tx.calendar.suspend(next_)
            assert restored == replace(first, restored_at=NOW, restored_by="clerk", restored_reason=b"over")
            assert tx.calendar.suspensions() == [restored, other, next_]
        assert [twice.value.code, never.value.code] == [Code.CHANNEL_SUSPENDED, Code.CHANNEL_NOT_SUSPENDED]

    def test_a_counted_date_stands_on_the_dispatch_and_its_deliveries_too(self, database: Database) -> None:
        dispatch, other = a_dispatch(), a_dispatch()
        delivery = a_delivery(dispatch.id)
        with database.write() as tx:
            for one in (dispatch, other):
                tx.dispatches.add(one)
            tx.deliveries.add(delivery)
            tx.calendar.put_due(counted(dispatch.id))
            moved = replace(counted(dispatch.id), due=DUE + DAY, warn_on=None)
            tx.calendar.put_due(moved)
            assert tx.calendar.due_of([dispatch.id, other.id]) == {dispatch.id: moved}
            assert tx.calendar.due_of([]) == {}
            assert tx.dispatches.get(dispatch.id).due == tx.deliveries.get(delivery.id).due == DUE + DAY
            assert tx.dispatches.get(other.id).due is None

    @pytest.mark.parametrize(
        ("day", "office", "found"),
        [
            (START, "toronto", False),
            (START + DAY, "toronto", True),
            (DUE, "toronto", True),
            (DUE + DAY, "toronto", False),
            (DUE, "ottawa", False),
            (DUE, None, True),
        ],
    )
    def test_a_day_finds_the_counts_that_span_it(
        self, database: Database, day: dt.date, office: str | None, found: bool
    ) -> None:
        dispatch = a_dispatch()
        with database.write() as tx:
            tx.dispatches.add(dispatch)
            tx.calendar.put_due(counted(dispatch.id))
            assert [one.dispatch for one in tx.calendar.open_due(office=office, touching=day)] == (
                [dispatch.id] if found else []
            )

    def test_what_is_sent_is_no_longer_counted(self, database: Database) -> None:
        dispatch = a_dispatch(step=Step.DONE)
        ready, sent = a_delivery(dispatch.id), a_delivery(dispatch.id, state=DeliveryState.HANDED_OVER)
        with database.write() as tx:
            tx.dispatches.add(dispatch)
            for one in (ready, sent):
                tx.deliveries.add(one)
            assert tx.calendar.count_owed() == [DueCount("toronto", None, None, 1)]
            tx.calendar.put_due(counted(dispatch.id))
            assert tx.calendar.count_owed() == [DueCount("toronto", DUE, DUE - DAY, 1)]
            assert len(tx.calendar.open_due(office=None, touching=DUE)) == 1
            tx.deliveries.save(replace(ready, state=DeliveryState.HANDED_OVER))
            assert tx.calendar.count_owed() == []
            assert tx.calendar.open_due(office=None, touching=DUE) == []
