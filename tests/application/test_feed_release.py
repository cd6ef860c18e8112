"""When an outcome may go where it waits for the person concerned, and what a person of staff ends."""

import datetime as dt
import uuid
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from gateway.application.feed.round import FeedRound
from gateway.domain.codes import Code
from gateway.domain.delivery import Delivery, DeliveryState
from gateway.domain.dispatch import Dispatch
from gateway.domain.events import EventName
from gateway.domain.feed import FeedState, Release
from gateway.domain.parties import PreferredLanguage, Role
from gateway.domain.problem import Conflict, InputRefused, NoSuchThing, ServiceDown
from gateway.worker import loops
from tests.application.feeding import CLAIMANT, DAY, FeedStage
from tests.application.test_feed import PERSON

PEOPLE = [
    {"id": "m1", "roles": ["minister-counsel"], "recipient": "cbsa-hearings-gta"},
    CLAIMANT,
    {"id": "c1", "roles": ["counsel"], "represents": ["a1"], "recipient": "counsel-12345p"},
]


@pytest.fixture
def on(tmp_path: Path) -> Iterator[FeedStage]:
    stage = FeedStage(tmp_path, release=Release.AFTER_HANDOVER_TO_PERSON, near_real_time=True)
    stage.feed()
    yield stage
    stage.close()


@pytest.fixture
def nightly(tmp_path: Path) -> Iterator[FeedStage]:
    stage = FeedStage(tmp_path)
    stage.feed()
    yield stage
    stage.close()


def delivery(
    on: FeedStage, dispatch: Dispatch, state: DeliveryState, *, who: str = "a1", settled: bool = False
) -> Delivery:
    made = Delivery(
        id=str(uuid.uuid4()),
        dispatch=dispatch.id,
        participant=who,
        roles=(Role.CLAIMANT,),
        recipient=None,
        language=PreferredLanguage.EN,
        state=state,
        reason=None,
        plan=("regular-mail",),
        settled=settled,
    )
    with on.database.write() as tx:
        tx.deliveries.add(made)
    return made


def state(on: FeedStage, dispatch: Dispatch) -> FeedState:
    return on.ledger(dispatch)[-1].state


class TestForThePersonConcerned:
    @pytest.mark.parametrize(("who", "goes"), [("a1", True), ("c1", True), ("m1", False), ("a", False)])
    def test_it_waits_until_they_or_who_stands_for_them_have_the_decision(
        self, on: FeedStage, who: str, goes: bool
    ) -> None:
        dispatch = on.decided(participants=PEOPLE)
        on.feed()
        assert state(on, dispatch) is FeedState.WAITING
        delivery(on, dispatch, DeliveryState.DELIVERED, who=who)
        on.feed()
        assert state(on, dispatch) is (FeedState.SENT if goes else FeedState.WAITING)

    def test_what_a_carrier_has_they_do_not_have_until_its_closing_rule_settles_it(self, on: FeedStage) -> None:
        dispatch = on.decided(participants=PEOPLE)
        posted = delivery(on, dispatch, DeliveryState.HANDED_OVER)
        on.feed()
        assert state(on, dispatch) is FeedState.WAITING
        with on.database.write() as tx:
            tx.deliveries.save(replace(posted, settled=True))
        on.feed()
        assert state(on, dispatch) is FeedState.SENT

    def test_a_hundred_that_nobody_gets_keep_no_other_back(self, on: FeedStage) -> None:
        for _ in range(100):
            delivery(on, on.decided(participants=PEOPLE), DeliveryState.DELIVERED, who="m1")
        last = on.decided(participants=PEOPLE)
        delivery(on, last, DeliveryState.DELIVERED)
        for _ in range(3):
            on.feed()
        assert state(on, last) is FeedState.SENT

    def test_where_nobody_will_hand_it_to_them_any_more_a_person_says_whether_it_is_told(self, on: FeedStage) -> None:
        dispatch, other = on.decided(participants=PEOPLE), on.decided(participants=PEOPLE)
        for one in (dispatch, other):
            delivery(on, one, DeliveryState.CANCELLED)
        delivery(on, dispatch, DeliveryState.DELIVERED, who="m1")
        delivery(on, other, DeliveryState.FAILED, who="c1")  # with a person already, who may yet hand it over
        on.feed()
        assert (state(on, dispatch), state(on, other)) == (FeedState.NEEDS_PERSON, FeedState.WAITING)
        (work,) = on.standing().work
        on.standing.again(work.id, actor="clerk", reason="The member read it out")
        on.feed()
        assert state(on, dispatch) is FeedState.SENT

    def test_whom_no_participant_stands_for_is_for_a_person_to_say_at_once(self, on: FeedStage) -> None:
        child = PERSON | {"id": "p2", "uci": "11-2345-6790"}
        files = [{"number": "TC6-12345", "persons": ["p1", "p2"]}]
        dispatch = on.decided(persons=[PERSON, child], files=files, participants=[CLAIMANT])
        on.feed()
        assert [(one.person, one.state) for one in on.ledger(dispatch)] == [
            ("p1", FeedState.WAITING),
            ("p2", FeedState.NEEDS_PERSON),
        ]


class TestGivenUp:
    def test_a_person_without_a_uci_is_given_up_with_a_reason_and_open_no_more(self, nightly: FeedStage) -> None:
        on = nightly
        dispatch = on.decided(persons=[{name: value for name, value in PERSON.items() if name != "uci"}])
        on.night()
        (work,) = on.standing().work
        with pytest.raises(Conflict):
            on.standing.again(work.id, actor="clerk", reason="There is nothing to tell")
        with pytest.raises(InputRefused):
            on.standing.give_up(work.id, actor="clerk", reason=" ")
        assert state(on, dispatch) is FeedState.NEEDS_PERSON
        on.standing.give_up(work.id, actor="clerk", reason="Never had one")
        assert (on.standing().work, state(on, dispatch)) == ([], FeedState.GIVEN_UP)
        (row,) = (one for one in on.standing.report() if one.decisions)
        assert (row.open, row.oldest, row.given_up) == (0, None, 1)
        with on.database.read() as tx:
            (event,) = (one for one in tx.records.events(dispatch.id) if one.name is EventName.FEED_GIVEN_UP)
        assert (event.actor, event.facts) == ("clerk", {"transaction": work.id, "from": "needs-person"})
        with pytest.raises(Conflict):
            on.standing.give_up(work.id, actor="clerk", reason="Again")
        with pytest.raises(NoSuchThing):
            on.standing.give_up("nobody", actor="clerk", reason="Again")

    def test_a_later_package_takes_up_what_was_given_up(self, nightly: FeedStage) -> None:
        on = nightly
        first = on.decided(persons=[PERSON])
        on.gcms.judge = lambda _: "E-17"
        on.night()
        on.answered()
        (work,) = on.standing().work
        on.standing.give_up(work.id, actor="clerk", reason="GCMS has no such file")
        on.gcms.judge = lambda _: None
        relation = {"kind": "amendment", "of": str(first.package_id)}
        second = on.decided(persons=[PERSON | {"outcome": {"code": "accepted"}}], relation=relation)
        on.night()
        on.answered()
        assert (on.holds(), state(on, first)) == ({second.id: ("accepted",)}, FeedState.GIVEN_UP)


class TestWhatBreaksOff:
    def test_a_night_whose_round_breaks_off_is_due_still(
        self, nightly: FeedStage, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        on = nightly
        dispatch = on.decided()
        on.feed()
        on.clock.move(DAY)

        def away() -> int:
            raise ServiceDown(Code.STORAGE_UNAVAILABLE)

        with monkeypatch.context() as broken:
            broken.setattr(on.feed._batches, "open", away)
            with pytest.raises(ServiceDown):
                on.feed()
        on.clock.move(dt.timedelta(minutes=1))
        on.feed()
        assert state(on, dispatch) is FeedState.SENT
        later = on.decided()
        on.clock.move(dt.timedelta(minutes=1))
        on.feed()
        assert state(on, later) is FeedState.WAITING  # that night is over

    def test_a_report_that_cannot_be_written_keeps_nothing_from_being_told(self) -> None:
        def away() -> bool:
            raise ServiceDown(Code.STORAGE_UNAVAILABLE)

        feed = SimpleNamespace(run=lambda: FeedRound(batches=1), morning=SimpleNamespace(run_if_due=away))
        gateway: Any = SimpleNamespace(case_systems=SimpleNamespace(feed=feed))
        assert loops._feed(cast(Any, gateway)) == 1
