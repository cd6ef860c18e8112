"""What is told when outcomes are corrected again and again and packages recalled: what stands with the receiver in the
end is the newest outcome that was not recalled, and each transaction refers to one that the receiver may have.
"""

import json
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from gateway.domain.dispatch import Dispatch
from gateway.domain.feed import FeedKind, FeedState
from gateway.domain.problem import Conflict
from tests.application.feeding import FeedStage
from tests.application.test_feed import PERSON

Held = dict[str, tuple[str, ...]]


@pytest.fixture
def on(tmp_path: Path) -> Iterator[FeedStage]:
    stage = FeedStage(tmp_path)
    stage.feed()
    yield stage
    stage.close()


def decided(on: FeedStage, code: str, *, after: Dispatch | None = None, kind: str = "amendment") -> Dispatch:
    changes: dict[str, Any] = {"persons": [PERSON | {"outcome": {"code": code}}]}
    if after is not None:
        changes["relation"] = {"kind": kind, "of": str(after.package_id)}
    return on.decided(**changes)


def night(on: FeedStage) -> None:
    on.night()
    on.answered()


def kinds(on: FeedStage, dispatch: Dispatch) -> list[tuple[FeedKind, FeedState]]:
    return [(one.kind, one.state) for one in on.ledger(dispatch)]


def test_an_outcome_that_was_told_and_is_recalled_is_withdrawn(on: FeedStage) -> None:
    wrong = decided(on, "rejected")
    night(on)
    assert on.holds() == {wrong.id: ("rejected",)}
    on.recall(wrong)
    on.night()
    (path,) = on.gcms.arrived()
    line = json.loads(on.gcms.open(path.read_bytes()).splitlines()[1])
    told = on.ledger(wrong)[0]
    assert (line["kind"], line["corrects"], line["outcome"]) == ("withdrawal", told.id, "rejected")
    on.answered()
    assert (on.holds(), on.standing().open_batches) == ({}, [])
    on.recall(wrong)  # again: nothing more is said
    night(on)
    assert kinds(on, wrong) == [
        (FeedKind.OUTCOME, FeedState.ACCEPTED),
        (FeedKind.WITHDRAWAL, FeedState.ACCEPTED),
    ]


def test_what_takes_back_a_recalled_outcome_does_not_wait_for_the_night_and_nothing_else_goes_with_it(
    on: FeedStage,
) -> None:
    first = decided(on, "rejected")
    night(on)
    second = decided(on, "accepted", after=first)
    night(on)
    later = decided(on, "rejected")
    on.feed()
    on.recall(second)
    on.feed()
    on.answered()
    assert on.holds() == {first.id: ("rejected",)}
    on.recall(first)
    on.feed()
    on.answered()
    assert on.holds() == {}
    assert kinds(on, later) == [(FeedKind.OUTCOME, FeedState.WAITING)]
    night(on)
    assert on.holds() == {later.id: ("rejected",)}


def test_an_amendment_of_what_nobody_recalled_waits_for_the_night(on: FeedStage) -> None:
    first = decided(on, "rejected")
    night(on)
    second = decided(on, "accepted", after=first)
    on.feed()
    on.feed()
    assert (kinds(on, second), on.gcms.arrived()) == ([(FeedKind.CORRECTION, FeedState.WAITING)], [])


def test_a_recalled_correction_is_corrected_by_what_stood_before(on: FeedStage) -> None:
    first = decided(on, "rejected")
    night(on)
    second = decided(on, "accepted", after=first)
    night(on)
    assert on.holds() == {second.id: ("accepted",)}
    on.recall(second)
    night(on)
    assert on.holds() == {first.id: ("rejected",)}
    assert on.ledger(first)[1].corrects == on.ledger(second)[0].id
    on.recall(first)  # that as well: nothing stands
    night(on)
    assert on.holds() == {}


def test_each_of_several_corrections_refers_to_what_stands_whatever_package_it_names(on: FeedStage) -> None:
    first = decided(on, "rejected")
    night(on)
    second = decided(on, "accepted", after=first)
    night(on)
    third = decided(on, "withdrawn", after=first, kind="set-aside")  # names the first, though the second stands
    night(on)
    assert on.ledger(third)[0].corrects == on.ledger(second)[0].id
    assert on.ledger(second)[0].corrects == on.ledger(first)[0].id
    fourth = decided(on, "rejected", after=third, kind="redetermination")
    night(on)
    assert on.holds() == {fourth.id: ("rejected",)}
    on.recall(third)  # in the middle: what stands stands
    night(on)
    assert on.holds() == {fourth.id: ("rejected",)}
    on.recall(fourth)
    night(on)
    assert on.holds() == {second.id: ("accepted",)}


def test_what_was_replaced_before_it_was_told_is_told_when_what_replaced_it_is_recalled(on: FeedStage) -> None:
    first = decided(on, "rejected")
    on.feed()
    second = decided(on, "accepted", after=first)
    on.feed()
    assert kinds(on, first) == [(FeedKind.OUTCOME, FeedState.SUPERSEDED)]
    on.recall(second)
    night(on)
    assert on.holds() == {first.id: ("rejected",)}
    assert len(on.gcms.ledger) == 1
    assert on.ledger(first)[1].kind is FeedKind.OUTCOME


def test_what_is_corrected_while_its_batch_has_not_left_leaves_it(on: FeedStage) -> None:
    first = decided(on, "rejected")
    on.feed()
    on.feed._batches.open()
    second = decided(on, "accepted", after=first)
    night(on)
    night(on)
    assert kinds(on, first) == [(FeedKind.OUTCOME, FeedState.SUPERSEDED)]
    assert (on.holds(), len(on.gcms.ledger)) == ({second.id: ("accepted",)}, 1)


def test_what_comes_after_a_recalled_package_is_one_chain_with_what_came_after_it_before(on: FeedStage) -> None:
    first = decided(on, "rejected")
    on.feed()
    on.recall(first)
    second = decided(on, "accepted", after=first)
    night(on)
    third = decided(on, "withdrawn", after=first)
    night(on)
    assert on.ledger(third)[0].corrects == on.ledger(second)[0].id
    assert on.holds() == {third.id: ("withdrawn",)}


def test_a_later_package_waits_for_the_earlier_one_to_be_told_first(on: FeedStage) -> None:
    changes: dict[str, Any] = {"persons": [PERSON], "package_id": str(uuid.uuid4())}
    first = on.accept(**changes)  # its papers are not made
    second = decided(on, "accepted", after=first)
    night(on)
    assert (on.gcms.ledger, on.standing().owed) == ({}, 2)
    on.made(first)
    night(on)
    assert on.holds() == {second.id: ("accepted",)}


def test_only_the_person_a_correction_names_is_corrected(on: FeedStage) -> None:
    other = PERSON | {"id": "p2", "uci": "11-2345-6790"}
    files = [{"number": "TC6-12345", "persons": ["p1", "p2"]}]
    first = on.decided(persons=[PERSON, other], files=files)
    second = decided(on, "accepted", after=first)
    night(on)
    assert on.holds() == {first.id: ("rejected",), second.id: ("accepted",)}


def test_an_erratum_that_brings_the_uci_ends_the_work_for_staff(on: FeedStage) -> None:
    first = on.decided(persons=[{name: value for name, value in PERSON.items() if name != "uci"}])
    on.feed()
    assert len(on.standing().work) == 1
    second = decided(on, "rejected", after=first, kind="erratum")
    night(on)
    assert (on.standing().work, on.holds()) == ([], {second.id: ("rejected",)})


def test_a_correction_of_what_was_rejected_takes_its_place(on: FeedStage) -> None:
    first = decided(on, "rejected")
    on.gcms.judge = lambda _: "E-17"
    night(on)
    on.gcms.judge = lambda _: None
    second = decided(on, "accepted", after=first)
    night(on)
    assert kinds(on, second) == [(FeedKind.OUTCOME, FeedState.ACCEPTED)]
    assert (on.standing().work, on.holds()) == ([], {second.id: ("accepted",)})


def test_what_is_rejected_after_its_correction_was_made_is_no_work_and_the_correction_is_told_as_an_outcome(
    on: FeedStage,
) -> None:
    first = decided(on, "rejected")
    on.night()
    second = decided(on, "accepted", after=first)
    on.feed()
    on.gcms.judge = lambda _: "E-17"
    on.answered()
    night(on)
    (work,) = on.standing().work
    assert work.dispatch == second.id
    with pytest.raises(Conflict):
        on.standing.again(on.ledger(first)[0].id, actor="clerk", reason="Again")
    on.gcms.judge = lambda _: None
    on.standing.again(work.id, actor="clerk", reason="Mended")
    night(on)
    assert on.ledger(second)[1].kind is FeedKind.OUTCOME
    assert (on.standing().work, on.holds()) == ([], {second.id: ("accepted",)})


def test_a_recalled_outcome_that_was_rejected_is_no_work_any_more(on: FeedStage) -> None:
    wrong = decided(on, "rejected")
    on.gcms.judge = lambda _: "E-17"
    night(on)
    (work,) = on.standing().work
    on.recall(wrong)
    assert on.standing().work == []
    with pytest.raises(Conflict):
        on.standing.again(work.id, actor="clerk", reason="Again")
    night(on)
    assert (len(on.gcms.ledger), on.gcms.in_force()) == (1, {})


def in_force(on: FeedStage) -> set[tuple[str, str]]:
    """What stands at the receiver: each outcome with the UCI that it is told under."""
    return {(line["uci"], line["outcome"]) for line in on.gcms.in_force().values()}


RIGHT, WRONG = "22-1111-2222", "11-2345-6789"
OTHER = PERSON | {"id": "p2", "given_name": "Bea", "uci": "33-2345-6790", "outcome": {"code": "accepted"}}
BOTH = [{"number": "TC6-12345", "persons": ["p1", "p2"]}]


def test_two_ucis_that_were_mistaken_for_each_other_are_put_right(on: FeedStage) -> None:
    first = on.decided(persons=[PERSON, OTHER], files=BOTH)
    night(on)
    amended = {"relation": {"kind": "amendment", "of": str(first.package_id)}, "files": BOTH}
    on.decided(persons=[PERSON | {"uci": OTHER["uci"]}, OTHER | {"uci": WRONG}], **amended)
    night(on)
    assert in_force(on) == {(OTHER["uci"], "rejected"), (WRONG, "accepted")}


def test_who_was_told_of_under_a_uci_that_is_nobodys_any_more_is_for_staff_to_say_where_it_is_not_certain(
    on: FeedStage,
) -> None:
    first = on.decided(persons=[PERSON, OTHER], files=BOTH)
    night(on)
    amended: dict[str, Any] = {"relation": {"kind": "amendment", "of": str(first.package_id)}}
    crossed = on.decided(persons=[PERSON | {"uci": OTHER["uci"]}], **amended)
    another = on.decided(persons=[PERSON | {"given_name": "Zoé", "uci": RIGHT}], **amended)
    night(on)
    assert kinds(on, crossed) == kinds(on, another) == [(FeedKind.OUTCOME, FeedState.NEEDS_PERSON)]
    assert in_force(on) == {(WRONG, "rejected"), (OTHER["uci"], "accepted")}
    assert len(on.standing().work) == 2


def test_an_amendment_about_one_of_two_leaves_the_other_as_they_are_whatever_it_calls_them(on: FeedStage) -> None:
    first = on.decided(persons=[PERSON, OTHER], files=BOTH)
    night(on)
    amended: dict[str, Any] = {"relation": {"kind": "amendment", "of": str(first.package_id)}}
    on.decided(persons=[OTHER | {"id": "p1", "outcome": {"code": "rejected"}}], **amended)
    night(on)
    assert in_force(on) == {(WRONG, "rejected"), (OTHER["uci"], "rejected")}


def told_of(on: FeedStage, uci: str, *, after: Dispatch | None = None, **more: Any) -> Dispatch:
    changes: dict[str, Any] = {"persons": [PERSON | {"uci": uci} | more]}
    if after is not None:
        changes["relation"] = {"kind": "amendment", "of": str(after.package_id)}
    return on.decided(**changes)


class TestAWrongUci:
    """An amendment that corrects it: the outcome is in force for the right person, and for nobody else."""

    @pytest.mark.parametrize("told", [True, False], ids=["told before", "not told yet"])
    def test_the_outcome_is_taken_back_from_the_one_and_told_of_the_other(self, on: FeedStage, told: bool) -> None:
        first = decided(on, "rejected")
        if told:
            night(on)
        told_of(on, RIGHT, after=first)
        on.feed()
        on.answered()
        assert in_force(on) == set()  # taken back without waiting for the night
        night(on)
        assert in_force(on) == {(RIGHT, "rejected")}
        assert on.standing().work == []

    def test_whichever_package_a_third_one_names_it_corrects_what_stands(self, on: FeedStage) -> None:
        first = decided(on, "rejected")
        night(on)
        second = told_of(on, RIGHT, after=first)
        night(on)
        third = told_of(on, RIGHT, after=first, outcome={"code": "accepted"})
        night(on)
        assert in_force(on) == {(RIGHT, "accepted")}
        assert on.ledger(third)[0].corrects == on.ledger(second)[0].id
        told_of(on, WRONG, after=first)  # the first was right after all
        night(on)
        assert in_force(on) == {(WRONG, "rejected")}

    def test_what_was_corrected_twice_before_it_was_told_is_taken_back_once(self, on: FeedStage) -> None:
        first = decided(on, "rejected")
        night(on)
        second = decided(on, "accepted", after=first)
        on.feed()
        told_of(on, RIGHT, after=second)
        night(on)
        assert in_force(on) == {(RIGHT, "rejected")}

    @pytest.mark.parametrize("told", [True, False], ids=["told before", "not told yet"])
    def test_a_recall_of_the_amendment_asks_a_person_before_the_wrong_one_is_told_of_again(
        self, on: FeedStage, told: bool
    ) -> None:
        first = decided(on, "rejected")
        night(on)
        second = told_of(on, RIGHT, after=first)
        if told:
            night(on)
        else:
            on.feed()
        on.recall(second)
        night(on)
        assert in_force(on) == set()
        (work,) = on.standing().work
        assert (work.dispatch, work.state) == (first.id, FeedState.NEEDS_PERSON)
        on.standing.again(work.id, actor="clerk", reason="It was theirs")
        night(on)
        assert (in_force(on), on.standing().work) == ({(WRONG, "rejected")}, [])

    def test_what_takes_it_back_and_is_rejected_is_work_for_staff_and_can_be_told_again(self, on: FeedStage) -> None:
        first = decided(on, "rejected")
        night(on)
        told_of(on, RIGHT, after=first)
        on.gcms.judge = lambda line: "E-17" if line["kind"] == "withdrawal" else None
        night(on)
        assert in_force(on) == {(WRONG, "rejected"), (RIGHT, "rejected")}
        (work,) = on.standing().work
        on.gcms.judge = lambda _: None
        on.standing.again(work.id, actor="clerk", reason="Mended there")
        night(on)
        assert (in_force(on), on.standing().work) == ({(RIGHT, "rejected")}, [])
        told_of(on, RIGHT, after=first, outcome={"code": "accepted"})
        night(on)
        assert in_force(on) == {(RIGHT, "accepted")}

    def test_where_another_person_has_the_uci_now_a_person_of_staff_says_whose_outcome_it_was(
        self, on: FeedStage
    ) -> None:
        first = on.decided(persons=[PERSON, OTHER], files=BOTH)
        night(on)
        relation = {"kind": "erratum", "of": str(first.package_id)}
        moved = [PERSON | {"uci": OTHER["uci"]}, OTHER | {"uci": RIGHT}]
        second = on.decided(persons=moved, files=BOTH, relation=relation)
        night(on)
        (work,) = on.standing().work
        assert (work.dispatch, work.person) == (second.id, "p1")
        on.standing.again(work.id, actor="clerk", reason="Asked the Registry")
        night(on)
        assert {(OTHER["uci"], "rejected"), (RIGHT, "accepted")} <= in_force(on)


def test_what_was_rejected_for_its_code_is_told_again_with_the_code_of_the_mended_table(on: FeedStage) -> None:
    wrong = decided(on, "rejected")
    on.gcms.judge = lambda line: None if line["gcms_code"] == "17" else "UNKNOWN-CODE"
    night(on)
    (work,) = on.standing().work
    on.codes.update(dict.fromkeys(on.codes, "17"))
    on.standing.again(work.id, actor="clerk", reason="The table is mended")
    night(on)
    assert (on.holds(), on.standing().work) == ({wrong.id: ("rejected",)}, [])


def test_what_is_told_after_a_recall_has_the_code_of_the_table_as_it_is_now(on: FeedStage) -> None:
    first = decided(on, "rejected")
    night(on)
    second = decided(on, "accepted", after=first)
    night(on)
    on.codes.update(dict.fromkeys(on.codes, "17"))
    on.recall(second)
    night(on)
    assert [one["gcms_code"] for one in on.gcms.in_force().values()] == ["17"]
