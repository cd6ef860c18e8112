"""What every `Feed` keeps to."""

from dataclasses import replace

import pytest

from gateway.domain.delivery import DeliveryState
from gateway.domain.dispatch import Dispatch, Step
from gateway.domain.feed import FeedKind, FeedState, Transaction
from gateway.domain.outcomes import Division
from gateway.ports.database import Database
from tests.contracts.samples import MINUTE, NOW, a_delivery, a_dispatch, name


def a_transaction(dispatch: Dispatch, **changes: object) -> Transaction:
    made = Transaction(
        id=name(),
        dispatch=dispatch.id,
        division=Division.RPD,
        person="p1",
        kind=FeedKind.OUTCOME,
        corrects=None,
        state=FeedState.WAITING,
        code=None,
        told_for=("a1", "c1"),
        made_at=NOW,
        release_at=NOW,
        sealed=b"sealed",
    )
    return replace(made, **changes)  # type: ignore[arg-type]


class FeedContract:
    """Subclasses bring the fixture `database`: empty, of the shape this release knows."""

    def test_what_is_owed_is_composed_once_when_its_papers_are_made(self, database: Database) -> None:
        planned, done = a_dispatch(step=Step.PLAN), a_dispatch(step=Step.DONE)
        made = a_transaction(done)
        with database.write() as tx:
            for one in (planned, done):
                tx.dispatches.add(one)
                tx.feed.owe(one.id, NOW)
            assert (tx.feed.owed(10), tx.feed.owed_count()) == ([done.id], 2)
            assert tx.feed.composed(done.id, [made], [])
            assert not tx.feed.composed(done.id, [a_transaction(done)], [])
            assert (tx.feed.owed(10), tx.feed.of_dispatch(done.id)) == ([], [made])
            assert tx.feed.get(made.id) == made

    def test_what_is_put_behind_comes_after_the_others_that_are_owed(self, database: Database) -> None:
        first, second, third = (a_dispatch(step=Step.DONE) for _ in range(3))
        with database.write() as tx:
            for one in (first, second, third):
                tx.dispatches.add(one)
                tx.feed.owe(one.id, NOW)
            tx.feed.put_behind([first.id, second.id])
            assert tx.feed.owed(10) == [third.id, first.id, second.id]
            tx.feed.composed(third.id, [], [])
            tx.feed.put_behind([third.id])
            assert tx.feed.owed(10) == [first.id, second.id], "what is owed no more stays so"

    def test_a_batch_after_a_recall_holds_what_refers_to_a_recalled_package_and_withdrawals_alone(
        self, database: Database
    ) -> None:
        recalled, stands = a_dispatch(step=Step.RECALLED), a_dispatch(step=Step.DONE)
        gone, told = a_transaction(recalled, state=FeedState.SENT), a_transaction(stands, state=FeedState.ACCEPTED)
        takes_back = a_transaction(stands, kind=FeedKind.CORRECTION, corrects=gone.id)
        later = a_transaction(recalled, kind=FeedKind.WITHDRAWAL, corrects=gone.id, release_at=NOW + MINUTE)
        amends = a_transaction(stands, kind=FeedKind.CORRECTION, corrects=told.id)
        of_another_uci = a_transaction(stands, kind=FeedKind.WITHDRAWAL, corrects=told.id)
        with database.write() as tx:
            for dispatch in (recalled, stands):
                tx.dispatches.add(dispatch)
            for one in (gone, told, later, amends, a_transaction(stands)):
                tx.feed.add(one)
            assert not tx.feed.waits(NOW, after_recall=list(FeedKind))
            assert (tx.feed.waits(NOW), tx.feed.last_opened_at()) == (True, None)
            tx.feed.add(takes_back)
            assert not tx.feed.waits(NOW, after_recall=[FeedKind.WITHDRAWAL])
            assert tx.feed.waits(NOW, after_recall=list(FeedKind))
            tx.feed.add(of_another_uci)
            batch = tx.feed.open_batch(name(), now=NOW, most=10, after_recall=list(FeedKind))
            assert batch is not None
            assert [one.id for one in tx.feed.lines(batch.id)] == [takes_back.id, of_another_uci.id]
            assert tx.feed.last_opened_at() == NOW
            assert tx.feed.open_batch(name(), now=NOW, most=10, after_recall=list(FeedKind)) is None

    def test_one_is_superseded_only_while_it_has_not_left(self, database: Database) -> None:
        first, second = a_dispatch(step=Step.DONE), a_dispatch(step=Step.DONE)
        waits, left = a_transaction(first), a_transaction(first, state=FeedState.SENT)
        with database.write() as tx:
            for one in (first, second):
                tx.dispatches.add(one)
            tx.feed.owe(second.id, NOW)
            tx.feed.add(waits)
            tx.feed.add(left)
            assert not tx.feed.composed(second.id, [a_transaction(second)], [left.id])
            assert tx.feed.of_dispatch(second.id) == []
            assert tx.feed.composed(second.id, [a_transaction(second)], [waits.id])
            assert [one.state for one in tx.feed.of_dispatch(first.id)] == [FeedState.SUPERSEDED, FeedState.SENT]

    def test_a_batch_takes_what_may_go_the_oldest_first_and_no_more_than_it_holds(self, database: Database) -> None:
        dispatch = a_dispatch()
        soon = a_transaction(dispatch, release_at=NOW + MINUTE)
        never = a_transaction(dispatch, release_at=None)
        ready = [a_transaction(dispatch) for _ in range(3)]
        with database.write() as tx:
            tx.dispatches.add(dispatch)
            for one in (soon, never, *ready):
                tx.feed.add(one)
            assert tx.feed.unreleased(10) == [never]
            batch = tx.feed.open_batch("b1", now=NOW, most=2)
            other = tx.feed.open_batch("b2", now=NOW, most=2)
            assert batch is not None
            assert other is not None
            assert ((batch.sequence, batch.count), (other.sequence, other.count)) == ((1, 2), (2, 1))
            assert tx.feed.open_batch("b3", now=NOW, most=2) is None
            lines = tx.feed.lines("b1")
            assert [(one.id, one.place, one.state) for one in lines] == [
                (ready[0].id, 0, FeedState.BATCHED),
                (ready[1].id, 1, FeedState.BATCHED),
            ]
            tx.feed.release([never.id], NOW)
            assert tx.feed.unreleased(10) == []

    def test_what_waits_for_its_person_is_found_once_they_have_it_and_where_they_never_will(
        self, database: Database
    ) -> None:
        states = {
            "delivered": (DeliveryState.DELIVERED, False),
            "settled": (DeliveryState.HANDED_OVER, True),
            "with the carrier": (DeliveryState.HANDED_OVER, False),
            "cancelled": (DeliveryState.CANCELLED, False),
            "failed": (DeliveryState.FAILED, False),
        }
        found: dict[str, str] = {}
        with database.write() as tx:
            for case, (state, settled) in states.items():
                dispatch = a_dispatch()
                one = a_transaction(dispatch, release_at=None, told_for=("a1", "c_1"))
                found[one.id] = case
                tx.dispatches.add(dispatch)
                tx.feed.add(one)
                tx.deliveries.add(a_delivery(dispatch.id, participant="c_1", state=state, settled=settled))
                tx.deliveries.add(a_delivery(dispatch.id, participant="cx1", state=DeliveryState.DELIVERED))
            assert [found[one] for one in tx.feed.reached(10)] == ["delivered", "settled"]
            assert [found[one] for one in tx.feed.unreachable(10)] == ["cancelled"]
            assert len(tx.feed.reached(1)) == 1
            tx.feed.release(list(found), NOW)
            assert (tx.feed.reached(10), tx.feed.unreachable(10)) == ([], [])

    def test_a_batch_is_saved_and_found_and_those_before_it_with_content(self, database: Database) -> None:
        dispatch = a_dispatch()
        with database.write() as tx:
            tx.dispatches.add(dispatch)
            for number in range(3):
                tx.feed.add(a_transaction(dispatch))
                assert tx.feed.open_batch(f"b{number}", now=NOW, most=1)
            first, second, third = tx.feed.batches(unfinished=True)
            made = replace(first, digest="sha256:00", object_name="o", sent_digest="sha256:11", put_at=NOW, puts=1)
            tx.feed.save(made)
            tx.feed.save(replace(second, count=0, closed_at=NOW))
            assert tx.feed.batch("b0", lock=True) == made
            assert tx.feed.batch("none") is None
            assert tx.feed.before(third.sequence) == made  # the second came to nothing
            assert tx.feed.before(first.sequence) is None
            assert [one.id for one in tx.feed.batches(unfinished=True)] == ["b0", "b2"]
            assert len(tx.feed.batches(unfinished=False)) == 3

    def test_answers_are_entered_and_an_acknowledgement_counts_once(self, database: Database) -> None:
        dispatch = a_dispatch()
        good, bad, silent = (a_transaction(dispatch) for _ in range(3))
        with database.write() as tx:
            tx.dispatches.add(dispatch)
            for one in (good, bad, silent):
                tx.feed.add(one)
            tx.feed.open_batch("b1", now=NOW, most=10)
            tx.feed.left("b1")
            tx.feed.answer({good.id: (FeedState.ACCEPTED, None), bad.id: (FeedState.REJECTED, "E-1")})
            states = {good.id: FeedState.ACCEPTED, bad.id: FeedState.REJECTED, silent.id: FeedState.SENT}
            assert tx.feed.standing("b1") == states
            assert [(one.id, one.code) for one in tx.feed.with_state(FeedState.REJECTED, 10)] == [(bad.id, "E-1")]
            assert tx.feed.acknowledged("sha256:00", "b1", NOW)
            assert not tx.feed.acknowledged("sha256:00", "b1", NOW)
            assert {(one.state, one.count, one.oldest) for one in tx.feed.figures()} == {
                (state, 1, NOW) for state in states.values()
            }

    @pytest.mark.parametrize(
        ("batch", "stops"),
        [
            ({}, True),
            ({"digest": "sha256:00", "object_name": "o"}, True),
            ({"digest": "sha256:00", "object_name": "o", "doubtful": 1}, False),
            ({"digest": "sha256:00", "object_name": "o", "puts": 1, "put_at": NOW}, False),
        ],
        ids=["opened", "made", "may-have-left", "left"],
    )
    def test_a_recall_stops_what_cannot_have_left(
        self, database: Database, batch: dict[str, object], stops: bool
    ) -> None:
        dispatch = a_dispatch(step=Step.RECALLED)
        line = a_transaction(dispatch)
        with database.write() as tx:
            tx.dispatches.add(dispatch)
            tx.feed.add(line)
            opened = tx.feed.open_batch("b1", now=NOW, most=1)
            assert opened is not None
            tx.feed.save(replace(opened, **batch))  # type: ignore[arg-type]
            assert tx.feed.recall(dispatch.id, NOW) == (1 if stops else 0)
            found = tx.feed.get(line.id)
            assert found is not None
            expected = (FeedState.RECALLED, None, None) if stops else (FeedState.BATCHED, "b1", 0)
            assert (found.state, found.batch, found.place) == expected
            assert tx.feed.owed(10) == [dispatch.id]  # what is to be said of it
            assert tx.feed.is_owed(dispatch.id)

    def test_a_recall_stops_what_waits_and_what_was_rejected_and_no_withdrawal(self, database: Database) -> None:
        dispatch, other, untold = a_dispatch(), a_dispatch(), a_dispatch()
        stopped = [
            a_transaction(dispatch),
            a_transaction(dispatch, state=FeedState.NEEDS_PERSON),
            a_transaction(dispatch, state=FeedState.REJECTED, batch="b0", place=3),
            a_transaction(dispatch, state=FeedState.SUPERSEDED),
        ]
        left = [
            a_transaction(dispatch, kind=FeedKind.WITHDRAWAL),
            a_transaction(dispatch, state=FeedState.ACCEPTED),
            a_transaction(other),
        ]
        with database.write() as tx:
            for one in (dispatch, other, untold):
                tx.dispatches.add(one)
            for line in (*stopped, *left):
                tx.feed.add(line)
            assert tx.feed.recall(dispatch.id, NOW) == len(stopped)
            assert [tx.feed.get(one.id) for one in stopped] == [
                replace(one, state=FeedState.RECALLED) for one in stopped
            ]
            assert [tx.feed.get(one.id) for one in left] == left
            assert tx.feed.recall(untold.id, NOW) == 0
            assert not tx.feed.is_owed(untold.id)
            assert tx.feed.recall(dispatch.id, NOW) == 0  # again: nothing is owed twice
            assert tx.feed.owed_count() == 1

    def test_what_stands_in_place_of_another_is_found_unless_it_was_recalled(self, database: Database) -> None:
        dispatch = a_dispatch()
        first = a_transaction(dispatch)
        correction = a_transaction(dispatch, corrects=first.id)
        instead = a_transaction(dispatch, replaces=first.id)
        gone = a_transaction(dispatch, corrects=first.id, state=FeedState.RECALLED)
        with database.write() as tx:
            tx.dispatches.add(dispatch)
            tx.feed.add(first)
            tx.feed.open_batch("b1", now=NOW, most=1)
            assert not tx.feed.referred_to("b1")
            for one in (correction, instead, gone):
                tx.feed.add(one)
            assert tx.feed.successors(first.id) == [correction, instead]
            assert tx.feed.successors(correction.id) == []
            assert tx.feed.referred_to("b1")

    def test_one_outcome_is_corrected_by_one_transaction_alone(self, database: Database) -> None:
        first, second, third = (a_dispatch(step=Step.DONE) for _ in range(3))
        told = a_transaction(first, state=FeedState.ACCEPTED)
        correction = a_transaction(second, corrects=told.id)
        other = a_transaction(third, corrects=told.id)
        with database.write() as tx:
            for one in (first, second, third):
                tx.dispatches.add(one)
                tx.feed.owe(one.id, NOW)
            tx.feed.add(told)
            assert tx.feed.composed(second.id, [correction], [])
            assert not tx.feed.composed(third.id, [other], [])
            assert tx.feed.is_owed(third.id)
            assert tx.feed.composed(third.id, [replace(other, replaces=correction.id)], [correction.id])

    def test_bytes_expire_when_every_package_in_the_batch_has(self, database: Database) -> None:
        dispatch, other = a_dispatch(), a_dispatch()
        with database.write() as tx:
            for one in (dispatch, other):
                tx.dispatches.add(one)
                tx.registry.add_data_key(one.data_key, b"wrapped")
                tx.feed.add(a_transaction(one))
            batch = tx.feed.open_batch("b1", now=NOW, most=10)
            assert batch is not None
            tx.feed.save(replace(batch, object_name="o", digest="sha256:00", closed_at=NOW))
            tx.registry.destroy_data_key(dispatch.data_key)
            assert tx.feed.expirable() == []
            tx.registry.destroy_data_key(other.data_key)
            assert [one.id for one in tx.feed.expirable()] == ["b1"]
