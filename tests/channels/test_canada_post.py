"""Canada Post's services against a stand-in: told once, found again; refused headers, codes, broken connections."""

import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from channels.canada_post import http
from channels.canada_post.http import Question, ask
from channels.canada_post.shipping import ContractShipping
from channels.canada_post.tracking import Tracking
from gateway.domain.envelope import Envelope
from gateway.domain.failures import AttemptFailure, MaybeSent, Misconfigured, NotSent, Refused
from gateway.domain.reasons import Reason
from gateway.ports.carriage import CarrierFailed
from tests.channels.canada_post_stand_in import StandIn, canada_post, order
from tests.channels.mailing import POSTAL
from tests.real.ports import free_port

GROUP = "M20261120-001"
PIN = "7000000000000001"


@pytest.fixture
def post() -> Iterator[StandIn]:
    with canada_post() as stand_in:
        yield stand_in


def failure(call: Callable[[], object]) -> AttemptFailure:
    """What the call ends in."""
    with pytest.raises(CarrierFailed) as failed:
        call()
    return failed.value.failure


def test_an_envelope_is_told_of_labelled_transmitted_and_confirmed(post: StandIn) -> None:
    service = ContractShipping(post.place())
    parcel = service.create(order())
    assert (parcel.pin, parcel.po_number) == (PIN, None)
    assert service.paper(parcel.label or "").startswith(b"%PDF-")
    assert service.waits(GROUP)
    (place,) = service.transmit(GROUP, "toronto")
    assert not service.waits(GROUP)
    assert post.confirmed == set()
    manifest = service.manifest(place)
    assert post.confirmed == {manifest.po_number}
    assert service.paper(manifest.artifact or "").startswith(b"%PDF-")
    found = service.find(order().reference)
    assert found is not None
    assert (found.number, found.po_number) == (parcel.number, manifest.po_number)
    assert service.manifests(dt.date(2026, 11, 20), dt.date(2026, 11, 21)) == [place]


def test_an_order_that_was_lost_on_the_way_back_is_found_by_our_own_reference(post: StandIn) -> None:
    service = ContractShipping(post.place())
    assert service.find(order().reference) is None
    post.faults.append("cut-after")
    assert isinstance(failure(lambda: service.create(order())), MaybeSent)
    found = service.find(order().reference)
    assert found is not None
    assert found.pin == PIN
    assert post.created == [order().reference]


@pytest.mark.parametrize(
    ("fault", "kind", "reason"),
    [
        ("cut-before", MaybeSent, Reason.CARRIER_UNCERTAIN),
        ("cut-after", MaybeSent, Reason.CARRIER_UNCERTAIN),
        ("fails", MaybeSent, Reason.CARRIER_UNCERTAIN),
        ("throttled", NotSent, Reason.CARRIER_BUSY),
    ],
)
def test_what_becomes_of_an_order_when_the_service_breaks_off(
    post: StandIn, fault: str, kind: type[AttemptFailure], reason: Reason
) -> None:
    post.faults.append(fault)
    met = failure(lambda: ContractShipping(post.place()).create(order()))
    assert (type(met), met.reason) == (kind, reason)


@pytest.mark.parametrize("fault", ["cut-before", "cut-after", "fails"])
def test_a_question_that_breaks_off_changed_nothing(post: StandIn, fault: str) -> None:
    post.any_faults += [fault, fault]  # a question that changes nothing is asked twice
    met = failure(lambda: ContractShipping(post.place()).find(order().reference))
    assert (type(met), met.reason) == (NotSent, Reason.CARRIER_UNREACHABLE)


def test_nobody_there_and_a_wrong_key_are_told_apart(post: StandIn) -> None:
    nobody = replace(post.place(), url=f"http://127.0.0.1:{free_port()}")
    met = failure(lambda: ContractShipping(nobody).create(order()))
    assert (type(met), met.reason) == (NotSent, Reason.CARRIER_UNREACHABLE)
    wrong = replace(post.place(), password="wrong")
    met = failure(lambda: ContractShipping(wrong).create(order()))
    assert (type(met), met.reason) == (Misconfigured, Reason.CARRIER_LOGIN)
    assert "E002" in met.words
    assert post.created == []


@pytest.mark.parametrize("accept", ["*/*", "application/xml", "application/vnd.cpc.shipment-v7+xml"])
def test_a_header_that_the_service_refuses_is_our_fault(post: StandIn, accept: str) -> None:
    question = Question(method="GET", url=f"{post.base}/group", accept=accept)
    met = failure(lambda: ask(post.place(), question))
    assert (type(met), met.reason) == (Misconfigured, Reason.CARRIER_NOT_UNDERSTOOD)
    body = Question(method="POST", url=f"{post.base}/shipment", accept=accept, body=b"<shipment/>")
    met = failure(lambda: ask(post.place(), body))
    assert (type(met), met.reason) == (Misconfigured, Reason.CARRIER_NOT_UNDERSTOOD)


def test_a_refused_address_and_one_the_schema_has_no_room_for_are_refusals(post: StandIn) -> None:
    post.refuses = POSTAL.lines[0]
    met = failure(lambda: ContractShipping(post.place()).create(order()))
    assert (type(met), met.reason) == (Refused, Reason.CARRIER_REFUSED)
    assert met.words.startswith("400 1724")
    long = Envelope(name="N", address=replace(POSTAL, lines=("a", "b", "c")))
    met = failure(lambda: ContractShipping(post.place()).create(order(envelope=long)))
    assert (type(met), met.reason) == (Refused, Reason.RECIPIENT_ADDRESS_INVALID)
    no_room = order(envelope=Envelope(name="word " * 40, address=POSTAL))
    met = failure(lambda: ContractShipping(post.place()).create(no_room))
    assert (type(met), met.reason) == (Refused, Reason.RECIPIENT_ADDRESS_INVALID)
    post.refuses = ""
    family = Envelope(name="given name " * 6, address=POSTAL)
    assert ContractShipping(post.place()).create(order(envelope=family)).pin == PIN, "on two lines of the schema"


def test_an_office_without_a_sender_and_an_unknown_group_send_nothing(post: StandIn) -> None:
    service = ContractShipping(post.place())
    met = failure(lambda: service.create(order(office="montreal")))
    assert (type(met), met.reason) == (Misconfigured, Reason.CARRIER_NOT_UNDERSTOOD)
    met = failure(lambda: service.transmit("M20261120-009", "toronto"))
    assert (type(met), met.reason) == (Refused, Reason.CARRIER_REFUSED)
    assert "9157" in met.words


def test_an_order_is_taken_back_once_and_not_after_it_was_transmitted(post: StandIn) -> None:
    service = ContractShipping(post.place())
    first, second = service.create(order("1" * 24)), service.create(order("2" * 24))
    service.void(first.own)
    service.void(first.own)
    assert post.voided == ["1" * 24]
    service.transmit(GROUP, "toronto")
    met = failure(lambda: service.void(second.own))
    assert (type(met), met.words) == (Refused, "8064")


def test_a_paper_that_is_not_made_yet_is_asked_for_later(post: StandIn) -> None:
    service = ContractShipping(post.place())
    parcel = service.create(order())
    post.not_ready = 1
    met = failure(lambda: service.paper(parcel.label or ""))
    assert (type(met), met.reason) == (NotSent, Reason.CARRIER_BUSY)
    assert service.paper(parcel.label or "")


def test_our_key_goes_to_the_service_alone_whatever_a_link_says(post: StandIn) -> None:
    met = failure(lambda: ContractShipping(post.place()).paper("http://127.0.0.1:1/rs/artifact/1"))
    assert (type(met), met.reason) == (Misconfigured, Reason.CARRIER_NOT_UNDERSTOOD)


def test_a_service_that_is_silent_is_left_after_the_time_limit(post: StandIn, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http, "_TIME_LIMIT", 0.2)
    with post.lock:  # it takes the question and does not answer
        met = failure(lambda: ContractShipping(post.place()).create(order()))
    assert (type(met), met.reason) == (MaybeSent, Reason.CARRIER_UNCERTAIN)


@pytest.mark.parametrize("told", ["", "<shipment-info/>", "<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>"])
def test_a_success_that_says_something_else_may_have_been_done(
    post: StandIn, monkeypatch: pytest.MonkeyPatch, told: str
) -> None:
    monkeypatch.setattr(post, "changes", lambda *_: (200, told))
    met = failure(lambda: ContractShipping(post.place()).create(order()))
    assert (type(met), met.reason) == (MaybeSent, Reason.CARRIER_UNCERTAIN)


def test_tracking_says_what_was_seen_or_nothing_yet(post: StandIn) -> None:
    tracking = Tracking(post.place())
    assert tracking.track(PIN) is None
    assert tracking.certificate(PIN) is None
    post.events[PIN] = f"<tracking-detail><pin>{PIN}</pin></tracking-detail>"
    post.certificates[PIN] = b"%PDF-1.4 certificate"
    assert tracking.track(PIN) == post.events[PIN].encode()
    assert tracking.certificate(PIN) == b"%PDF-1.4 certificate"
    post.any_faults.append("throttled")
    met = failure(lambda: tracking.track(PIN))
    assert (type(met), met.reason) == (NotSent, Reason.CARRIER_BUSY)
