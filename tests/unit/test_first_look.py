"""The first look at what left us comes no later than a look at that very moment would have set the next."""

import datetime as dt

import pytest

from gateway.application.receipt_rules import closing_rules
from gateway.domain.closing import ClosesOn, ClosingRule
from gateway.domain.delivery import DeliveryState
from gateway.domain.settling import Sent, after_look, first_look
from tests.contracts.samples import a_delivery, an_attempt

LEFT = dt.datetime(2026, 11, 20, 20, 4, tzinfo=dt.UTC)
GOES = a_delivery("d", state=DeliveryState.HANDED_OVER)
SENT = Sent(attempt=an_attempt(GOES, finished_at=LEFT), reports=(), deemed_until=LEFT + dt.timedelta(days=8))


@pytest.mark.parametrize("rule", closing_rules(), ids=lambda rule: rule.rule)
def test_what_a_look_at_once_would_find_is_the_first_look(rule: ClosingRule) -> None:
    looked = after_look(GOES, SENT, rule, LEFT)
    first = first_look(rule, LEFT)
    if first is None:
        assert looked.settled or rule.closes_on is ClosesOn.DEEMED
    else:
        assert (looked.settled, looked.next_action_at) == (False, first)
