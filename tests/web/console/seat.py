"""A person before their browser, in their language, by keyboard alone; the browser itself counts what they do."""

from pathlib import Path

from playwright.sync_api import Browser, Locator, Page, expect

from gateway.domain.parties import Language
from templates.catalogue import text
from tests.web.console.browsing import in_as, looked_at, typed
from tests.web.console.house import House, Person

_COUNTS = """addEventListener("click", (one) => {
  if (one.isTrusted) sessionStorage.deeds = 1 + Number(sessionStorage.deeds ?? 0);
}, true)"""
"""A link followed, a button pressed, a form opened, a box ticked: each is a click to the browser, by whatever key."""


class Seat:
    """deeds: clicks since they came to the first page; a chosen file is one, the cursor's way through fields none."""

    def __init__(self, browser: Browser, start: str, house: House, person: Person, folder: Path) -> None:
        context = browser.new_context()
        context.add_init_script(_COUNTS)
        self.page: Page = in_as(context, f"{start}/en", house, person)
        self.wrong = list[str]()
        self._start, self._folder, self._files = start, folder, 0
        self._language = Language.EN

    def begins(self, language: str) -> None:
        """They stand before the first page in that language, and have done nothing."""
        self._language, self._files, self.wrong = Language(language), 0, []
        self.page.goto(f"{self._start}/{language}")
        self.page.evaluate("sessionStorage.deeds = 0")

    @property
    def deeds(self) -> int:
        """How many."""
        return int(self.page.evaluate("sessionStorage.deeds")) + self._files

    def says(self, key: str, **facts: str | int) -> str:
        """A text of the console in their language."""
        return text("console", key, self._language, **facts)

    def follows(self, link: str | Locator) -> None:
        """A link of that text, or that one."""
        found = self.page.get_by_role("link", name=link).first if isinstance(link, str) else link
        self._enters(found)

    def takes(self, name: str) -> Path:
        """The file that a link leads to."""
        with self.page.expect_download() as file:
            self.page.get_by_role("link", name=name).focus()
            self.page.keyboard.press("Enter")
        return file.value.path()

    def opens(self, title: str) -> None:
        """A form that is folded."""
        self.page.locator("summary", has_text=title).focus()
        self.page.keyboard.press("Enter")

    def presses(self, name: str) -> None:
        """A button."""
        self._enters(self.page.get_by_role("button", name=name, exact=True).last)

    def chooses(self, field: str) -> None:
        """A box or one of several, by its id."""
        self.page.locator(f'[id="{field}"]').focus()
        self.page.keyboard.press("Space")

    def brings(self, field: str, file: Path) -> None:
        """A file."""
        self.page.locator(f"#{field}").set_input_files(file)
        self._files += 1

    def types(self, form: str, **fields: str) -> None:
        """Into the fields of a form."""
        typed(self.page, form, **fields)

    def reads(self, key: str, **facts: str | int) -> None:
        """The page says that it is done."""
        expect(self.page.get_by_role("status")).to_contain_text(self.says(key, **facts))

    def _enters(self, where: Locator) -> None:
        """It has the cursor; Enter leads to another page."""
        where.focus()
        with self.page.expect_navigation():
            self.page.keyboard.press("Enter")

    def looks(self, name: str) -> None:
        """At the page: what is wrong with it is kept."""
        self.wrong += looked_at(self.page, self._folder, name)

    def approves(self, reason: str) -> None:
        """As the second person: from the first page to the change that waits, and it is made."""
        self.follows(self.says("approvals.title"))
        self.follows(self.page.locator("main .rows a").first)
        expect(self.page.get_by_role("button", name=self.says("approvals.approve"))).to_be_visible()
        self.looks("approval")
        self.page.locator("#reason").focus()
        self.page.keyboard.type(reason)
        self.presses(self.says("approvals.approve"))
        self.reads("approvals.done-approved")
