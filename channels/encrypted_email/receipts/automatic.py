"""Automatic replies told apart from letters of persons (RFC 3834, and what programs did before it)."""

import re
from email.errors import HeaderParseError
from email.header import decode_header, make_header

from channels.mail.structure import Part, value

_MARKS = ("X-Autoreply", "X-Autorespond", "X-Auto-Response-Suppress", "X-Vacation")
_DAEMON = re.compile(r"(?:mailer-daemon|postmaster)@", re.IGNORECASE)
_PRECEDENCE = frozenset({"bulk", "junk", "list", "auto_reply", "auto-reply"})
_SUBJECT = re.compile(
    r"\A(?:re: ?)?(?:out of (?:the )?office|auto(?:matic)?[- ]?reply|réponse automatique|absence du bureau)",
    re.IGNORECASE,
)


def is_automatic(message: Part) -> bool:
    """Whether no person wrote it. In doubt a person did: a letter taken for a program's would never be read."""
    submitted = value(message, "Auto-Submitted").partition(";")[0].strip().lower()
    if submitted:
        return submitted != "no"
    if value(message, "Return-Path") == "<>":
        return True
    if any(message.get(name) is not None for name in _MARKS) or _DAEMON.search(value(message, "From")):
        return True
    return value(message, "Precedence").lower() in _PRECEDENCE or bool(_SUBJECT.match(_subject(message)))


def _subject(message: Part) -> str:
    try:
        return str(make_header(decode_header(value(message, "Subject"))))
    except (HeaderParseError, LookupError, UnicodeDecodeError):
        return ""
