"""What every `WorkLists` keeps to."""

import datetime as dt
from dataclasses import replace

from gateway.domain.delivery import DeliveryState
from gateway.domain.outcomes import Division
from gateway.domain.reasons import Reason
from gateway.domain.work_list import WorkAsked, WorkList
from gateway.ports.database import Database
from tests.contracts.samples import a_delivery, a_dispatch

TODAY = dt.date(2026, 11, 27)
DAY = dt.timedelta(days=1)
STANDS = {
    "asks": (DeliveryState.NEEDS_PERSON, Reason.TRANSMISSION_BAN, TODAY + DAY),
    "failed": (DeliveryState.FAILED, Reason.BOUNCED, TODAY - DAY),
    "nothing": (DeliveryState.FAILED, None, None),
    "returned": (DeliveryState.FAILED, Reason.MAIL_RETURNED, TODAY),
    "doubtful": (DeliveryState.UNCONFIRMED, None, TODAY),
    "clerks": (DeliveryState.AWAITING_PERSON, None, TODAY),
    "silent": (DeliveryState.HANDED_OVER, Reason.RECEIPT_OVERDUE, TODAY),
    "held": (DeliveryState.HELD, Reason.HELD_BY_PERSON, TODAY),
    "fine": (DeliveryState.DELIVERED, None, TODAY - DAY),
}
"""Deliveries by id: state, reason and due date."""
LISTED = {
    WorkList.NEEDS_PERSON: ["asks"],
    WorkList.FAILED: ["failed", "nothing"],
    WorkList.CAME_BACK: ["returned"],
    WorkList.UNCONFIRMED: ["doubtful"],
    WorkList.AWAITING_PERSON: ["clerks"],
    WorkList.OVERDUE: ["silent"],
    WorkList.HELD: ["held"],
    WorkList.LATE: ["failed"],
    WorkList.AT_RISK: [],
}


class WorkListContract:
    """Subclasses bring the fixture `database`: empty, of the shape this release knows."""

    def test_each_delivery_stands_in_the_lists_of_what_is_wrong_with_it(self, database: Database) -> None:
        self._filled(database)
        with database.read() as tx:
            for which, expected in LISTED.items():
                rows = tx.work_lists.rows(WorkAsked(which=which, today=TODAY), 9)
                assert [one.delivery.id for one in rows] == expected, which
                assert tx.work_lists.count(WorkAsked(which=which, today=TODAY)) == len(expected)
            assert tx.work_lists.counts(TODAY) == {which: len(ids) for which, ids in LISTED.items()}

    def test_lists_and_counts_are_of_the_offices_that_are_asked_for(self, database: Database) -> None:
        self._filled(database)
        ours, others = frozenset({a_dispatch().office, "elsewhere"}), frozenset({"elsewhere"})
        with database.read() as tx:
            for which, expected in LISTED.items():
                rows = tx.work_lists.rows(WorkAsked(which=which, today=TODAY, offices=ours), 9)
                assert [one.delivery.id for one in rows] == expected, which
                assert tx.work_lists.rows(WorkAsked(which=which, today=TODAY, offices=others), 9) == []
            assert tx.work_lists.counts(TODAY, offices=ours) == tx.work_lists.counts(TODAY)
            assert set(tx.work_lists.counts(TODAY, offices=others).values()) == {0}

    def test_what_is_still_to_be_sent_to_an_entry_is_found_by_its_due_date(self, database: Database) -> None:
        self._filled(database)
        with database.write() as tx:
            for one in tx.deliveries.find(state=None, channel=None, limit=99):
                tx.deliveries.save(replace(one, recipient="moves"))
        ours, others = frozenset({a_dispatch().office}), frozenset({"elsewhere"})
        with database.read() as tx:
            found = [one.delivery.id for one in tx.work_lists.owed_to("moves", 99, offices=None)]
            assert set(found) == set(STANDS) - {"silent", "fine"}
            due = [STANDS[one][2] for one in found if STANDS[one][2]]
            assert due == sorted(one for one in due if one)
            assert [one.delivery.id for one in tx.work_lists.owed_to("moves", 2, offices=ours)] == found[:2]
            assert list(tx.work_lists.owed_to("moves", 99, offices=others)) == []
            assert list(tx.work_lists.owed_to("stays", 99, offices=None)) == []

    def test_what_a_channel_has_in_hand_is_counted_by_state(self, database: Database) -> None:
        self._filled(database)
        with database.read() as tx:
            counts = tx.work_lists.of_channel("encrypted-email")
            assert tx.work_lists.of_channel("courier") == {}
        expected = dict.fromkeys((state for state, *_ in STANDS.values()), 1) | {DeliveryState.FAILED: 3}
        assert counts == expected

    def test_a_list_goes_on_from_a_place_and_is_narrowed(self, database: Database) -> None:
        division = self._filled(database)
        other = next(one for one in Division if one is not division)
        with database.read() as tx:
            asked = WorkAsked(which=WorkList.FAILED, today=TODAY)
            (first,) = tx.work_lists.rows(asked, 1)
            (second,) = tx.work_lists.rows(replace(asked, after=first.place), 9)
            assert (first.delivery.id, second.delivery.id) == ("failed", "nothing")
            assert tx.work_lists.rows(replace(asked, after=second.place), 9) == []
            assert tx.work_lists.rows(replace(asked, division=other), 9) == []
            assert len(tx.work_lists.rows(replace(asked, division=division), 9)) == len(LISTED[WorkList.FAILED])
            assert tx.work_lists.rows(replace(asked, channel="fax"), 9) == []

    def _filled(self, database: Database) -> Division:
        dispatch = a_dispatch()
        with database.write() as tx:
            tx.dispatches.add(dispatch)
            for name, (state, reason, due) in STANDS.items():
                delivery = a_delivery(dispatch.id, id=name, state=state, reason=reason, due=due, next_action_at=None)
                tx.deliveries.add(delivery)
        return dispatch.division
