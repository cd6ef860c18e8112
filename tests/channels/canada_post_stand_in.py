"""A stand-in for Canada Post's REST services, shaped by its published pages and schemas (shipment-v8, manifest-v8,
track-v2, messages). It is not the post: what the pages leave open, as the status of a refused header, is a guess.
"""

import base64
import datetime as dt
import re
import threading
from collections import deque
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit
from xml.etree.ElementTree import Element

from defusedxml.ElementTree import fromstring

from channels.canada_post.settings import CanadaPostPlace, Sender, context_of
from gateway.domain.envelope import Envelope
from gateway.ports.carriage import ShipmentOrder
from tests.channels.mailing import POSTAL

USER, PASSWORD = "6e93d53968881714", "0bfa9fcb9853d1f51ee57a"
CUSTOMER, CONTRACT = "2004381", "42708517"
SENDER = Sender(
    company="Registry",
    phone="416-555-0100",
    address="1 Example Street",
    city="Toronto",
    province="ON",
    postal_code="M5V 3L9",
)
_SHIPMENT, _MANIFEST = "application/vnd.cpc.shipment-v8+xml", "application/vnd.cpc.manifest-v8+xml"
_TRACK, _PDF = "application/vnd.cpc.track-v2+xml", "application/pdf"
_POSTAL = re.compile(r"[A-Z]\d[A-Z]\d[A-Z]\d")


@dataclass
class Made:
    """A shipment as the post keeps it."""

    number: str
    request: str
    group: str
    pin: str
    po_number: str = ""


@dataclass
class StandIn:
    """What it holds, and what goes wrong next. `faults`: one a request that changes something, or `any` request.

    `cut-before`, `cut-after`: the connection breaks before, or after it was done; `fails`: 500, done all the same;
    `throttled`: nothing was done; `""`: nothing goes wrong. `events`: occurrences by pin; `certificates`: by pin.
    """

    shipments: dict[str, Made] = field(default_factory=dict)
    manifests: dict[str, list[str]] = field(default_factory=dict)
    confirmed: set[str] = field(default_factory=set)
    voided: list[str] = field(default_factory=list)
    created: list[str] = field(default_factory=list)
    transmitted: list[str] = field(default_factory=list)
    asked: list[tuple[str, str]] = field(default_factory=list)
    faults: deque[str] = field(default_factory=deque)
    any_faults: deque[str] = field(default_factory=deque)
    not_ready: int = 0
    refuses: str = ""
    """A line of an address that it does not know."""
    events: dict[str, str] = field(default_factory=dict)
    certificates: dict[str, bytes] = field(default_factory=dict)
    port: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.port}"

    def place(self, **changes: object) -> CanadaPostPlace:
        """How it is spoken to."""
        values: dict[str, object] = {
            "url": self.url,
            "customer": CUSTOMER,
            "on_behalf_of": CUSTOMER,
            "contract": CONTRACT,
            "username": USER,
            "password": PASSWORD,
            "senders": {"toronto": SENDER},
            "tls": context_of(None, ""),
        }
        return CanadaPostPlace(**(values | changes))  # type: ignore[arg-type]

    def changes(self, path: str, root: Element) -> tuple[int, str]:
        """Create Shipment and Transmit Shipments."""
        if path.endswith("/shipment"):
            return self._create(root)
        groups = [one.text or "" for one in root.iter() if _name(one) == "group-id"]
        for needed in (
            "detailed-manifests",
            "method-of-payment",
            "manifest-address",
            "manifest-company",
            "phone-number",
        ):
            if not _find(root, needed):
                return 400, _messages("2010", f"{needed} is missing")
        found = [one for one in self.shipments.values() if one.group in groups and not one.po_number]
        if not found:
            return 400, _messages("9157", "Group id was not found for transmission; please remove or correct.")
        po_number = f"P{len(self.manifests) + 1:09d}"
        for one in found:
            one.po_number = po_number
        self.manifests[po_number] = [one.number for one in found]
        self.transmitted += groups
        return 200, f"<manifests xmlns='http://www.canadapost.ca/ws/manifest-v8'>{self._link_to(po_number)}</manifests>"

    def _create(self, root: Element) -> tuple[int, str]:
        if self.refuses and any((one.text or "") == self.refuses for one in root.iter()):
            return 400, _messages("1724", "The address is invalid.")
        needed = ("group-id", "service-code", "company", "contact-phone", "weight", "intended-method-of-payment")
        if missing := _missing(root, *needed):
            return 400, missing
        codes = [one.text or "" for one in root.iter() if _name(one) in {"postal-zip-code", "requested-shipping-point"}]
        if not all(_POSTAL.fullmatch(one) for one in codes):
            return 400, _messages("1710", "The postal code is invalid.")
        if any(len(one.text or "") > 44 for one in root.iter()):
            return 400, _messages("2010", "too long")
        number = f"{len(self.created) + 1:018d}"
        pin = f"{int(number) + 7_000_000_000_000_000:016d}"
        made = Made(number=number, request=_find(root, "customer-request-id"), group=_find(root, "group-id"), pin=pin)
        self.shipments[number] = made
        self.created.append(made.request)
        return 200, self.info(made)

    def info(self, made: Made) -> str:
        """shipment-info."""
        state = f"<po-number>{made.po_number}</po-number>" if made.po_number else ""
        return (
            "<shipment-info xmlns='http://www.canadapost.ca/ws/shipment-v8'>"
            f"<customer-request-id>{made.request}</customer-request-id><shipment-id>{made.number}</shipment-id>"
            f"<shipment-status>{'transmitted' if state else 'created'}</shipment-status>"
            f"<tracking-pin>{made.pin}</tracking-pin>{state}<links>"
            f"<link rel='self' href='{self.base}/shipment/{made.number}' media-type='{_SHIPMENT}'/>"
            f"<link rel='label' href='{self.url}/rs/artifact/{USER}/{made.number}/0' media-type='{_PDF}'/>"
            "</links></shipment-info>"
        )

    @property
    def base(self) -> str:
        """Where our customer number is."""
        return f"{self.url}/rs/{CUSTOMER}/{CUSTOMER}"

    def _link_to(self, po_number: str) -> str:
        return f"<link rel='manifest' href='{self.base}/manifest/{po_number}' media-type='{_MANIFEST}'/>"

    def reads(self, path: str, query: Mapping[str, list[str]]) -> tuple[int, str | bytes]:
        """Everything that is only asked."""
        last = path.rsplit("/", 1)[-1]
        if "/vis/" in path:
            return self._tracked(path.split("/")[-2]) if last == "detail" else self._certified(last)
        if "/artifact/" in path:
            return self._artifact(path)
        if last in {"group", "manifest", "shipment"}:
            return 200, self._listed(last, query)
        return self._one(last)

    def _tracked(self, pin: str) -> tuple[int, str]:
        told = self.events.get(pin)
        return (200, told) if told is not None else (404, _messages("004", "No PIN History", space="track"))

    def _certified(self, pin: str) -> tuple[int, str]:
        raw = self.certificates.get(pin)
        if raw is None:
            return 404, _messages("007", "No Delivery Information Available", space="track")
        image = base64.b64encode(raw).decode()
        head = f"<filename>{pin}.pdf</filename><image>{image}</image><mime-type>{_PDF}</mime-type>"
        space = "http://www.canadapost.ca/ws/track"
        return 200, f"<delivery-confirmation-certificate xmlns='{space}'>{head}</delivery-confirmation-certificate>"

    def _artifact(self, path: str) -> tuple[int, bytes]:
        if self.not_ready:
            self.not_ready -= 1
            return 202, b""
        return 200, b"%PDF-1.4 label " + path.encode()

    def _listed(self, what: str, query: Mapping[str, list[str]]) -> str:
        if what == "group":
            waiting = dict.fromkeys(one.group for one in self.shipments.values() if not one.po_number)
            groups = "".join(f"<group><group-id>{one}</group-id></group>" for one in waiting)
            return f"<groups xmlns='http://www.canadapost.ca/ws/shipment-v8'>{groups}</groups>"
        if what == "manifest":
            links = "".join(map(self._link_to, self.manifests))
            return f"<manifests xmlns='http://www.canadapost.ca/ws/manifest-v8'>{links}</manifests>"
        found = [one.number for one in self.shipments.values() if [one.request] == query.get("requestId")]
        at = f"{self.base}/shipment"
        links = "".join(f"<link rel='shipment' href='{at}/{one}' media-type='{_SHIPMENT}'/>" for one in found)
        return f"<shipments xmlns='http://www.canadapost.ca/ws/shipment-v8'>{links}</shipments>"

    def _one(self, number: str) -> tuple[int, str]:
        if number in self.shipments:
            return 200, self.info(self.shipments[number])
        if number not in self.manifests:
            return 404, _messages()
        self.confirmed.add(number)
        link = f"<link rel='artifact' href='{self.url}/rs/artifact/{USER}/{number}/0' media-type='{_PDF}'/>"
        told = f"<po-number>{number}</po-number><links>{link}</links>"
        return 200, f"<manifest xmlns='http://www.canadapost.ca/ws/manifest-v8'>{told}</manifest>"


class _Handler(BaseHTTPRequestHandler):
    post: StandIn
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self._serve(b"")

    def do_DELETE(self) -> None:
        self._serve(b"")

    def do_POST(self) -> None:
        self._serve(self.rfile.read(int(self.headers.get("Content-Length", "0"))))

    def _serve(self, body: bytes) -> None:
        place, post = urlsplit(self.path), self.post
        with post.lock:
            post.asked.append((self.command, place.path))
            faults = post.any_faults if post.any_faults else post.faults if self.command != "GET" else deque()
            fault = faults.popleft() if faults else ""
            if fault == "cut-before":
                return self._cut()
            if fault == "throttled":
                return self._answer(500, _messages("Server", "Rejected by SLM Monitor"))
            status, told = self._refusal(place.path) or self._done(place.path, parse_qs(place.query), body)
        if fault == "cut-after":
            return self._cut()
        if fault == "fails":
            return self._answer(500, "")
        return self._answer(status, told)

    def _refusal(self, path: str) -> tuple[int, str] | None:
        known = base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
        if self.headers.get("Authorization") != f"Basic {known}":
            return 401, _messages("E002", "AAA Authentication Failure")
        wanted = _PDF if "/artifact/" in path else _TRACK if "/vis/" in path else _SHIPMENT
        if path.rsplit("/", 1)[-1] == "manifest" or "/manifest/" in path:
            wanted = _MANIFEST
        if self.headers.get("Accept") != wanted:
            return 406, ""
        return (415, "") if self.command == "POST" and self.headers.get("Content-Type") != wanted else None

    def _done(self, path: str, query: Mapping[str, list[str]], body: bytes) -> tuple[int, str | bytes]:
        if self.command == "GET":
            return self.post.reads(path, query)
        if self.command == "POST":
            return self.post.changes(path, fromstring(body))
        made = self.post.shipments.get(path.rsplit("/", 1)[-1])
        if made is None:
            return 404, _messages()
        if made.po_number:
            return 400, _messages("8064", "A shipment can only be void if it is in a PROCESSED or PRINTED state.")
        del self.post.shipments[made.number]
        self.post.voided.append(made.request)
        return 204, ""

    def _cut(self) -> None:
        self.close_connection = True
        self.connection.shutdown(2)

    def _answer(self, status: int, told: str | bytes) -> None:
        content = told if isinstance(told, bytes) else told.encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        """Nothing on the terminal."""


@contextmanager
def canada_post() -> Iterator[StandIn]:
    """One that runs while the block does."""
    post = StandIn()
    handler = type("Handler", (_Handler,), {"post": post})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    post.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield post
    finally:
        server.shutdown()
        server.server_close()


def order(reference: str = "1" * 24, **changes: object) -> ShipmentOrder:
    """An envelope to tell of."""
    values: dict[str, object] = {
        "reference": reference,
        "group": "M20261120-001",
        "service": "DOM.XP",
        "office": "toronto",
        "envelope": Envelope(name="Zoé Conseil", address=POSTAL),
        "grams": 40,
        "mailed_on": dt.date(2026, 11, 20),
    }
    return ShipmentOrder(**(values | changes))  # type: ignore[arg-type]


def password_file(at: Path) -> Path:
    """The secret in a file for its owner alone."""
    at.touch(mode=0o600)
    at.write_text(PASSWORD + "\n")
    return at


def _messages(code: str = "", text: str = "", *, space: str = "messages") -> str:
    told = f"<message><code>{code}</code><description>{text}</description></message>" if code else ""
    return f"<messages xmlns='http://www.canadapost.ca/ws/{space}'>{told}</messages>"


def _missing(root: Element, *needed: str) -> str:
    lacking = [one for one in needed if not _find(root, one)]
    return _messages("2010", f"{lacking[0]} is missing") if lacking else ""


def _name(element: Element) -> str:
    return element.tag.rpartition("}")[2]


def _find(root: Element, name: str) -> str:
    found = next((one for one in root.iter() if _name(one) == name), None)
    return "" if found is None else (found.text or "yes").strip()
