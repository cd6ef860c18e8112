"""Canada Post's tracking detail: the answer of `GET /vis/track/pin/{pin}/detail`, or several in one element.

The order of the occurrences is not relied on, nor that a zone is given: without one a time is read as that of the
Pacific coast, the latest it can be in Canada, and a day without a time as its end, so that nothing counts as received
earlier than it was.
"""

import datetime as dt
import re
from collections.abc import Iterator, Mapping, Sequence
from xml.etree import ElementTree as ET
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from channels.courier.scan_files.rows import MOST_ROWS, fault
from gateway.domain.problem import InputRefused
from gateway.domain.scan import CarrierCodes, Scan

SOURCE = "canada-post"
_PIN = re.compile(r"[A-Z0-9]{12,16}")
_EAST = {"NST": -3.5, "NDT": -2.5, "AST": -4, "ADT": -3, "EST": -5, "EDT": -4}
_WEST = {"CST": -6, "CDT": -5, "MST": -7, "MDT": -6, "PST": -8, "PDT": -7}
_ZONES: Mapping[str, float] = {"": -8, "UTC": 0, **_EAST, **_WEST}
"""Hours from UTC of the abbreviations in `event-time-zone`."""


class TrackingDetail:
    """Reads it. See `ScanReader`."""

    def __init__(self, codes: CarrierCodes) -> None:
        self._codes = codes

    def recognizes(self, raw: bytes) -> bool:
        """By its beginning: only a form of this house's is XML."""
        return raw.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"<")

    def read(self, raw: bytes) -> Sequence[Scan]:
        """All scans of all details.

        Raises InputRefused (scans.file-invalid): also for the service's own messages, such as 004, no history of that
        number.
        """
        try:
            root = fromstring(raw)
        except (ParseError, DefusedXmlException, ValueError):
            raise fault("file", "XML") from None
        details = [one for one in root.iter() if _name(one) == "tracking-detail"]
        if not details:
            raise _nothing(root)
        found = [scan for detail in details for scan in self._scans(detail)]
        if len(found) > MOST_ROWS:
            raise fault("file", f"maxItems {MOST_ROWS}")
        return found

    def _scans(self, detail: Element) -> Iterator[Scan]:
        pin = _text(detail, "pin").upper()
        if _PIN.fullmatch(pin) is None:
            raise fault("pin", _PIN.pattern)
        events = [one for part in _named(detail, "significant-events") for one in _named(part, "occurrence")]
        for place, event in enumerate(events, start=1):
            where = f"{pin}, occurrence {place}"
            code = _text(event, "event-identifier")
            if not code:
                raise fault(f"{where}, event-identifier", "minLength 1")
            yield Scan(
                source=SOURCE,
                item=pin,
                code=code,
                meaning=self._codes.meaning(code),
                known=self._codes.knows(code),
                at=_moment(event, where),
                extract=_alone(detail, event),
                signatory=_text(event, "signatory-name"),
            )


def _moment(event: Element, where: str) -> dt.datetime:
    zone = _text(event, "event-time-zone")
    if zone not in _ZONES:
        raise fault(f"{where}, event-time-zone", ", ".join(filter(None, _ZONES)))
    try:
        day = dt.date.fromisoformat(_text(event, "event-date"))
        time = dt.time.fromisoformat(_text(event, "event-time") or "23:59:59")
    except ValueError:
        raise fault(f"{where}, event-date", "YYYY-MM-DD, HH:MM:SS") from None
    return dt.datetime.combine(day, time, dt.timezone(dt.timedelta(hours=_ZONES[zone])))


def _alone(detail: Element, event: Element) -> bytes:
    """The occurrence under its item's number, as evidence of that item alone."""
    made = Element(detail.tag)
    made.extend([*_named(detail, "pin"), event])
    raw: bytes = ET.tostring(made, encoding="utf-8")
    return raw


def _nothing(root: Element) -> InputRefused:
    codes = [_text(one, "code") for one in root.iter() if _name(one) == "message"]
    return fault("/".join(["messages", *codes]) if codes else "file", "tracking-detail")


def _name(element: Element) -> str:
    """Without its name space: the service's changes with its version."""
    return element.tag.rpartition("}")[2]


def _named(element: Element, name: str) -> list[Element]:
    return [one for one in element if _name(one) == name]


def _text(element: Element, name: str) -> str:
    return next(((one.text or "").strip() for one in _named(element, name)), "")
