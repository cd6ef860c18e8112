"""What a person proves with a file: papers handed over, and what a recipient says they have."""

import datetime as dt
from collections.abc import Mapping

import httpx
import pytest

from gateway.application.acts.service_record import MOST_OCTETS
from gateway.domain.accounts import AccountRole
from gateway.domain.delivery import DeliveryState
from gateway.domain.receipt import ReceiptEvent
from gateway.web.safety import form_token
from tests.web.console.house import House, Person, hidden

PROOF = b"%PDF-1.7 signed by who took it"


@pytest.fixture
def alice(busy: House) -> Person:
    return busy.sign_in(busy.person("alice", AccountRole.REGISTRY))


def told(busy: House, **changed: str) -> dict[str, str]:
    """What the form of a service by hand says, a minute from now on the office's clock."""
    at = busy.clock.at.astimezone(dt.timezone(dt.timedelta(hours=-5))) + dt.timedelta(minutes=1)
    fields = {"card": "record-service", "at": f"{at:%Y-%m-%dT%H:%M}", "place": "Toronto", "handed_to": "the claimant"}
    return fields | {"reason": "handed over in the hearing room"} | changed


def sent(
    busy: House, person: Person, fields: Mapping[str, str], proof: bytes | None = PROOF, site: str = "same-origin"
) -> httpx.Response:
    delivery = busy.delivery().id
    seen = hidden(busy.get(person, f"/en/deliveries/{delivery}"), "seen")
    bears = {"form": form_token(person.session), "seen": seen}
    busy.clock.at += dt.timedelta(minutes=2)
    return busy.browser.post(
        f"/console/en/deliveries/{delivery}/record-service",
        data=bears | dict(fields),
        files={"file": ("", b"") if proof is None else ("signed.pdf", proof)},
        headers=person.cookie | {"Sec-Fetch-Site": site},
    )


def test_a_service_by_hand_is_recorded_with_its_proof(busy: House, alice: Person) -> None:
    delivery = busy.delivery()
    assert 'enctype="multipart/form-data"' in busy.get(alice, f"/en/deliveries/{delivery.id}").text
    answer = sent(busy, alice, told(busy))
    assert answer.headers.get("location") == f"/console/en/deliveries/{delivery.id}?done=acted", answer.text
    with busy.gateway.database.read() as tx:
        after = tx.deliveries.get(delivery.id)
        (receipt,) = tx.records.receipts_of([delivery.id])[delivery.id]
    assert (after.state, after.settled) == (DeliveryState.DELIVERED, True)
    assert receipt.receipt.event is ReceiptEvent.CONTENT_HANDOVER
    assert PROOF not in b"".join(one.read_bytes() for one in busy.home.path.rglob("*") if one.is_file())


@pytest.mark.parametrize(
    ("changed", "field", "says"),
    [
        ({"place": " "}, "place", "Check “Where”"),
        ({"at": "yesterday"}, "at", "Check “When, on the office’s clock”"),
        ({"at": "2050-01-01T10:00"}, "at", "nor after now"),
        ({}, "file", "Check “The proof as a file”"),
        ({"reason": " "}, "reason", "Check “Your reason”"),
    ],
)
def test_what_is_missing_is_said_beside_its_field_and_what_was_typed_stays(
    busy: House, alice: Person, changed: dict[str, str], field: str, says: str
) -> None:
    answer = sent(busy, alice, told(busy, **changed), None if field == "file" else PROOF)
    assert answer.status_code == 422
    assert says in answer.text
    at = answer.text.index(f'id="record-service-{field}"')
    assert 'aria-invalid="true"' in answer.text[at : answer.text.index(">", at)]
    assert 'value="the claimant"' in answer.text
    with busy.gateway.database.read() as tx:
        assert tx.deliveries.get(busy.delivery().id).state is DeliveryState.NEEDS_PERSON


def test_a_file_that_is_too_large_and_a_form_of_another_are_refused(busy: House, alice: Person) -> None:
    too_large = sent(busy, alice, told(busy), b"." * (MOST_OCTETS + 1))
    assert too_large.status_code == 422
    assert sent(busy, alice, told(busy) | {"form": "0" * 64}).status_code == 404
    assert sent(busy, alice, told(busy), site="cross-site").status_code == 404
    assert sent(busy, alice, told(busy) | {f"more-{one}": "" for one in range(24)}).status_code == 422
    with busy.gateway.database.read() as tx:
        assert tx.deliveries.get(busy.delivery().id).state is DeliveryState.NEEDS_PERSON


def test_a_file_is_read_of_nobody_who_may_not_act(busy: House) -> None:
    reader = busy.sign_in(busy.person("rita", AccountRole.READER))
    answer = busy.browser.post(
        f"/console/en/deliveries/{busy.delivery().id}/record-service",
        content=b"no form at all",
        headers=reader.cookie | {"Content-Type": "multipart/form-data"},
    )
    assert answer.status_code == 403
