"""A raw message as parts, bounded: how deep, how many and how large is the sender's choice, and senders may be hostile.

The `compat32` policy keeps headers as they came: it neither judges nor rewrites them, so that no header, however
malformed, stops the reader.
"""

import re
from collections.abc import Iterator
from email import message_from_bytes, message_from_string
from email.message import Message
from email.policy import compat32
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    Part: TypeAlias = Message[str, str]
else:
    Part = Message  # subscripted for mypy alone

MOST_OCTETS = 30_000_000
"""What is larger is kept, but not read: no report and no reply is near it."""
_MOST_PARTS = 200
_DEEPEST = 10
_MOST_DELIMITERS = 2_000


class Unreadable(Exception):  # noqa: N818
    """The message is beyond what is read: too large, too deep, or of too many parts."""


def parsed(raw: bytes) -> Part:
    """The message. Raises Unreadable."""
    if len(raw) > MOST_OCTETS or raw.count(b"\n--") > _MOST_DELIMITERS:
        raise Unreadable
    try:
        message = message_from_bytes(raw, policy=compat32)
    except RecursionError:  # the parser recurses once a level
        raise Unreadable from None
    if sum(1 for _ in parts_of(message)) > _MOST_PARTS:
        raise Unreadable
    return message


def parts_of(message: Part) -> Iterator[Part]:
    """The message and its parts, outermost first; an enclosed message is a part whose own parts are not searched.

    Raises Unreadable when they nest too deep.
    """
    waiting: list[tuple[int, Part]] = [(0, message)]
    while waiting:
        depth, part = waiting.pop(0)
        if depth > _DEEPEST:
            raise Unreadable
        yield part
        if part.get_content_maintype() == "multipart" and isinstance(part.get_payload(), list):
            waiting += [(depth + 1, one) for one in part.get_payload() if isinstance(one, Message)]


def first(message: Part, *media_types: str) -> Part | None:
    """The first part of one of the media types."""
    return next((one for one in parts_of(message) if one.get_content_type() in media_types), None)


def blocks(part: Part | None) -> list[Part]:
    """The groups of fields in a report part (RFC 3464 §2.1, RFC 8098 §3.1, RFC 6533).

    The standard library splits the ASCII kinds; of those for internationalised mail it takes the first group for the
    headers of a message and the others for its text.
    """
    payload = part.get_payload() if part is not None else None
    groups = [one for one in payload if isinstance(one, Message)] if isinstance(payload, list) else []
    rest = groups[0].get_payload() if len(groups) == 1 else ""
    further = re.split(r"(?:\r?\n){2,}", rest.strip()) if isinstance(rest, str) else []
    return groups + [message_from_string(f"{one}\n\n", policy=compat32) for one in further[:_MOST_PARTS] if one]


def value(part: Part | None, name: str) -> str:
    """A field's text on one line, printable; empty when it is not there."""
    found = part.get(name) if part is not None else None
    shown = "".join(sign if sign.isprintable() else " " for sign in str(found or "").replace("\ufffd", "?"))
    return " ".join(shown.split())


def typed(text: str) -> str:
    """What follows the type of a field such as `rfc822; name@example` (RFC 3464 §2.1.2)."""
    return text.partition(";")[2].strip() if ";" in text else text.strip()
