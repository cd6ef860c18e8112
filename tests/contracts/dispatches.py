"""What every `Dispatches` keeps to."""

import datetime as dt
from dataclasses import replace

import pytest

from gateway.domain.codes import Code
from gateway.domain.dispatch import Step
from gateway.domain.outcomes import Division
from gateway.domain.problem import Conflict, NoSuchThing
from gateway.ports.database import Database
from gateway.ports.work import LeaseLost
from tests.contracts.samples import LEASE, MINUTE, NOW, a_dispatch, name, stored_dispatch


def claim(database: Database, step: Step = Step.PLAN, *, now: dt.datetime = NOW, limit: int = 10) -> list[str]:
    """The ids that a worker gets."""
    with database.write() as tx:
        return [one.id for one in tx.dispatches.claim(step, now=now, lease=LEASE, limit=limit)]


class DispatchesContract:
    """Subclasses bring the fixture `database`: empty, of the shape this release knows."""

    def test_what_is_kept_are_those_of_before_whose_key_is_there(self, database: Database) -> None:
        old, gone, new = (
            stored_dispatch(database, accepted_at=at, data_key=key)
            for at, key in ((NOW - MINUTE, "k1"), (NOW - MINUTE, "k2"), (NOW, "k3"))
        )
        with database.write() as tx:
            for key in (old.data_key, new.data_key):
                tx.registry.add_data_key(key, b"wrapped")
        with database.read() as tx:
            assert tx.dispatches.kept(accepted_before=NOW) == [old.id]
            assert gone.id not in tx.dispatches.kept(accepted_before=NOW + MINUTE)
            kept = {(one.division, file) for one in (old, new) for file in one.files}
            assert kept
            assert tx.dispatches.files_kept() == kept

    def test_a_dispatch_comes_back_as_it_went_in(self, database: Database) -> None:
        full = stored_dispatch(
            database,
            division=Division.IAD,
            due=dt.date(2026, 11, 27),
            attempts=2,
            fence=7,
            lease_until=NOW + LEASE,
            step=Step.STUCK,
        )
        bare = stored_dispatch(database, files=(), next_action_at=None)
        with database.read() as tx:
            assert tx.dispatches.get(full.id) == full
            assert tx.dispatches.get(bare.id) == bare
            assert tx.dispatches.by_package(full.package_id) == full
            assert tx.dispatches.by_digest(bare.digest) == bare

    def test_what_was_never_accepted_is_not_found(self, database: Database) -> None:
        with database.read() as tx:
            unknown = name()
            with pytest.raises(NoSuchThing) as raised:
                tx.dispatches.get(unknown)
            assert (raised.value.code, raised.value.where) == (Code.DISPATCH_UNKNOWN, unknown)
            assert tx.dispatches.by_package(a_dispatch().package_id) is None
            assert tx.dispatches.by_digest("sha256:00") is None

    def test_a_package_id_is_taken_once_and_the_second_leaves_nothing(self, database: Database) -> None:
        first = stored_dispatch(database)
        second = a_dispatch(package_id=first.package_id)

        def submit() -> None:
            with database.write() as tx:
                tx.registry.add_data_key("k", b"wrapped")
                tx.dispatches.add(second)

        with pytest.raises(Conflict) as raised:
            submit()
        assert raised.value.code is Code.PACKAGE_CONFLICT
        with database.write() as tx:
            assert [one.id for one in tx.dispatches.newest(10)] == [first.id]
            tx.registry.add_data_key("k", b"wrapped")

    def test_the_newest_come_first_and_no_more_than_asked(self, database: Database) -> None:
        ids = [stored_dispatch(database).id for _ in range(4)]
        with database.read() as tx:
            assert [one.id for one in tx.dispatches.newest(3)] == [ids[3], ids[2], ids[1]]

    def test_a_claim_grows_fence_and_attempts_and_sets_the_lease(self, database: Database) -> None:
        dispatch = stored_dispatch(database, fence=3, attempts=1)
        with database.write() as tx:
            (claimed,) = tx.dispatches.claim(Step.PLAN, now=NOW, lease=LEASE, limit=5)
        assert claimed == replace(dispatch, fence=4, attempts=2, lease_until=NOW + LEASE)
        with database.read() as tx:
            assert tx.dispatches.get(dispatch.id) == claimed

    def test_what_is_held_is_claimed_again_only_when_its_lease_ran_out(self, database: Database) -> None:
        dispatch = stored_dispatch(database)
        assert claim(database) == [dispatch.id]
        assert claim(database, now=NOW + LEASE - dt.timedelta(microseconds=1)) == []
        assert claim(database, now=NOW + LEASE) == [dispatch.id]

    def test_only_due_dispatches_of_the_step_are_claimed(self, database: Database) -> None:
        stored_dispatch(database, next_action_at=NOW + dt.timedelta(microseconds=1))
        stored_dispatch(database, step=Step.RENDER)
        stored_dispatch(database, step=Step.DONE)
        due = stored_dispatch(database, next_action_at=NOW)
        waits_for_nothing = stored_dispatch(database, next_action_at=None)
        assert set(claim(database)) == {due.id, waits_for_nothing.id}

    def test_the_earliest_due_is_claimed_first_and_what_has_no_due_date_last(self, database: Database) -> None:
        day = dt.date(2026, 11, 27)
        undated = stored_dispatch(database, next_action_at=NOW - 9 * MINUTE)
        later = stored_dispatch(database, due=day + dt.timedelta(days=1))
        waited_less = stored_dispatch(database, submitted_by="a", due=day, next_action_at=NOW)
        waited_more = stored_dispatch(database, submitted_by="b", due=day, next_action_at=NOW - MINUTE)
        assert claim(database, limit=3) == [waited_more.id, waited_less.id, later.id]
        assert claim(database) == [undated.id]

    def test_what_is_due_is_told_as_a_claim_would_take_it_and_is_not_taken(self, database: Database) -> None:
        day = dt.date(2026, 11, 27)
        later, first = stored_dispatch(database, due=day + dt.timedelta(days=1)), stored_dispatch(database, due=day)
        stored_dispatch(database, next_action_at=NOW + MINUTE)
        stored_dispatch(database, step=Step.RENDER)
        for _ in range(2):
            with database.read() as tx:
                assert tx.dispatches.due(Step.PLAN, now=NOW, limit=9) == [first.id, later.id]
                assert tx.dispatches.due(Step.PLAN, now=NOW, limit=1) == [first.id]
        assert claim(database) == [first.id, later.id]
        with database.read() as tx:
            assert tx.dispatches.due(Step.PLAN, now=NOW, limit=9) == []
            assert len(tx.dispatches.due(Step.PLAN, now=NOW + LEASE, limit=9)) == 3

    def test_saving_writes_what_the_work_changed(self, database: Database) -> None:
        dispatch = stored_dispatch(database)
        (claimed_id,) = claim(database)
        with database.write() as tx:
            claimed = tx.dispatches.get(claimed_id)
            done = replace(
                claimed,
                step=Step.RENDER,
                due=dt.date(2026, 12, 1),
                attempts=0,
                next_action_at=NOW + MINUTE,
                lease_until=None,
            )
            tx.dispatches.save(done)
        with database.read() as tx:
            assert tx.dispatches.get(dispatch.id) == done

    def test_saving_leaves_what_was_accepted_as_it_is(self, database: Database) -> None:
        dispatch = stored_dispatch(database)
        with database.write() as tx:
            tx.dispatches.save(replace(dispatch, digest="sha256:00", files=(), data_key="other", submitted_by="other"))
        with database.read() as tx:
            assert tx.dispatches.get(dispatch.id) == dispatch

    def test_an_old_fence_cannot_save(self, database: Database) -> None:
        stored_dispatch(database)
        with database.write() as tx:
            (slow,) = tx.dispatches.claim(Step.PLAN, now=NOW, lease=LEASE, limit=1)
        with database.write() as tx:
            (quick,) = tx.dispatches.claim(Step.PLAN, now=NOW + LEASE, lease=LEASE, limit=1)
        with pytest.raises(LeaseLost), database.write() as tx:
            tx.dispatches.save(replace(slow, step=Step.DONE))
        with database.read() as tx:
            assert tx.dispatches.get(slow.id) == quick

    def test_what_waits_is_counted_by_who_submitted_it(self, database: Database) -> None:
        for who, step in (("a", Step.PLAN), ("a", Step.RENDER), ("b", Step.PLAN), ("b", Step.DONE), ("c", Step.STUCK)):
            stored_dispatch(database, submitted_by=who, step=step)
        with database.read() as tx:
            assert tx.dispatches.waiting_by_submitter() == {"a": 2, "b": 1}

    def test_submitters_take_turns_within_a_day_and_an_earlier_day_goes_first(self, database: Database) -> None:
        day = dt.date(2026, 12, 1)
        for who, number in (("flood", 6), ("one", 1), ("few", 2)):
            for minute in range(number):
                stored_dispatch(database, submitted_by=who, due=day, next_action_at=NOW + minute * MINUTE)
        stored_dispatch(database, submitted_by="flood", due=day - dt.timedelta(days=1))
        came = []
        for _ in range(4):
            with database.write() as tx:
                (claimed,) = tx.dispatches.claim(Step.PLAN, now=NOW + 9 * MINUTE, lease=LEASE, limit=1)
            came.append((claimed.submitted_by, claimed.due))
        assert came[0] == ("flood", day - dt.timedelta(days=1))
        assert {who for who, _ in came[1:]} == {"flood", "one", "few"}
        with database.write() as tx:
            rest = tx.dispatches.claim(Step.PLAN, now=NOW + 9 * MINUTE, lease=LEASE, limit=9)
        assert {one.submitted_by for one in rest[:2]} == {"flood", "few"}
        assert [one.submitted_by for one in rest[2:]] == ["flood"] * 4

    def test_who_comes_late_saves_up_no_turns(self, database: Database) -> None:
        for step, who in ((Step.RENDER, "flood"), (Step.PLAN, "flood"), (Step.PLAN, "flood")):
            stored_dispatch(database, submitted_by=who, step=step)
        with database.write() as tx:  # what has been worked off stands no longer among what waits
            (first,) = tx.dispatches.claim(Step.RENDER, now=NOW, lease=LEASE, limit=1)
            tx.dispatches.save(replace(first, step=Step.DONE))
        for who in ("late", "late", "flood"):
            stored_dispatch(database, submitted_by=who)
        with database.write() as tx:
            order = [one.submitted_by for one in tx.dispatches.claim(Step.PLAN, now=NOW, lease=LEASE, limit=9)]
        assert sorted(order[:2]) == sorted(order[2:4]) == ["flood", "late"]
        assert order[4] == "flood"

    def test_what_was_put_off_holds_no_turns_back_and_has_none_saved_up(self, database: Database) -> None:
        later = NOW + 60 * MINUTE
        for who, number in (("failing", 3), ("flood", 5)):
            for _ in range(number):
                stored_dispatch(database, submitted_by=who)
        with database.write() as tx:
            for one in tx.dispatches.claim(Step.PLAN, now=NOW, lease=LEASE, limit=6):
                again = later if one.submitted_by == "failing" else NOW
                done = one.submitted_by == "flood"
                changed = replace(one, next_action_at=again, lease_until=None)
                tx.dispatches.save(replace(changed, step=Step.DONE) if done else changed)
        for who in ("late", "late", "late", "failing", "flood"):  # flood: two left, of the fourth and the fifth round
            stored_dispatch(database, submitted_by=who)
        with database.read() as tx:
            due = tx.dispatches.due(Step.PLAN, now=NOW, limit=99)
            fresh = [tx.dispatches.get(one).submitted_by for one in due]
        assert sorted(fresh[:3]) == ["failing", "flood", "late"]
        assert sorted(fresh[3:5]) == ["flood", "late"]
        with database.write() as tx:
            claimed = tx.dispatches.claim(Step.PLAN, now=later, lease=LEASE, limit=99)
        assert sorted(one.submitted_by for one in claimed[:-3]) == sorted(fresh)
        assert [one.submitted_by for one in claimed[-3:]] == ["failing"] * 3

    def test_a_person_sets_going_at_once_what_was_put_off(self, database: Database) -> None:
        stored_dispatch(database)
        with database.write() as tx:
            (one,) = tx.dispatches.claim(Step.PLAN, now=NOW, lease=LEASE, limit=9)
            tx.dispatches.save(replace(one, next_action_at=NOW + 60 * MINUTE, lease_until=None))
        with database.write() as tx:
            assert not tx.dispatches.claim(Step.PLAN, now=NOW, lease=LEASE, limit=9)
            tx.dispatches.save(replace(one, fence=one.fence + 1, next_action_at=NOW, lease_until=None))
            assert tx.dispatches.claim(Step.PLAN, now=NOW, lease=LEASE, limit=9)

    def test_steps_are_counted(self, database: Database) -> None:
        with database.read() as tx:
            assert tx.dispatches.count_by_step() == {}
        stored_dispatch(database)
        stored_dispatch(database)
        stored_dispatch(database, step=Step.STUCK)
        with database.read() as tx:
            counts = tx.dispatches.count_by_step()
        assert counts == {Step.PLAN: 2, Step.STUCK: 1}
        assert counts[Step.DONE] == 0
