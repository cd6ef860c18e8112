"""To which of our messages something belongs: the unguessable token that each of them carries in three places.

One token is minted for a delivery and its channel. It stands as the local part of the Message-ID, and with the number
of the try as the envelope's identifier (RFC 3461 §4.4) and, where the mail server hands `+` addresses to one mailbox,
in the return path. A report
or reply that gives none of them back belongs to nothing we can name, whatever it says.
"""

import re
from collections.abc import Iterator
from email import message_from_bytes
from email.message import Message

from channels.mail.structure import Part, blocks, first, parts_of, value

_TOKEN = re.compile(r"(?<![0-9a-f])[0-9a-f]{32}(?![0-9a-f])(?:\.[1-9][0-9]{0,3}(?![0-9]))?")
_RETURNED = ("message/rfc822", "text/rfc822-headers", "message/global-headers", "message/global")
_ADDRESSED = ("Delivered-To", "X-Original-To", "To")
_ANSWERED = ("In-Reply-To", "References")


def tokens(message: Part) -> tuple[str, ...]:
    """The tokens found, the most telling place first: the report's own fields, the return path, the returned headers,
    the headers of an answer. Each once."""
    return tuple(dict.fromkeys(_TOKEN.findall(" ".join(_places(message)).lower())))


def _places(message: Part) -> Iterator[str]:
    status = first(message, "message/delivery-status", "message/global-delivery-status")
    for block in blocks(status)[:1]:
        yield _decoded(value(block, "Original-Envelope-Id"))
    notice = first(message, "message/disposition-notification")
    for block in blocks(notice):
        yield value(block, "Original-Message-ID")
    for name in _ADDRESSED:
        yield " ".join(_plus(str(one)) for one in message.get_all(name, []))
    for part in parts_of(message):
        if part.get_content_type() in _RETURNED:
            yield value(_returned(part), "Message-ID")
    for name in _ANSWERED:
        yield value(message, name)


def _plus(address: str) -> str:
    """What follows the delimiter in the local part of an address: the mailbox's own name is no token."""
    return " ".join(re.findall(r"\+([0-9A-Fa-f]+(?:\.[0-9]+)?)@", address))


def _decoded(envelope_id: str) -> str:
    """An xtext value in plain (RFC 3461 §4)."""
    return re.sub(r"\+([0-9A-F]{2})", lambda two: chr(int(two[1], 16)), envelope_id)


def _returned(part: Part) -> Part | None:
    """The headers of the message that came back, whole or as text."""
    payload = part.get_payload()
    if isinstance(payload, list):
        return payload[0] if payload and isinstance(payload[0], Message) else None
    text = part.get_payload(decode=True)
    if not isinstance(text, bytes):
        return None
    return message_from_bytes(text[:100_000])
