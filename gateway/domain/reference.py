"""The reference of a message of ours, and the token in it by which what comes back is tied to its delivery.

Tries of one delivery by one channel bear one reference, so that whoever gets a repeat knows it for one. What is asked
of mail systems and fax services bears the number of the try besides: what comes back on the first says nothing of the
second.
"""

import re
from dataclasses import dataclass
from typing import Self

_NUMBERED = re.compile(r"(?P<message>[^.]+)\.(?P<number>[1-9][0-9]{0,3})", re.ASCII)


def token_of(reference: str) -> str:
    """What is left of the `@` in a Message-ID (RFC 5322 §3.6.4); another carrier's reference is its own token.

    In lower case: mail systems give it back in whatever case they like.
    """
    return reference.strip("<>").partition("@")[0].lower()


@dataclass(frozen=True)
class SendingToken:
    """What one try of a message gives out to be given back. number: of the delivery's attempt; None where what came
    back names the message alone."""

    message: str
    number: int | None = None

    @classmethod
    def of(cls, reference: str, number: int) -> Self:
        """That of a try of the message with that reference."""
        return cls(token_of(reference), number)

    @classmethod
    def parse(cls, token: str) -> Self:
        """What a token that came back says; what has no number is a message's."""
        numbered = _NUMBERED.fullmatch(token)
        return cls(token) if numbered is None else cls(numbered["message"], int(numbered["number"]))

    def __str__(self) -> str:
        return self.message if self.number is None else f"{self.message}.{self.number}"
