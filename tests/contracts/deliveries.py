"""What every `Deliveries` keeps to: finding, claiming, fencing. Attempts have a suite of their own."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace

import pytest

from gateway.domain.codes import Code
from gateway.domain.delivery import Delivery, DeliveryState
from gateway.domain.parties import Role
from gateway.domain.problem import NoSuchThing
from gateway.domain.reasons import Reason
from gateway.ports.database import Database
from gateway.ports.registry import ChannelPause
from gateway.ports.work import LeaseLost
from tests.contracts.samples import LEASE, MINUTE, NOW, a_delivery, name, stored_deliveries, stored_dispatch

DAY = dt.date(2026, 11, 27)
NEVER_CLAIMED = [state for state in DeliveryState if state not in {DeliveryState.READY, DeliveryState.DEFERRED}]


def claim(database: Database, *, now: dt.datetime = NOW, limit: int = 10) -> Sequence[Delivery]:
    """What a worker gets."""
    with database.write() as tx:
        waiting = tx.deliveries.waiting()
        return [one for way in waiting for one in tx.deliveries.claim(way, now=now, lease=LEASE, limit=limit)]


def pause(database: Database, channel: str, until: dt.datetime, since: dt.datetime = NOW) -> None:
    """Pauses the channel."""
    with database.write() as tx:
        tx.registry.pause_channel(ChannelPause(channel=channel, since=since, until=until, reason="smtp.connect"))


class DeliveriesContract:
    """Subclasses bring the fixture `database`: empty, of the shape this release knows."""

    def test_several_are_added_in_order_and_held_together(self, database: Database) -> None:
        dispatch = stored_dispatch(database)
        made = [a_delivery(dispatch.id, participant=f"p{number}") for number in range(3)]
        with database.write() as tx:
            tx.deliveries.add(*made)
            tx.deliveries.add()
        with database.write() as tx:
            assert tx.deliveries.of_dispatch(dispatch.id) == made
            asked = [made[2].id, "nobody", made[0].id]
            assert tx.deliveries.held(asked) == {made[0].id: made[0], made[2].id: made[2]}
            assert tx.deliveries.held([]) == {}

    def test_a_delivery_comes_back_as_it_went_in(self, database: Database) -> None:
        full, bare = stored_deliveries(
            database,
            {
                "roles": (Role.COUNSEL, Role.DESIGNATED_REPRESENTATIVE),
                "reason": Reason.KEY_EXPIRED,
                "position": 1,
                "attempts": 3,
                "fence": 9,
                "settled": True,
                "due": DAY,
                "lease_until": NOW + LEASE,
            },
            {"roles": (), "plan": (), "recipient": None, "state": DeliveryState.PLANNED, "next_action_at": None},
        )
        with database.read() as tx:
            assert tx.deliveries.get(full.id) == full
            assert tx.deliveries.get(bare.id) == bare

    def test_what_was_never_planned_is_not_found(self, database: Database) -> None:
        unknown = name()
        with database.read() as tx, pytest.raises(NoSuchThing) as raised:
            tx.deliveries.get(unknown)
        assert (raised.value.code, raised.value.where) == (Code.DELIVERY_UNKNOWN, unknown)

    def test_a_dispatch_has_its_deliveries_in_the_order_they_were_planned(self, database: Database) -> None:
        first = stored_deliveries(database, *({"participant": one} for one in ("z", "a", "m")))
        second = stored_deliveries(database, {"due": DAY})
        empty = stored_dispatch(database)
        asked = [second[0].dispatch, first[0].dispatch, empty.id]
        with database.read() as tx:
            assert tx.deliveries.of_dispatch(first[0].dispatch) == first
            assert tx.deliveries.of_dispatches(asked) == {asked[0]: second, asked[1]: first, asked[2]: []}
            assert tx.deliveries.of_dispatches([]) == {}

    def test_the_work_list_goes_by_due_date_then_age(self, database: Database) -> None:
        undated, later, old, young = stored_deliveries(
            database, {}, {"due": DAY + dt.timedelta(days=1)}, {"due": DAY}, {"due": DAY}
        )
        with database.read() as tx:
            found = tx.deliveries.find(state=None, channel=None, limit=10)
            assert found == [old, young, later, undated]
            assert tx.deliveries.find(state=None, channel=None, limit=2) == [old, young]

    def test_the_work_list_is_narrowed_by_state_and_by_the_channel_in_use(self, database: Database) -> None:
        bounced = {"state": DeliveryState.FAILED, "reason": Reason.BOUNCED}
        failed, moved_on, ready = stored_deliveries(database, bounced, {"position": 1}, {})
        with database.read() as tx:
            find = tx.deliveries.find
            assert find(state=DeliveryState.FAILED, channel=None, limit=10) == [failed]
            assert find(state=None, channel="secure-upload", limit=10) == [moved_on]
            assert find(state=DeliveryState.READY, channel="encrypted-email", limit=10) == [ready]
            assert find(state=DeliveryState.FAILED, channel="secure-upload", limit=10) == []
            assert find(state=None, channel=None, limit=10, reasons=[Reason.MAIL_RETURNED]) == []
            assert find(state=None, channel=None, limit=10, reasons=[Reason.BOUNCED, Reason.MAIL_HELD]) == [failed]

    def test_a_claim_makes_it_sending_grows_fence_and_attempts_and_sets_the_lease(self, database: Database) -> None:
        (delivery,) = stored_deliveries(database, {"fence": 4, "attempts": 1})
        (claimed,) = claim(database)
        assert claimed == replace(delivery, state=DeliveryState.SENDING, fence=5, attempts=2, lease_until=NOW + LEASE)
        with database.read() as tx:
            assert tx.deliveries.get(delivery.id) == claimed

    def test_ready_and_deferred_deliveries_are_claimed_once_their_next_action_is_reached(
        self, database: Database
    ) -> None:
        ready, deferred, now, _later = stored_deliveries(
            database,
            {"next_action_at": NOW - MINUTE},
            {"next_action_at": NOW, "state": DeliveryState.DEFERRED},
            {"next_action_at": None},
            {"next_action_at": NOW + dt.timedelta(microseconds=1)},
        )
        assert {one.id for one in claim(database)} == {ready.id, deferred.id, now.id}
        assert claim(database) == []

    def test_what_is_due_is_told_as_a_claim_would_take_it_and_is_not_taken(self, database: Database) -> None:
        later, first, _paused = stored_deliveries(
            database, {"due": DAY + dt.timedelta(days=1)}, {"due": DAY}, {"due": DAY, "position": 1}
        )
        stored_deliveries(database, {"next_action_at": NOW + MINUTE}, {"state": DeliveryState.HELD})
        pause(database, "secure-upload", until=NOW + MINUTE)
        for _ in range(2):
            with database.read() as tx:
                assert tx.deliveries.due(now=NOW, limit=9) == [first.id, later.id]
                assert tx.deliveries.due(now=NOW, limit=1) == [first.id]
        assert [one.id for one in claim(database)] == [first.id, later.id]
        with database.read() as tx:
            assert tx.deliveries.due(now=NOW, limit=9) == []

    def test_what_may_have_been_sent_is_told_once_its_time_is_over(self, database: Database) -> None:
        doubtful = {"state": DeliveryState.UNCONFIRMED}
        later, first, _waiting, _called = stored_deliveries(
            database,
            doubtful | {"due": DAY + dt.timedelta(days=1)},
            doubtful | {"due": DAY, "next_action_at": NOW - MINUTE},
            doubtful | {"next_action_at": NOW + MINUTE},
            doubtful | {"next_action_at": None},
        )
        stored_deliveries(database, {"next_action_at": NOW})
        with database.read() as tx:
            assert tx.deliveries.unconfirmed(now=NOW, limit=9) == [first, later]
            assert tx.deliveries.unconfirmed(now=NOW, limit=1) == [first]
            assert tx.deliveries.count_waiting_for_report() == 3

    def test_what_nothing_would_move_again_is_found(self, database: Database) -> None:
        never, nowhere, _sent = stored_deliveries(
            database, {"state": DeliveryState.PLANNED}, {"position": 9}, {"state": DeliveryState.HANDED_OVER}
        )
        stored_deliveries(database, {}, {"state": DeliveryState.NEEDS_PERSON, "plan": ()})
        with database.read() as tx:
            assert tx.deliveries.forgotten(limit=9) == [never, nowhere]
            assert tx.deliveries.forgotten(limit=1) == [never]

    def test_what_waits_for_a_channel_is_told_paused_or_not_and_is_not_taken(self, database: Database) -> None:
        later, _elsewhere, deferred, undated = stored_deliveries(
            database,
            {"due": DAY + dt.timedelta(days=1)},
            {"position": 1},
            {"due": DAY, "state": DeliveryState.DEFERRED, "next_action_at": NOW + MINUTE},
            {},
        )
        stored_deliveries(database, *({"state": state, "lease_until": NOW} for state in NEVER_CLAIMED))
        pause(database, "encrypted-email", until=NOW + MINUTE)
        with database.read() as tx:
            assert tx.deliveries.waiting_for("encrypted-email") == [deferred, later, undated]
            assert tx.deliveries.waiting_for("fax") == []

    @pytest.mark.parametrize("state", NEVER_CLAIMED)
    def test_no_other_state_is_ever_claimed(self, database: Database, state: DeliveryState) -> None:
        stored_deliveries(database, {"state": state, "lease_until": NOW - LEASE})
        assert claim(database) == []

    def test_the_earliest_due_is_claimed_first_and_what_has_no_due_date_last(self, database: Database) -> None:
        undated, later, waited_less, waited_more, for_nothing = stored_deliveries(
            database,
            {"next_action_at": NOW - 9 * MINUTE},
            {"due": DAY + dt.timedelta(days=1)},
            {"due": DAY},
            {"due": DAY, "next_action_at": NOW - MINUTE, "state": DeliveryState.DEFERRED},
            {"due": DAY, "next_action_at": None},
        )
        first = claim(database, limit=4)
        assert [one.id for one in first] == [for_nothing.id, waited_more.id, waited_less.id, later.id]
        assert [one.id for one in claim(database)] == [undated.id]

    def test_a_paused_channel_takes_no_work_until_the_pause_ends(self, database: Database) -> None:
        mail, upload = stored_deliveries(database, {"due": DAY}, {"position": 1})
        pause(database, "encrypted-email", until=NOW + MINUTE)
        assert [one.id for one in claim(database)] == [upload.id]
        assert claim(database, now=NOW + MINUTE - dt.timedelta(microseconds=1)) == []
        assert [one.id for one in claim(database, now=NOW + MINUTE)] == [mail.id]

    def test_sending_deliveries_whose_lease_ran_out_are_listed_the_longest_ago_first(self, database: Database) -> None:
        sending = {"state": DeliveryState.SENDING}
        short, shorter, _running, _ended = stored_deliveries(
            database,
            {**sending, "lease_until": NOW},
            {**sending, "lease_until": NOW - MINUTE},
            {**sending, "lease_until": NOW + dt.timedelta(microseconds=1)},
            {"state": DeliveryState.HANDED_OVER, "lease_until": NOW - MINUTE},
        )
        with database.write() as tx:
            assert tx.deliveries.lapsed(now=NOW, limit=10) == [shorter, short]
            assert tx.deliveries.lapsed(now=NOW, limit=1) == [shorter]

    def test_saving_writes_all_that_can_change(self, database: Database) -> None:
        (delivery,) = stored_deliveries(database, {})
        changed = replace(
            delivery,
            recipient="counsel-12345p",
            state=DeliveryState.DEFERRED,
            reason=Reason.SMTP_TEMPORARY,
            plan=("fax", "courier", "regular-mail"),
            position=2,
            attempts=1,
            settled=True,
            due=DAY,
            next_action_at=NOW + MINUTE,
            lease_until=NOW + LEASE,
        )
        with database.write() as tx:
            assert tx.deliveries.get(delivery.id, lock=True) == delivery
            tx.deliveries.save(changed)
        with database.read() as tx:
            assert tx.deliveries.get(delivery.id) == changed
            assert tx.deliveries.find(state=None, channel="regular-mail", limit=1) == [changed]

    def test_what_waits_follows_its_recipient_to_another_server_and_what_is_on_its_way_does_not(
        self, database: Database
    ) -> None:
        uploads = {"plan": ("secure-upload", "fax"), "server": "old"}
        waiting, later, on_its_way, anothers = stored_deliveries(
            database,
            uploads,
            {"plan": ("encrypted-email", "secure-upload"), "server": "old"},
            {**uploads, "state": DeliveryState.SENDING, "lease_until": NOW + LEASE},
            {**uploads, "recipient": "ircc-east"},
        )
        with database.write() as tx:
            assert tx.deliveries.go_to_server(waiting.recipient or "", "new") == 2
        with database.read() as tx:
            assert tx.deliveries.waiting() == ["encrypted-email", "secure-upload/new", "secure-upload/old"]
            assert tx.deliveries.waiting_for("secure-upload/new") == [replace(waiting, server="new")]
            assert tx.deliveries.get(later.id) == replace(later, server="new")
            assert [tx.deliveries.get(one.id) for one in (on_its_way, anothers)] == [on_its_way, anothers]
        with database.write() as tx:
            tx.deliveries.go_to_server(waiting.recipient or "", None)
            assert "secure-upload" in tx.deliveries.waiting()

    def test_saving_never_makes_it_anothers(self, database: Database) -> None:
        mine, other = stored_deliveries(database, {}, {"participant": "c1"})
        with database.write() as tx:
            tx.deliveries.save(replace(mine, dispatch=name(), participant=other.participant, roles=(Role.COUNSEL,)))
        with database.read() as tx:
            assert tx.deliveries.of_dispatch(mine.dispatch) == [mine, other]

    def test_an_old_fence_cannot_save(self, database: Database) -> None:
        stored_deliveries(database, {})
        (slow,) = claim(database)
        with database.write() as tx:
            taken_over = replace(slow, state=DeliveryState.READY, fence=slow.fence + 1, lease_until=None)
            tx.deliveries.save(taken_over)
        with pytest.raises(LeaseLost), database.write() as tx:
            tx.deliveries.save(replace(slow, state=DeliveryState.HANDED_OVER))
        with database.read() as tx:
            assert tx.deliveries.get(slow.id) == taken_over
        (again,) = claim(database)
        assert again.fence == slow.fence + 2

    def test_what_was_never_added_cannot_be_saved(self, database: Database) -> None:
        with pytest.raises(LeaseLost), database.write() as tx:
            tx.deliveries.save(a_delivery(name()))

    def test_what_left_us_is_looked_at_until_it_is_settled(self, database: Database) -> None:
        stood = {"state": DeliveryState.HANDED_OVER, "next_action_at": None}
        new, reached, later, settled, unsent = stored_deliveries(
            database,
            stood,
            stood | {"state": DeliveryState.DELIVERED, "next_action_at": NOW},
            stood | {"next_action_at": NOW + MINUTE, "reason": Reason.RECEIPT_OVERDUE},
            stood | {"settled": True, "reason": Reason.MAIL_HELD},
            {"next_action_at": None},
        )
        stored_deliveries(database, stood | {"next_action_at": NOW + 9 * MINUTE, "reason": Reason.MAIL_HELD})
        with database.read() as tx:
            assert [one.id for one in tx.deliveries.unsettled(now=NOW, limit=10)] == [new.id, reached.id]
            assert [one.id for one in tx.deliveries.unsettled(now=NOW, limit=1)] == [new.id]
            assert len(tx.deliveries.unsettled(now=NOW + MINUTE, limit=10)) == 3
            assert tx.deliveries.count_overdue() == {"encrypted-email": 2}, "all that call a person"
        assert {later.id, settled.id, unsent.id}.isdisjoint({new.id, reached.id})

    def test_states_are_counted(self, database: Database) -> None:
        with database.read() as tx:
            assert tx.deliveries.count_by_state() == {}
        stored_deliveries(database, {}, {}, {"state": DeliveryState.FAILED})
        with database.read() as tx:
            counts = tx.deliveries.count_by_state()
        assert counts == {DeliveryState.READY: 2, DeliveryState.FAILED: 1}
        assert counts[DeliveryState.HELD] == 0
