"""What shall not be where it lies: taken back from others' exchanges where they let us, and else a person is called."""

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from gateway.application.recalls.recall import Recall
from gateway.application.recalls.recall_report import RecallReports
from gateway.domain.acts import Action
from gateway.domain.delivery import Delivery, DeliveryState
from gateway.domain.events import Event, EventName
from gateway.domain.failures import MaybeSent, NotSent
from gateway.domain.parties import ChannelName, ExchangeKind
from gateway.domain.reasons import Reason
from gateway.domain.recall import Containment
from gateway.domain.reference import token_of
from gateway.domain.report import Finding
from gateway.domain.unreached import TRIED_EVERY, TRIED_FOR, TakenBack
from gateway.ports.incoming import Handling
from gateway.ports.uploads import Upload
from tests.application.stage import Stage
from tests.contracts.fake_channel import HANDED_OVER, FakeChannel, Step

WHY = "sent to the wrong counsel"


class Contained:
    """A stage with one channel to an exchange of others."""

    def __init__(self, folder: Path, step: Step = HANDED_OVER, takes_back: Sequence[TakenBack] | None = ()) -> None:
        answers = None if takes_back is None else list(takes_back)
        self.channel = FakeChannel(step, name=ChannelName.ENCRYPTED_EMAIL.value, takes_back=answers)
        folder.mkdir(exist_ok=True)
        self.stage = Stage(folder, self.channel)
        self.stage.recipients()
        self.delivery = self.stage.planned_and_rendered()
        self.stage.deliver()
        joined = {"database": self.stage.database, "vault": self.stage.vault, "clock": self.stage.clock}
        self.recall = Recall(**joined)  # type: ignore[arg-type]
        self.report = RecallReports(database=self.stage.database)

    def recalled(self) -> None:
        """By a person, and seen to."""
        self.recall(self.delivery.dispatch, actor="clerk", reason=WHY)
        self.stage.take_back(10)

    def called(self) -> list[Finding | None]:
        """Why persons are called."""
        with self.stage.database.read() as tx:
            return [one.finding for one in tx.incoming.find(handling=Handling.FOR_PERSON, limit=10)]

    def events(self, name: EventName) -> list[Event]:
        with self.stage.database.read() as tx:
            return [one for one in tx.records.events(self.delivery.dispatch) if one.name is name]

    def told(self) -> dict[str, Any]:
        """What the report says of its delivery."""
        report: Any = self.report(self.delivery.dispatch, viewer=None)
        (one,) = report["deliveries"]
        return dict(one)

    def standing(self) -> Delivery:
        return self.stage.delivery(self.delivery.id)


@pytest.fixture
def opened() -> Iterator[list[Contained]]:
    made: list[Contained] = []
    yield made
    for one in made:
        one.stage.close()


def test_what_is_removed_there_is_on_record_and_calls_nobody(tmp_path: Path, opened: list[Contained]) -> None:
    opened.append(on := Contained(tmp_path, takes_back=[TakenBack.REMOVED]))
    on.recalled()
    (attempt,) = on.stage.attempts(on.delivery.id)
    assert on.channel.taken_back == [attempt.reference]
    assert [one.attempt for one in on.events(EventName.UPLOAD_REMOVED)] == [attempt.id]
    assert (on.called(), on.told()["containment"]) == ([], Containment.REMOVED)
    assert on.told()["left"][0]["removed_at"] == on.stage.clock.now().isoformat()
    assert on.standing().state is DeliveryState.HANDED_OVER, "it did lie there"
    on.recalled()
    assert len(on.channel.taken_back) == 1, "it is over"


@pytest.mark.parametrize("answer", [TakenBack.NOT_THERE, TakenBack.BEYOND, None])
def test_what_no_program_takes_back_calls_a_person_once(
    tmp_path: Path, opened: list[Contained], answer: TakenBack | None
) -> None:
    opened.append(on := Contained(tmp_path, takes_back=None if answer is None else [answer]))
    on.recalled()
    on.recalled()
    assert on.called() == [Finding.RECALL_UNREACHED]
    (event,) = on.events(EventName.PERSON_CALLED)
    assert event.facts["taken_back"] == (answer or TakenBack.BEYOND).value
    assert on.told()["containment"] == Containment.BEYOND_RECALL


def test_a_server_that_does_not_answer_calls_a_person_at_once_and_is_asked_again(
    tmp_path: Path, opened: list[Contained]
) -> None:
    opened.append(on := Contained(tmp_path, takes_back=[TakenBack.UNANSWERED] * 2 + [TakenBack.REMOVED]))
    on.recalled()
    assert on.called() == [Finding.RECALL_UNREACHED]
    for _ in range(4):
        on.stage.clock.move(TRIED_EVERY)
        on.stage.take_back(10)
    assert (len(on.channel.taken_back), on.told()["containment"]) == (3, Containment.REMOVED)
    assert on.called() == [Finding.RECALL_UNREACHED], "a person closes it"


def test_a_server_that_never_answers_is_let_go_of(tmp_path: Path, opened: list[Contained]) -> None:
    opened.append(on := Contained(tmp_path, takes_back=[TakenBack.UNANSWERED] * 5))
    on.recalled()
    on.stage.clock.move(TRIED_FOR)
    on.stage.take_back(10)
    on.stage.clock.move(dt.timedelta(days=1))
    assert on.stage.take_back(10) == 0


def test_what_never_left_calls_nobody_and_what_may_have_does(tmp_path: Path, opened: list[Contained]) -> None:
    opened.append(never := Contained(tmp_path / "a", NotSent(reason=Reason.EXCHANGE_CUT), None))
    never.recalled()
    assert (never.called(), never.told()["containment"]) == ([], Containment.STOPPED)
    opened.append(doubt := Contained(tmp_path / "b", MaybeSent(reason=Reason.EXCHANGE_UNCERTAIN), None))
    doubt.recalled()
    assert doubt.called() == [Finding.RECALL_UNREACHED]


def test_what_was_uploaded_to_a_former_account_is_taken_back_before_it_goes_on(
    tmp_path: Path, opened: list[Contained]
) -> None:
    opened.append(on := Contained(tmp_path, MaybeSent(reason=Reason.EXCHANGE_UNCERTAIN), [TakenBack.REMOVED]))
    (attempt,) = on.stage.attempts(on.delivery.id)
    with on.stage.database.write() as tx:
        tx.uploads.keep(
            Upload(
                token=token_of(attempt.reference),
                exchange=ExchangeKind.TUS,
                account="former",
                digest="sha256:00",
                size=1,
                place="inbox/1",
            )
        )
        failed = replace(on.standing(), state=DeliveryState.FAILED, reason=Reason.SMTP_REFUSED)
        tx.deliveries.save(failed)
    on.stage.resolve(on.delivery.id, Action.RETRY, actor="clerk", reason="once more")
    on.stage.deliver()  # by e-mail: the directory names no account of that exchange any more
    on.stage.take_back(10)
    assert on.channel.taken_back == [attempt.reference]
    assert len(on.events(EventName.UPLOAD_REMOVED)) == 1
