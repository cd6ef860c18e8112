"""From an accepted package to an end that is known: each way an attempt can go, and what is recorded of it."""

import asyncio
import datetime as dt
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing
from dataclasses import replace
from pathlib import Path

import pytest

from gateway.application import contexts
from gateway.application.sealed import data_key
from gateway.domain.acts import Action
from gateway.domain.codes import Code
from gateway.domain.delivery import AttemptResult, DeliveryState, ResultName
from gateway.domain.digest import sha256
from gateway.domain.dispatch import Step
from gateway.domain.events import EventName
from gateway.domain.failures import MaybeSent, Misconfigured, NotSent, Refused
from gateway.domain.parties import Protection, RecipientChannel
from gateway.domain.problem import Conflict, InputRefused, ServiceDown
from gateway.domain.reasons import Reason
from gateway.domain.receipt import AwaitedReceipt, ReceiptEvent
from gateway.ports.work import LeaseLost
from gateway.store.transaction import SqlTransaction
from tests.application.stage import LEASE, PAUSE, WAITS, Stage
from tests.contracts.fake_channel import HANDED_OVER, FakeChannel
from tests.contracts.fake_channel import Step as Sends

Made = Callable[..., tuple[Stage, FakeChannel]]


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Made]:
    made: list[Stage] = []

    def make(
        *script: Sends, refuse: Refused | None = None, awaited: AwaitedReceipt | None = None
    ) -> tuple[Stage, FakeChannel]:
        channel = FakeChannel(*script, refuse_to_prepare=refuse, awaited=awaited)
        made.append(Stage(tmp_path, channel))
        return made[-1], channel

    yield make
    for one in made:
        one.close()


def test_a_handover_is_recorded_with_the_exact_bytes_sealed_before_they_left(stage: Made) -> None:
    on, channel = stage()
    delivery = on.ready()
    assert on.deliver() == 1
    (sent,), (attempt,) = channel.sent, on.attempts(delivery.id)
    assert on.delivery(delivery.id).state is DeliveryState.HANDED_OVER
    assert attempt.sent_digest == sha256(sent.payload)
    assert attempt.sent_object is not None
    with on.database.read() as tx:
        key = data_key(tx.registry, delivery.dispatch)
    assert on.vault.get(key, contexts.sent(attempt.id), attempt.sent_object) == sent.payload
    assert attempt.started_at is not None


def test_what_a_signed_receipt_must_match_is_recorded_before_the_message_leaves(stage: Made) -> None:
    awaited = AwaitedReceipt(content_identifier="0a", signature="0b", attributes="0c")
    on, _ = stage(NotSent(reason=Reason.SMTP_TEMPORARY), awaited=awaited)
    delivery = on.ready()
    on.deliver()
    with on.database.read() as tx:
        names = [one.name for one in tx.records.events(delivery.dispatch)]
        (asked,) = [one for one in tx.records.events(delivery.dispatch) if one.name is EventName.SIGNED_RECEIPT_ASKED]
    assert AwaitedReceipt(**asked.facts) == awaited  # type: ignore[arg-type]
    assert (asked.delivery, asked.attempt) == (delivery.id, on.attempts(delivery.id)[0].id)
    assert names.index(EventName.SIGNED_RECEIPT_ASKED) < names.index(EventName.ATTEMPT_ENDED)


def test_what_did_not_leave_is_due_again_and_keeps_its_reference(stage: Made) -> None:
    on, channel = stage(NotSent(reason=Reason.SMTP_TEMPORARY, words="451 later"), HANDED_OVER)
    delivery = on.ready()
    on.deliver()
    assert on.delivery(delivery.id).state is DeliveryState.DEFERRED
    assert on.deliver() == 0, "not before its time"
    on.clock.move(WAITS[0])
    assert on.deliver() == 1
    assert on.delivery(delivery.id).state is DeliveryState.HANDED_OVER
    assert len({one.reference for one in on.attempts(delivery.id)}) == 1
    assert [one.number for one in on.attempts(delivery.id)] == [1, 2]
    assert len({one.reference for one in channel.sent}) == 1


def test_tries_end_in_time_and_then_a_person_is_called(stage: Made) -> None:
    on, channel = stage(NotSent(reason=Reason.SMTP_CONNECT))
    delivery = on.ready()
    assert delivery.due is not None
    for _ in range(24 * 8):
        on.deliver()
        on.clock.move(dt.timedelta(hours=1))
    failed = on.delivery(delivery.id)
    assert (failed.state, failed.reason) == (DeliveryState.FAILED, Reason.TIME_OVER)
    assert len(channel.sent) > len(WAITS) + 1
    assert on.attempts(delivery.id)[-1].claimed_at.date() < delivery.due


@pytest.mark.parametrize(
    ("result", "state"),
    [
        (MaybeSent(reason=Reason.SMTP_UNCERTAIN), DeliveryState.UNCONFIRMED),
        (Refused(reason=Reason.SMTP_REFUSED, words="550 no"), DeliveryState.FAILED),
    ],
)
def test_an_unknown_end_and_a_refusal_are_never_tried_again_by_themselves(
    stage: Made, result: AttemptResult, state: DeliveryState
) -> None:
    on, channel = stage(result)
    delivery = on.ready()
    for _ in range(5):
        on.deliver()
        on.reconcile(10)
        on.clock.move(dt.timedelta(days=1))
    assert on.delivery(delivery.id).state is state
    assert len(channel.sent) == 1


def test_a_channel_that_raises_the_unforeseen_leaves_an_unconfirmed_attempt(stage: Made) -> None:
    on, _ = stage(ZeroDivisionError("?"))
    delivery = on.ready()
    on.deliver()
    assert on.delivery(delivery.id).state is DeliveryState.UNCONFIRMED


def test_a_misconfigured_channel_rests_and_spends_no_try(stage: Made) -> None:
    on, channel = stage(Misconfigured(reason=Reason.SMTP_TLS), HANDED_OVER)
    delivery = on.ready()
    on.deliver()
    waiting = on.delivery(delivery.id)
    assert (waiting.state, waiting.attempts) == (DeliveryState.DEFERRED, 0)
    with on.database.read() as tx:
        (pause,) = tx.registry.pauses()
    assert pause.until == on.clock.now() + PAUSE
    assert on.deliver() == 0
    on.clock.move(PAUSE)
    assert on.deliver() == 1
    assert on.delivery(delivery.id).state is DeliveryState.HANDED_OVER
    assert len(channel.sent) == 2


def test_a_fault_of_one_account_rests_its_delivery_and_holds_up_no_other(stage: Made) -> None:
    on, channel = stage(Misconfigured(reason=Reason.EXCHANGE_AUTHENTICATION), HANDED_OVER, HANDED_OVER)
    delivery = on.ready()
    on.deliver()
    waiting = on.delivery(delivery.id)
    assert (waiting.state, waiting.attempts) == (DeliveryState.DEFERRED, 0)
    with on.database.read() as tx:
        assert not tx.registry.pauses()
    other = on.ready(package_id="6c1d0c0e-5f0e-4a53-9d9f-5f1d3c0e9a12")
    assert on.deliver() == 1
    assert on.delivery(other.id).state is DeliveryState.HANDED_OVER
    on.clock.move(PAUSE)
    assert on.deliver() == 1
    assert on.delivery(delivery.id).state is DeliveryState.HANDED_OVER
    assert len(channel.sent) == 3


def test_a_key_that_became_unusable_stops_the_delivery_before_anything_leaves(stage: Made) -> None:
    on, channel = stage(refuse=Refused(reason=Reason.KEY_EXPIRED))
    delivery = on.ready()
    on.deliver()
    called = on.delivery(delivery.id)
    assert (called.state, called.reason) == (DeliveryState.NEEDS_PERSON, Reason.KEY_EXPIRED)
    assert channel.sent == []


def test_the_address_is_looked_up_again_at_sending(stage: Made) -> None:
    on, channel = stage()
    on.ready()
    on.recipients(
        way=RecipientChannel(
            type="encrypted-email", address="new@gw.test", protection=Protection.SMIME, certificate=b"new"
        )
    )
    on.deliver()
    assert [one.destination for one in channel.sent] == ["new@gw.test"]


def test_a_recipient_who_lost_that_way_gets_nothing(stage: Made) -> None:
    on, channel = stage()
    delivery = on.ready()
    on.recipients(way=RecipientChannel(type="fax", number="+14165550123"))
    on.deliver()
    called = on.delivery(delivery.id)
    assert (called.state, called.reason) == (DeliveryState.NEEDS_PERSON, Reason.RECIPIENT_CHANGED)
    assert channel.sent == []


def test_an_attempt_whose_worker_died_before_it_started_is_simply_due_again(stage: Made) -> None:
    on, _ = stage()
    delivery = on.ready()
    on.claim(10)
    assert on.reconcile(10) == 0, "the lease still holds"
    on.clock.move(LEASE)
    assert on.reconcile(10) == 1
    assert on.deliver() == 1
    assert on.delivery(delivery.id).state is DeliveryState.HANDED_OVER
    first, second = on.attempts(delivery.id)
    assert (first.result, first.reason) == (ResultName.NOT_SENT, Reason.LEASE_LAPSED)
    assert second.result is ResultName.HANDED_OVER


def test_an_attempt_whose_worker_died_after_it_started_is_unconfirmed(stage: Made) -> None:
    on, _ = stage()
    delivery = on.ready()
    ((_, attempt),) = on.claim(10)
    with on.database.write() as tx:
        tx.deliveries.start_attempt(attempt, now=on.clock.now(), lease=LEASE, sent_digest="sha256:00", sent_object="00")
    on.clock.move(LEASE)
    on.reconcile(10)
    assert on.delivery(delivery.id).state is DeliveryState.UNCONFIRMED
    assert on.attempts(delivery.id)[0].result is ResultName.MAYBE_SENT


def test_a_worker_that_wakes_up_late_sends_nothing_and_records_nothing_over_the_new_state(stage: Made) -> None:
    on, channel = stage()
    delivery = on.ready()
    ((claimed, attempt),) = on.claim(10)
    on.clock.move(LEASE)
    on.reconcile(10)
    with pytest.raises(LeaseLost):
        asyncio.run(on.make(claimed, attempt))
    assert channel.sent == []
    assert on.delivery(delivery.id).state is DeliveryState.READY


def test_an_outcome_that_comes_after_the_lease_is_kept_beside_what_was_concluded(stage: Made) -> None:
    held = asyncio.Event()
    on, channel = stage(held)
    delivery = on.ready()
    (item,) = on.claim(10)

    async def late() -> None:
        sending = asyncio.create_task(on.make(*item))
        while not channel.sent:
            await asyncio.sleep(0.01)
        on.clock.move(LEASE)
        on.reconcile(10)
        held.set()
        with pytest.raises(LeaseLost):
            await sending

    asyncio.run(late())
    assert on.delivery(delivery.id).state is DeliveryState.UNCONFIRMED
    with on.database.read() as tx:
        (event,) = [one for one in tx.records.events(delivery.dispatch) if one.name is EventName.ATTEMPT_ENDED_LATE]
        (receipt,) = tx.records.receipts_of([delivery.id])[delivery.id]
        key = data_key(tx.registry, delivery.dispatch)
    assert event.facts["result"] == "handed-over"
    assert receipt.receipt.event is ReceiptEvent.RELAY_TO_NON_ERDS
    assert receipt.receipt.source == "fake"
    assert receipt.object_name is not None
    words = on.vault.get(key, contexts.words(item[1].id), receipt.object_name)
    assert receipt.receipt.evidence == sha256(words)


def test_an_end_is_recorded_once_the_database_is_back(stage: Made, monkeypatch: pytest.MonkeyPatch) -> None:
    on, channel = stage()
    delivery = on.ready()
    write, away = on.database.write, [True, True]

    def failing() -> AbstractContextManager[SqlTransaction]:
        if channel.sent and away:
            away.pop()
            raise ServiceDown(Code.DATABASE_UNAVAILABLE)
        return write()

    monkeypatch.setattr(on.database, "write", failing)
    on.deliver()
    assert not away
    assert on.delivery(delivery.id).state is DeliveryState.HANDED_OVER
    assert len(channel.sent) == 1


def test_a_person_settles_an_unconfirmed_attempt_with_name_and_reason(stage: Made) -> None:
    on, channel = stage(MaybeSent(reason=Reason.SMTP_UNCERTAIN), HANDED_OVER)
    delivery = on.ready()
    on.deliver()
    on.resolve(delivery.id, Action.CONFIRM_NOT_SENT, actor="clerk", reason="not in the server's log")
    assert on.deliver() == 1
    assert on.delivery(delivery.id).state is DeliveryState.HANDED_OVER
    assert len(channel.sent) == 2
    with on.database.read() as tx:
        (event,) = [one for one in tx.records.events(delivery.dispatch) if one.name is EventName.DELIVERY_RESOLVED]
        key = data_key(tx.registry, delivery.dispatch)
    assert event.actor == "clerk"
    assert event.reason is not None
    assert b"server" not in event.reason
    assert on.vault.open(key, contexts.reason(delivery.id), event.reason) == b"not in the server's log"


@pytest.mark.parametrize("reason", ["", "  \n"])
def test_no_act_goes_without_a_reason(stage: Made, reason: str) -> None:
    on, _ = stage(MaybeSent(reason=Reason.SMTP_UNCERTAIN))
    delivery = on.ready()
    on.deliver()
    dispatch = on.stuck(delivery.dispatch)
    with pytest.raises(InputRefused):
        on.resolve(delivery.id, Action.CONFIRM_SENT, actor="clerk", reason=reason)
    with pytest.raises(InputRefused):
        on.resolve.retry(dispatch.id, actor="clerk", reason=reason)
    assert on.delivery(delivery.id).state is DeliveryState.UNCONFIRMED
    assert on.views.dispatch(dispatch.id)["stuck"]


def test_confirmed_as_sent_it_is_handed_over_and_nothing_more_leaves(stage: Made) -> None:
    on, channel = stage(MaybeSent(reason=Reason.SMTP_UNCERTAIN))
    delivery = on.ready()
    on.deliver()
    on.resolve(delivery.id, Action.CONFIRM_SENT, actor="clerk", reason="the recipient called")
    on.deliver()
    assert on.delivery(delivery.id).state is DeliveryState.HANDED_OVER
    assert len(channel.sent) == 1


def test_what_is_handed_over_cannot_be_sent_again_by_a_person_either(stage: Made) -> None:
    on, _ = stage()
    delivery = on.ready()
    on.deliver()
    with pytest.raises(Conflict) as refused:
        on.resolve(delivery.id, Action.CONFIRM_NOT_SENT, actor="clerk", reason="again please")
    assert refused.value.code is Code.DELIVERY_ACTION_NOT_POSSIBLE


def test_a_delivery_that_needed_a_person_is_planned_again_when_they_put_it_right(stage: Made) -> None:
    on, channel = stage()
    dispatch = on.accept()
    (claimed,) = on.steps.claim(Step.PLAN, 10)
    on.plan(claimed)
    (delivery,) = on.deliveries(dispatch.id)
    assert (delivery.state, delivery.reason) == (DeliveryState.NEEDS_PERSON, Reason.RECIPIENT_UNKNOWN)
    (claimed,) = on.steps.claim(Step.RENDER, 10)
    on.render(claimed)

    on.recipients()
    on.resolve(delivery.id, Action.RETRY, actor="clerk", reason="entered in the directory")
    for step, work in ((Step.PLAN, on.plan), (Step.RENDER, on.render)):
        (claimed,) = on.steps.claim(step, 10)
        work(claimed)
    on.deliver()
    assert on.delivery(delivery.id).state is DeliveryState.HANDED_OVER
    assert len(on.deliveries(dispatch.id)) == 1
    assert len(channel.sent) == 1


def test_a_person_who_puts_a_delivery_right_while_another_is_being_rendered_is_not_forgotten(stage: Made) -> None:
    on, channel = stage()
    on.recipients()
    known = {"id": "m1", "roles": ["minister-counsel"], "recipient": "cbsa-hearings-gta"}
    unknown = {"id": "m2", "roles": ["minister-counsel"], "recipient": "not-there-yet"}
    dispatch = on.accept(participants=[known, unknown])
    (claimed,) = on.steps.claim(Step.PLAN, 10)
    on.plan(claimed)
    (waiting,) = [one for one in on.deliveries(dispatch.id) if one.state is DeliveryState.NEEDS_PERSON]

    def put_right() -> None:
        on.renderer.meanwhile = lambda: None
        on.recipients("not-there-yet")
        on.resolve(waiting.id, Action.RETRY, actor="clerk", reason="entered in the directory")

    on.renderer.meanwhile = put_right
    (claimed,) = on.steps.claim(Step.RENDER, 10)
    with pytest.raises(LeaseLost):
        on.render(claimed)
    assert on.objects() == 1, "the papers of the render that came too late are gone, the package is there"
    for step, work in ((Step.PLAN, on.plan), (Step.RENDER, on.render)):
        (claimed,) = on.steps.claim(step, 10)
        work(claimed)
    on.deliver()
    assert {one.state for one in on.deliveries(dispatch.id)} == {DeliveryState.HANDED_OVER}
    assert len(channel.sent) == 2


def test_a_document_that_cannot_be_rendered_calls_a_person(stage: Made) -> None:
    on, _ = stage()
    on.renderer.fails = InputRefused(Code.DOCUMENT_UNREADABLE, where="documents/reasons.pdf")
    delivery = on.ready()
    assert (delivery.state, delivery.reason) == (DeliveryState.NEEDS_PERSON, Reason.RENDERING_REFUSED)


def test_the_same_package_again_gives_the_first_dispatch(stage: Made) -> None:
    on, _ = stage()
    first = on.accept()
    assert on.accept() == first
    with pytest.raises(Conflict) as refused:
        on.accept(office="calgary")
    assert (refused.value.code, refused.value.facts["dispatch"]) == (Code.PACKAGE_CONFLICT, first.id)


def test_a_step_that_fails_again_and_again_leaves_the_dispatch_to_a_person(stage: Made) -> None:
    on, _ = stage()
    dispatch = on.accept()
    for _ in range(3):
        (claimed,) = on.steps.claim(Step.PLAN, 10)
        on.steps.postpone(claimed, "ZeroDivisionError", spent=True)
        on.clock.move(dt.timedelta(hours=1))
    assert on.steps.claim(Step.PLAN, 10) == []
    assert on.views.dispatch(dispatch.id)["state"] == "needs-person"


def test_a_step_that_kills_its_worker_again_and_again_leaves_the_dispatch_to_a_person(stage: Made) -> None:
    on, _ = stage()
    dispatch = on.accept()
    for _ in range(3):
        assert len(on.steps.claim(Step.PLAN, 10)) == 1
        on.clock.move(LEASE)
    assert on.steps.claim(Step.PLAN, 10) == []
    stuck = on.views.dispatch(dispatch.id)["stuck"]
    assert stuck == {"step": "plan", "cause": "worker.lease-lapsed", "since": on.clock.now().isoformat()}


def test_a_stuck_dispatch_that_a_person_sets_going_is_worked_on_once_more_from_the_start(stage: Made) -> None:
    on, channel = stage()
    delivery = on.ready()
    dispatch = on.stuck(delivery.dispatch)
    on.resolve.retry(dispatch.id, actor="clerk", reason="disk replaced")
    for step, work in ((Step.PLAN, on.plan), (Step.RENDER, on.render)):
        (claimed,) = on.steps.claim(step, 10)
        assert claimed.attempts == 1
        work(claimed)
    on.deliver()
    assert len(channel.sent) == len(on.deliveries(dispatch.id)) == 1
    with on.database.read() as tx:
        (event,) = [one for one in tx.records.events(dispatch.id) if one.name is EventName.DISPATCH_RETRIED]
        key = data_key(tx.registry, dispatch.data_key)
    assert event.actor == "clerk"
    assert event.reason is not None
    assert on.vault.open(key, contexts.reason(dispatch.id), event.reason) == b"disk replaced"


def test_a_lapsed_step_is_simply_done_again(stage: Made) -> None:
    on, _ = stage()
    on.recipients()
    dispatch = on.accept()
    (claimed,) = on.steps.claim(Step.PLAN, 10)
    on.clock.move(LEASE)
    (again,) = on.steps.claim(Step.PLAN, 10)
    on.plan(again)
    with pytest.raises(LeaseLost):
        on.plan(claimed)
    assert len(on.deliveries(dispatch.id)) == 1


def test_a_bit_that_rotted_in_the_papers_stops_the_delivery(stage: Made) -> None:
    on, channel = stage()
    delivery = on.ready()
    for path in (on.folder / "vault").rglob("*"):
        if path.is_file():
            content = bytearray(path.read_bytes())
            content[-1] ^= 1
            path.write_bytes(bytes(content))
    on.deliver()
    assert channel.sent == []
    assert on.delivery(delivery.id).reason is Reason.STORE_UNREADABLE


def test_papers_that_are_not_there_are_told_of_and_nothing_leaves(stage: Made) -> None:
    on, channel = stage()
    delivery = on.ready()
    with closing(sqlite3.connect(on.folder / "gateway.db")) as connection, connection:
        connection.execute("DELETE FROM documents")
    on.deliver()
    assert channel.sent == []
    assert on.delivery(delivery.id).reason is Reason.STORE_UNREADABLE


def test_the_lock_of_a_fence_outlives_a_copy_of_the_delivery(stage: Made) -> None:
    on, _ = stage()
    delivery = on.ready()
    on.claim(10)
    with on.database.write() as tx, pytest.raises(LeaseLost):
        tx.deliveries.save(replace(delivery, state=DeliveryState.CANCELLED))


def test_a_refusal_takes_the_next_channel_of_the_plan_and_its_own_tries(tmp_path: Path) -> None:
    email = FakeChannel(Refused(reason=Reason.SMTP_REFUSED, words="550 no"))
    exchange = FakeChannel(name="secure-upload")
    on = Stage(tmp_path, email, exchange)
    try:
        on.recipients(also=("secure-upload",))
        delivery = on.planned_and_rendered()
        assert delivery.plan == ("encrypted-email", "secure-upload")
        assert on.deliver() == 1
        onward = on.delivery(delivery.id)
        assert (onward.state, onward.channel, onward.attempts) == (DeliveryState.READY, "secure-upload", 0)
        assert on.deliver() == 1
        assert on.delivery(delivery.id).state is DeliveryState.HANDED_OVER
        assert (len(email.sent), len(exchange.sent)) == (1, 1)
    finally:
        on.close()


def test_papers_that_turn_out_larger_than_a_channel_carries_go_another_way(tmp_path: Path) -> None:
    """What is typeset has its size only once it is rendered: then the plan is held against it once more."""
    small, exchange = FakeChannel(max_bytes=10), FakeChannel(name="secure-upload")
    on = Stage(tmp_path, small, exchange)
    try:
        on.recipients(also=("secure-upload",))
        assert on.planned_and_rendered().plan == ("secure-upload",)
    finally:
        on.close()


def test_papers_that_no_channel_carries_call_a_person(tmp_path: Path) -> None:
    on = Stage(tmp_path, FakeChannel(max_bytes=10))
    try:
        on.recipients()
        waiting = on.planned_and_rendered()
        assert (waiting.state, waiting.plan, waiting.reason) == (
            DeliveryState.NEEDS_PERSON,
            (),
            Reason.MESSAGE_TOO_LARGE,
        )
    finally:
        on.close()
