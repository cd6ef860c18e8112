"""A month of mail, with a clock that the test moves: carriers' lists come late, twice, out of order and with strangers'
numbers. Every envelope ends received, deemed received, back and served again, or before a person."""

import datetime as dt
import os
import random
import uuid
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from gateway.domain.acts import Action
from gateway.domain.delivery import CAME_BACK, Delivery, DeliveryState, needs_person
from gateway.domain.dispatch import Step
from gateway.domain.manifest import BatchedItem
from gateway.domain.parties import ChannelName, Contact, PostalAddress
from tests.application.mail_room import OFFICE, SIGNED, MailRoomStage
from tests.application.packages import POSTAL
from tests.channels.scan_samples import SIGNATORY, carrier_list

HOUR, DAY = dt.timedelta(hours=1), dt.timedelta(days=1)
DAYS, A_DAY = 30, int(os.environ.get("MAIL_A_DAY", "4"))
"""`make mail-month` plays some 1,000 items of each service."""
CLAIMANT = {"id": "a1", "roles": ["claimant"], "represents": ["p1"], "contact": {"postal": POSTAL}}
ELSEWHERE = Contact(
    postal=PostalAddress(
        lines=("77 Other Rd",), municipality="Toronto", province="ON", postal_code="M5V 3L9", country="CA"
    )
)
FATES = {
    "signed": ("0100", "0174", "1408*"),
    "attempted, then signed": ("0100", "1479", "1408*"),
    "left unsigned": ("0100", "1421"),
    "never heard of": (),
    "a code of next year": ("0100", "9876"),
    "refused": ("0100", "1417", "2600", "1408*"),
    "moved away": ("0100", "1416"),
    "never called for": ("0100", "1479", "1419"),
    "signed, then back": ("0100", "1408*", "1415"),
}
"""What the carrier sees of an envelope, a day or so apart; `*` with the name of who signed."""


@dataclass
class Month:
    """What goes on. due: scans by the moment at which their list comes; fates: by attempt."""

    on: MailRoomStage
    dice: random.Random
    due: list[tuple[dt.datetime, list[str]]] = field(default_factory=list)
    fates: dict[str, str] = field(default_factory=dict)
    served_again: Counter[str] = field(default_factory=Counter)
    strangers: int = 0

    def day(self, *, more: bool) -> None:
        """Mail goes out, lists come in, clerks see to what came back."""
        self.on.clock.at = self.on.clock.at.replace(hour=18)
        for _ in range(A_DAY if more else 0):
            self.on.planned_and_rendered(
                package_id=str(uuid.uuid4()), participants=[CLAIMANT], minister={"party": False}
            )
        while self.on.deliver():
            pass
        if self.on.waiting():
            self.leave(list(self.on.close_items()))
        self.on.clock.move(4 * HOUR)
        self.lists()
        self.on.settle(1000)
        self.serve_again()
        self.on.clock.at += DAY

    def leave(self, items: list[BatchedItem]) -> None:
        """The driver signs, or the carrier's machine tells it alone."""
        signs = self.dice.random() < 0.7
        if signs:
            self.on.hand_over(items[0].manifest or "", at=self.on.clock.now(), signed=SIGNED, actor="clerk")
        for item in items:
            fate = self.dice.choice(list(FATES))
            self.fates[item.attempt] = fate
            codes = FATES[fate] or (() if signs else ("0100",))
            at = self.on.clock.now()
            for code in codes:
                at += self.dice.uniform(2, 40) * HOUR
                name = SIGNATORY if code.endswith("*") else ""
                scan = [item.piece or "", code.rstrip("*"), at.isoformat(), name]
                for _ in range(self.dice.choice([1, 1, 2])):
                    self.due.append((at + self.dice.uniform(0, 60) * HOUR, scan))

    def lists(self) -> None:
        """Of today, out of order, and with somebody else's number now and then."""
        now = self.on.clock.now()
        rows = [scan for at, scan in self.due if at <= now]
        self.due = [(at, scan) for at, scan in self.due if at > now]
        if self.dice.random() < 0.2:
            self.strangers += 1
            rows.append([f"RN{self.strangers:08d}XCA", "1408", now.isoformat(), SIGNATORY])
        self.dice.shuffle(rows)
        done = self.on.import_scans(carrier_list(*rows), actor="clerk")
        assert all(one.item.endswith("XCA") for one in done.faulty if one.fault == "no-item")

    def serve_again(self) -> None:
        """Most of what came back is served again at another address, once."""
        with self.on.database.read() as tx:
            back = tx.deliveries.find(state=DeliveryState.FAILED, channel=None, limit=1000, reasons=CAME_BACK)
        for one in back:
            if self.served_again[one.id] == 0 and self.dice.random() < 0.5:
                self.on.readdress(one.id, Action.RE_SERVE, contact=ELSEWHERE, actor="clerk", reason="It came back.")
                self.served_again[one.id] += 1
        for step, work in ((Step.PLAN, self.on.plan), (Step.RENDER, self.on.render)):
            for claimed in self.on.steps.claim(step, 100):
                work(claimed)

    def all(self) -> list[Delivery]:
        with self.on.database.read() as tx:
            return list(tx.deliveries.find(state=None, channel=None, limit=10_000))


@pytest.mark.slow
@pytest.mark.parametrize(("service", "seed"), [(ChannelName.REGISTERED_MAIL, 1), (ChannelName.REGULAR_MAIL, 2)])
def test_every_envelope_ends_or_is_before_a_person(tmp_path: Path, service: ChannelName, seed: int) -> None:
    ranges = ["RN 10000000-10009999 CA"] if service is ChannelName.REGISTERED_MAIL else []
    on = MailRoomStage(tmp_path, service, *ranges)
    month = Month(on, random.Random(seed))
    for _ in range(DAYS):
        month.day(more=True)
    for _ in range(25):
        month.day(more=False)
    assert on.waiting() == []
    with on.database.read() as tx:
        pieces = [item.piece for one in tx.manifests.newest(1000) for item in tx.manifests.items(one.number)]
    assert len(set(pieces)) == len(pieces) >= DAYS * A_DAY, "no number is used again"
    ends = Counter[str]()
    for one in month.all():
        attempts = on.attempts(one.id)
        assert len(attempts) == 1 + month.served_again[one.id], "nothing goes twice unless two people say so"
        fate = month.fates[attempts[-1].id]
        assert one.settled or needs_person(one), (fate, one)
        end = "settled" if one.settled else str(one.reason)
        ends[f"{fate}: {end}"] += 1
        if fate in {"refused", "moved away", "never called for", "signed, then back"}:
            assert one.state is DeliveryState.FAILED, (fate, one)
            assert one.reason in CAME_BACK
        if service is ChannelName.REGISTERED_MAIL:
            assert one.settled == ("signed" in fate and fate not in {"signed, then back", "left unsigned"}), (fate, one)
    print(OFFICE, service, seed, dict(sorted(ends.items())))
    assert set(month.fates.values()) == set(FATES), "each kind of end occurred"
    assert month.strangers > 0
    assert sum(month.served_again.values()) > 0
    with on.database.read() as tx:
        assert {one.item for one in tx.scans.faulty(limit=1000) if one.delivery is None} != set()
    on.close()
