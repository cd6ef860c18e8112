"""The mail room in a real Chromium, by keyboard alone: a batch is closed, checked and handed over; a letter that came
back is sent to another address by two people."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from gateway.domain.accounts import AccountRole
from gateway.domain.delivery import DeliveryState
from gateway.domain.manifest import sheet_code
from gateway.worker.embedded import work
from tests.channels.scan_samples import mail_room_list
from tests.real.browser import running_browser
from tests.web.console.browsing import follow, in_as, looked_at, pressed, served, typed
from tests.web.console.house import STEP, House

pytestmark = pytest.mark.real
BOTH = (AccountRole.REGISTRY, AccountRole.APPROVER)


@pytest.fixture
def chromium(post: House) -> Iterator[Browser]:
    """After the house, whose work is done on an event loop of its own."""
    with running_browser() as browser:
        yield browser


def scanned(page: Page, code: str) -> None:
    """A scanner types and presses Enter, wherever the cursor stands."""
    expect(page.locator("input:focus")).to_have_count(1)  # the browser puts it there a moment after the page is loaded
    page.keyboard.type(code)
    with page.expect_navigation():
        page.keyboard.press("Enter")


def test_a_batch_is_closed_checked_and_handed_over_and_a_returned_letter_served_again_by_keyboard_alone(
    post: House, chromium: Browser, tmp_path: Path
) -> None:
    alice, bob = (post.person(name, *BOTH) for name in ("alice", "bob"))
    post.set_up(alice)
    post.set_up(bob)
    wrong = list[str]()
    with served(post) as start:
        page = in_as(chromium.new_context(), f"{start}/en", post, alice)
        follow(page, "Mail room")
        expect(page.get_by_text("What waits for its carrier").first).to_be_visible()
        wrong += looked_at(page, tmp_path, "mail-room")
        follow(page, "Close: Registered mail, Toronto")
        expect(page.get_by_text("What will happen")).to_be_visible()
        wrong += looked_at(page, tmp_path, "batch")
        pressed(page, "Close the manifest")
        expect(page.get_by_role("status")).to_contain_text("The manifest is closed.")
        number = page.url.rsplit("/", 1)[1].partition("?")[0]
        with page.expect_download() as labels:
            pressed(page, "Labels")
        assert labels.value.path().read_bytes().startswith(b"%PDF-")
        wrong += looked_at(page, tmp_path, "manifest")
        with post.gateway.database.read() as tx:
            one, other = tx.manifests.items(number)

        page.goto(f"{start}/en/mail-room/check")
        wrong += looked_at(page, tmp_path, "check")
        page.goto(f"{start}/en/mail-room/check")
        for code in (sheet_code(one.reference), one.piece or "", sheet_code(other.reference), one.piece or ""):
            scanned(page, code)
        expect(page.get_by_role("alert")).to_contain_text("Stop.")
        wrong += looked_at(page, tmp_path, "check-swapped")

        page.goto(f"{start}/en/mail-room/manifests/{number}")
        page.locator("summary", has_text="Record the handover").focus()
        page.keyboard.press("Enter")
        signed = tmp_path / "signed.pdf"
        signed.write_bytes(b"%PDF-1.7 signed by the driver")
        page.locator("#hand-over-file").set_input_files(signed)
        typed(page, "hand-over", counted="2", stated="The page of the test bears no code.")
        pressed(page, "Record the handover")
        expect(page.get_by_role("status")).to_have_text("The handover is recorded.")
        wrong += looked_at(page, tmp_path, "handed-over")

        post.clock.at += STEP
        back = tmp_path / "scans.csv"
        back.write_bytes(mail_room_list([one.piece or "", "returned", post.clock.at.isoformat()]))
        follow(page, "Mail room")  # the ten deeds of a letter that came back
        follow(page, "Scans in")
        page.locator("#scans-file").set_input_files(back)
        pressed(page, "Take it in")
        expect(page.get_by_role("status")).to_contain_text("One scan was taken in")
        wrong += looked_at(page, tmp_path, "scans")
        follow(page, "Mail that came back")
        page.locator("td a").first.focus()
        page.keyboard.press("Enter")
        page.locator("summary", has_text="Send once more to another address").focus()
        page.keyboard.press("Enter")
        typed(page, "re-serve", lines="1 Rue Neuve", municipality="Toronto", province="on", postal_code="m5v3l9")
        typed(page, "re-serve", reason="moved; counsel told the new address")
        pressed(page, "Send once more to another address")
        expect(page.get_by_role("status")).to_have_text("It is proposed and waits for a second person.")

        second = in_as(chromium.new_context(), f"{start}/en", post, bob)
        second.goto(f"{start}/fr")
        second.locator(".places a", has_text="Pour une seconde personne").focus()
        second.keyboard.press("Enter")
        second.locator("main a").first.focus()
        second.keyboard.press("Enter")
        second.locator("#reason").focus()
        second.keyboard.type("confirmé au téléphone")
        pressed(second, "Approuver")
        expect(second.get_by_role("status")).to_have_text("Approuvé; le changement est fait.")
        for language in ("en", "fr"):
            for name, below in (
                ("mail-room", ""),
                ("manifest", f"/manifests/{number}"),
                ("check", "/check"),
                ("scans", "/scans"),
                ("receipts", "/receipts"),
            ):
                page.goto(f"{start}/{language}/mail-room{below}")
                wrong += looked_at(page, tmp_path, name)
    assert wrong == []
    doing = threading.Thread(target=work, args=(post.gateway,), kwargs={"until_idle": True, "max_seconds": 20})
    doing.start()
    doing.join()
    with post.gateway.database.read() as tx:
        again = [each.attempt for each in tx.manifests.waiting() if each.delivery == one.delivery]
        assert tx.deliveries.get(one.delivery).state is DeliveryState.BATCHED
    assert len(again) == 1
    assert again != [one.attempt], "it lies ready once more, by an attempt of its own"


@pytest.mark.parametrize(
    ("language", "texts"),
    [
        ("en", ("Channels", "Registered mail", "Declare that its carrier stands still", "It is declared", "Lift it")),
        ("fr", ("Modes", "Courrier recommandé", "Déclarer que son transporteur", "C’est déclaré", "Lever l’arrêt")),
    ],
)
def test_a_strike_is_declared_and_lifted_within_eight_deeds_by_keyboard_alone(
    post: House, chromium: Browser, tmp_path: Path, language: str, texts: tuple[str, ...]
) -> None:
    alice = post.person("alice", *BOTH)
    post.set_up(alice)
    places, name, declare, declared, lift = texts
    with served(post) as start:
        page = in_as(chromium.new_context(), f"{start}/en", post, alice)
        page.goto(f"{start}/{language}")
        follow(page, places)
        follow(page, name)
        for act, reason in ((declare, "grève"), (lift, "finie")):
            page.locator("summary", has_text=act).focus()
            page.keyboard.press("Enter")
            card = page.locator("details[open]")
            card.locator("textarea").focus()
            page.keyboard.type(reason)
            card.locator("button").focus()
            page.keyboard.press("Enter")
            expect(page.get_by_role("status")).to_be_visible()
            if act == declare:
                expect(page.get_by_role("status")).to_contain_text(declared)
                wrong = looked_at(page, tmp_path, "strike")
        page.goto(f"{start}/{language}/channels")
        wrong += looked_at(page, tmp_path, "channels")
    assert wrong == []
