"""The mail room in a real Chromium, by keyboard alone: a batch is closed, checked and handed
over."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from gateway.domain.accounts import AccountRole
from gateway.domain.manifest import sheet_code
from tests.real.browser import running_browser
from tests.web.console.browsing import follow, in_as, looked_at, pressed, served, typed
from tests.web.console.house import House
from tests.web.console.test_mail_room import came_back

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


def test_a_batch_is_closed_checked_and_handed_over_by_keyboard_alone(
    post: House, chromium: Browser, tmp_path: Path
) -> None:
    alice, bob = (post.person(name, *BOTH) for name in ("alice", "bob"))
    post.set_up(alice)
    post.set_up(bob)
    wrong, page_back = list[str](), came_back(post)
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

        for language in ("en", "fr"):
            for name, below in (
                ("mail-room", ""),
                ("manifest", f"/manifests/{number}"),
                ("check", "/check"),
                ("scans", "/scans"),
                ("receipts", "/receipts"),
                ("receipt", f"/receipts/{page_back}"),
            ):
                page.goto(f"{start}/{language}/mail-room{below}")
                wrong += looked_at(page, tmp_path, name)
    assert wrong == []
