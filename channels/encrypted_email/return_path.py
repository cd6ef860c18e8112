"""A return path for each message (VERP): what bounces to it says by its address alone which message it is about."""

from dataclasses import dataclass
from typing import Self

from gateway.domain.addresses import MailAddress
from gateway.domain.reference import SendingToken

_DELIMITER = "+"
"""Between a mailbox and what follows it (RFC 5233 §1); what reads the token back looks for it too."""
_SAMPLE = "<0123456789abcdef0123456789abcdef@example.org>"
"""A reference as long as those that are minted."""
_MOST_SENDINGS = 999
"""Tries of one delivery that the path has room for: two a day for a year, and more."""


@dataclass(frozen=True)
class ReturnPath:
    """The mailbox behind every return path."""

    mailbox: MailAddress

    @classmethod
    def parse(cls, text: str) -> Self:
        """Raises ValueError for what is no address, or one to which no token can be added: a local part has 64 octets
        at most, a path 256 with its brackets (RFC 5321 §4.5.3.1)."""
        path = cls(MailAddress.parse(text))
        path.of(_SAMPLE, _MOST_SENDINGS)
        return path

    def of(self, reference: str, sending: int) -> MailAddress:
        """Where reports on that try of the message with that reference return."""
        token = SendingToken.of(reference, sending)
        return MailAddress.parse(f"{self.mailbox.local}{_DELIMITER}{token}@{self.mailbox.domain}")

    def __str__(self) -> str:
        return str(self.mailbox)
