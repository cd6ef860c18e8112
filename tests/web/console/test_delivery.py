"""The work list and a delivery: what is wrong and what to do, acts once and with a reason, and two people."""

import re
from dataclasses import replace

import httpx
import pytest
import sqlalchemy as sa

from gateway.application.acts.acting import AskedAct
from gateway.application.console.work import PAGE
from gateway.domain.accounts import AccountRole
from gateway.domain.acts import Action
from gateway.domain.delivery import DeliveryState
from gateway.domain.digest import sha256
from gateway.domain.dispatch import Step
from gateway.domain.events import EventName
from gateway.domain.reasons import Reason
from gateway.domain.work_list import WorkList
from tests.e2e import built
from tests.e2e.world import World
from tests.web.console.house import House, Person, engines, hidden

CASES = (AccountRole.REGISTRY,)
BOTH = (AccountRole.REGISTRY, AccountRole.APPROVER)


def clerk(busy: House, name: str = "alice", roles: tuple[AccountRole, ...] = CASES) -> Person:
    return busy.sign_in(busy.person(name, *roles))


def seen(page: httpx.Response) -> str:
    return hidden(page, "seen")


def test_home_counts_what_waits_and_leads_to_the_list_and_to_the_delivery(busy: House) -> None:
    alice = clerk(busy)
    home = busy.get(alice, "/en")
    with busy.gateway.database.read() as tx:
        waiting = len(tx.deliveries.find(state=DeliveryState.NEEDS_PERSON, channel=None, limit=99))
    assert re.search(
        rf'href="/console/en/lists/needs-person"><span class="count" data-count="needs-person">{waiting}<', home.text
    )
    listed = busy.get(alice, "/fr/lists/needs-person?division=RPD")
    assert listed.text.count("Une ordonnance") == waiting
    assert 'href="/console/en/lists/needs-person?division=RPD"' in listed.text, "one click apart, with its filters"
    assert busy.get(alice, "/fr/lists/needs-person?division=IAD").text.count("Une ordonnance") == 0
    assert busy.get(alice, f"/fr/deliveries/{busy.delivery().id}").status_code == 200


@pytest.mark.parametrize("address", ["/en/lists/nothing", "/en/lists/failed?division=XX", "/en/lists/failed?after=x"])
def test_what_is_no_list_of_ours_is_not_there(busy: House, address: str) -> None:
    assert busy.get(clerk(busy), address).status_code == 404


def test_an_act_is_done_once_with_its_reason_and_stands_in_the_time_line(busy: House) -> None:
    alice, delivery = clerk(busy), busy.delivery()
    page = busy.get(alice, f"/en/deliveries/{delivery.id}")
    form = {"reason": "asked by counsel", "seen": seen(page)}
    answers = [busy.post(alice, f"/en/deliveries/{delivery.id}/cancel", form) for _ in range(2)]
    assert [one.headers["location"] for one in answers] == [f"/console/en/deliveries/{delivery.id}?done=acted"] * 2
    with busy.gateway.database.read() as tx:
        assert tx.deliveries.get(delivery.id).state is DeliveryState.CANCELLED
        acts = [one for one in tx.records.events(delivery.dispatch) if one.name is EventName.DELIVERY_RESOLVED]
    assert [(one.actor, one.facts["action"]) for one in acts] == [("alice", "cancel")]
    after = busy.get(alice, f"/en/deliveries/{delivery.id}").text
    assert "asked by counsel" in after
    assert "<strong>Cancelled</strong>" in after, "what was done, not what to do"
    assert "Nothing can be done about it now" in after
    reader = clerk(busy, "rita", (AccountRole.READER,))
    assert "asked by counsel" not in busy.get(reader, f"/en/deliveries/{delivery.id}").text


def test_a_stale_page_says_who_did_what_and_changes_nothing(busy: House) -> None:
    alice, bob, delivery = clerk(busy), clerk(busy, "bob"), busy.delivery()
    stale = seen(busy.get(bob, f"/en/deliveries/{delivery.id}"))
    busy.gateway.act(delivery.id, _asked(Action.CANCEL), actor=alice.name)
    answer = busy.post(bob, f"/en/deliveries/{delivery.id}/retry", {"reason": "again", "seen": stale})
    assert answer.status_code == 409
    assert "Nothing was changed: alice acted first (Cancelled," in answer.text
    with busy.gateway.database.read() as tx:
        assert tx.deliveries.get(delivery.id).state is DeliveryState.CANCELLED


def test_an_error_stands_beside_its_field_and_what_was_typed_stays(busy: House) -> None:
    alice, delivery = clerk(busy), busy.delivery()
    page = busy.get(alice, f"/en/deliveries/{delivery.id}")
    fields = {"reason": "<b>moved</b>", "seen": seen(page), "email": "no address", "postal_code": "m5v3l9"}
    answer = busy.post(alice, f"/en/deliveries/{delivery.id}/correct-address", fields)
    assert answer.status_code == 422
    assert '<details class="card" open>' in answer.text
    assert "&lt;b&gt;moved&lt;/b&gt;" in answer.text
    assert 'value="M5V 3L9"' in answer.text
    assert 'value="no address"' in answer.text


def test_only_acts_that_the_state_allows_are_offered_and_a_closed_way_stands_with_its_rule(busy: House) -> None:
    delivery = busy.delivery()
    page = busy.get(clerk(busy), f"/en/deliveries/{delivery.id}").text
    offered = set(re.findall(rf"/deliveries/{delivery.id}/([a-z-]+)\"", page))
    assert offered == {"retry", "reroute", "record-service", "correct-address", "replace-recipient", "cancel"}
    assert "Record that it was provided" in page
    assert "What you can do now</h2>" in page


def test_two_people_correct_an_address_and_who_proposed_it_cannot_approve_it(busy: House) -> None:
    alice, bob, delivery = clerk(busy, "alice", BOTH), clerk(busy, "bob", BOTH), busy.delivery()
    page = busy.get(alice, f"/en/deliveries/{delivery.id}")
    fields = {"reason": "moved", "seen": seen(page), "lines": "1 Rue Neuve", "municipality": "Toronto"}
    fields |= {"province": "on", "postal_code": "m5v 3l9"}
    done = busy.post(alice, f"/en/deliveries/{delivery.id}/correct-address", fields)
    assert done.headers.get("location") == f"/console/en/deliveries/{delivery.id}?done=proposed", done.text
    (proposal,) = busy.gateway.approvals.all(open_only=True)
    assert "Address of a delivery</a> · TC6-12345" in busy.get(bob, "/en/approvals").text
    own = busy.get(alice, f"/en/approvals/{proposal.id}").text
    assert "another person approves it" in own
    refused = busy.post(alice, f"/en/approvals/{proposal.id}/approval", {"reason": "mine"})
    assert refused.status_code == 403
    assert "Rue Neuve" in busy.get(bob, f"/fr/approvals/{proposal.id}").text
    without = busy.post(bob, f"/fr/approvals/{proposal.id}/approval", {"reason": " "})
    assert without.status_code == 422
    approved = busy.post(bob, f"/fr/approvals/{proposal.id}/approval", {"reason": "called them"})
    assert approved.headers["location"] == "/console/fr/approvals?done=approved"
    again = busy.post(bob, f"/fr/approvals/{proposal.id}/approval", {"reason": "called them"})
    assert again.status_code == 409
    assert "Cette proposition est tranchée" in again.text
    with busy.gateway.database.read() as tx:
        assert tx.deliveries.get(delivery.id).state is DeliveryState.PLANNED


def test_a_page_of_a_list_goes_on_where_the_one_before_it_ended(busy: House) -> None:
    first = busy.delivery()
    with busy.gateway.database.write() as tx:
        for number in range(PAGE):
            tx.deliveries.add(replace(first, id=f"more-{number}", reason=Reason.TRANSMISSION_BAN))
    alice = clerk(busy)
    found: list[str] = []
    address: str | None = "/en/lists/needs-person"
    while address:
        page = busy.get(alice, address).text
        found += re.findall(r"/console/en/deliveries/([^\"]+)\"", page)
        more = re.search(r'href="/console([^"]+)" rel="next"', page)
        address = more[1] if more else None
    assert len(found) == len(set(found)) > PAGE


NEW_PAGES = ("/directory", "/keys", "/new")


def test_each_page_asks_the_database_a_bounded_number_of_times(busy: House) -> None:
    alice, delivery, asked = clerk(busy), busy.delivery(), list[str]()
    for engine in engines(busy):
        sa.event.listen(engine, "before_cursor_execute", lambda *args: asked.append(args[2]))
    most = {}
    for place in ("", "/lists/needs-person", "/approvals", f"/deliveries/{delivery.id}", *NEW_PAGES):
        asked.clear()
        assert busy.get(alice, f"/en{place}").status_code == 200
        most[place.split("/")[1] if place else "home"] = len([one for one in asked if one.startswith("SELECT")])
    assert most["home"] <= 21
    assert most["lists"] <= 13  # twice whose offices they are: of the rows and of the counts
    assert most["approvals"] <= 5
    assert most["deliveries"] <= 24
    assert most["directory"] <= 6
    assert most["keys"] <= 6
    assert most["new"] <= 5


@pytest.mark.parametrize("which", [WorkList.NEEDS_PERSON, WorkList.FAILED, WorkList.HELD, WorkList.AWAITING_PERSON])
def test_a_list_is_found_through_the_index_of_states_and_due_dates(busy: House, which: WorkList) -> None:
    alice, asked = clerk(busy), list[tuple[str, tuple[object, ...]]]()
    for engine in engines(busy):
        sa.event.listen(engine, "before_cursor_execute", lambda *args: asked.append((args[2], args[3])))
    busy.get(alice, f"/en/lists/{which.value}")
    (query, values), *_ = [one for one in asked if "JOIN dispatches" in one[0]]
    with engine.connect() as connection:
        plan = [row[3] for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {query}", values)]
    assert any("ix_deliveries_state_due" in one for one in plan), plan


def _asked(action: Action) -> AskedAct:
    return AskedAct(action=action, reason="told so")


def prepare(busy: House, world: World) -> None:
    """A package is planned and its papers are made; nothing is sent."""
    gateway = busy.gateway
    gateway.submit.accept(built.package(world), submitted_by="test")
    for step, use in ((Step.PLAN, gateway.plan), (Step.RENDER, gateway.render)):
        for claimed in gateway.steps.claim(step, 100):
            use(claimed)


def test_a_clerk_opens_a_paper_as_its_recipient_gets_it_before_anything_is_sent_and_that_is_recorded(
    busy: House, world: World
) -> None:
    prepare(busy, world)
    alice = clerk(busy)
    with busy.gateway.database.read() as tx:
        found = tx.deliveries.find(state=None, channel=None, limit=99)
        made = {one.id: [each for each in tx.records.documents(one.id) if each.kind is not None] for one in found}
    delivery, papers = next((one, papers) for one, papers in made.items() if papers)
    page = busy.get(alice, f"/en/deliveries/{delivery}")
    for paper in papers:
        assert paper.name in page.text
        opened = busy.post(alice, f"/en/deliveries/{delivery}/papers/{paper.ordinal}")
        assert (opened.status_code, opened.headers["content-type"]) == (200, paper.media_type)
        assert sha256(opened.content) == paper.digest
        assert opened.headers["content-disposition"].startswith("attachment")
    for place in ("0", "99", "1000", "x"):
        assert busy.post(alice, f"/en/deliveries/{delivery}/papers/{place}").status_code == 404
    with busy.gateway.database.read() as tx:
        events = [one for one in tx.records.events(tx.deliveries.get(delivery).dispatch) if one.delivery == delivery]
    read = [one for one in events if one.name is EventName.PAPERS_READ]
    assert [(one.actor, one.facts["digest"]) for one in read] == [("alice", paper.digest) for paper in papers]
    again = busy.get(alice, f"/en/deliveries/{delivery}")
    assert "A paper was opened" in again.text
    assert seen(again) == seen(page), "a form that was open meanwhile holds"


def test_who_may_not_act_is_shown_no_papers(busy: House) -> None:
    reader = clerk(busy, "bob", (AccountRole.READER,))
    assert "What the recipient gets" not in busy.get(reader, f"/en/deliveries/{busy.delivery().id}").text
