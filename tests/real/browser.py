"""A real Chromium, driven by Playwright, and what axe-core has to say of a page that it shows."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Literal

from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.real import need

WIDTHS = (320, 1280)
"""CSS pixels: what WCAG 2.2 (1.4.10) asks a page to fit into, and a desk."""
ZOOMED = 640
"""A desk at 200 % (WCAG 2.2, 1.4.4): half as many CSS pixels."""
_SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
_ODD_PORTS = "1719,1720,1723,2049,3659,4045,4190,5060,5061,6000,6566,6665,6666,6667,6668,6669,6679,6697,10080"
"""Ports that Chromium opens no page at (Fetch standard §2.9), where a server of the tests may happen to listen."""
_TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
_RULES = {"runOnly": {"type": "tag", "values": _TAGS}, "resultTypes": ["violations"]}
_COLOURS = {"runOnly": {"type": "rule", "values": ["color-contrast"]}, "resultTypes": ["violations"]}
_RUN = "options => axe.run(options).then(found => found.violations)"

expect.set_options(timeout=30_000)  # milliseconds; the five seconds it comes with are few on a busy machine

_NEW = "document.readyState === 'complete' && !document.documentElement.lookedAt"


@contextmanager
def running_browser() -> Iterator[Browser]:
    """Chromium without a window. Skips the test where there is none."""
    program = need.program("chromium", "chromium")
    with sync_playwright() as playwright:
        # As root, as continuous integration is, Chromium has no sandbox; it only ever sees pages of ours.
        args = ["--no-sandbox", f"--explicitly-allowed-ports={_ODD_PORTS}"]
        browser = playwright.chromium.launch(executable_path=program, args=args)
        try:
            yield browser
        finally:
            browser.close()


def wait_for_new(page: Page) -> None:
    """Until a page is there whole that this was not called of before: a click returns before what it leads to has come,
    and the page it was made on would be looked at once more, or one that is going."""
    page.wait_for_function(_NEW)
    page.evaluate("document.documentElement.lookedAt = true")


def faults(page: Page) -> list[str]:
    """What axe-core finds wrong, and what does not fit a narrow screen. Of the dark scheme its colours alone are looked
    at: nothing else differs."""
    found = []
    page.evaluate(Axe().axe_script)
    for width in (ZOOMED, *WIDTHS):
        page.set_viewport_size({"width": width, "height": 800})
        if page.evaluate("document.documentElement.scrollWidth") > width:
            found.append(f"wider than {width} pixels")
        if width == ZOOMED:
            continue
        for scheme in _SCHEMES:
            page.emulate_media(color_scheme=scheme)
            violations = page.evaluate(_RUN, _RULES if scheme == "light" else _COLOURS)
            found += [f"{width} {scheme} {one['id']}: {one['nodes'][0]['html']}" for one in violations]
    page.emulate_media(color_scheme="light")
    return found


def virtual_authenticator(page: Page) -> Callable[[bool], None]:
    """Gives the browser one that holds passkeys (WebAuthn §11); what it returns says whether its user is verified."""
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    made = session.send("WebAuthn.addVirtualAuthenticator", {"options": options})["authenticatorId"]

    def verifies(yes: bool) -> None:
        session.send("WebAuthn.setUserVerified", {"authenticatorId": made, "isUserVerified": yes})

    return verifies
