"""What happens meanwhile, on standard error: a line that changes, then nothing; later a line for each message."""

import datetime as dt
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from rich.console import Console
from rich.live import Live
from rich.status import Status
from rich.text import Text

from gateway.demo.clerks import Clerk, seconds_left
from gateway.demo.counsel import is_plain, link_in
from gateway.demo.mail_server import Received
from gateway.demo.words import said
from gateway.domain.parties import Language


class Progress:
    """Shown to a person; silent while the demonstration plays and nobody watches."""

    def __init__(self, language: Language) -> None:
        self._language = language
        self._console = Console(stderr=True, highlight=False)
        self._status: Status | None = None
        self._playing = True
        self._label = ""
        self._messages = 0

    @contextmanager
    def watched(self) -> Iterator[None]:
        """Shows steps while the block runs."""
        if self._console.is_terminal:
            self._status = self._console.status("")
            self._status.start()
        try:
            yield
        finally:
            self.done()

    def done(self) -> None:
        """The play is over: from now on each message gets a line."""
        self._playing = False
        if self._status is not None:
            self._status.stop()
            self._status = None

    def step(self, name: str) -> None:
        """A step begins."""
        self._label = said(f"progress.{name}", self._language)
        self._show()

    def message(self, received: Received) -> None:
        """A message came. Called on the mail server's thread."""
        self._messages += 1
        if self._playing:
            self._show()
            return
        link, recipient = link_in(received.content), received.recipients[0]
        size = f"{len(received.content) / 1000:.0f}"
        key = "open.notice" if is_plain(received.content) else "open.message"
        self._console.print(f"✉ {said(key, self._language, recipient=recipient, size=size)}", style="green")
        if link is not None:
            self._console.print(f"  {link}", style="cyan", markup=False, soft_wrap=True)

    @contextmanager
    def codes(self, clerks: Sequence[Clerk]) -> Iterator[None]:
        """The codes of the moment stand in the last line while the block runs, where somebody watches."""
        if not self._console.is_terminal:
            yield
            return

        def line() -> Text:
            now = dt.datetime.now(dt.UTC)
            shown = "   ".join(f"{one.name} {one.code(now)}" for one in clerks)
            return Text(said("open.codes", self._language, codes=shown, seconds=seconds_left(now)), style="bold cyan")

        with Live(get_renderable=line, console=self._console, refresh_per_second=2, transient=True):
            yield

    def note(self, key: str) -> None:
        """A remark."""
        self._console.print(said(key, self._language), style="dim")

    def _show(self) -> None:
        if self._status is not None:
            self._status.update(f"{self._label} {'✉' * self._messages}")
