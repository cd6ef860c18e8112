"""The outcome feed's page in a real Chromium: what was rejected, the form to deal with it, and its errors."""

from pathlib import Path

import pytest
from playwright.sync_api import expect

from gateway.domain.accounts import AccountRole
from tests.real.browser import running_browser
from tests.web.console.browsing import in_as, looked_at, served
from tests.web.console.feeding import Told, answered

pytestmark = pytest.mark.real


def test_what_was_rejected_is_dealt_with_on_a_page_without_a_fault(told: Told, tmp_path: Path) -> None:
    answered(told)
    alice, wrong = told.house.person("alice", AccountRole.REGISTRY), list[str]()
    told.house.set_up(alice)
    with served(told.house) as start, running_browser() as chromium:
        page = in_as(chromium.new_context(), f"{start}/en", told.house, alice)
        for language in ("en", "fr"):
            page.goto(f"{start}/{language}/feed")
            wrong += looked_at(page, tmp_path, "feed")
        page.locator("td summary").first.click()
        page.locator("#reason-1").fill("  ")
        page.locator("td form button").first.click()
        expect(page.locator("#reason-1-wrong")).to_be_visible()
        wrong += looked_at(page, tmp_path, "feed-wrong")
    assert wrong == []
