"""Reports on a delivery that went two or three times, by different ways: where it stands, and by which service, does
not depend on the order in which they come."""

import itertools
import json
import random
import uuid
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from gateway.domain.acts import Action
from gateway.domain.delivery import STANDING, DeliveryState
from gateway.domain.failures import MaybeSent, Refused
from gateway.domain.reasons import Reason
from gateway.domain.reference import SendingToken
from gateway.domain.report import Finding
from tests.application.stage import Stage
from tests.application.test_receiving import ScriptedReader
from tests.contracts.fake_channel import HANDED_OVER, FakeChannel, Step
from tests.keys.pki import DAY, NOW, Order

F = Finding
MAIL = (F.RELAYED, F.IN_MAILBOX, F.DELAYED, F.FAILED, F.DISPLAYED, F.DISCARDED, F.SIGNED, F.AUTOMATIC_REPLY)
FAX = (F.FAX_ACCEPTED, F.FAX_SENT, F.FAX_BUSY, F.FAX_WRONG_MACHINE, F.FAX_PAGES_EXCEED)
ENVELOPE = (F.MAIL_INDUCTED, F.MAIL_ATTEMPTED, F.MAIL_HELD, F.MAIL_DELIVERED, F.MAIL_SIGNED, F.MAIL_RETURNED)
REPORTS = {"encrypted-email": MAIL, "fax": FAX, "courier": ENVELOPE}
UNCERTAIN, REFUSED = MaybeSent(reason=Reason.UNFORESEEN), Refused(reason=Reason.SMTP_REFUSED)
ORDERS, DRAWS, AT_ONCE = 4, 8, 4

Way = Callable[["Going"], None]


class Going:
    """A delivery on its ways."""

    def __init__(self, on: Stage) -> None:
        self.on = on
        self.id = on.planned_and_rendered(package_id=str(uuid.uuid4())).id

    def goes(self, channel: str, step: Step) -> None:
        """The next attempt, which ends so."""
        fake: Any = self.on.channels[channel]
        fake._script = [step]
        assert self.on.deliver() == 1

    def reports(self, number: int, finding: Finding, mark: int = 0) -> None:
        """On an attempt, by its number."""
        token = str(SendingToken.of(self.on.attempts(self.id)[number - 1].reference, number))
        self.on.keep(json.dumps([token, finding]).encode() + b" " * mark, source="mail")
        self.on.reading(ScriptedReader())(100)

    def reroute(self, channel: str) -> None:
        """By a person."""
        self.on.reroute(self.id, channel, actor="clerk", reason="the other way does not work")

    def stands(self) -> tuple[object, ...]:
        """What everybody is shown of it, ids left out."""
        while self.on.settle(100):
            pass
        delivery = self.on.delivery(self.id)
        status: Any = self.on.views.dispatch(delivery.dispatch)
        shown = status["deliveries"][0]
        services = [
            {**one, "evidence": len(one["evidence"])} for one in (*shown["services"], *filter(None, [shown["service"]]))
        ]
        assert not (delivery.settled and delivery.state in STANDING) or shown["service"] is not None
        return delivery.state, delivery.reason, delivery.settled, json.dumps(services, sort_keys=True)


def bounced_then_faxed(one: Going) -> None:
    one.goes("encrypted-email", HANDED_OVER)
    one.reports(1, F.FAILED, mark=40)
    one.reroute("fax")
    one.goes("fax", HANDED_OVER)


def bounced_then_faxed_perhaps(one: Going) -> None:
    one.goes("encrypted-email", HANDED_OVER)
    one.reports(1, F.FAILED, mark=40)
    one.reroute("fax")
    one.goes("fax", UNCERTAIN)


def refused_then_faxed(one: Going) -> None:
    one.goes("encrypted-email", REFUSED)
    one.goes("fax", HANDED_OVER)


def mailed_perhaps_then_mailed_again(one: Going) -> None:
    one.goes("encrypted-email", UNCERTAIN)
    one.on.resolve(one.id, Action.CONFIRM_NOT_SENT, actor="clerk", reason="the server says so")
    one.goes("encrypted-email", HANDED_OVER)


def by_three_ways(one: Going) -> None:
    bounced_then_faxed(one)
    one.reports(2, F.FAX_BUSY, mark=40)
    one.reroute("courier")
    one.goes("courier", HANDED_OVER)


def by_three_ways_two_of_them_perhaps(one: Going) -> None:
    one.goes("encrypted-email", UNCERTAIN)
    one.on.resolve(one.id, Action.CONFIRM_NOT_SENT, actor="clerk", reason="the server says so")
    one.goes("encrypted-email", REFUSED)
    one.goes("fax", UNCERTAIN)


def _gone(on: Stage, way: Way) -> Going:
    one = Going(on)
    way(one)
    return one


WAYS: Sequence[Way] = (
    bounced_then_faxed,
    bounced_then_faxed_perhaps,
    refused_then_faxed,
    mailed_perhaps_then_mailed_again,
    by_three_ways,
    by_three_ways_two_of_them_perhaps,
)


@pytest.mark.slow
@pytest.mark.parametrize("way", WAYS, ids=lambda one: one.__name__)
def test_where_it_stands_and_by_which_service_does_not_depend_on_the_order_of_reports(tmp_path: Path, way: Way) -> None:
    on = Stage(tmp_path, FakeChannel(), FakeChannel(name="fax"), FakeChannel(name="courier"))
    on.acceptance = on.authority.signer(Order(name="Acceptance", not_after=NOW + 3 * 365 * DAY))
    on.recipients(also=("fax", "courier"))
    dice, met = random.Random(way.__name__), Counter[DeliveryState]()
    for _ in range(DRAWS):
        first = _gone(on, way)
        tried = {one.number: REPORTS[one.channel] for one in on.attempts(first.id)}
        possible = [(number, finding) for number, findings in tried.items() for finding in findings]
        reports = dice.sample(possible, k=AT_ONCE)
        orders = dice.sample(list(itertools.permutations(reports)), k=ORDERS)
        going = [first, *(_gone(on, way) for _ in orders[1:])]
        for one, order in zip(going, orders, strict=True):
            for number, finding in order:
                one.reports(number, finding)
        for days in (0, 3, 30):
            on.clock.move(days * DAY)
            ends = {one.stands() for one in going}
            assert len(ends) == 1, (reports, ends)
        met[on.delivery(first.id).state] += 1
    print(way.__name__, dict(met))
    assert len(met) > 1, "reports made a difference"
    on.close()
