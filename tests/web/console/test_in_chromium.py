"""The console in a real Chromium: axe-core finds nothing on any page, in both languages, at 320 pixels, at 200 %, light
and dark; and whole stories by keyboard alone: an address is corrected by two people, a decision is dispatched."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from gateway.domain.accounts import AccountRole
from gateway.domain.delivery import DeliveryState
from tests.e2e.world import EC
from tests.real.browser import running_browser
from tests.web.console.browsing import follow, in_as, looked_at, pressed, served
from tests.web.console.drafting import FILE, pdf, trusted
from tests.web.console.house import PASSWORD, House

pytestmark = pytest.mark.real
BOTH = (AccountRole.REGISTRY, AccountRole.APPROVER)


@pytest.fixture
def chromium(busy: House) -> Iterator[Browser]:
    """After the house, whose work is done on an event loop of its own."""
    with running_browser() as browser:
        yield browser


def by_single_keys(page: Page, start: str, folder: Path) -> list[str]:
    """From home to the list, a view of it saved, through its rows, and into its first delivery."""
    page.keyboard.press("g")
    with page.expect_navigation():
        page.keyboard.press("l")
    expect(page).to_have_url(f"{start}/lists/needs-person")
    page.locator("summary", has_text="Save this list").focus()
    page.keyboard.press("Enter")
    page.get_by_label("Name of the view").focus()
    page.keyboard.type("j? of the day")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    expect(page.get_by_role("link", name="j? of the day")).to_have_attribute("aria-current", "page")
    page.keyboard.press("/")
    expect(page.get_by_label("Division")).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    for _ in range(2):
        page.keyboard.press("j")
    chosen = page.get_by_role("checkbox").last
    for stands in (True, False):
        page.keyboard.press("x")
        expect(chosen).to_be_checked(checked=stands)
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keyboard")).to_be_visible()
    wrong = looked_at(page, folder, "single-keys")
    page.keyboard.press("Escape")
    page.keyboard.press("k")
    expect(page.locator("tbody a").first).to_be_focused()
    with page.expect_navigation():
        page.keyboard.press("Enter")
    return wrong


def test_no_page_has_a_fault_and_two_people_correct_an_address_by_keyboard_alone(
    busy: House, chromium: Browser, tmp_path: Path
) -> None:
    alice, bob = (busy.person(name, *BOTH) for name in ("alice", "bob"))
    busy.set_up(alice)
    busy.set_up(bob)
    delivery, wrong = busy.delivery(), list[str]()
    with served(busy) as start:
        first, second = chromium.new_context(), chromium.new_context()
        page = in_as(first, f"{start}/en", busy, alice)
        wrong += by_single_keys(page, f"{start}/en", tmp_path)
        expect(page.locator("summary").first).to_be_visible()
        identifier = page.url.rsplit("/", 1)[1]
        page.locator("summary", has_text="Correct the address").focus()
        page.keyboard.press("Enter")
        card = page.locator("details", has_text="Correct the address")
        for label, typed in (("Street lines", "1 Rue Neuve"), ("Municipality", "Toronto"), ("Province", "on")):
            card.get_by_label(label).focus()
            page.keyboard.type(typed)
        card.get_by_label("Postal code").focus()
        page.keyboard.type("m5v3l9")
        card.get_by_label("Your reason").focus()
        page.keyboard.type("moved")
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        expect(page.get_by_role("status")).to_have_text("It is proposed and waits for a second person.")
        wrong += looked_at(page, tmp_path, "proposed")

        other = in_as(second, f"{start}/en", busy, bob)
        follow(other, "For a second person")
        expect(other).to_have_url(f"{start}/en/approvals")
        wrong += looked_at(other, tmp_path, "approvals")
        other.locator("main a").first.focus()
        other.keyboard.press("Enter")
        expect(other.get_by_role("button", name="Approve")).to_be_visible()
        wrong += looked_at(other, tmp_path, "approval")
        other.get_by_label("Your reason").focus()
        other.keyboard.type("called them")
        other.keyboard.press("Tab")
        other.keyboard.press("Enter")
        expect(other.get_by_role("status")).to_have_text("Approved; the change is made.")

        for language in ("en", "fr"):
            for name, below in (
                ("home", ""),
                ("work", "/lists/needs-person"),
                ("views", "/views"),
                ("keyboard", "/keyboard"),
                ("figures", "/figures"),
                ("audit", "/audit"),
                ("directory", "/directory"),
                ("entry", f"/directory/{EC}"),
                ("address", f"/directory/{EC}/ways/encrypted-email"),
                ("keys", "/keys"),
                ("delivery", f"/deliveries/{delivery.id}"),
                ("gone", "/deliveries/none"),
            ):
                page.goto(f"{start}/{language}{below}")
                wrong += looked_at(page, tmp_path, name)
            page.goto(f"{start}/{language}/lists/needs-person")
            page.get_by_role("checkbox").last.check()
            with page.expect_navigation():
                page.locator("button[value=cancel]").click()
            wrong += looked_at(page, tmp_path, "several")
            outside = chromium.new_context().new_page()
            outside.goto(f"{start}/{language}/sign-in")
            wrong += looked_at(outside, tmp_path, "sign-in")
            link = busy.gateway.console.set_up.link("alice", actor="carol")
            outside.goto(f"{start}/{language}/set-up?link={link}")
            wrong += looked_at(outside, tmp_path, "set-up")
            outside.locator("#token").fill(alice.token)
            outside.locator("#password").fill(PASSWORD)
            outside.locator("button").click()
            expect(outside.locator(".picture")).to_be_visible()
            wrong += looked_at(outside, tmp_path, "device")
        page.locator("#several-reason").fill("sent by hand")
        page.locator("main form button").last.click()
        expect(page.get_by_role("status")).to_be_visible()
        wrong += looked_at(page, tmp_path, "several-done")
    assert wrong == []
    with busy.gateway.database.read() as tx:
        assert tx.deliveries.get(identifier).state is DeliveryState.PLANNED


def test_an_officer_without_a_case_system_dispatches_a_decision_by_keyboard_alone(
    busy: House, chromium: Browser, tmp_path: Path
) -> None:
    """Begun, entered with its PDF, shown, signed: the parties come by themselves."""
    trusted(busy)
    alice, wrong = busy.person("alice", *BOTH), list[str]()
    busy.set_up(alice)
    paper = tmp_path / "reasons.pdf"
    paper.write_bytes(pdf(f"File {FILE}", "Reasons"))
    with served(busy) as start:
        page = in_as(chromium.new_context(), f"{start}/en", busy, alice)
        follow(page, "New dispatch")
        page.get_by_label("Division").select_option("RPD")
        page.get_by_label("File number").focus()
        page.keyboard.type(FILE.lower())
        with page.expect_navigation():
            page.keyboard.press("Enter")
        expect(page.get_by_role("heading", level=1)).to_have_text(f"New dispatch on {FILE}")
        chosen = {"type": "claim", "nature": "final", "form_of": "written", "language": "fr", "reasons": "with-notice"}
        for name, code in chosen.items():
            page.locator(f"#{name}").select_option(code)
        for place in range(1, page.locator("select[id$=-outcome]").count()):
            page.locator(f"#person-{place}-outcome").select_option("rejected")
        page.locator("#signed_at").fill("2026-11-20T10:00")
        page.locator("#members").fill("A. Exemple")
        page.locator("#file").set_input_files(paper)
        pressed(page, "Save and show who would get what")
        expect(page.locator("#document-1-kind-wrong")).to_be_visible()
        wrong += looked_at(page, tmp_path, "draft-wrong")
        page.locator("#document-1-kind").select_option("reasons")
        pressed(page, "Save and show who would get what")
        expect(page.get_by_role("heading", name="Who would get what")).to_be_visible()
        address = page.url
        for language in ("en", "fr"):
            below = {"new": f"{start}/{language}/new", "draft": address.replace("/en/", f"/{language}/")}
            for name, there in below.items():
                page.goto(there)
                wrong += looked_at(page, tmp_path, name)
        page.goto(address)
        page.get_by_role("button", name="Look at the papers").first.click()
        expect(page.get_by_role("heading", name="What the recipient gets")).to_be_visible()
        wrong += looked_at(page, tmp_path, "draft-papers")
        page.goto(address)
        pressed(page, "Sign and dispatch")
        expect(page.get_by_role("status")).to_contain_text("Signed on the word of alice")
        wrong += looked_at(page, tmp_path, "signed")
    assert wrong == []
