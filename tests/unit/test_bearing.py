"""What reports bear on a delivery: every state, every set of findings, every order."""

import itertools
from functools import reduce

import pytest

from gateway.domain.bearing import after_report, must_wait
from gateway.domain.delivery import Delivery, DeliveryState
from gateway.domain.report import EVENT_OF, FOR_A_PERSON, Finding
from tests.contracts.samples import a_delivery

FAILURES = {
    Finding.FAILED,
    Finding.FAX_BUSY,
    Finding.FAX_NO_ANSWER,
    Finding.FAX_WRONG_MACHINE,
    Finding.FAX_PARTIAL,
    Finding.FAX_FAILED,
    Finding.MAIL_RETURNED,
    Finding.MAIL_REFUSED,
    Finding.MAIL_UNDELIVERABLE,
}
SIGNED = {Finding.SIGNED, Finding.TAKEN, Finding.MAIL_SIGNED}
SENT_AGAIN = {DeliveryState.READY, DeliveryState.DEFERRED, DeliveryState.SENDING, DeliveryState.PLANNED}


def after(delivery: Delivery, findings: tuple[Finding, ...]) -> Delivery:
    return reduce(after_report, findings, delivery)


@pytest.mark.parametrize("state", list(DeliveryState))
def test_the_end_does_not_depend_on_the_order(state: DeliveryState) -> None:
    delivery = a_delivery("d", state=state)
    for size in (2, 3):
        for findings in itertools.combinations(Finding, size):
            ends = {after(delivery, order) for order in itertools.permutations(findings)}
            assert len(ends) == 1, findings


@pytest.mark.parametrize("state", list(DeliveryState))
@pytest.mark.parametrize("finding", list(Finding))
def test_the_same_report_twice_is_the_same_as_once(state: DeliveryState, finding: Finding) -> None:
    delivery = a_delivery("d", state=state)
    assert after(delivery, (finding, finding)) == after(delivery, (finding,))


@pytest.mark.parametrize("state", list(DeliveryState))
@pytest.mark.parametrize("finding", list(Finding))
def test_no_report_makes_anything_be_sent(state: DeliveryState, finding: Finding) -> None:
    moved = after_report(a_delivery("d", state=state), finding).state
    assert moved is state or moved not in SENT_AGAIN


@pytest.mark.parametrize("finding", sorted(set(Finding) - SIGNED))
def test_no_mail_systems_word_makes_a_delivery_delivered(finding: Finding) -> None:
    for state in DeliveryState:
        moved = after_report(a_delivery("d", state=state), finding).state
        assert moved is not DeliveryState.DELIVERED or state is DeliveryState.DELIVERED


@pytest.mark.parametrize("own", [Finding.SIGNED, Finding.TAKEN])
def test_what_the_recipient_says_they_took_is_delivered_whatever_else_came(own: Finding) -> None:
    for state in (DeliveryState.HANDED_OVER, DeliveryState.UNCONFIRMED):
        for other in set(Finding) - FAILURES:
            for order in ((own, other), (other, own)):
                assert after(a_delivery("d", state=state), order).state is DeliveryState.DELIVERED
    never_sent = after_report(a_delivery("d", state=DeliveryState.DEFERRED), own)
    assert never_sent.state is DeliveryState.NEEDS_PERSON, "who took what was not sent is for a person"


def test_a_late_bounce_reopens_what_was_settled() -> None:
    for state in (DeliveryState.HANDED_OVER, DeliveryState.DELIVERED):
        reopened = after_report(a_delivery("d", state=state, settled=True), Finding.FAILED)
        assert (reopened.state, reopened.settled) == (DeliveryState.FAILED, False)


def test_what_is_no_evidence_has_no_event_and_a_failure_is_for_a_person() -> None:
    assert set(Finding) - set(EVENT_OF) == {
        Finding.DELAYED,
        Finding.DISCARDED,
        Finding.PROCESSED,
        Finding.SIGNED_UNPROVEN,
        Finding.AUTOMATIC_REPLY,
        Finding.PERSONAL_REPLY,
        Finding.UNREADABLE,
        Finding.FAX_PAGES_EXCEED,
        Finding.OTHER_CONTENT,
        Finding.MAIL_NOTED,
        Finding.MAIL_IN_TRANSIT,
        Finding.SCANS_UNMATCHED,
        Finding.PRINT_WITHDRAWN,
        Finding.PAGE_RETURNED,
        Finding.PAGES_UNKNOWN,
        Finding.PAGES_OF_SEVERAL,
        Finding.ENTRY_BROKEN,
        Finding.RECALL_UNREACHED,
        Finding.FORMER_HAS_IT,
    }
    assert FAILURES <= FOR_A_PERSON


def test_only_what_is_on_its_way_makes_a_report_wait() -> None:
    assert {state for state in DeliveryState if must_wait(a_delivery("d", state=state))} == {DeliveryState.SENDING}
