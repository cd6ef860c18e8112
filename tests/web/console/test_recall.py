"""A recall contains at once and says what is left to do; a breach is reported version by version, with its clock."""

import datetime as dt
import io
from collections.abc import Mapping

import httpx
import pytest
from pypdf import PdfReader

from gateway.domain.accounts import AccountRole
from gateway.domain.delivery import DeliveryState
from gateway.domain.dispatch import Step
from gateway.domain.events import EventName
from tests.web.console.house import House, Person, hidden

SAID = "An envelope was opened by somebody else"


@pytest.fixture
def alice(busy: House) -> Person:
    return busy.sign_in(busy.person("alice", AccountRole.REGISTRY))


def local(moment: dt.datetime) -> str:
    """As a browser writes it, on the clock of the office."""
    return f"{moment.astimezone(dt.timezone(dt.timedelta(hours=-5))):%Y-%m-%dT%H:%M}"


def told(busy: House, **changed: str) -> dict[str, str]:
    """The form of a report: discovered an hour ago, and material half an hour later."""
    hour = dt.timedelta(hours=1)
    fields = {
        "seen": "0",
        "delivery": busy.delivery().id,
        "discovered_at": local(busy.clock.at - hour),
        "place": "Toronto",
        "description": SAID,
        "data-decision": "yes",
        "affected": "2",
        "containment": "The recipient destroyed it",
        "persons_told": "Both, by telephone",
        "material_at": local(busy.clock.at - hour / 2),
    }
    return fields | changed


def save(busy: House, person: Person, fields: Mapping[str, str]) -> httpx.Response:
    return busy.post(person, f"/en/dispatches/{busy.delivery().dispatch}/breach", fields)


def test_a_recall_contains_at_once_and_shows_what_it_came_to(busy: House, alice: Person) -> None:
    delivery = busy.delivery()
    place = f"/en/dispatches/{delivery.dispatch}/recall"
    assert f'href="/console{place}"' in busy.get(alice, f"/en/deliveries/{delivery.id}").text
    assert "Recall it now" in busy.get(alice, place).text
    without = busy.post(alice, place, {"reason": " "})
    assert (without.status_code, "Check “Your reason”" in without.text) == (422, True)
    done = busy.post(alice, place, {"reason": "the wrong person"})
    assert done.headers["location"] == f"/console{place}?done=recalled"
    after = busy.get(alice, place).text
    assert "Recalled by alice" in after
    assert "Nothing left us, and nothing will." in after
    with busy.gateway.database.read() as tx:
        assert tx.dispatches.get(delivery.dispatch).step is Step.RECALLED
        assert tx.deliveries.get(delivery.id).state is DeliveryState.RECALLED


def test_a_breach_is_told_in_versions_drawn_as_a_paper_and_its_clock_runs_seven_days(
    busy: House, alice: Person
) -> None:
    dispatch = busy.delivery().dispatch
    place = f"/en/dispatches/{dispatch}/breach"
    assert busy.get(alice, f"{place}/paper").status_code == 404, "there is none yet"
    assert save(busy, alice, told(busy)).headers["location"] == f"/console{place}?done=saved"
    page = busy.get(alice, place)
    due = busy.clock.at - dt.timedelta(minutes=30) + dt.timedelta(days=7)
    assert f"{due.astimezone(dt.timezone(dt.timedelta(hours=-5))):%B %-d, %Y}" in page.text
    assert hidden(page, "seen") == "1"
    assert SAID in page.text
    paper = busy.get(alice, f"{place}/paper")
    assert paper.headers["content-type"] == "application/pdf"
    text = " ".join(" ".join(one.extract_text() for one in PdfReader(io.BytesIO(paper.content)).pages).split())
    for words in (SAID, "The decision and its reasons", "Both, by telephone", "Not yet", f"{dispatch[:8]}/1"):
        assert words in text
    assert f"/console{place}" in busy.get(alice, "/en").text, "it stands among what waits"
    reported = told(busy, seen="1", reported_at=local(busy.clock.at))
    assert save(busy, alice, reported).status_code == 303
    assert f"/console{place}" not in busy.get(alice, "/en").text
    with busy.gateway.database.read() as tx:
        events = [one for one in tx.records.events(dispatch) if one.name is EventName.BREACH_TOLD]
    assert [(one.actor, one.facts["version"]) for one in events] == [("alice", 1), ("alice", 2)]
    assert not any(SAID in str(one.facts) for one in events)


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"affected": "many"}, "affected"),
        ({"affected": "0"}, "affected"),
        ({"place": " "}, "place"),
        ({"data-decision": ""}, ""),
        ({"discovered_at": "2050-01-01T10:00"}, "discovered_at"),
        ({"material_at": "2020-01-01T10:00"}, "material_at"),
        ({"material_at": "", "reported_at": "2020-01-01T10:00"}, "reported_at"),
        ({"delivery": "another"}, ""),
    ],
)
def test_what_a_report_lacks_is_said_beside_its_field(
    busy: House, alice: Person, changed: dict[str, str], field: str
) -> None:
    answer = save(busy, alice, told(busy, **changed))
    assert answer.status_code == 422
    assert SAID in answer.text, "what was typed stays"
    assert 'role="alert"' in answer.text
    if field:
        at = answer.text.index(f'id="breach-{field}"')
        assert 'aria-invalid="true"' in answer.text[at : answer.text.index(">", at)]
    with busy.gateway.database.read() as tx:
        assert tx.breaches.newest(busy.delivery().dispatch) is None


def test_a_report_that_somebody_else_saved_meanwhile_is_not_written_over(busy: House, alice: Person) -> None:
    bob = busy.sign_in(busy.person("bob", AccountRole.REGISTRY))
    assert save(busy, bob, told(busy)).status_code == 303
    stale = save(busy, alice, told(busy, place="Ottawa"))
    assert stale.status_code == 409
    assert "Somebody saved another version" in stale.text
    assert 'value="Ottawa"' in stale.text
    with busy.gateway.database.read() as tx:
        standing = tx.breaches.newest(busy.delivery().dispatch)
    assert standing is not None
    assert (standing.version, standing.made_by) == (1, "bob")


def test_a_call_that_is_posted_twice_by_a_double_click_is_recorded_once(busy: House, alice: Person) -> None:
    bob, delivery = busy.sign_in(busy.person("bob", AccountRole.REGISTRY)), busy.delivery()
    place = f"/en/dispatches/{delivery.dispatch}"
    busy.post(alice, f"{place}/recall", {"reason": "wrong file"})
    told = {"delivery": delivery.id, "seen": "0", "reason": "will destroy it"}
    for person, form in (
        (alice, told),
        (alice, told),
        (bob, told),
        (alice, told | {"reason": "nobody answered"}),
        (alice, told | {"seen": "3"}),
    ):
        assert busy.post(person, f"{place}/calls", form).status_code == 303
    with busy.gateway.database.read() as tx:
        events = tx.records.events(delivery.dispatch)
    calls = [one.actor for one in events if one.name is EventName.RECALL_CALLED]
    assert calls == ["alice", "bob", "alice", "alice"], (
        "another person’s, or one answered otherwise or later, is another"
    )
