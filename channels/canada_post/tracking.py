"""Tracking (track-v2). See `gateway.ports.carriage.TrackingService`."""

import base64
import binascii
from urllib.parse import quote

from channels.canada_post.faults import NO_CERTIFICATE, NO_HISTORY
from channels.canada_post.http import Question, ask, messages, read, text_of, unread
from channels.canada_post.settings import CanadaPostPlace

TRACK = "application/vnd.cpc.track-v2+xml"


class Tracking:
    """`TrackingService` over the place."""

    def __init__(self, place: CanadaPostPlace) -> None:
        self._place = place

    def track(self, pin: str) -> bytes | None:
        """Get Tracking Details by PIN, as it came."""
        question = self._question(f"track/pin/{quote(pin)}/detail")
        reply = ask(self._place, question, int(NO_HISTORY))
        if NO_HISTORY in reply.codes or any(code == NO_HISTORY for code, _ in messages(reply.content)):
            return None
        return reply.content

    def certificate(self, pin: str) -> bytes | None:
        """Get Delivery Confirmation Certificate: a PDF in base 64 inside the XML."""
        question = self._question(f"certificate/{quote(pin)}")
        reply = ask(self._place, question, int(NO_CERTIFICATE), int(NO_HISTORY))
        if reply.codes or messages(reply.content):
            return None
        try:
            content = base64.b64decode(text_of(read(reply, question), "image"), validate=False)
        except binascii.Error:
            raise unread(question) from None
        if not content.startswith(b"%PDF-"):
            raise unread(question)
        return content

    def _question(self, path: str) -> Question:
        return Question(method="GET", url=f"{self._place.url}/vis/{path}", accept=TRACK)
