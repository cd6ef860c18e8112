"""The first look at what left us comes no later than a look at that very moment would have set the next."""

import datetime as dt
from dataclasses import replace

import pytest

from gateway.application.dates.receipt_rules import closing_rules
from gateway.domain.closing import ClosesOn, ClosingRule
from gateway.domain.delivery import DeliveryState, ResultName
from gateway.domain.reasons import Reason
from gateway.domain.settling import Sent, after_look, first_look, settles_at
from tests.contracts.samples import a_delivery, an_attempt

LEFT = dt.datetime(2026, 11, 20, 20, 4, tzinfo=dt.UTC)
GOES = a_delivery("d", state=DeliveryState.HANDED_OVER)
TAKEN = an_attempt(GOES, finished_at=LEFT, result=ResultName.HANDED_OVER)
SENT = Sent(attempt=TAKEN, reports=(), deemed_until=LEFT + dt.timedelta(days=8))


@pytest.mark.parametrize("rule", closing_rules(), ids=lambda rule: rule.rule)
def test_what_a_look_at_once_would_find_is_the_first_look(rule: ClosingRule) -> None:
    looked = after_look(GOES, SENT, rule, LEFT)
    first = first_look(rule, LEFT)
    if first is None:
        assert looked.settled or rule.closes_on is ClosesOn.DEEMED
    else:
        assert (looked.settled, looked.next_action_at) == (False, first)


def test_what_nobody_says_was_sent_is_not_received_at_a_time_that_the_means_indicates() -> None:
    """IAD r.40(3): a report that it is delayed, on an attempt whose end is unknown, names no time."""
    rule = next(one for one in closing_rules() if one.closes_on is ClosesOn.INDICATED)
    unknown = replace(SENT, attempt=replace(TAKEN, result=ResultName.MAYBE_SENT))
    assert settles_at(unknown, rule) is None
    assert settles_at(replace(unknown, confirmed=True), rule) == LEFT
    overdue = after_look(GOES, unknown, rule, LEFT + dt.timedelta(days=2))
    assert (overdue.settled, overdue.reason) == (False, Reason.RECEIPT_OVERDUE)
