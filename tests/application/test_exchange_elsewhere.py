"""What lies in the exchange is for whom the delivery is for now: elsewhere it is withdrawn, and here it is told of."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import cast

import pytest

from channels.secure_upload.connect import CHECKLIST
from gateway.application import contexts
from gateway.application.sealed import data_key
from gateway.domain.acts import Action
from gateway.domain.delivery import Delivery, DeliveryState, ResultName
from gateway.domain.dispatch import Step
from gateway.domain.exchange import Entry
from gateway.domain.parties import ExchangeKind, RecipientChannel
from gateway.domain.problem import NoSuchThing
from gateway.domain.reasons import Reason
from gateway.domain.receipt import ReceiptEvent
from gateway.domain.report import Finding
from gateway.ports.incoming import Handling
from tests.application.exchanged import ACCOUNT, ADDRESS, Exchanged
from tests.application.test_exchange_ended import pages

DAY = dt.timedelta(days=1)
OTHER, OTHERS_ADDRESS = "other-counsel", "other@gw.test"
WHY = "counsel was another"


@pytest.fixture
def on(tmp_path: Path) -> Iterator[Exchanged]:
    stage = Exchanged(tmp_path)
    stage.verified()
    stage.verified(OTHER, OTHERS_ADDRESS)
    yield stage
    stage.close()


def works(on: Exchanged) -> None:
    for step, work in ((Step.PLAN, on.plan), (Step.RENDER, on.render)):
        for claimed in on.steps.claim(step, 10):
            work(claimed)
    on.deliver()


def entries(on: Exchanged, account: str = ACCOUNT) -> list[Entry]:
    """The oldest first."""
    return [one.entry for one in on.collect.since(account, "")]


def re_served(on: Exchanged, delivery: Delivery) -> None:
    on.recipients(OTHER, way=RecipientChannel(type="secure-upload", account=OTHER))
    on.readdress(delivery.id, Action.RE_SERVE, recipient=OTHER, actor="alice", reason=WHY)


def called(on: Exchanged) -> list[tuple[str | None, Finding | None]]:
    """Why persons are called, once that was seen to."""
    on.take_back(10)
    with on.database.read() as tx:
        return [(one.delivery, one.finding) for one in tx.incoming.find(handling=Handling.FOR_PERSON, limit=10)]


def notices(on: Exchanged) -> list[str]:
    """To whom those went that were due."""
    before = len(on.mailer.sent)
    on.mail()
    return [one.address for one in on.mailer.sent[before:]]


def test_what_is_served_elsewhere_can_be_taken_no_more_where_it_lay(on: Exchanged) -> None:
    delivery = on.left()
    assert notices(on) == [ADDRESS]
    re_served(on, delivery)
    (left,) = entries(on)
    assert (left.retracted_at, left.collect_by) == (on.clock.now(), None), "at once, not when it is sent anew"
    for take in (
        lambda: on.collect.document(ACCOUNT, left.id, 0),
        lambda: on.collect.acknowledge(ACCOUNT, left.id),
    ):
        with pytest.raises(NoSuchThing):
            take()
    works(on)
    assert [one.retracted_at for one in entries(on, OTHER)] == [None]
    assert notices(on) == [OTHERS_ADDRESS]
    on.clock.move(3 * DAY)
    assert ADDRESS not in notices(on), "nobody is reminded of what is not theirs"


def test_what_was_taken_there_before_stays_known(on: Exchanged) -> None:
    delivery = on.left()
    b"".join(on.collect.document(ACCOUNT, entries(on)[0].id, 0).parts)
    with on.database.write() as tx:  # it came back all the same
        tx.deliveries.save(replace(on.delivery(delivery.id), state=DeliveryState.FAILED, reason=Reason.BOUNCED))
    re_served(on, delivery)
    (left,) = entries(on)
    assert left.retracted_at is not None
    assert left.collected
    with on.database.read() as tx:
        told = [one.receipt.event for one in tx.records.receipts_of([delivery.id])[delivery.id]]
    assert told == [ReceiptEvent.CONTENT_CONSIGNMENT, ReceiptEvent.CONTENT_HANDOVER]
    assert called(on) == [(delivery.id, Finding.FORMER_HAS_IT)], "somebody else may have it"
    on.take_back(10)
    assert len(called(on)) == 1


def uncollected_and_retried(on: Exchanged) -> Delivery:
    """Nobody collected it, nothing else went, and a person asks for it once more."""
    delivery = on.left()
    on.mail()
    on.clock.move(8 * DAY)
    on.uncollected(10)
    with on.database.write() as tx:
        tx.deliveries.save(
            replace(on.delivery(delivery.id), state=DeliveryState.FAILED, reason=Reason.SMTP_REFUSED, settled=False)
        )
    on.resolve(delivery.id, Action.RETRY, actor="clerk", reason="they will look")
    return delivery


def test_a_later_try_leaves_it_anew_with_a_notice_and_a_patience_of_its_own(on: Exchanged) -> None:
    delivery = uncollected_and_retried(on)
    on.deliver()
    first, second = on.attempts(delivery.id)
    assert [one.result for one in (first, second)] == [ResultName.HANDED_OVER] * 2
    assert first.reference != second.reference
    _, anew = entries(on)
    assert (anew.attempt, anew.left_at) == (second.id, on.clock.now())
    assert anew.collect_by is not None
    assert notices(on) == [ADDRESS]
    b"".join(on.collect.document(ACCOUNT, anew.id, 0).parts)
    assert on.delivery(delivery.id).state is DeliveryState.DELIVERED


def test_a_later_try_goes_to_the_account_that_the_directory_names_by_then(on: Exchanged) -> None:
    delivery = uncollected_and_retried(on)
    on.clock.move(dt.timedelta(minutes=1))
    on.recipients(way=RecipientChannel(type="secure-upload", account=OTHER))
    works(on)
    (former,) = entries(on)
    assert former.retracted_at == on.clock.now(), "nobody takes it where it lay"
    assert called(on) == [], "and nobody had"
    assert on.delivery(delivery.id).state is DeliveryState.HANDED_OVER
    assert len(entries(on, OTHER)) == 1
    assert notices(on) == [OTHERS_ADDRESS]


def test_of_an_account_that_the_directory_names_no_more_the_rest_is_withdrawn_and_what_was_taken_calls_a_person(
    on: Exchanged, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = on.renderer.render
    monkeypatch.setattr(on.renderer, "render", lambda papers: pages(one(papers)))
    delivery = uncollected_and_retried(on)
    (former,) = entries(on)
    begun = on.collect.document(ACCOUNT, former.id, 1).parts
    next(begun)
    b"".join(on.collect.document(ACCOUNT, former.id, 0).parts)
    on.recipients(way=RecipientChannel(type="secure-upload", account=OTHER))
    works(on)
    (left,) = entries(on)
    assert (left.retracted_at, len(left.taken)) == (on.clock.now(), 1)
    b"".join(begun)  # what had begun is with them too
    assert len(entries(on)[0].taken) == 2
    assert called(on) == [(delivery.id, Finding.FORMER_HAS_IT)]
    assert on.delivery(delivery.id).state is DeliveryState.HANDED_OVER, "it lies with the other now"


def test_a_change_of_the_directory_alone_withdraws_what_lies_there_and_it_is_left_where_they_are_now(
    on: Exchanged,
) -> None:
    delivery = on.left()
    begun = entries(on)[0]
    on.recipients("colleague", way=RecipientChannel(type="secure-upload", account=ACCOUNT))
    assert entries(on) == [begun], "who shares the account changed nothing of theirs"
    on.recipients(way=RecipientChannel(type="secure-upload", account=OTHER))
    (former,) = entries(on)
    assert (former.retracted_at, former.collect_by) == (on.clock.now(), None)
    with pytest.raises(NoSuchThing):
        on.collect.document(ACCOUNT, former.id, 0)
    assert notices(on) == [], "nobody is told of what they may not take"
    on.deliver()
    (anew,) = entries(on, OTHER)
    assert (anew.retracted_at, notices(on)) == (None, [OTHERS_ADDRESS])
    b"".join(on.collect.document(OTHER, anew.id, 0).parts)
    assert (on.delivery(delivery.id).state, called(on)) == (DeliveryState.DELIVERED, [])
    on.recipients(way=RecipientChannel(type="secure-upload", account=ACCOUNT))
    assert entries(on, OTHER)[0].retracted_at is None, "what was taken whole is theirs"
    assert len(on.attempts(delivery.id)) == 2


def test_what_is_about_to_be_left_when_the_directory_changes_is_left_where_they_are_then(
    on: Exchanged, monkeypatch: pytest.MonkeyPatch
) -> None:
    delivery, leave = on.to_leave(), on.leave._note

    def meanwhile(*asked: object) -> bytes:
        monkeypatch.setattr(on.leave, "_note", leave)
        on.clock.move(dt.timedelta(seconds=1))
        on.recipients(way=RecipientChannel(type="secure-upload", account=OTHER))
        return leave(*asked)  # type: ignore[arg-type]

    monkeypatch.setattr(on.leave, "_note", meanwhile)
    on.deliver()
    (first,) = on.attempts(delivery.id)
    assert (first.result, first.reason) == (ResultName.NOT_SENT, Reason.RECIPIENT_CHANGED)
    assert entries(on) == []
    on.clock.move(DAY)
    on.deliver()
    assert on.delivery(delivery.id).state is DeliveryState.HANDED_OVER
    assert (entries(on), len(entries(on, OTHER))) == ([], 1)


def test_who_has_no_account_any_more_is_reached_another_way_or_a_person_sees_to_it(on: Exchanged) -> None:
    delivery = on.left()
    on.recipients()
    assert entries(on)[0].retracted_at is not None
    after = on.delivery(delivery.id)
    assert (after.state, after.reason) == (DeliveryState.HANDED_OVER, Reason.RECEIPT_OVERDUE), "there is no other way"


def test_of_what_was_taken_in_part_when_the_directory_changed_a_person_is_told(
    on: Exchanged, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = on.renderer.render
    monkeypatch.setattr(on.renderer, "render", lambda papers: pages(one(papers)))
    delivery = on.left()
    b"".join(on.collect.document(ACCOUNT, entries(on)[0].id, 0).parts)
    on.recipients(way=RecipientChannel(type="secure-upload", account=OTHER))
    (left,) = entries(on)
    assert (left.retracted_at, called(on)) == (on.clock.now(), [(delivery.id, Finding.FORMER_HAS_IT)])


def test_what_takes_its_next_way_stays_where_it_lies_as_long_as_the_account_is_theirs(on: Exchanged) -> None:
    delivery = uncollected_and_retried(on)
    on.deliver()
    before, anew = entries(on)
    assert (before.retracted_at, anew.retracted_at, called(on)) == (None, None, [])
    assert on.delivery(delivery.id).state is DeliveryState.HANDED_OVER


def test_a_try_that_did_not_leave_us_is_repeated_under_its_reference(on: Exchanged) -> None:
    """Only what lies there needs another one: what was begun is gone on with."""
    on.recipients(way=RecipientChannel(type="secure-upload", account="not-checked-yet"))
    delivery = on.planned_and_rendered()
    on.deliver()
    on.verified("not-checked-yet", "somebody.new@gw.test")
    on.resolve(delivery.id, Action.RETRY, actor="clerk", reason="opened")
    on.deliver()
    first, second = on.attempts(delivery.id)
    assert (first.result, second.result) == (ResultName.REFUSED, ResultName.HANDED_OVER)
    assert first.reference == second.reference


def connect(account: str) -> RecipientChannel:
    return RecipientChannel(type="secure-upload", account=account, exchange=ExchangeKind.CONNECT)


def test_a_clerk_finds_what_is_to_be_uploaded_now_and_nothing_of_before(on: Exchanged) -> None:
    on.recipients(way=connect("conv-a"))
    delivery = on.planned_and_rendered()
    on.deliver()
    on.resolve(delivery.id, Action.CONFIRM_NOT_SENT, actor="clerk", reason="the wrong conversation")
    on.clock.move(dt.timedelta(minutes=1))
    on.recipients(way=connect("conv-b"))
    on.resolve(delivery.id, Action.RETRY, actor="clerk", reason="the right one")
    works(on)
    after, (first, second) = on.delivery(delivery.id), on.attempts(delivery.id)
    assert after.state is DeliveryState.AWAITING_PERSON
    assert on.clear(10) == 1
    assert on.clerks_folder.all() == [second.reference] != [first.reference]
    told = (on.folder / "connect" / second.reference / CHECKLIST).read_text()
    assert "conv-b" in told
    assert "conv-a" not in told


def test_a_clerk_uploads_no_more_to_a_conversation_that_the_directory_names_no_more(on: Exchanged) -> None:
    on.recipients(way=connect("conv-a"))
    delivery = on.planned_and_rendered()
    on.deliver()
    on.recipients(way=connect("conv-a"))
    assert (on.delivery(delivery.id).reason, on.clear(10)) == (None, 0), "nothing of it changed"
    on.recipients(way=connect("conv-b"))
    after = on.delivery(delivery.id)
    assert (after.state, after.reason) == (DeliveryState.AWAITING_PERSON, Reason.RECIPIENT_CHANGED)
    assert (on.clear(10), on.clerks_folder.all()) == (1, [])
    on.resolve(delivery.id, Action.CONFIRM_NOT_SENT, actor="clerk", reason="not uploaded")
    on.resolve(delivery.id, Action.RETRY, actor="clerk", reason="to where they are now")
    works(on)
    (token,) = on.clerks_folder.all()
    assert "conv-b" in (on.folder / "connect" / token / CHECKLIST).read_text()


def test_one_mail_that_cannot_be_made_holds_up_nobody_elses(on: Exchanged) -> None:
    delivery = on.left()
    with on.database.write() as tx:
        key = data_key(tx.registry, contexts.DIRECTORY_KEY)
        account = tx.exchange.account(ACCOUNT)
        assert account is not None
        tx.exchange.put_account(replace(account, address=on.vault.seal(key, "elsewhere", b"x")))
    on.clock.move(dt.timedelta(seconds=1))
    on.sign_in.ask(OTHERS_ADDRESS)
    on.mail()
    assert [one.address for one in on.mailer.sent] == [OTHERS_ADDRESS]
    assert on.delivery(delivery.id).state is DeliveryState.HANDED_OVER


def test_who_acknowledges_without_a_download_is_not_said_to_have_taken_documents(on: Exchanged) -> None:
    delivery = on.left()
    on.collect.acknowledge(ACCOUNT, entries(on)[0].id)
    on.recall(delivery.dispatch, actor="clerk", reason=WHY)
    (told,) = cast("list[dict[str, list[dict[str, object]]]]", on.report(delivery.dispatch, viewer=None)["deliveries"])
    (taken,) = told["taken"]
    assert (taken["documents"], taken["of"]) == (0, 1)
    assert taken["acknowledged_at"] == on.clock.now().isoformat()
