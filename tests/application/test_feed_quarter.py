"""A quarter of nights between two case systems that lose, reject, repeat, reorder and fall over: in the end both
ledgers agree to the item. `FEED_DECISIONS` says how many decisions a day; `make feed-quarter` runs many.
"""

import os
import random
import uuid
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from channels.outcome_feed.folder import FeedFolder
from gateway.application import contexts
from gateway.application.feed.feed_json import outcome_format
from gateway.application.sealed import package_key
from gateway.domain.codes import Code
from gateway.domain.digest import sha256
from gateway.domain.dispatch import Dispatch
from gateway.domain.feed import FeedState, Verdict
from gateway.domain.problem import ServiceDown
from gateway.ports.feed import Put
from tests.application.feeding import DAY, FeedStage
from tests.application.test_feed import PERSON
from tests.application.year_carriers import Deck, one_in

NIGHTS = 91
DECISIONS = int(os.environ.get("FEED_DECISIONS", "3"))
CODES = ("E-01", "E-17")
FAULTS = {
    "corrected",
    "recalled",
    "recalled late",
    "rejected",
    "told again",
    "lost on the way",
    "answered in part",
    "answer repeated",
    "answer garbled",
    "fetched late",
    "folder away",
    "killed after putting",
}


class Killed(BaseException):
    """The process is gone before anything of what it did last is written."""


class Quarter:
    """Everything by one seed."""

    def __init__(self, on: FeedStage, monkeypatch: pytest.MonkeyPatch) -> None:
        self.on = on
        self.random = random.Random(20261127)
        self.faults: Counter[str] = Counter()
        self.decided: list[Dispatch] = []
        self.told: dict[tuple[str, str], list[str]] = {}
        """The dispatches that bring an outcome, by the first package on the decision and the person, in their order."""
        self.first: dict[str, str] = {}
        """The first package on the decision, by each dispatch on it."""
        self.recalled: set[str] = set()
        self.late: list[Any] = []
        self.calm = False
        self.decks: dict[str, Deck] = {}
        self.put = FeedFolder.put
        on.gcms.judge = self.judge

        def put(place: FeedFolder, name: str, content: bytes) -> Put:
            return self.putting(place, name, content)

        monkeypatch.setattr(FeedFolder, "put", put)

    def happens(self, fault: str, number: int) -> bool:
        """Once in so many, however the dice fall: which throw is whose hangs on ids that differ each time."""
        if self.calm or not self.decks.setdefault(fault, one_in(number, self.random)).draw():
            return False
        self.faults[fault] += 1
        return True

    def judge(self, _: dict[str, Any]) -> str | None:
        return self.random.choice(CODES) if self.happens("rejected", 25) else None

    def putting(self, place: FeedFolder, name: str, content: bytes) -> Put:
        if self.happens("folder away", 20):
            raise ServiceDown(Code.STORAGE_UNAVAILABLE)
        put = self.put(place, name, content)
        if self.happens("killed after putting", 20):
            raise Killed
        return put

    def day(self) -> None:
        """Decisions, corrections of earlier ones, recalls, and what staff do."""
        for _ in range(DECISIONS):
            persons = [PERSON, PERSON | {"id": "p2", "uci": "11-2345-6790"}][: self.random.choice((1, 1, 2))]
            files = [{"number": "TC6-12345", "persons": [one["id"] for one in persons]}]
            division = self.random.choice(("RPD", "RPD", "ID"))
            changes: dict[str, Any] = {"persons": persons, "files": files}
            if division == "RPD" and self.decided and self.happens("corrected", 10):
                of = self.random.choice(self.decided)
                person = PERSON | {"outcome": {"code": "accepted"}}
                changes = {"persons": [person], "relation": {"kind": "amendment", "of": str(of.package_id)}}
            dispatch = self.on.decided(**changes) if division == "RPD" else self.on.decided(division=division)
            if division == "RPD":
                self.enter(dispatch, changes)
        self.rounds()
        if self.decided and self.happens("recalled", 7):
            self.recall(self.decided[-1])
        if self.decided and self.happens("recalled late", 7):
            self.recall(self.random.choice(self.decided))
        self.staff()

    def enter(self, dispatch: Dispatch, changes: dict[str, Any]) -> None:
        self.decided.append(dispatch)
        earlier = changes.get("relation", {}).get("of")
        first = next((self.first[one.id] for one in self.decided if str(one.package_id) == earlier), dispatch.id)
        self.first[dispatch.id] = first
        for person in changes["persons"]:
            self.told.setdefault((first, person["uci"]), []).append(dispatch.id)

    def recall(self, dispatch: Dispatch) -> None:
        self.recalled.add(dispatch.id)
        self.on.recall(dispatch)

    def staff(self) -> None:
        for one in self.on.standing().work:
            self.on.standing.again(one.id, actor="clerk", reason="Mended")
            self.faults["told again"] += 1

    def stands(self) -> Counter[str]:
        """What the other side should hold in the end, by the package that brings it: the newest that stands."""
        newest = (
            next((one for one in reversed(told) if one not in self.recalled), None) for told in self.told.values()
        )
        return Counter(one for one in newest if one is not None)

    def rounds(self) -> None:
        """As a worker: what fails now is tried again in a moment."""
        for _ in range(8):
            try:
                self.on.feed()
            except (ServiceDown, Killed):
                continue

    def other_side(self) -> None:
        """Fetches in any order, some of it later, and answers as it likes."""
        arrived = self.on.gcms.arrived()
        self.random.shuffle(arrived)
        for path in arrived:
            if self.happens("fetched late", 7):
                continue
            if self.happens("lost on the way", 10):
                path.unlink()
                continue
            opened = self.on.gcms.fetch(path)
            if opened is not None:
                self.late.append(opened)
        self.random.shuffle(self.late)
        while self.late:
            self.answer(self.late.pop())

    def answer(self, opened: Any) -> None:
        names = [one["transaction"] for one in opened.lines]
        part = len(names) > 1 and self.happens("answered in part", 5)
        path = self.on.gcms.answer(opened, only=names[: len(names) // 2] if part else None)
        if self.happens("answer garbled", 10):
            path.write_bytes(path.read_bytes()[:-9])
            os.utime(path, (0, 0))
        elif self.happens("answer repeated", 7):
            self.on.gcms.put(path.read_bytes())


def ours(on: FeedStage) -> str:
    """The digest of what we hold to be with the receiver, with its answers, over all lines in order."""
    rows = []
    with on.database.read() as tx:
        dispatches = {batch.id: tx.feed.lines(batch.id) for batch in tx.feed.batches(unfinished=False)}
        for one in (line for lines in dispatches.values() for line in lines):
            key = package_key(tx.registry, tx.dispatches.get(one.dispatch))
            raw = on.vault.open(key, contexts.feed_line(one.id), one.sealed)
            assert outcome_format().read(raw).transaction == uuid.UUID(one.id)
            rows.append(f"{one.id} {_verdict(one.state)} {one.code} {sha256(raw)}")
    return sha256("\n".join(sorted(rows)).encode())


def theirs(on: FeedStage) -> str:
    """The digest of the receiver's ledger, made the same way."""
    rows = [
        f"{name} {Verdict(result)} {code} {sha256(on.gcms.raw[name])}"
        for name, (result, code) in on.gcms.ledger.items()
    ]
    return sha256("\n".join(sorted(rows)).encode())


def _verdict(state: FeedState) -> Verdict:
    """Of what was in a batch: one that was told again had been rejected."""
    return Verdict.ACCEPTED if state is FeedState.ACCEPTED else Verdict.REJECTED


def test_after_a_quarter_with_faults_on_both_sides_both_ledgers_agree_to_the_item(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    on = FeedStage(tmp_path, most=4)
    quarter = Quarter(on, monkeypatch)
    on.feed()
    for _ in range(NIGHTS):
        quarter.day()
        on.clock.move(DAY)
        quarter.rounds()
        quarter.other_side()
        quarter.rounds()
    quarter.calm = True
    for _ in range(12):
        on.clock.move(DAY)
        quarter.rounds()
        quarter.other_side()
        quarter.rounds()
        quarter.staff()
    standing = on.standing()
    print(f"{len(on.gcms.ledger)} transactions, {len(on.gcms.octets)} batches, faults: {dict(quarter.faults)}")
    assert set(quarter.faults) == FAULTS
    assert (standing.open_batches, standing.owed, standing.missing) == ([], 0, 0)
    assert {one.state for one in standing.figures} <= set(FeedState) - {FeedState.SENT, FeedState.BATCHED}
    assert on.gcms.repeats
    assert on.gcms.questions
    assert ours(on) == theirs(on)
    assert Counter({name: len(told) for name, told in on.holds().items()}) == quarter.stands()
    on.close()
