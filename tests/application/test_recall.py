"""A recall: what has not left is stopped, what lies untaken is withdrawn, and what is with somebody is told plainly."""

import asyncio
import datetime as dt
import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import cast
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway.application import contexts
from gateway.application.exchange import leave
from gateway.application.recalls.recall import Recall
from gateway.application.recalls.recall_report import RecallReports
from gateway.application.sealed import data_key
from gateway.domain.acts import Action
from gateway.domain.codes import Code
from gateway.domain.delivery import AttemptResult, Delivery, DeliveryState, ResultName
from gateway.domain.digest import sha256
from gateway.domain.dispatch import DispatchState, Step
from gateway.domain.events import EventName
from gateway.domain.exchange import Entry
from gateway.domain.failures import MaybeSent, NotSent, Refused
from gateway.domain.parties import RecipientChannel
from gateway.domain.problem import Conflict, InputRefused, NoSuchThing
from gateway.domain.reasons import Reason
from gateway.domain.recall import Containment
from gateway.domain.receipt import ReceiptEvent
from gateway.ports.channels import Prepared
from gateway.ports.papers import RenderedPapers
from gateway.ports.work import LeaseLost
from tests.application.exchanged import ACCOUNT, Exchanged
from tests.application.stage import LEASE, START, Stage
from tests.contracts.fake_channel import HANDED_OVER, FakeChannel
from tests.contracts.fake_channel import Step as Sends

WHY = "sent to the wrong counsel"
MINUTE = dt.timedelta(minutes=1)


@pytest.fixture
def on(tmp_path: Path) -> Iterator[Exchanged]:
    stage = Exchanged(tmp_path)
    stage.verified()
    yield stage
    stage.close()


class Watched(FakeChannel):
    """A scripted channel during whose send something happens."""

    def meanwhile(self) -> None:
        """Nothing, unless a test says what."""

    async def _send(self, prepared: Prepared) -> AttemptResult:
        await asyncio.to_thread(self.meanwhile)
        return await super()._send(prepared)


class Mailed(Stage):
    """A gateway that sends by a scripted channel, and recalls."""

    def __init__(self, folder: Path, *sends: Sends) -> None:
        self.mail = Watched(*sends)
        super().__init__(folder, self.mail)
        self.recall = Recall(database=self.database, vault=self.vault, clock=self.clock)
        self.report = RecallReports(database=self.database)


def told(on: Mailed | Exchanged, dispatch: str) -> dict[str, object]:
    """Of the one delivery."""
    (one,) = cast("Sequence[dict[str, object]]", on.report(dispatch, viewer=None)["deliveries"])
    return one


def came_to(on: Mailed | Exchanged, dispatch: str) -> Containment:
    return Containment(str(told(on, dispatch)["containment"]))


@pytest.mark.parametrize("step", [None, Step.PLAN, Step.RENDER])
def test_what_has_not_left_never_does_at_whatever_step_it_is(tmp_path: Path, step: Step | None) -> None:
    on = Mailed(tmp_path)
    on.recipients()
    dispatch = on.accept()
    if step is not None:
        (claimed,) = on.steps.claim(Step.PLAN, 10)
        on.plan(claimed)
    if step is Step.RENDER:
        (claimed,) = on.steps.claim(Step.RENDER, 10)
        on.render(claimed)
    on.recall(dispatch.id, actor="clerk", reason=WHY)
    on.clock.move(dt.timedelta(days=30))
    assert [on.steps.claim(one, 10) for one in (Step.PLAN, Step.RENDER)] == [[], []]
    assert (on.deliver(), on.mail.sent) == (0, [])
    assert {one.state for one in on.deliveries(dispatch.id)} <= {DeliveryState.RECALLED}
    assert on.report(dispatch.id, viewer=None)["state"] == DispatchState.RECALLED
    on.close()


def test_who_plans_or_renders_while_it_is_recalled_ends_nothing(tmp_path: Path) -> None:
    on = Mailed(tmp_path)
    on.recipients()
    dispatch = on.accept()
    (planning,) = on.steps.claim(Step.PLAN, 10)
    on.recall(dispatch.id, actor="clerk", reason=WHY)
    with pytest.raises(LeaseLost):
        on.plan(planning)
    assert on.deliveries(dispatch.id) == []
    on.close()


def test_an_attempt_in_hand_that_has_not_started_cannot_start(tmp_path: Path) -> None:
    on = Mailed(tmp_path, HANDED_OVER)
    delivery = on.ready()
    ((held, attempt),) = on.claim(10)
    on.recall(delivery.dispatch, actor="clerk", reason=WHY)
    with pytest.raises(LeaseLost):
        asyncio.run(on.make(held, replace(attempt)))
    assert on.mail.sent == []
    after = on.delivery(delivery.id)
    assert (after.state, after.reason) == (DeliveryState.RECALLED, Reason.RECALLED_BY_PERSON)
    (ended,) = on.attempts(delivery.id)
    assert (ended.result, ended.reason, ended.started_at) == (ResultName.NOT_SENT, Reason.RECALLED_BY_PERSON, None)
    on.close()


@pytest.mark.parametrize(
    ("result", "state", "containment"),
    [
        (HANDED_OVER, DeliveryState.HANDED_OVER, Containment.BEYOND_RECALL),
        (MaybeSent(reason=Reason.SMTP_UNCERTAIN), DeliveryState.UNCONFIRMED, Containment.IN_DOUBT),
        (NotSent(reason=Reason.SMTP_TEMPORARY), DeliveryState.RECALLED, Containment.STOPPED),
        (Refused(reason=Reason.SMTP_REFUSED), DeliveryState.RECALLED, Containment.STOPPED),
    ],
)
def test_what_is_on_its_way_ends_as_what_it_was_and_is_not_tried_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, result: Sends, state: DeliveryState, containment: Containment
) -> None:
    on = Mailed(tmp_path, result, HANDED_OVER)
    delivery = on.ready()
    seen: list[Containment] = []

    def recalled() -> None:
        on.recall(delivery.dispatch, actor="clerk", reason=WHY)
        assert on.delivery(delivery.id).state is DeliveryState.SENDING
        assert on.report(delivery.dispatch, viewer=None)["state"] == DispatchState.IN_PROGRESS
        seen.append(came_to(on, delivery.dispatch))

    monkeypatch.setattr(on.mail, "meanwhile", recalled)
    on.deliver()
    monkeypatch.undo()
    on.clock.move(dt.timedelta(days=30))
    on.reconcile(10)
    on.deliver()
    assert len(on.mail.sent) == 1
    assert on.delivery(delivery.id).state is state
    assert (seen, came_to(on, delivery.dispatch)) == ([Containment.IN_DOUBT], containment)
    on.close()


def test_what_may_have_been_sent_is_settled_by_a_person_and_goes_no_further(tmp_path: Path) -> None:
    on = Mailed(tmp_path, MaybeSent(reason=Reason.SMTP_UNCERTAIN), HANDED_OVER)
    delivery = on.ready()
    on.deliver()
    on.recall(delivery.dispatch, actor="clerk", reason=WHY)
    assert came_to(on, delivery.dispatch) is Containment.IN_DOUBT
    after = on.resolve(delivery.id, Action.CONFIRM_NOT_SENT, actor="clerk", reason="the log says so")
    assert after.state is DeliveryState.RECALLED
    assert (on.deliver(), len(on.mail.sent)) == (0, 1)
    assert came_to(on, delivery.dispatch) is Containment.STOPPED
    on.close()


def test_whatever_makes_it_due_again_it_does_not_leave(tmp_path: Path) -> None:
    on = Mailed(tmp_path, HANDED_OVER)
    delivery = on.ready()
    on.recall(delivery.dispatch, actor="clerk", reason=WHY)
    with on.database.write() as tx:
        tx.deliveries.save(replace(on.delivery(delivery.id), state=DeliveryState.READY))
    assert on.deliver() == 1
    assert on.mail.sent == []
    assert on.delivery(delivery.id).state is DeliveryState.RECALLED
    on.close()


def test_no_act_of_a_person_brings_it_back(tmp_path: Path) -> None:
    on = Mailed(tmp_path)
    delivery = on.ready()
    on.recall(delivery.dispatch, actor="clerk", reason=WHY)
    for action in (Action.RETRY, Action.RELEASE, Action.HOLD, Action.CANCEL):
        with pytest.raises(Conflict):
            on.resolve(delivery.id, action, actor="clerk", reason=WHY)
    with pytest.raises(Conflict):
        on.resolve.retry(delivery.dispatch, actor="clerk", reason=WHY)
    on.close()


def test_what_lies_untaken_is_withdrawn_and_the_page_gives_nothing_more(on: Exchanged) -> None:
    delivery = on.left()
    on.recall(delivery.dispatch, actor="clerk", reason=WHY)
    after = on.delivery(delivery.id)
    assert (after.state, after.reason) == (DeliveryState.RECALLED, Reason.RECALLED_BY_PERSON)
    (left,) = on.collect.all(ACCOUNT)
    assert (left.entry.retracted_at, left.entry.collect_by) == (on.clock.now(), None)
    for take in (
        lambda: on.collect.document(ACCOUNT, left.entry.id, 0),
        lambda: on.collect.acknowledge(ACCOUNT, left.entry.id),
    ):
        with pytest.raises(NoSuchThing) as refused:
            take()
        assert refused.value.code is Code.EXCHANGE_NOTHING_THERE
    on.clock.move(dt.timedelta(days=60))
    assert (on.uncollected(10), on.mail(), on.mailer.sent) == (0, 0, []), "nobody is asked to collect it"
    assert came_to(on, delivery.dispatch) is Containment.RETRACTED


def test_a_withdrawal_is_evidence_of_its_own(on: Exchanged) -> None:
    delivery = on.left()
    on.recall(delivery.dispatch, actor="clerk", reason=WHY)
    with on.database.read() as tx:
        receipt = tx.records.receipts_of([delivery.id])[delivery.id][-1]
        key = data_key(tx.registry, contexts.EVIDENCE_KEY)
        events = tx.records.events(delivery.dispatch)
        package_key = data_key(tx.registry, tx.dispatches.get(delivery.dispatch).data_key)
    assert receipt.receipt.event is ReceiptEvent.CONTENT_HANDOVER_FAILURE
    assert receipt.object_name is not None
    statement = on.vault.get(key, contexts.recalled(delivery.dispatch), receipt.object_name)
    assert sha256(statement) == receipt.receipt.evidence
    said = json.loads(statement)
    assert (said["dispatch"], said["recalled_by"]) == (delivery.dispatch, "clerk")
    (recalled,) = [one for one in events if one.name is EventName.DISPATCH_RECALLED]
    assert recalled.reason is not None
    assert on.vault.open(package_key, contexts.reason(delivery.dispatch), recalled.reason).decode() == WHY
    assert WHY.encode() not in recalled.reason
    (stopped,) = [one for one in events if one.name is EventName.DELIVERY_RECALLED]
    assert stopped.facts == {"containment": "retracted", "from": "handed-over", "to": "recalled"}


def test_what_was_taken_before_stays_delivered_and_is_told_with_who_and_when(on: Exchanged) -> None:
    delivery = on.left()
    entry = on.collect.all(ACCOUNT)[0].entry
    b"".join(on.collect.document(ACCOUNT, entry.id, 0).parts)
    taken_at = on.clock.now()
    on.clock.move(MINUTE)
    on.recall(delivery.dispatch, actor="clerk", reason=WHY)
    assert on.delivery(delivery.id).state is DeliveryState.DELIVERED
    one = told(on, delivery.dispatch)
    assert one["containment"] == Containment.TAKEN
    assert one["taken"] == [
        {"by": ACCOUNT, "at": taken_at.isoformat(), "documents": 1, "of": 1, "acknowledged_at": None}
    ]
    with pytest.raises(NoSuchThing):
        on.collect.document(ACCOUNT, entry.id, 0)


@pytest.mark.parametrize("documents", [1, 2])
def test_a_download_that_runs_at_the_moment_counts_as_taken(
    on: Exchanged, monkeypatch: pytest.MonkeyPatch, documents: int
) -> None:
    monkeypatch.setattr(leave, "PART", 5)
    one = on.renderer.render
    monkeypatch.setattr(on.renderer, "render", lambda papers: several(one(papers), documents))
    delivery = on.left()
    entry = on.collect.all(ACCOUNT)[0].entry
    parts = on.collect.document(ACCOUNT, entry.id, 0).parts
    next(parts)
    on.recall(delivery.dispatch, actor="clerk", reason=WHY)
    assert on.delivery(delivery.id).state is DeliveryState.RECALLED
    b"".join(parts)
    whole = documents == 1
    assert on.delivery(delivery.id).state is (DeliveryState.DELIVERED if whole else DeliveryState.HANDED_OVER)
    assert came_to(on, delivery.dispatch) is Containment.TAKEN


def several(papers: RenderedPapers, count: int) -> RenderedPapers:
    """That many papers, each with content of its own."""
    (first,) = papers.documents
    made = (replace(first, name=f"{n}.pdf", content=first.content + bytes([n])) for n in range(count))
    return replace(papers, documents=tuple(made))


def test_nothing_is_left_once_it_is_recalled_though_the_upload_had_begun(
    on: Exchanged, monkeypatch: pytest.MonkeyPatch
) -> None:
    delivery = on.to_leave()
    enter = on.leave._enter

    def recalled_first(entry: Entry) -> dt.datetime:
        on.recall(delivery.dispatch, actor="clerk", reason=WHY)
        return enter(entry)

    monkeypatch.setattr(on.leave, "_enter", recalled_first)
    on.deliver()
    assert on.collect.all(ACCOUNT) == []
    assert on.delivery(delivery.id).state is DeliveryState.RECALLED
    assert came_to(on, delivery.dispatch) is Containment.STOPPED


def test_again_it_tells_how_things_stand_and_stops_what_had_not_ended(tmp_path: Path) -> None:
    on = Mailed(tmp_path, MaybeSent(reason=Reason.SMTP_UNCERTAIN))
    delivery = on.ready()
    on.deliver()
    on.recall(delivery.dispatch, actor="clerk", reason=WHY)
    with on.database.write() as tx:
        tx.deliveries.save(replace(on.delivery(delivery.id), state=DeliveryState.FAILED, reason=Reason.BOUNCED))
    on.clock.move(LEASE)
    on.recall(delivery.dispatch, actor="head", reason="once more")
    assert on.delivery(delivery.id).state is DeliveryState.RECALLED
    recalls = cast("list[dict[str, object]]", on.report(delivery.dispatch, viewer=None)["recalls"])
    assert [one["by"] for one in recalls] == ["clerk", "head"]
    on.close()


def test_a_recall_needs_a_dispatch_and_a_reason_and_a_report_a_recall(tmp_path: Path) -> None:
    on = Mailed(tmp_path)
    delivery = on.ready()
    objects = on.objects()
    with pytest.raises(InputRefused):
        on.recall(delivery.dispatch, actor="clerk", reason=" ")
    with pytest.raises(NoSuchThing) as unknown:
        on.recall("nothing", actor="clerk", reason=WHY)
    with pytest.raises(NoSuchThing) as refused:
        on.report(delivery.dispatch, viewer=None)
    assert (unknown.value.code, refused.value.code) == (Code.DISPATCH_UNKNOWN, Code.DISPATCH_NOT_RECALLED)
    assert (on.delivery(delivery.id).state, on.objects()) == (DeliveryState.READY, objects)
    on.close()


STEPS = st.lists(st.sampled_from(["send", "begin", "end", "acknowledge", "recall", "uncollected", "wait"]), max_size=9)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS)
def test_in_whatever_order_it_is_sent_taken_and_recalled_nobody_gets_it_after_and_nothing_is_forgotten(
    on: Exchanged, steps: list[str]
) -> None:
    """Whoever has a byte of it is named in the report; whoever is not named has none, and can never get one."""
    on.clock.at = START
    on.recipients(way=RecipientChannel(type="secure-upload", account=ACCOUNT))
    delivery = on.planned_and_rendered(package_id=str(uuid4()))
    running: list[Iterator[bytes]] = []
    has = False
    for step in [*steps, "recall"]:
        has = _does(on, delivery, step, running) or has
    while running:
        has = bool(b"".join(running.pop())) or has
    assert _does(on, delivery, "begin", running) is _does(on, delivery, "acknowledge", running) is False
    assert running == []
    on.deliver()
    assert (came_to(on, delivery.dispatch) is Containment.TAKEN) == has
    state = on.delivery(delivery.id).state
    assert (state is DeliveryState.RECALLED) == (not has), state
    assert on.report(delivery.dispatch, viewer=None)["state"] == DispatchState.RECALLED


def _does(on: Exchanged, delivery: Delivery, step: str, running: list[Iterator[bytes]]) -> bool:
    """One step; whether the recipient has something by it."""
    left = [one for one in on.collect.all(ACCOUNT) if one.entry.delivery == delivery.id]
    try:
        if step == "send":
            on.deliver()
        elif step == "begin" and left:
            running.append(on.collect.document(ACCOUNT, left[0].entry.id, 0).parts)
        elif step == "end" and running:
            return bool(b"".join(running.pop()))
        elif step == "acknowledge" and left:
            on.collect.acknowledge(ACCOUNT, left[0].entry.id)
            return True
        elif step == "recall":
            on.recall(delivery.dispatch, actor="clerk", reason=WHY)
        elif step == "uncollected":
            on.uncollected(10)
        elif step == "wait":
            on.clock.move(dt.timedelta(days=8))
    except NoSuchThing:
        return False
    return False
