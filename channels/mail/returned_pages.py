"""Pages that somebody sent back, as mail with TIFF, PDF or photographs in it, or as a bare file.

A page names its sending by the code printed on it. That ties it to that delivery for a person to look at, and moves
nothing. What a program reports (a bounce returns our own fax, code and all) is never taken for a page that came back.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from channels.mail.structure import Part, Unreadable, parsed, parts_of
from gateway.domain.problem import InputRefused
from gateway.domain.report import Finding, Reading, Report
from gateway.domain.return_code import ReturnCode
from gateway.ports.incoming import PageScanner, ReceiptReader

_WRITTEN_BY_SOMEBODY = frozenset({Finding.PERSONAL_REPLY, Finding.AUTOMATIC_REPLY, Finding.UNREADABLE})
"""What a fax service's or a person's message with pages in it looks like to those who read reports."""
_PAGES = (b"II*\0", b"MM\0*", b"%PDF")
"""How TIFF and PDF begin."""
_PICTURES = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n")
"""And JPEG and PNG: a photograph of a page, or the emblem below a signature."""
_MOST_FILES = 20


class ReturnedPages:
    """Reads what other readers take for a letter. See `gateway.ports.incoming.ReceiptReader`."""

    def __init__(self, rest: ReceiptReader, scanner: PageScanner) -> None:
        """rest: reads reports and letters; what it knows stands."""
        self._rest = rest
        self._scanner = scanner

    def read(self, raw: bytes) -> Reading:
        """The reading. Never raises for what a sender can send; ServiceDown where pages cannot be looked at now."""
        reading = self._rest.read(raw)
        if not {one.finding for one in reading.reports} <= _WRITTEN_BY_SOMEBODY:
            return reading
        files = list(page_files(raw))
        codes = tuple(dict.fromkeys(code for file in files for code in self._codes(file)))
        match codes:
            case (code,):
                return Reading(reports=(Report(finding=Finding.PAGE_RETURNED),), code=code)
            case ():
                shows_pages = not reading.tokens and any(file.startswith(_PAGES) for file in files)
                unknown = (Report(finding=Finding.PAGES_UNKNOWN),)
                return replace(reading, reports=unknown) if shows_pages else reading
            case _:
                return Reading(reports=(Report(finding=Finding.PAGES_OF_SEVERAL),))

    def _codes(self, file: bytes) -> Sequence[ReturnCode]:
        try:
            return self._scanner.codes(file)
        except InputRefused:
            return ()


def page_files(raw: bytes) -> Iterator[bytes]:
    """The files in which there may be pages: of a message, or the very bytes."""
    if raw.startswith((*_PAGES, *_PICTURES)):
        yield raw
        return
    try:
        found = [content for part in parts_of(parsed(raw)) if (content := _content(part))]
    except Unreadable:
        return
    yield from found[:_MOST_FILES]


def _content(part: Part) -> bytes:
    content = None if part.is_multipart() else part.get_payload(decode=True)
    return content if isinstance(content, bytes) and content.startswith((*_PAGES, *_PICTURES)) else b""
