"""What the stories of the console in a real Chromium share: signing in, pressing keys, and looking at a page."""

import os
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import uvicorn
from playwright.sync_api import BrowserContext, Page, expect

from gateway.web.server import application
from tests.real.browser import WIDTHS, ZOOMED, faults, wait_for_new
from tests.web.console.house import PASSWORD, STEP, House, Person

PICTURES = os.environ.get("CONSOLE_PICTURES")
"""Where the pictures of the pages are kept, if anywhere but in the folder of the test."""


@contextmanager
def served(house: House, port: int | None = None) -> Iterator[str]:
    """Where the console is served from, in a thread of this process."""
    listener = socket.create_server(("127.0.0.1", port or 0))
    config = uvicorn.Config(application(house.gateway, None), log_config=None, lifespan="off")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    while not server.started:
        assert thread.is_alive(), "it ended before it began"
        time.sleep(0.05)
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/console"
    finally:
        server.should_exit = True
        thread.join()
        listener.close()


def in_as(context: BrowserContext, start: str, house: House, person: Person) -> Page:
    """Signed in by keyboard alone."""
    house.clock.at += STEP
    page = context.new_page()
    page.goto(start)
    page.get_by_label("Account").focus()
    for typed in (person.name, PASSWORD, house.code(person)):
        page.keyboard.type(typed)
        page.keyboard.press("Tab")
    with page.expect_navigation():  # whole, so that its script takes keys
        page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("What needs you now")
    return page


def follow(page: Page, name: str) -> None:
    """A link is followed by keyboard; what it leads to is there."""
    page.get_by_role("link", name=name).first.focus()
    with page.expect_navigation():
        page.keyboard.press("Enter")


def looked_at(page: Page, folder: Path, name: str) -> list[str]:
    """What is wrong with the page that came last, which is waited for: no page is looked at twice. Pictures of it stay
    where something is, and for who asks for them: five of each page take longer than all the rest."""
    wait_for_new(page)
    language = page.evaluate("document.documentElement.lang")
    wrong = [f"{name} {language}: {one}" for one in faults(page)]
    if PICTURES or wrong:
        _pictured(page, Path(PICTURES) if PICTURES else folder, name)
    return wrong


def _pictured(page: Page, place: Path, name: str) -> None:
    language = page.evaluate("document.documentElement.lang")
    for width in (*WIDTHS, ZOOMED):
        page.set_viewport_size({"width": width, "height": 800})
        page.screenshot(path=place / f"{name}-{language}-{width}.png", full_page=True)
    page.emulate_media(color_scheme="dark")
    page.screenshot(path=place / f"{name}-{language}-dark.png", full_page=True)
    page.emulate_media(color_scheme="light", media="print")
    page.screenshot(path=place / f"{name}-{language}-print.png", full_page=True)
    page.emulate_media(media="screen")


def typed(page: Page, form: str, **fields: str) -> None:
    """Each field of the form by keyboard; a moment is typed as the browser's own field takes it."""
    for name, text in fields.items():
        field = page.locator(f'[id="{form}-{name}"]')
        field.focus()
        if field.get_attribute("type") == "datetime-local":
            field.fill(text)
        else:
            page.keyboard.type(text)


def pressed(page: Page, name: str) -> None:
    """A button is pressed by keyboard."""
    page.get_by_role("button", name=name, exact=True).last.focus()
    page.keyboard.press("Enter")
