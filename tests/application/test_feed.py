"""The outcome feed: what is told, when, and what the receiver's answers do, with the reference receiver."""

import datetime as dt
import json
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from gateway.application import contexts
from gateway.application.feed.codes import gcms_codes
from gateway.application.feed.morning import MorningReport
from gateway.application.feed.round import Timetable
from gateway.application.feed.standing import ReportRow
from gateway.application.sparing import EACH
from gateway.domain.codes import Code
from gateway.domain.dispatch import Dispatch, Step
from gateway.domain.feed import Batch, FeedState
from gateway.domain.outcomes import OUTCOMES_OF, Division
from gateway.domain.problem import Conflict, InputRefused, NoSuchThing, ServiceDown, SetupWrong
from tests.application.feeding import DAY, FeedStage
from tests.keys.pki import Authority

PERSON = {
    "id": "p1",
    "given_name": "Alex",
    "family_name": "Exemple",
    "uci": "11-2345-6789",
    "outcome": {
        "code": "rejected",
        "removal_order": {"kind": "departure", "action": "existing", "provisions": ["IRPA 49(2)"]},
    },
    "recourse": {"forum": "RAD"},
}


@pytest.fixture
def on(tmp_path: Path) -> Iterator[FeedStage]:
    stage = FeedStage(tmp_path)
    stage.feed()  # its first look: from the next night on there is something to do
    yield stage
    stage.close()


def states(on: FeedStage, dispatch: Dispatch) -> list[FeedState]:
    return [one.state for one in on.ledger(dispatch)]


def outcome(code: str, **more: object) -> list[dict[str, Any]]:
    return [PERSON | {"outcome": {"code": code}} | more]


def test_past_a_backlog_it_looks_the_less_often_the_longer_it_is_but_at_a_person_s_word_at_once(
    on: FeedStage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gateway.application.sparing.FEW", 1)
    for _ in range(2):
        on.accept(package_id=str(uuid.uuid4()))  # whose papers are not made yet
    on.decided()
    assert on.feed().composed == 1, "owed among three"
    on.decided()
    assert on.feed().composed == 0
    on.clock.move(3 * EACH)
    assert on.feed().composed == 1
    on.decided()
    assert on.feed(at_once=True).composed == 1


def test_whoever_made_the_papers_makes_the_transactions_of_what_is_open_once(on: FeedStage) -> None:
    dispatch = on.decided()
    case = on.open_case(dispatch)
    assert on.compose.at_hand(case)
    assert (states(on, dispatch), on.standing().owed) == ([FeedState.WAITING], 0)
    assert not on.compose.at_hand(case)
    assert states(on, dispatch) == [FeedState.WAITING]


def test_what_was_recalled_meanwhile_is_not_told_of_by_whoever_has_it_open(on: FeedStage) -> None:
    dispatch = on.decided()
    case = on.open_case(dispatch)
    with on.database.write() as tx:
        tx.dispatches.save(replace(dispatch, step=Step.RECALLED))
    assert not on.compose.at_hand(case)
    assert (on.ledger(dispatch), on.standing().owed) == ([], 1)


class TestGathering:
    def test_in_near_real_time_what_comes_soon_after_a_batch_leaves_together(self, tmp_path: Path) -> None:
        gather = dt.timedelta(seconds=10)
        on = FeedStage(tmp_path, near_real_time=True, gather=gather)
        first = on.decided()
        assert on.feed().batches == 1, "what comes after a while waits for nothing"
        others = [on.decided(), on.decided()]
        assert on.feed().batches == 0
        on.clock.move(gather)
        assert on.feed().batches == 1
        assert [states(on, one) for one in (first, *others)] == [[FeedState.SENT]] * 3
        on.decided()
        assert on.feed().batches == 0
        assert on.feed(at_once=True).batches == 1
        on.close()

    def test_what_a_recall_takes_back_waits_for_nothing(self, tmp_path: Path) -> None:
        on = FeedStage(tmp_path, near_real_time=True, gather=dt.timedelta(seconds=10))
        told = on.decided()
        assert on.feed().batches == 1
        other = on.decided()
        on.recall(told)
        assert on.feed().batches == 1
        assert states(on, told) == [FeedState.SENT, FeedState.SENT], "the outcome, and that it is taken back"
        assert states(on, other) == [FeedState.WAITING]
        on.close()

    def test_a_clock_that_was_put_back_holds_nothing_up(self, tmp_path: Path) -> None:
        on = FeedStage(tmp_path, near_real_time=True, gather=dt.timedelta(seconds=10))
        on.decided()
        assert on.feed().batches == 1
        on.clock.move(-DAY)
        on.decided()
        assert on.feed().batches == 1
        on.close()


class TestRelease:
    def test_nothing_goes_before_the_cooling_off_is_over(self, tmp_path: Path) -> None:
        on = FeedStage(tmp_path, near_real_time=True, hold=dt.timedelta(hours=6))
        dispatch = on.decided()
        on.feed()
        on.clock.move(dt.timedelta(hours=5, minutes=59))
        on.feed()
        assert states(on, dispatch) == [FeedState.WAITING]
        on.clock.move(dt.timedelta(minutes=1))
        on.feed()
        assert states(on, dispatch) == [FeedState.SENT]
        on.close()

    def test_nothing_goes_before_the_papers_are_made(self, on: FeedStage) -> None:
        dispatch = on.accept()
        on.night()
        assert on.ledger(dispatch) == []
        assert on.standing().owed == 1
        on.made(dispatch)
        on.night()
        assert states(on, dispatch) == [FeedState.SENT]

    def test_an_interlocutory_letter_tells_no_outcome(self, on: FeedStage) -> None:
        dispatch = on.decided(proceeding={"type": "claim", "nature": "interlocutory"})
        on.night()
        assert (on.ledger(dispatch), on.standing().owed) == ([], 0)

    def test_a_person_without_a_uci_is_work_for_staff(self, on: FeedStage) -> None:
        dispatch = on.decided(persons=[{name: value for name, value in PERSON.items() if name != "uci"}])
        on.night()
        assert states(on, dispatch) == [FeedState.NEEDS_PERSON]
        assert [one.dispatch for one in on.standing().work] == [dispatch.id]


class TestAcknowledgements:
    def test_what_is_accepted_is_done_and_what_is_rejected_is_work_for_staff_with_its_code(self, on: FeedStage) -> None:
        good, bad = on.decided(), on.decided(persons=outcome("withdrawn"))
        on.gcms.judge = lambda line: "E-17" if line["outcome"] == "withdrawn" else None
        on.night()
        on.gcms.answer(fetched(on))
        on.feed()
        assert (states(on, good), states(on, bad)) == ([FeedState.ACCEPTED], [FeedState.REJECTED])
        (work,) = on.standing().work
        assert (work.dispatch, work.code) == (bad.id, "E-17")
        assert on.standing().open_batches == []

    def test_a_rejected_one_is_told_again_under_a_new_number_by_a_person_with_a_reason(self, on: FeedStage) -> None:
        dispatch = on.decided()
        on.gcms.judge = lambda _: "E-17"
        on.night()
        on.gcms.answer(fetched(on))
        on.feed()
        (rejected,) = on.ledger(dispatch)
        with pytest.raises(InputRefused):
            on.standing.again(rejected.id, actor="clerk", reason=" ")
        number = on.standing.again(rejected.id, actor="clerk", reason="The receiver mended its table")
        assert states(on, dispatch) == [FeedState.SUPERSEDED, FeedState.WAITING]
        on.gcms.judge = lambda _: None
        on.night()
        assert [one["transaction"] for one in fetched(on).lines] == [number]
        for name, kind in ((rejected.id, Conflict), (str(uuid.uuid4()), NoSuchThing)):
            with pytest.raises(kind):
                on.standing.again(name, actor="clerk", reason="Again")

    def test_the_same_acknowledgement_again_changes_nothing(self, on: FeedStage) -> None:
        dispatch = on.decided()
        on.night()
        path = on.gcms.answer(fetched(on))
        raw = path.read_bytes()
        on.feed()
        on.gcms.put(raw, name="again.p7s")
        on.feed()
        assert states(on, dispatch) == [FeedState.ACCEPTED]
        answer = json.loads((on.folder / "feed/out/again.p7s.accepted.json").read_bytes())
        assert (answer["repeat"], answer["taken"]) == (True, 0)

    def test_lines_that_are_missing_are_told_as_missing_asked_after_and_sent_again_as_the_same_bytes(
        self, on: FeedStage
    ) -> None:
        first, second = on.decided(), on.decided()
        on.night()
        opened = fetched(on)
        on.gcms.answer(opened, only=[opened.lines[0]["transaction"]])
        on.feed()
        assert (states(on, first), states(on, second)) == ([FeedState.ACCEPTED], [FeedState.SENT])
        assert on.standing().missing == 1
        on.clock.move(DAY)
        on.feed()
        (question,) = on.gcms.arrived()
        assert on.gcms.fetch(question) is None
        on.clock.move(DAY)
        on.feed()
        again = fetched(on)  # the receiver holds it against the first: the same batch is the same octets
        assert (again.control["batch"], on.gcms.repeats) == (opened.control["batch"], 1)
        on.gcms.answer(again)
        on.feed()
        assert states(on, second) == [FeedState.ACCEPTED]
        assert on.standing().open_batches == []

    def test_a_batch_never_acknowledged_is_asked_after_before_it_is_sent_again(self, on: FeedStage) -> None:
        on.decided()
        on.night()
        on.gcms.arrived()[0].unlink()  # lost on the way
        seen: list[list[str]] = []
        for _ in range(4):
            on.clock.move(DAY)
            on.feed()
            seen.append([path.name for path in on.gcms.arrived()])
            for path in on.gcms.arrived():
                path.unlink()
        batch, question = "outcomes-00000001.p7m", "outcomes-00000001.question.p7m"
        assert seen == [[question], [batch], [question], [batch]]

    @pytest.mark.parametrize(
        ("spoil", "code"),
        [
            (lambda said: said | {"batch": str(uuid.uuid4())}, Code.FEED_BATCH_UNKNOWN),
            (lambda said: said | {"digest": f"sha256:{'0' * 64}"}, Code.FEED_OTHER_DIGEST),
            (lambda said: said | {"more": 1}, Code.FEED_ACKNOWLEDGEMENT_INVALID),
            (lambda said: said | {"lines": [*said["lines"], line(str(uuid.uuid4()))]}, Code.FEED_TRANSACTION_UNKNOWN),
            (
                lambda said: said | {"lines": [*said["lines"], rejected(said)]},
                Code.FEED_CONTRADICTION,
            ),
        ],
        ids=["batch", "digest", "field", "transaction", "contradiction"],
    )
    def test_a_wrong_one_is_refused_whole_and_the_receiver_is_told(self, on: FeedStage, spoil: Any, code: Code) -> None:
        dispatch, other = on.decided(), on.decided()
        on.night()
        opened = fetched(on)
        said = {
            "schema": "outcome-acknowledgement/1",
            "batch": opened.control["batch"],
            "digest": opened.control["digest"],
            "lines": [line(one["transaction"]) for one in opened.lines],
        }
        on.gcms.say(spoil(said), name="wrong.p7s")
        on.feed()
        assert states(on, dispatch) + states(on, other) == [FeedState.SENT] * 2
        assert json.loads((on.folder / "feed/out/wrong.p7s.refused.json").read_bytes())["code"] == code

    def test_what_somebody_else_signed_nobody_signed_or_was_encrypted_is_refused(self, on: FeedStage) -> None:
        dispatch = on.decided()
        on.night()
        raw = on.gcms.arrived()[0].read_bytes()
        opened = fetched(on)
        good = on.gcms.answer(opened).read_bytes()
        on.gcms.arrived()
        (on.folder / "feed/in").joinpath(f"answer-{on.gcms.answers:06d}.p7s").unlink()
        on.gcms.key = Authority.root().signer()
        on.gcms.answer(opened, name="other.p7s")
        for name, content in (("plain.p7s", b"{}"), ("ours.p7s", raw), ("cut.p7s", good[:-40])):
            on.gcms.put(content, name=name)
        on.feed()
        codes = {
            path.name.partition(".")[0]: json.loads(path.read_bytes())["code"]
            for path in (on.folder / "feed/out").glob("*.refused.json")
        }
        assert codes["other"] == Code.FEED_SIGNER
        assert set(codes) == {"other", "plain", "ours", "cut"}
        assert all(codes[name].startswith("signature.") for name in ("plain", "ours", "cut"))
        assert states(on, dispatch) == [FeedState.SENT]


def rejected(said: dict[str, Any]) -> dict[str, str]:
    first: dict[str, str] = said["lines"][0]
    return first | {"result": "rejected"}


def line(transaction: str) -> dict[str, str]:
    return {"transaction": transaction, "result": "accepted"}


def fetched(on: FeedStage) -> Any:
    (path,) = on.gcms.arrived()
    opened = on.gcms.fetch(path)
    assert opened is not None
    return opened


class TestCorrections:
    def test_an_amended_outcome_corrects_the_one_that_was_told(self, on: FeedStage) -> None:
        first = on.decided()
        on.night()
        on.gcms.answer(fetched(on))
        on.feed()
        relation = {"kind": "amendment", "of": str(first.package_id)}
        second = on.decided(persons=outcome("accepted"), relation=relation)
        on.night()
        (told,) = fetched(on).lines
        assert (told["kind"], told["corrects"]) == ("correction", on.ledger(first)[0].id)
        assert (told["outcome"], states(on, second)) == ("accepted", [FeedState.SENT])

    def test_one_that_was_not_yet_sent_is_replaced_and_only_the_newer_goes(self, on: FeedStage) -> None:
        first = on.decided()
        on.feed()
        second = on.decided(persons=outcome("accepted"), relation={"kind": "erratum", "of": str(first.package_id)})
        on.night()
        (told,) = fetched(on).lines
        assert (told["kind"], told["outcome"]) == ("outcome", "accepted")
        assert (states(on, first), states(on, second)) == ([FeedState.SUPERSEDED], [FeedState.SENT])

    def test_later_reasons_on_a_decision_that_was_told_tell_nothing(self, on: FeedStage) -> None:
        first = on.decided()
        second = on.decided(relation={"kind": "reasons", "of": str(first.package_id)})
        on.night()
        assert (states(on, first), states(on, second)) == ([FeedState.SENT], [])

    def test_a_recall_stops_what_was_not_sent_and_leaves_the_rest_of_the_night_alone(self, on: FeedStage) -> None:
        wrong, good = on.decided(), on.decided()
        on.feed()
        on.recall(wrong)
        on.night()
        assert (states(on, wrong), states(on, good)) == ([FeedState.RECALLED], [FeedState.SENT])
        assert len(fetched(on).lines) == 1

    def test_a_recall_between_the_opening_and_the_making_of_a_batch_is_heeded(self, on: FeedStage) -> None:
        wrong = on.decided()
        on.feed()
        on.feed._batches.open()
        assert states(on, wrong) == [FeedState.BATCHED]
        on.recall(wrong)
        on.night()
        assert (states(on, wrong), on.gcms.arrived()) == ([FeedState.RECALLED], [])
        assert on.standing().open_batches == []

    def test_what_is_recalled_before_its_papers_are_made_is_never_told(self, on: FeedStage) -> None:
        wrong = on.accept()
        on.recall(wrong)
        on.night()
        assert (on.ledger(wrong), on.standing().owed) == ([], 0)


class TestCodes:
    def test_every_outcome_of_both_divisions_has_a_code(self, tmp_path: Path) -> None:
        codes = gcms_codes(tmp_path, "")
        assert set(codes) == {(one, code) for one in (Division.RPD, Division.RAD) for code in OUTCOMES_OF[one]}
        assert len(set(codes.values())) == len(codes)

    def test_the_receivers_own_table_replaces_it_whole_and_must_be_complete(self, tmp_path: Path) -> None:
        rows = [
            f'[[code]]\ndivision = "{division}"\noutcome = "{code}"\ngcms = "X{number}"\n'
            for number, (division, code) in enumerate(gcms_codes(tmp_path, ""))
        ]
        (tmp_path / "own.toml").write_text("\n".join(rows))
        assert "X0" in gcms_codes(tmp_path, "own.toml").values()
        (tmp_path / "own.toml").write_text("\n".join(rows[1:]))
        with pytest.raises(SetupWrong):
            gcms_codes(tmp_path, "own.toml")


def test_the_reconciliation_counts_each_division(on: FeedStage) -> None:
    on.decided()
    on.decided(division="RAD")
    on.night()
    on.gcms.judge = lambda one: "E-1" if one["division"] == "RAD" else None
    on.gcms.answer(fetched(on))
    on.feed()
    on.decided()
    on.feed()
    rad, rpd = on.standing.report()
    assert (rad.decisions, rad.outcomes, rad.rejected, rad.open) == (1, 1, 1, 1)
    assert rpd.decisions == 2
    assert (rpd.outcomes, rpd.accepted, rpd.waiting, rpd.open, rpd.oldest) == (2, 1, 1, 1, on.clock.now())


def test_uci_and_outcome_stand_nowhere_in_the_clear(on: FeedStage) -> None:
    on.decided(persons=outcome("rejected-no-credible-basis"))
    on.night()
    written = [path.read_bytes() for path in on.folder.rglob("*") if path.is_file()]
    assert not [one for one in written if b"11-2345-6789" in one or b"no-credible-basis" in one]


def test_the_bytes_of_a_batch_go_when_every_package_in_it_has_expired(on: FeedStage) -> None:
    first, second = on.decided(), on.decided()
    on.night()
    on.gcms.answer(fetched(on))
    on.feed()
    (batch,) = batches(on)
    for dispatch, kept in ((first, True), (second, False)):
        with on.database.write() as tx:
            tx.registry.destroy_data_key(dispatch.data_key)
        before = on.objects()
        on.feed.run()
        with on.database.read() as tx:
            assert tx.registry.has_data_key(contexts.feed_batch(batch.id)) is kept
        assert (batches(on)[0].object_name is not None, before - on.objects()) == (kept, 0 if kept else 1)


def batches(on: FeedStage) -> Sequence[Batch]:
    with on.database.read() as tx:
        return tx.feed.batches(unfinished=False)


def test_the_report_is_written_once_a_morning_and_tried_again_when_it_could_not_be(on: FeedStage) -> None:
    written: list[dt.datetime] = []
    away = True

    def write(at: dt.datetime, rows: Sequence[ReportRow]) -> None:
        if away:
            raise ServiceDown(Code.STORAGE_UNAVAILABLE)
        assert [one.division for one in rows] == [Division.RAD, Division.RPD]
        written.append(at)

    timetable = Timetable(zone=ZoneInfo("America/Toronto"), hour=7, near_real_time=False)
    morning = MorningReport(
        database=on.database, standing=on.standing, write=write, timetable=timetable, clock=on.clock
    )
    with pytest.raises(ServiceDown):
        morning.run_if_due()
    away = False
    assert morning.run_if_due()
    for _ in range(48):
        on.clock.move(dt.timedelta(hours=1))
        morning.run_if_due()
    assert [one.hour for one in written[1:]] == [7, 7]
