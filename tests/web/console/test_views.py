"""Views that a person saved of the work list, and single keys on or off: each person's own."""

import re
from dataclasses import replace

import pytest

from gateway.domain.accounts import AccountRole
from gateway.domain.codes import Code
from gateway.domain.desk import LONGEST_NAME, MOST_VIEWS
from gateway.domain.problem import InputRefused
from tests.web.console.house import House, Person

HERE = "/en/lists/needs-person/views"
NARROWED = {"division": "RPD", "channel": "fax"}
NAME = "Me  Tremblay"


@pytest.fixture
def alice(busy: House) -> Person:
    return busy.sign_in(busy.person("alice", AccountRole.READER))


def saved(busy: House, person: Person, name: str, **filters: str) -> int:
    return busy.post(person, HERE, {"name": name, **filters}).status_code


def test_a_list_is_saved_with_its_filters_opened_renamed_and_taken_away_by_its_person_alone(
    busy: House, alice: Person, capfd: pytest.CaptureFixture[str]
) -> None:
    answered = busy.post(alice, HERE, {"name": f" {NAME} ", **NARROWED})
    here = "/console/en/lists/needs-person?division=RPD&channel=fax"
    assert (answered.status_code, answered.headers["location"]) == (303, here)
    assert saved(busy, alice, "all") == 303
    page = busy.get(alice, here.removeprefix("/console")).text
    assert f'<a href="{here.replace("&", "&amp;")}" aria-current="page">Me Tremblay</a>' in page
    mine = busy.get(alice, "/en/views").text
    with busy.gateway.database.read() as tx:
        counts = [0, len(tx.deliveries.find(state=None, channel=None, limit=9))]
        assert all(b"Tremblay" not in one.name for one in tx.desks.views("alice"))
    assert re.findall(r'</a> <span class="soft">(\d+)</span></h2>', mine) == [str(one) for one in counts]
    assert "A person must decide · RPD · fax" in mine
    first, second = re.findall(r"/views/([^/]+)/name", mine)
    bob = busy.sign_in(busy.person("bob", AccountRole.REGISTRY))
    assert "Tremblay" not in busy.get(bob, "/en/lists/needs-person").text
    assert busy.post(bob, f"/en/views/{first}/name", {"name": "mine"}).status_code == 404
    busy.post(bob, f"/en/views/{first}/removal")
    assert "It has its new name." in followed(busy, alice, f"/en/views/{first}/name", {"name": "By fax"})
    assert "It is taken away." in followed(busy, alice, f"/en/views/{second}/removal", {})
    left = busy.get(alice, "/en/views").text
    assert ("By fax" in left, left.count("/removal")) == (True, 1)
    assert "Tremblay" not in "".join(capfd.readouterr()), "what a person calls a view is in no log"


def followed(busy: House, person: Person, place: str, fields: dict[str, str]) -> str:
    there = busy.post(person, place, fields).headers["location"]
    return busy.get(person, there.removeprefix("/console")).text


def test_what_is_wrong_with_a_name_is_said_beside_it_and_what_was_typed_stays(busy: House, alice: Person) -> None:
    assert saved(busy, alice, "Late") == 303
    long = "x" * (LONGEST_NAME + 1)
    for name, status, said in (
        ("", 422, "Check “Name of the view”"),
        (long, 422, "Check “Name of the view”"),
        ("late", 409, "Another view of yours has this name."),
    ):
        page = busy.post(alice, HERE, {"name": name, **NARROWED})
        assert (page.status_code, said in page.text, f'value="{name}"' in page.text) == (status, True, True), name
        assert "<details open>" in page.text
        assert '<input type="hidden" name="channel" value="fax">' in page.text
    for number in range(MOST_VIEWS - 1):
        assert saved(busy, alice, f"view {number}") == 303
    assert f"You have {MOST_VIEWS} saved views" in busy.post(alice, HERE, {"name": "one more"}).text
    (view, *_) = re.findall(r"/views/([^/]+)/name", busy.get(alice, "/en/views").text)
    page = busy.post(alice, f"/en/views/{view}/name", {"name": "VIEW 3"})
    assert (page.status_code, 'value="VIEW 3"' in page.text) == (409, True)
    assert busy.post(alice, "/en/lists/nothing/views", {"name": "a"}).status_code == 404


def test_single_keys_are_turned_off_and_on_and_no_page_has_their_script_then(busy: House, alice: Person) -> None:
    script = '<script type="module" src="/console/keys.js"></script>'
    for keys, stands in (("", True), ("off", False), ("neither", False), ("on", True)):
        if keys:
            assert busy.post(alice, "/en/keyboard", {"keys": keys}).status_code == 303
        page = busy.get(alice, "/fr/keyboard")
        assert ("Les touches simples sont actives." in page.text) is stands
        for place in ("", "/lists/late", "/approvals"):
            page = busy.get(alice, f"/en{place}")
            assert (script in page.text) is stands
            policy = page.headers["content-security-policy"]
            assert policy.count("script-src") == int(stands or place in {"", "/lists/late"})


def test_a_third_partys_channel_is_named_like_those_of_the_house(busy: House, alice: Person) -> None:
    """Where an entry point brings one: as a filter of lists, and in acts, where the rules then decide
    (`tests/application/test_person_acts.py`)."""
    theirs = replace(busy.gateway, channels={**busy.gateway.channels, "pigeon": NotImplemented})
    busy.browser.app.state.gateway = theirs
    page = busy.get(alice, "/en/lists/failed?channel=pigeon")
    assert '<option value="pigeon" selected>pigeon</option>' in page.text
    assert busy.get(alice, "/en/lists/failed?channel=raven").status_code == 404
    assert theirs.known_channel("pigeon", where="--channel") == "pigeon"
    with pytest.raises(InputRefused) as refused:
        theirs.known_channel("raven", where="--channel")
    assert (refused.value.code, "pigeon" in str(refused.value.facts["expected"])) == (Code.REQUEST_INVALID, True)
