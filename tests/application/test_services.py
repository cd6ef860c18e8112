"""Sent, provided, deemed and received stand apart, and what came back is no service."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import pytest

from gateway.application.dates.receipt_rules import closing_rules
from gateway.domain.closing import Basis, find_closing
from gateway.domain.delivery import Attempt, Delivery, DeliveryState, ResultName
from gateway.domain.dispatch import Step
from gateway.domain.outcomes import Division
from gateway.domain.receipt import Receipt, ReceiptEvent
from gateway.domain.service import Service, sendings, service_of
from tests.application.stage import Stage
from tests.contracts.fake_channel import FakeChannel
from tests.contracts.samples import NOW, a_delivery, an_attempt

LATER = NOW + dt.timedelta(hours=3)
DEEMED = dt.date(2026, 11, 27)


def sent(channel: str, **changes: object) -> Attempt:
    values = {"channel": channel, "result": ResultName.HANDED_OVER, "started_at": NOW, "finished_at": NOW} | changes
    return an_attempt(a_delivery("d"), **values)


def receipt(event: ReceiptEvent, at: dt.datetime = LATER) -> Receipt:
    return Receipt(event=event, at=at, source="smtp", evidence="sha256:01")


def service(division: str, channel: str, *receipts: Receipt, deemed_at: dt.date | None = None) -> Service | None:
    rule = find_closing(closing_rules(), Division(division), channel)
    return service_of(sent(channel), receipts, rule, deemed_at)


def dates(found: Service | None) -> tuple[object, ...]:
    assert found is not None
    return found.sent_at, found.provided_at, found.deemed_at, found.received_at, found.basis


@pytest.mark.parametrize(
    ("division", "channel", "deemed_at", "expected"),
    [
        ("RPD", "encrypted-email", None, (NOW, NOW, None, None, Basis.SENT)),
        ("IAD", "encrypted-email", None, (NOW, NOW, None, NOW, Basis.INDICATED)),
        ("RPD", "regular-mail", DEEMED, (NOW, NOW, DEEMED, None, Basis.DEEMED)),
        ("RPD", "regular-mail", None, (NOW, NOW, None, None, Basis.DEEMED)),
        ("RAD", "registered-mail", None, (NOW, None, None, None, Basis.SENT)),
        ("RAD", "courier", None, (NOW, None, None, None, Basis.SENT)),
    ],
)
def test_a_handover_says_only_what_its_closing_rule_lets_it_say(
    division: str, channel: str, deemed_at: dt.date | None, expected: tuple[object, ...]
) -> None:
    assert dates(service(division, channel, deemed_at=deemed_at)) == expected


def test_a_relay_is_no_receipt_and_a_bounce_leaves_no_service() -> None:
    relayed = service("RPD", "encrypted-email", receipt(ReceiptEvent.RELAY_TO_NON_ERDS))
    assert dates(relayed) == (NOW, NOW, None, None, Basis.SENT)
    assert relayed is not None
    assert relayed.evidence == ("sha256:01",)
    assert service("RPD", "encrypted-email", receipt(ReceiptEvent.RELAY_TO_NON_ERDS_FAILURE)) is None


def test_what_a_person_confirmed_as_sent_is_recorded_by_them() -> None:
    unknown = sent("encrypted-email", result=ResultName.MAYBE_SENT)
    delivery = a_delivery("d", state=DeliveryState.UNCONFIRMED)
    assert sendings(delivery, [unknown]) == ()
    confirmed = replace(delivery, state=DeliveryState.HANDED_OVER)
    assert sendings(confirmed, [unknown]) == (unknown,)
    rule = find_closing(closing_rules(), Division.IAD, "encrypted-email")
    assert dates(service_of(unknown, (), rule, None)) == (NOW, NOW, None, None, Basis.RECORDED)


def test_what_a_receipt_showed_and_a_person_confirmed_is_a_sending_whatever_was_believed_of_its_end() -> None:
    believed_unsent = sent("encrypted-email", result=ResultName.NOT_SENT)
    later = replace(sent("encrypted-email", result=ResultName.NOT_SENT), id="a2", number=2)
    delivery = a_delivery("d", state=DeliveryState.HANDED_OVER)
    assert sendings(delivery, [believed_unsent, later], {believed_unsent.id}) == (believed_unsent,)
    assert sendings(delivery, [believed_unsent, later]) == (later,)
    assert sendings(delivery, [replace(later, started_at=None)]) == ()
    asked = replace(delivery, state=DeliveryState.NEEDS_PERSON)
    assert sendings(asked, [believed_unsent], {believed_unsent.id}) == (), "not before a person said so"


def test_each_sending_is_a_service_of_its_own() -> None:
    """A statement of service may tell of regular mail to one and of another way to another (2024 FC 1714)."""
    attempts = [sent("encrypted-email"), sent("courier", result=ResultName.REFUSED), sent("courier")]
    assert [one.channel for one in sendings(a_delivery("d"), attempts)] == ["encrypted-email", "courier"]


@pytest.fixture
def on(tmp_path: Path) -> Iterator[Stage]:
    stage = Stage(tmp_path, FakeChannel())
    yield stage
    stage.close()


def shown(on: Stage, delivery: Delivery) -> list[dict[str, Any]]:
    (view,) = cast("list[dict[str, Any]]", on.views.dispatch(delivery.dispatch)["deliveries"])
    assert view["service"] is None  # nothing is relied on before it is settled
    return cast("list[dict[str, Any]]", view["services"])


def test_the_status_shows_the_service_by_the_clock_of_the_office_and_eastern_beside_it(on: Stage) -> None:
    on.recipients()
    delivery = on.ready()
    assert shown(on, delivery) == []
    on.deliver()
    assert shown(on, delivery) == [
        {
            "method": "encrypted-email",
            "sent_at": "2026-11-20T15:04:00-05:00",
            "provided_at": "2026-11-20T15:04:00-05:00",
            "deemed_at": None,
            "received_at": None,
            "basis": "sent",
            "rule": "email-no-bounce",
            "evidence": shown(on, delivery)[0]["evidence"],
            "eastern": {"sent_at": "2026-11-20T15:04:00-05:00", "received_at": None},
        }
    ]


def test_at_vancouver_the_same_moment_is_told_twice(on: Stage) -> None:
    on.recipients()
    dispatch = on.accept(office="vancouver")
    for step, work in ((Step.PLAN, on.plan), (Step.RENDER, on.render)):
        for claimed in on.steps.claim(step, 10):
            work(claimed)
    on.deliver()
    (delivery,) = on.deliveries(dispatch.id)
    (service_,) = shown(on, delivery)
    assert service_["sent_at"] == "2026-11-20T12:04:00-08:00"
    assert service_["eastern"] == {"sent_at": "2026-11-20T15:04:00-05:00", "received_at": None}


class TestClocks:
    """Each clock starts from its own event; the date is for staff, and indicative."""

    PERSONS = ({"id": "p1", "family_name": "Exemple", "recourse": {"forum": "RAD"}, "outcome": {"code": "rejected"}},)
    COUNSEL = ({"id": "c1", "roles": ["counsel"], "represents": ["p1"], "recipient": "cbsa-hearings-gta"},)

    def sent(self, on: Stage, **changes: object) -> str:
        on.recipients()
        dispatch = on.accept(persons=list(self.PERSONS), participants=list(self.COUNSEL), **changes)
        for step, work in ((Step.PLAN, on.plan), (Step.RENDER, on.render)):
            for claimed in on.steps.claim(step, 10):
                work(claimed)
        on.deliver()
        return dispatch.id

    def test_a_clock_that_runs_from_receipt_waits_for_it(self, on: Stage) -> None:
        filed, perfected = on.clocks.of(self.sent(on))
        assert (filed["clock"], filed["participant"]) == ("rad-notice-of-appeal", "c1")
        assert (filed["runs_from"], filed["indicative"]) == (None, None)
        assert filed["provision"] == {"en": "IRPR 159.91(1)(a)", "fr": "RIPR 159.91(1)a)"}
        assert perfected["clock"] == "rad-perfecting"

    def test_a_clock_that_runs_from_notice_starts_when_it_was_provided(self, on: Stage) -> None:
        (person,) = self.PERSONS
        judicial = [person | {"recourse": {"forum": "FC"}}]
        on.recipients()
        dispatch = on.accept(persons=judicial, participants=list(self.COUNSEL))
        before = on.clocks.of(dispatch.id)
        assert [(one["participant"], one["runs_from"]) for one in before] == [(None, None)]
        for step, work in ((Step.PLAN, on.plan), (Step.RENDER, on.render)):
            for claimed in on.steps.claim(step, 10):
                work(claimed)
        on.deliver()
        (clock,) = on.clocks.of(dispatch.id)
        assert (clock["clock"], clock["participant"]) == ("judicial-review", "c1")
        # The fifteenth day, 5 December 2026, is a Saturday.
        assert (clock["runs_from"], clock["indicative"]) == ("2026-11-20", "2026-12-07")
