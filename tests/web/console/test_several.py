"""One act on several deliveries: a summary first, each by its own use case, and what came of each."""

import re

from gateway.domain.accounts import AccountRole
from gateway.domain.acts import Action
from gateway.domain.delivery import DeliveryState
from gateway.domain.events import EventName
from tests.web.console.house import House, Person
from tests.web.console.test_delivery import _asked

HERE = "/en/lists/needs-person/several"


def clerk(busy: House, *roles: AccountRole) -> Person:
    return busy.sign_in(busy.person("alice", *(roles or (AccountRole.REGISTRY,))))


def chosen(page: str) -> dict[str, str]:
    return dict(re.findall(r'name="(d-[^"]+)" value="([^"]*)"', page))


def test_a_summary_comes_first_then_each_is_done_by_itself_and_two_clicks_do_it_once(busy: House) -> None:
    alice = clerk(busy)
    ids = chosen(busy.get(alice, "/en/lists/needs-person").text)
    assert len(ids) >= 2
    summary = busy.post(alice, HERE, {"action": "cancel", **ids})
    assert f"What will happen to {len(ids)} deliveries" in summary.text
    with busy.gateway.database.read() as tx:
        assert {tx.deliveries.get(one[2:]).state for one in ids} == {DeliveryState.NEEDS_PERSON}, "nothing was done yet"
    form = {"action": "cancel", **chosen(summary.text)}
    without = busy.post(alice, f"{HERE}/done", form)
    assert (without.status_code, "Check “Your reason”" in without.text) == (422, True)
    first, *others = (one[2:] for one in ids)
    busy.gateway.act(first, _asked(Action.RETRY), actor="bob")
    answers = [busy.post(alice, f"{HERE}/done", form | {"reason": "sent by hand"}).text for _ in range(2)]
    for answer in answers:
        assert f"Done and recorded for {'one delivery' if len(others) == 1 else f'{len(others)} deliveries'}." in answer
        assert "Not done for one delivery:" in answer
    with busy.gateway.database.read() as tx:
        assert tx.deliveries.get(first).state is DeliveryState.PLANNED, "bob was quicker"
        assert {tx.deliveries.get(one).state for one in others} == {DeliveryState.CANCELLED}
        events = tx.records.events(tx.deliveries.get(first).dispatch)
    acts = [one.actor for one in events if one.name is EventName.DELIVERY_RESOLVED]
    assert sorted(acts) == ["alice"] * len(others) + ["bob"]


def test_what_an_act_is_not_open_to_is_left_out_and_said(busy: House) -> None:
    alice = clerk(busy)
    ids = chosen(busy.get(alice, "/en/lists/needs-person").text)
    page = busy.post(alice, HERE, {"action": "release", **ids, "d-nothing": "yes"}).text
    assert f"Not open to {len(ids)}" in page
    assert "<textarea" not in page
    assert "Nothing was chosen." in busy.post(alice, HERE, {"action": "cancel"}).text
    assert busy.post(alice, HERE, {"action": "record-service", **ids}).status_code == 404


def test_who_may_not_act_chooses_nothing(busy: House) -> None:
    assert chosen(busy.get(clerk(busy, AccountRole.READER), "/en/lists/needs-person").text) == {}
