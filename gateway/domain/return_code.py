"""The code on a page that comes back signed: which sending it acknowledges, and a check that it was read rightly.

Twenty letters and digits of RFC 4648 §6. The first sixteen (80 bits) follow from the sending's own random token and do
not tell it; the last four (20 bits) follow from them. A page read wrongly fails the check; what passes it and was
never printed is one guess in 2^80.
"""

import base64
import hashlib
import re
from dataclasses import dataclass
from typing import Self

_TOKEN, _CHECK = 16, 4  # signs
_SHAPE = re.compile(rf"[A-Z2-7]{{{_TOKEN + _CHECK}}}")
_GROUP = 4
_LOOK_ALIKES = str.maketrans({"0": "O", "1": "I", "8": "B", " ": None, "-": None, "\u00a0": None})
"""What a person types for what stands there: the code has none of these digits."""


@dataclass(frozen=True)
class ReturnCode:
    """One code, its check found right."""

    text: str

    @classmethod
    def of(cls, sending: str) -> Self:
        """That of a sending, by its token (`gateway.domain.reference.SendingToken`)."""
        token = _signs(b"decision-gateway page that comes back", sending, _TOKEN)
        return cls(token + _check(token))

    @classmethod
    def parse(cls, text: str) -> Self:
        """As it was read, or typed from the page. Raises ValueError: it is no code of ours, or one read wrongly."""
        read = text.upper().translate(_LOOK_ALIKES)
        if not _SHAPE.fullmatch(read) or _check(read[:_TOKEN]) != read[_TOKEN:]:
            raise ValueError("no code of a page that comes back")
        return cls(read)

    @property
    def grouped(self) -> str:
        """As people read it: in fours."""
        return " ".join(self.text[at : at + _GROUP] for at in range(0, len(self.text), _GROUP))


def _check(token: str) -> str:
    return _signs(b"decision-gateway check of that code", token, _CHECK)


def _signs(purpose: bytes, text: str, count: int) -> str:
    digest = hashlib.sha256(purpose + b"\0" + text.encode()).digest()
    return base64.b32encode(digest).decode()[:count]
