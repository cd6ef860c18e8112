"""A carrier's strike is declared and lifted after a summary of what it changes; a channel of ours is paused."""

import threading

import pytest

from gateway.domain.accounts import AccountRole
from gateway.domain.delivery import DeliveryState
from gateway.domain.reasons import Reason
from gateway.worker.embedded import work
from tests.web.console.house import STEP, House, Person

CLERK = (AccountRole.REGISTRY,)
HERE = "/en/channels/registered-mail"


def clerk(post: House, name: str = "alice") -> Person:
    return post.sign_in(post.person(name, *CLERK))


def worked(post: House) -> None:
    """What is due is done, in a thread of its own as a worker does it."""
    doing = threading.Thread(target=work, args=(post.gateway,), kwargs={"until_idle": True, "max_seconds": 20})
    doing.start()
    doing.join()


def test_a_strike_says_first_what_it_changes_and_two_clicks_or_two_people_declare_it_once(post: House) -> None:
    alice, bob = clerk(post), clerk(post, "bob")
    page = post.get(alice, HERE).text
    assert "The 2 envelopes in its batches and open manifests stay here" in page
    assert "Nothing new is planned by it." in page
    refused = post.post(alice, f"{HERE}/suspend", {"reason": " ", "since": "2020-01-01T08:00"})
    assert (refused.status_code, "Check “Your reason”" in refused.text) == (422, True)
    assert 'value="2020-01-01T08:00"' in refused.text
    ahead = post.post(alice, f"{HERE}/suspend", {"reason": "strike", "since": "2099-01-01T08:00"})
    assert "Check “Since when”" in ahead.text
    for _ in range(2):
        done = post.post(alice, f"{HERE}/suspend", {"reason": "strike"})
        assert done.headers["location"] == f"/console{HERE}?done=suspended"
    late = post.post(bob, f"{HERE}/suspend", {"reason": "strike"})
    assert late.status_code == 409
    assert "Nothing was changed: alice declared it first" in late.text
    shown = post.get(alice, "/fr/channels/registered-mail").text
    assert "Son transporteur ne livre plus depuis" in shown
    assert "strike" in shown
    reader = post.sign_in(post.person("rita", AccountRole.READER))
    seen = post.get(reader, HERE).text
    assert "Its carrier does not deliver since" in seen
    assert "strike" not in seen
    assert f"/console{HERE}/" not in seen, "who may not act is offered nothing"


def test_what_lay_in_the_batch_leaves_it_and_is_planned_anew_once_the_strike_is_lifted(post: House) -> None:
    alice = clerk(post)
    post.post(alice, f"{HERE}/suspend", {"reason": "strike"})
    post.clock.at += STEP * 10
    worked(post)
    with post.gateway.database.read() as tx:
        waiting = tx.calendar.waiting_for_carrier()
        assert {tx.deliveries.get(one).reason for one in waiting} == {Reason.CARRIER_SUSPENDED}
    assert len(waiting) == 2
    page = post.get(alice, HERE).text
    assert "The 2 deliveries that wait for a person because of a carrier are planned anew." in page
    for _ in range(2):
        lifted = post.post(alice, f"{HERE}/restore", {"reason": "it ended"})
        assert lifted.headers["location"] == f"/console{HERE}?done=restored"
    again = post.get(alice, f"/en/deliveries/{waiting[0]}")
    assert (again.status_code, "Planned anew: the carrier delivers again" in again.text) == (200, True)
    worked(post)
    with post.gateway.database.read() as tx:
        assert {tx.deliveries.get(one).state for one in waiting} == {DeliveryState.BATCHED}


def test_a_channel_of_ours_is_paused_and_resumed(post: House) -> None:
    alice = clerk(post)
    assert post.post(alice, f"{HERE}/pause", {"reason": ""}).status_code == 422
    assert post.post(alice, f"{HERE}/pause", {"reason": "printer"}).headers["location"].endswith("?done=paused")
    assert "Paused since" in post.get(alice, "/en/channels").text
    assert post.post(alice, f"{HERE}/resume", {"reason": "mended"}).headers["location"].endswith("?done=resumed")
    assert "Paused since" not in post.get(alice, "/en/channels").text
    assert post.get(alice, "/en/channels/pigeon").status_code == 404


@pytest.mark.parametrize(
    "because", ["carrier-restored", "carrier-suspended", "parties-changed", "parties-confirmed", "consent-given"]
)
@pytest.mark.parametrize("language", ["en", "fr"])
def test_what_set_a_delivery_going_again_has_its_words(because: str, language: str) -> None:
    from gateway.domain.parties import Language
    from templates.catalogue import has

    assert has("console", f"act.{because}.title", Language(language))
