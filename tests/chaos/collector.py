"""A recipient's own system that collects from the exchange while everything falls, by the exchange's interface alone.

It goes on from the cursor it was given last and asks again for what broke off. What it has in the end it has as files:
their digests, and which files of the Registry they name.
"""

import re
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import httpx
import pypdfium2

from gateway.domain.digest import sha256

FILE_NUMBER = re.compile(r"TC6-\d{5}")
_PAUSE = 0.5  # seconds between looks
_LONGEST = 300.0  # seconds for what is left to be collected once all is calm


@dataclass(frozen=True, kw_only=True)
class Collected:
    """An entry of which every document was taken. listed: their digests as the exchange told them; taken: those of the
    bytes that came; files: what the exchange said it is on; named: what the documents themselves name."""

    entry: str
    listed: frozenset[str]
    taken: frozenset[str]
    files: frozenset[str]
    named: frozenset[str]


class _Again(Exception):  # noqa: N818
    """It broke off, or somebody is away: the same is asked again."""


@dataclass
class Collector:
    """Collects until told to stop. `seen`: how often the cursor led past each entry."""

    url: str
    secret: str = field(repr=False)
    collected: dict[str, Collected] = field(default_factory=dict)
    seen: Counter[str] = field(default_factory=Counter)
    broke_off: int = 0
    again: int = 0
    failed: list[BaseException] = field(default_factory=list)
    _cursor: str = ""

    def __post_init__(self) -> None:
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run)

    def __enter__(self) -> "Collector":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def lying(self) -> set[str]:
        """Every entry that lies there, from the first: a clerk's look, whatever was collected.

        What came whole to us while the exchange died before it had that on record is taken once more, as its interface
        asks of a recipient's system."""
        found, cursor, end = set(), "", time.monotonic() + _LONGEST
        while True:
            assert self.failed == []
            try:
                page = self._asked(f"/entries?since={cursor}").json()
                for one in page["entries"]:
                    if one["entry"] in self.collected and not one["collected"]:
                        self.again += 1
                        self._take(one)
            except _Again:
                assert time.monotonic() < end, "the exchange does not answer"
                time.sleep(_PAUSE)
                continue
            found |= {one["entry"] for one in page["entries"]}
            cursor = page["cursor"]
            if not page["more"]:
                return found

    def catch_up(self) -> None:
        """Until all that lies there is collected. Only once it runs no more by itself."""
        end = time.monotonic() + _LONGEST
        while self.lying() - set(self.collected):
            assert time.monotonic() < end, "what lies there cannot be collected"
            self._round()

    def _run(self) -> None:
        try:
            while not self._stop.wait(_PAUSE):
                self._round()
        except BaseException as error:
            self.failed.append(error)
            raise

    def _round(self) -> None:
        """What is new; where it breaks off, the next round goes on with the entry that is not whole."""
        try:
            for one in self._asked(f"/entries?since={self._cursor}").json()["entries"]:
                self.collected[one["entry"]] = self._take(one)
                self.seen[one["entry"]] += 1
                self._cursor = one["entry"]
        except _Again:
            self.broke_off += 1

    def _take(self, told: dict[str, Any]) -> Collected:
        taken, named = set(), set()
        for document in told["documents"]:
            content = self._asked(f"/entries/{told['entry']}/documents/{document['place']}").content
            taken.add(sha256(content))
            named |= _named(content)
        return Collected(
            entry=told["entry"],
            listed=frozenset(one["digest"] for one in told["documents"]),
            taken=frozenset(taken),
            files=frozenset(told["files"]),
            named=frozenset(named),
        )

    def _asked(self, path: str) -> httpx.Response:
        """Raises _Again where the exchange is away or cannot answer now."""
        headers = {"Authorization": f"Bearer {self.secret}"}
        try:
            answer = httpx.get(f"{self.url}/api/v1/exchange{path}", headers=headers, timeout=30)
        except httpx.TransportError:
            raise _Again from None
        if answer.status_code >= httpx.codes.INTERNAL_SERVER_ERROR:
            raise _Again
        assert answer.status_code == httpx.codes.OK, (path, answer.status_code, answer.text)
        return answer


def _named(content: bytes) -> set[str]:
    """The file numbers in the text of a PDF."""
    with pypdfium2.PdfDocument(content) as document:
        return {found for page in document for found in FILE_NUMBER.findall(page.get_textpage().get_text_bounded())}
