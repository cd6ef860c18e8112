"""The five stories of the console in a real Chromium, each in English and in French, by keyboard alone and within ten
clicks of the two persons together, from their first page on; `make console-pictures` keeps pictures of every page."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import expect

from gateway.domain.delivery import DeliveryState
from gateway.domain.key_findings import KeyOwner
from tests.channels.scan_samples import mail_room_list
from tests.real.browser import running_browser
from tests.web.console.browsing import served
from tests.web.console.house import STEP
from tests.web.console.seat import Seat
from tests.web.console.test_directory import another_certificate
from tests.web.console.town import COUNSEL, ENDING, MINISTER, RIGHT, Town, running_town

pytestmark = [pytest.mark.real, pytest.mark.slow]
MOST = 10
each_language = pytest.mark.parametrize("language", ["en", "fr"])


@dataclass
class Office:
    """The town and its two persons, signed in."""

    town: Town
    alice: Seat
    bob: Seat

    def begins(self, language: str) -> tuple[Town, Seat, Seat]:
        """A story in that language."""
        self.alice.begins(language)
        self.bob.begins(language)
        return self.town, self.alice, self.bob

    def ends(self) -> int:
        """The clicks that it took. Nothing may be wrong with a page of it."""
        assert self.alice.wrong + self.bob.wrong == []
        return self.alice.deeds + self.bob.deeds


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    pictures = tmp_path_factory.mktemp("pictures")
    with (
        running_town(tmp_path_factory.mktemp("town")) as town,
        served(town.house) as start,
        running_browser() as browser,
    ):
        alice, bob = (Seat(browser, start, town.house, one, pictures) for one in (town.alice, town.bob))
        yield Office(town=town, alice=alice, bob=bob)


@each_language
def test_a_bounce_is_corrected_by_two_people_and_delivered(office: Office, language: str, tmp_path: Path) -> None:
    town, alice, bob = office.begins(language)
    dispatch = town.accepted(f"TC6-1000{('en', 'fr').index(language)}", MINISTER, COUNSEL)
    sent = town.delivery(dispatch, "c1")
    assert sent.state is DeliveryState.HANDED_OVER
    town.came_back(sent)
    assert town.delivery(dispatch, "c1").state is DeliveryState.FAILED

    office.begins(language)
    alice.follows(alice.says("list.failed"))
    alice.follows(alice.page.locator("tbody a").first)
    alice.opens(alice.says("act.replace-recipient.title"))
    alice.types("replace-recipient", recipient=RIGHT, reason="counsel moved; their clerk told us")
    alice.presses(alice.says("act.replace-recipient.title"))
    alice.reads("delivery.done-proposed")
    alice.looks("bounce-proposed")
    bob.approves("called them at the number of the bar")
    town.worked()
    again = town.delivery(dispatch, "c1")
    assert again.state is DeliveryState.HANDED_OVER, again
    town.signed_for(again, RIGHT, tmp_path)
    assert town.delivery(dispatch, "c1").state is DeliveryState.DELIVERED
    assert office.ends() <= MOST


@each_language
def test_a_returned_letter_is_served_again(office: Office, language: str, tmp_path: Path) -> None:
    town, alice, bob = office.begins(language)
    letter = town.lying[("en", "fr").index(language)]
    town.house.clock.at += STEP
    scans = tmp_path / "scans.csv"
    scans.write_bytes(mail_room_list([letter.piece or "", "returned", town.house.clock.at.isoformat()]))
    alice.follows(alice.says("mail-room.title"))
    alice.follows(alice.says("scans.title"))
    alice.brings("scans-file", scans)
    alice.presses(alice.says("scans.button"))
    alice.reads("scans.done", count=1, repeats="0")
    alice.looks("scans-returned")
    alice.follows(alice.page.locator(f'main a[href$="{letter.delivery}"]').first)
    title = alice.says("act.re-serve.title")
    alice.opens(title)
    alice.types("re-serve", lines="1 Rue Neuve", municipality="Toronto", province="on", postal_code="m5v3l9")
    alice.types("re-serve", reason="moved; counsel told the new address")
    alice.presses(title)
    alice.reads("delivery.done-proposed")
    bob.approves("confirmed on the telephone")
    town.worked()
    with town.house.gateway.database.read() as tx:
        waiting = [one.attempt for one in tx.manifests.waiting() if one.delivery == letter.delivery]
        assert tx.deliveries.get(letter.delivery).state is DeliveryState.BATCHED
    assert len(waiting) == 1
    assert waiting != [letter.attempt], "it lies ready once more, by an attempt of its own"
    assert office.ends() <= MOST


@each_language
def test_a_wrong_package_is_recalled_with_its_breach_report(office: Office, language: str) -> None:
    town, alice, _ = office.begins(language)
    number = f"TC6-2000{('en', 'fr').index(language)}"
    dispatch = town.accepted(number, MINISTER)
    wrong = town.delivery(dispatch, "m1")
    assert wrong.state is DeliveryState.HANDED_OVER
    told = town.house.clock.at.astimezone(dt.timezone(dt.timedelta(hours=-5)))
    town.house.clock.at += dt.timedelta(minutes=5)
    office.begins(language)
    alice.page.locator("#number").focus()
    alice.page.keyboard.type(number.lower())
    alice.presses(alice.says("find.button"))
    expect(alice.page.get_by_role("heading", level=1)).to_have_text(alice.says("find.title"))
    alice.looks("find")
    alice.follows(alice.says("delivery.recall"))
    alice.looks("recall")
    alice.types("recall", reason="it holds another file's reasons")
    alice.presses(alice.says("recall.button"))
    alice.reads("recall.done-recalled")
    alice.opens(alice.says("recall.call"))
    alice.types(wrong.id, reason="will destroy it unread")
    alice.presses(alice.says("recall.call"))
    alice.reads("recall.done-called")
    alice.looks("recalled")
    alice.follows(alice.says("recall.breach"))
    at, later = (f"{told + dt.timedelta(minutes=one):%Y-%m-%dT%H:%M}" for one in (1, 2))
    alice.chooses(f"breach-{wrong.id}")
    alice.chooses("breach-data-decision")
    alice.types(
        "breach",
        discovered_at=at,
        place="Toronto",
        description="Sent with another file's reasons",
        affected="1",
        containment="They destroy it unread",
        persons_told="Not yet: their address is being verified",
        material_at=later,
    )
    alice.presses(alice.says("breach.button"))
    alice.reads("breach.done-saved")
    alice.looks("breach")
    assert alice.takes(alice.says("breach.download")).read_bytes().startswith(b"%PDF-")
    with town.house.gateway.database.read() as tx:
        states = {one.participant: one.state for one in tx.deliveries.of_dispatch(dispatch)}
    assert states.pop("m1") is DeliveryState.HANDED_OVER, "what left is not shown as if it had not"
    assert set(states.values()) <= {DeliveryState.RECALLED}
    assert office.ends() <= MOST
    alice.begins(language)
    alice.looks("home-breach")
    office.ends()


@each_language
def test_a_key_is_replaced_in_time(office: Office, language: str, tmp_path: Path) -> None:
    town, alice, bob = office.begins(language)
    entry = f"{ENDING}-{language}"
    before = town.house.gateway.directory.pins(entry)[-1].fingerprint
    key = tmp_path / "key.pem"
    key.write_bytes(another_certificate())
    alice.follows(alice.says("home.keys"))
    alice.looks("keys-ending")
    alice.follows(entry)
    title = alice.says("directory.replace")
    alice.opens(title)
    alice.brings("file", key)
    alice.page.locator("#reason").focus()
    alice.page.keyboard.type("theirs ends soon")
    alice.presses(title)
    alice.reads("directory.done-proposed")
    bob.approves("they read it to me")
    alice.page.reload()
    alice.looks("entry-replaced")
    assert town.house.gateway.directory.pins(entry)[-1].fingerprint != before
    town.house.gateway.key_watch.run()
    found = {one.whose for one in town.house.gateway.key_watch.last() if one.owner is KeyOwner.RECIPIENT}
    assert entry not in found, "nothing of it ends soon any more"
    assert office.ends() <= MOST


@each_language
def test_a_strike_is_declared_and_lifted(office: Office, language: str) -> None:
    town, alice, _ = office.begins(language)
    alice.follows(alice.says("channels.title"))
    alice.looks("channels")
    alice.follows(alice.page.locator('main a[href$="/channels/registered-mail"]').first)
    for act, reason in (("suspend", "grève"), ("restore", "finie")):
        title = alice.says(f"channels.{act}")
        alice.opens(title)
        alice.types(act, reason=reason)
        alice.presses(title)
        expect(alice.page.get_by_role("status")).to_be_visible()
        if act == "suspend":
            alice.looks("strike")
        stands = town.house.gateway.calendar.suspended_channels()
        assert ("registered-mail" in stands) is (act == "suspend")
    assert office.ends() <= MOST
