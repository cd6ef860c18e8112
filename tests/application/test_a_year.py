"""A year of faults with a clock that the test moves: at its end every delivery has an outcome with its service, a next
action or a person, and nothing arrived twice but where a person had it sent again.

`YEAR_PACKAGES` says how many, `YEAR_SEEDS` with which dice; `make year` runs thousands with several.
"""

import itertools
import os
import random
import sys
import uuid
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from gateway.domain.delivery import Delivery, DeliveryState, ResultName, needs_person
from gateway.domain.events import Event, EventName
from gateway.domain.reasons import Reason
from gateway.domain.report import Finding
from tests.application.year import Year
from tests.application.year_carriers import AFTERWARDS, FAULTS, OUTAGES

PACKAGES = int(os.environ.get("YEAR_PACKAGES", "300"))
SEEDS = [int(one) for one in os.environ.get("YEAR_SEEDS", "1").split()]
OUTCOMES = {DeliveryState.RECALLED, DeliveryState.CANCELLED}
CAUSED = {
    *(fault.name for faults in FAULTS.values() for fault in faults),
    *(f"days without {outage.channel}" for outage in OUTAGES),
    *(f"{channel}: {fate}" for channel, fates in AFTERWARDS.items() for fate in fates),
    "a person was wrong",
    "before the commit",
    "came twice",
    "cancelled",
    "forged",
    "held",
    "killed before sending",
    "lease lapsed",
    "legal hold",
    "lost on the way back",
    "paused by staff",
    "recalled",
    "said twice",
}
"""What the simulation did."""
FELT = {
    *(Reason.SMTP_TEMPORARY, Reason.SMTP_REFUSED, Reason.EXCHANGE_EXPIRED, Reason.KEY_EXPIRED),
    *(Reason.CARRIER_SUSPENDED, Reason.TIME_OVER, Reason.LEASE_LAPSED, Reason.SMTP_AUTHENTICATION),
    *(EventName.DESTINATION_SILENT, EventName.DESTINATION_ANSWERS, EventName.CHANNEL_GIVEN_UP, EventName.CARRIER_ASKED),
    *(EventName.RECEIPT_OVERDUE, EventName.RECEIPT_UNMATCHED, EventName.DELIVERY_SETTLED, EventName.PERSON_CALLED),
    *(EventName.DUE_DATE_MOVED, EventName.PACKAGE_EXPIRED, EventName.DELIVERY_RECALLED),
    *(Finding.MAIL_RETURNED, Finding.SIGNED_UNPROVEN, Finding.AUTOMATIC_REPLY, Finding.DELAYED),
    "reopened after it was settled",
}
"""What the gateway wrote down of it."""


def is_accounted_for(delivery: Delivery) -> bool:
    """Whether it has an outcome, a next action with a time or due at once, or a person."""
    if delivery.settled or delivery.state in OUTCOMES or needs_person(delivery):
        return True
    if delivery.state is DeliveryState.HELD:
        return delivery.reason is Reason.HELD_BY_PERSON
    return delivery.next_action_at is not None or delivery.state is DeliveryState.READY


@pytest.mark.slow
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("seed", SEEDS)
def test_after_a_year_of_faults_everything_has_an_outcome_or_a_person_and_nothing_went_twice(
    tmp_path: Path, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    _by_one_seed(monkeypatch, seed)
    year = Year(tmp_path, seed=seed, packages=PACKAGES)
    year.run()
    stands = Counter(one.state.value for one in year.all())
    assert [one for one in year.all() if not is_accounted_for(one)] == []
    year.come_to_rest()
    ends = Counter(_end_of(one) for one in year.all())
    year.expire()
    events = {one.id: _events(year, one) for one in year.all()}
    felt = _felt(year, events)
    assert year.on.watched.silent == [], "nothing moves without a word of it"
    assert [one for some in events.values() for one in some if not _says_why(one)] == []
    assert set(ends) <= {"settled", *OUTCOMES}
    assert [one.id for one in year.all() if one.settled and _service(year, one) is None] == []
    again = _sent_again(year, events)
    _print(year, seed, stands, ends, felt, again)
    assert {one for one in CAUSED if not year.faults[one]} == set(), "each kind of fault occurred"
    assert {one for one in FELT if not felt[one]} == set(), "and each was met"
    assert again["a person had it sent again"] > 0
    assert year.expired == len([one for one in events if one not in year.under_hold])
    assert year.faults["forgotten"] == 0
    year.on.close()


def _by_one_seed(monkeypatch: pytest.MonkeyPatch, seed: int) -> None:
    """The same year each time: waits are spread by chance, and what is due at once goes in the order of its numbers.

    Each module that numbers things has numbers of its own, since how often a store is opened depends on real time."""
    random.seed(seed)
    numbers: dict[str, random.Random] = {}

    def uuid4() -> uuid.UUID:
        asking = sys._getframe(1).f_globals["__name__"]
        return uuid.UUID(int=numbers.setdefault(asking, random.Random(f"{seed} {asking}")).getrandbits(128), version=4)

    monkeypatch.setattr(uuid, "uuid4", uuid4)


def _events(year: Year, delivery: Delivery) -> list[Event]:
    with year.on.database.read() as tx:
        return [one for one in tx.records.events(delivery.dispatch) if one.delivery in {None, delivery.id}]


def _felt(year: Year, events: Mapping[str, Sequence[Event]]) -> Counter[str]:
    """How often each reason, finding and kind of event was written down."""
    with year.on.database.read() as tx:
        besides = [one for name in EventName for one in tx.records.events_besides(name)]
    felt = Counter[str]()
    for one in [*besides, *itertools.chain.from_iterable(events.values())]:
        felt.update({one.name, *(str(one.facts[fact]) for fact in ("reason", "finding") if fact in one.facts)})
    felt["reopened after it was settled"] = sum(_reopened(some) for some in events.values())
    return felt


def _reopened(events: Sequence[Event]) -> bool:
    settled = next((one.at for one in events if one.name is EventName.DELIVERY_SETTLED), None)
    return settled is not None and any(
        one.at > settled and one.facts.get("to") == DeliveryState.FAILED != one.facts["from"]
        for one in events
        if one.name is EventName.RECEIPT_RECORDED
    )


SAYS: dict[EventName, tuple[str, ...]] = {
    EventName.ATTEMPT_ENDED: ("result",),
    EventName.ATTEMPT_ENDED_LATE: ("result",),
    EventName.LEASE_LAPSED: ("result",),
    EventName.PERSON_CALLED: ("reason",),
    EventName.CHANNEL_GIVEN_UP: ("reason",),
    EventName.REASON_LIFTED: ("reason", "rule"),
    EventName.RECEIPT_RECORDED: ("finding", "evidence"),
    EventName.DELIVERY_SETTLED: ("rule",),
    EventName.DELIVERY_RESOLVED: ("action",),
}
BY_A_PERSON = {EventName.DISPATCH_RECALLED, EventName.LEGAL_HOLD_PLACED, EventName.DELIVERY_RESOLVED}


def _says_why(event: Event) -> bool:
    """Whether an event bears what its kind needs: a person's act their sealed reason, all others their code."""
    failed = event.name is EventName.ATTEMPT_ENDED and event.facts["result"] != ResultName.HANDED_OVER
    told = all(event.facts.get(one) for one in (*SAYS.get(event.name, ()), *(("reason",) if failed else ())))
    of_carrier = event.facts.get("action") == "carrier-restored"  # whose own event has the reason
    return told and (event.name not in BY_A_PERSON or event.reason is not None or of_carrier)


def _service(year: Year, delivery: Delivery) -> object:
    shown: Any = year.on.views.dispatch(delivery.dispatch)
    return shown["deliveries"][0]["service"]


def _sent_again(year: Year, events: Mapping[str, Sequence[Event]]) -> Counter[str]:
    """By what arrived, whatever the gateway believes of it: why some arrived more than once."""
    arrived = {one for carrier in year.carriers.values() for one in carrier.arrived}
    why = Counter[str]()
    for name, told in events.items():
        attempts = [one for one in year.on.attempts(name) if (one.reference, one.started_at) in arrived]
        acts = [one.at for one in told if one.name is EventName.DELIVERY_RESOLVED and one.reason is not None]
        for before, after in itertools.pairwise(attempts):
            assert before.started_at is not None
            assert after.started_at is not None
            asked = [at for at in acts if before.started_at <= at <= after.started_at]
            assert asked, (name, "arrived twice, and nobody had asked for it")
            why["a person had it sent again"] += 1
    return why


def _print(year: Year, seed: int, *counted: Counter[str]) -> None:
    print(
        f"\nseed {seed}: {year.submitted} packages, {sum(len(one.arrived) for one in year.carriers.values())} arrivals"
    )
    stands, ends, felt, again = counted
    for title, counts in (("a year on", stands), ("at rest", ends), ("befell", year.faults), ("was met", felt)):
        print(f"  {title}: " + ", ".join(f"{name} {count}" for name, count in sorted(counts.items())))
    print(f"  arrived again: {dict(again)}; expired: {year.expired}")


def _end_of(delivery: Delivery) -> str:
    return "settled" if delivery.settled else delivery.state.value
