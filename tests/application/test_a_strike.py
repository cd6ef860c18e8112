"""A strike (ADR 11): whatever certainly lies here goes another way at once, wherever it lay; what may have left us is
sent again by nobody but a person."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from channels.canada_post.shipping import ContractShipping
from gateway.application import contexts
from gateway.application.sealed import package_key
from gateway.domain.acts import Action
from gateway.domain.carriage import CarriageState
from gateway.domain.codes import Code
from gateway.domain.delivery import Delivery, DeliveryState, ResultName
from gateway.domain.dispatch import Step
from gateway.domain.events import EventName
from gateway.domain.manifest import BatchedItem
from gateway.domain.parties import ChannelName
from gateway.domain.problem import Conflict, InputRefused, NoSuchThing
from gateway.domain.reasons import Reason
from gateway.ports.registry import ChannelPause
from tests.application.mail_room import OFFICE, SIGNED, MailRoomStage
from tests.channels.canada_post_stand_in import StandIn, canada_post
from tests.contracts.fake_channel import FakeChannel

MINUTE, HOUR, DAY = dt.timedelta(minutes=1), dt.timedelta(hours=1), dt.timedelta(days=1)
COURIER, MAIL = ChannelName.COURIER.value, ChannelName.REGULAR_MAIL.value
WHY = "No driver came; they lie on the shelf."


@pytest.fixture
def on(tmp_path: Path) -> Iterator[MailRoomStage]:
    """Everybody is reached by courier, and behind it by regular mail."""
    stage = MailRoomStage(tmp_path, also=[FakeChannel(name=MAIL)])
    yield stage
    stage.close()


def strike(on: MailRoomStage, channel: str = COURIER) -> None:
    on.calendar.suspend(channel, None, actor="clerk", reason="A strike.")


def over(on: MailRoomStage, channel: str = COURIER) -> None:
    on.calendar.restore(channel, actor="clerk", reason="It ended.")


def pause(on: MailRoomStage) -> None:
    now = on.clock.now()
    with on.database.write() as tx:
        tx.registry.pause_channel(ChannelPause(channel=COURIER, since=now, until=now + 30 * DAY, reason="test"))


def work(on: MailRoomStage) -> None:
    for step, does in ((Step.PLAN, on.plan), (Step.RENDER, on.render)):
        for claimed in on.steps.claim(step, 10):
            does(claimed)


def a_minute_later(on: MailRoomStage) -> None:
    on.clock.move(MINUTE)
    on.move_on(100)
    on.at_cut_offs(100)


def stands(on: MailRoomStage, *deliveries: Delivery | BatchedItem) -> list[tuple[str, str | None, Reason | None]]:
    ids = [one.delivery if isinstance(one, BatchedItem) else one.id for one in deliveries]
    return [(one.state.value, one.channel, one.reason) for one in map(on.delivery, ids)]


GONE_ON = ("ready", MAIL, Reason.CARRIER_SUSPENDED)


def test_what_waits_for_its_turn_takes_its_next_way_within_a_minute_whatever_it_waits_for(on: MailRoomStage) -> None:
    on.clock.move(3 * HOUR)
    ready = on.planned_and_rendered()
    with on.database.write() as tx:  # as after a try that a service of ours held up
        tx.deliveries.save(replace(ready, state=DeliveryState.DEFERRED, next_action_at=on.clock.now() + 6 * HOUR))
    pause(on)
    strike(on)
    a_minute_later(on)
    assert stands(on, ready) == [GONE_ON]
    on.deliver()
    assert on.delivery(ready.id).state is DeliveryState.HANDED_OVER


def test_the_time_in_which_it_may_still_be_recalled_is_not_cut_short(on: MailRoomStage) -> None:
    on.clock.move(3 * HOUR)
    ready, later = on.planned_and_rendered(), on.clock.now() + HOUR
    with on.database.write() as tx:  # as under `hold_before_send`
        tx.deliveries.save(replace(ready, next_action_at=later))
    strike(on)
    a_minute_later(on)
    assert stands(on, ready) == [GONE_ON]
    assert (on.deliver(), on.delivery(ready.id).next_action_at) == (0, later)
    on.clock.move(HOUR)
    assert on.deliver() == 1


def test_what_lies_in_a_batch_takes_its_next_way_even_while_the_channel_is_paused(on: MailRoomStage) -> None:
    gathered = on.gather(2)
    pause(on)
    strike(on)
    a_minute_later(on)
    assert stands(on, *gathered) == [GONE_ON, GONE_ON]
    assert on.waiting() == []
    assert [one.result for one in on.attempts(gathered[0].id)] == [ResultName.NOT_SENT]


def test_a_closed_manifest_calls_people_who_withdraw_it_whole_and_all_of_it_takes_its_next_way(
    on: MailRoomStage,
) -> None:
    gathered = on.gather(3)
    number = on.close_items()[0].manifest or ""
    strike(on)
    a_minute_later(on)
    assert stands(on, *gathered) == [("batched", COURIER, Reason.MAIL_NOT_SIGNED)] * 3
    assert on.room.unsigned(COURIER) == {number: 3}
    done = on.withdraw(number, actor="clerk", reason=WHY)
    assert ([one.delivery for one in done.items], done.carrier_told) == ([one.id for one in gathered], False)
    assert stands(on, *gathered) == [GONE_ON] * 3
    assert on.room.unsigned(COURIER) == {}
    with on.database.read() as tx:
        (event,) = [one for one in tx.records.events(gathered[0].dispatch) if one.name is EventName.ITEM_TAKEN_OUT]
        key = package_key(tx.registry, tx.dispatches.get(gathered[0].dispatch))
    assert (event.actor, event.facts["reason"]) == ("clerk", "channel.carrier-suspended")
    assert on.vault.open(key, contexts.reason(gathered[0].id), event.reason or b"").decode() == WHY
    assert on.withdraw(number, actor="clerk", reason=WHY).items == [], "once"
    on.deliver()
    assert {on.delivery(one.id).state for one in gathered} == {DeliveryState.HANDED_OVER}


def test_what_the_driver_took_all_the_same_stays_and_its_manifest_is_withdrawn_by_nobody(on: MailRoomStage) -> None:
    taken = on.gather()
    signed = on.close_items()[0].manifest or ""
    on.hand_over(signed, at=on.clock.now(), signed=SIGNED, actor="clerk")
    here = on.gather()
    number = on.close_items()[0].manifest or ""
    refusals = [
        (number, WHY, Code.MANIFEST_CARRIER_DELIVERS, Conflict),
        ("M20261120-077", WHY, Code.MANIFEST_UNKNOWN, NoSuchThing),
        (number, " ", Code.REQUEST_INVALID, InputRefused),
        (signed, WHY, Code.MANIFEST_HANDED_OVER, Conflict),
    ]
    for asked, why, code, kind in refusals:
        with pytest.raises(kind) as refused:
            on.withdraw(asked, actor="clerk", reason=why)
        assert refused.value.code is code
        if code is Code.MANIFEST_CARRIER_DELIVERS:
            strike(on)
    a_minute_later(on)
    assert stands(on, *taken, *here) == [
        ("handed-over", COURIER, None),
        ("batched", COURIER, Reason.MAIL_NOT_SIGNED),
    ]
    done = on.hand_over(number, at=on.clock.now(), signed=SIGNED, actor="clerk")
    assert done.taken == [here[0].id]


def test_what_the_carrier_has_is_served_again_at_the_same_address_by_another_way(on: MailRoomStage) -> None:
    (has,) = on.gather()
    on.hand_over(on.close_items()[0].manifest or "", at=on.clock.now(), signed=SIGNED, actor="clerk")
    with pytest.raises(InputRefused):  # no strike yet: the address stands, and there is nothing to change
        on.readdress(has.id, Action.RE_SERVE, recipient="cbsa-hearings-gta", actor="clerk", reason=WHY)
    strike(on)
    on.readdress(has.id, Action.RE_SERVE, recipient="cbsa-hearings-gta", actor="clerk", reason="They cannot wait.")
    work(on)
    assert stands(on, has)[0][:2] == ("ready", MAIL)


def test_without_another_way_it_waits_and_once_the_strike_is_over_it_is_made_anew_under_another_code(
    tmp_path: Path,
) -> None:
    on = MailRoomStage(tmp_path)
    waits = on.gather()
    (item,) = on.close_items()
    strike(on)
    on.withdraw(item.manifest or "", actor="clerk", reason=WHY)
    assert stands(on, *waits) == [("needs-person", COURIER, Reason.CARRIER_SUSPENDED)]
    stays = on.planned_and_rendered(package_id="5f0c2f0e-0000-4000-8000-000000000001")
    a_minute_later(on)
    assert stands(on, stays)[0][0] == "needs-person"
    over(on)
    assert {on.delivery(one.id).state for one in (*waits, stays)} == {DeliveryState.PLANNED}
    work(on)
    on.deliver()
    again = on.close_items()
    assert {one.delivery for one in again} == {waits[0].id, stays.id}
    assert item.reference not in {one.reference for one in again}
    on.close()


def test_a_manifest_that_was_not_withdrawn_goes_with_the_first_driver_after_the_strike(on: MailRoomStage) -> None:
    gathered = on.gather()
    number = on.close_items()[0].manifest or ""
    strike(on)
    a_minute_later(on)
    on.clock.move(7 * DAY)
    over(on)
    with pytest.raises(Conflict):
        on.withdraw(number, actor="clerk", reason=WHY)
    on.hand_over(number, at=on.clock.now(), signed=SIGNED, actor="clerk")
    assert stands(on, *gathered) == [("handed-over", COURIER, None)]


@pytest.fixture
def post() -> Iterator[StandIn]:
    with canada_post() as stand_in:
        yield stand_in


def told(on: MailRoomStage, post: StandIn, rounds: int) -> None:
    tell = on.told_by(ContractShipping(post.place()))
    for _ in range(rounds):
        tell()
        on.clock.move(MINUTE)


def carriage(on: MailRoomStage, number: str) -> tuple[CarriageState, Reason | None]:
    with on.database.read() as tx:
        found = tx.carriages.get(number)
    assert found is not None
    return found.state, found.reason


@pytest.mark.parametrize("rounds_before", [0, 1])
def test_the_posts_own_service_is_told_nothing_new_and_what_was_withdrawn_is_voided(
    on: MailRoomStage, post: StandIn, rounds_before: int
) -> None:
    on.terms[COURIER] = replace(on.terms[COURIER], contract_service="DOM.XP")
    on.gather(2)
    items = on.close_items()
    number = items[0].manifest or ""
    told(on, post, rounds_before)
    made = list(post.created)
    assert len(made) == 2 * rounds_before
    strike(on)
    told(on, post, 3)
    assert (post.created, post.transmitted) == (made, [])
    assert carriage(on, number) == (CarriageState.OPEN, Reason.CARRIER_SUSPENDED)
    assert not on.withdraw(number, actor="clerk", reason=WHY).carrier_told
    told(on, post, 4)
    assert (post.created, post.transmitted, sorted(post.voided)) == (made, [], sorted(made))
    assert carriage(on, number)[0] is CarriageState.EMPTY


def test_what_the_driver_took_during_the_strike_is_told_and_what_waits_is_told_after_it(
    on: MailRoomStage, post: StandIn
) -> None:
    on.terms[COURIER] = replace(on.terms[COURIER], contract_service="DOM.XP")
    on.gather()
    taken = on.close_items()[0].manifest or ""
    strike(on)
    told(on, post, 2)
    on.hand_over(taken, at=on.clock.now(), signed=SIGNED, actor="clerk")
    told(on, post, 4)
    assert post.transmitted == [taken]
    over(on)
    on.gather()
    lies = on.close_items()[0].manifest or ""
    strike(on)
    told(on, post, 2)
    assert post.transmitted == [taken]
    over(on)
    told(on, post, 4)
    assert post.transmitted == [taken, lies]


def test_of_what_the_post_was_told_whole_it_has_to_be_asked_for_a_credit(on: MailRoomStage, post: StandIn) -> None:
    on.terms[COURIER] = replace(on.terms[COURIER], contract_service="DOM.XP")
    gathered = on.gather()
    number = on.close_items()[0].manifest or ""
    told(on, post, 4)
    strike(on)
    assert on.withdraw(number, actor="clerk", reason=WHY).carrier_told
    assert stands(on, *gathered) == [GONE_ON]
    told(on, post, 2)
    assert post.voided == []


def test_what_is_held_or_being_closed_at_that_moment_goes_the_same_ways(on: MailRoomStage) -> None:
    held, closing = on.gather(2)
    on.resolve(held.id, Action.HOLD, actor="clerk", reason="Asked by the Registry.")
    strike(on)
    closed = on.closer(COURIER, OFFICE, actor="clerk")
    assert (closed.manifest, [one.delivery for one in closed.set_aside]) == (None, [closing.id])
    assert stands(on, held, closing) == [("held", COURIER, Reason.HELD_BY_PERSON), GONE_ON]
    on.resolve(held.id, Action.RELEASE, actor="clerk", reason="It may go.")
    work(on)
    on.clock.move(3 * HOUR)
    a_minute_later(on)
    assert on.delivery(held.id).channel == MAIL
