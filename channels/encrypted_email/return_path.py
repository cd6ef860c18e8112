"""A return path for each message (VERP): what bounces to it says by its address alone which message it is about."""

from dataclasses import dataclass
from typing import Self

from gateway.domain.addresses import MailAddress
from gateway.domain.reference import token_of

_DELIMITER = "+"
"""Between a mailbox and what follows it (RFC 5233 §1); what reads the token back looks for it too."""
_SAMPLE = "<0123456789abcdef0123456789abcdef@example.org>"
"""A reference as long as those that are minted."""


@dataclass(frozen=True)
class ReturnPath:
    """The mailbox behind every return path."""

    mailbox: MailAddress

    @classmethod
    def parse(cls, text: str) -> Self:
        """Raises ValueError for what is no address, or one to which no token can be added: a local part has 64 octets
        at most, a path 256 with its brackets (RFC 5321 §4.5.3.1)."""
        path = cls(MailAddress.parse(text))
        path.of(_SAMPLE)
        return path

    def of(self, reference: str) -> MailAddress:
        """Where reports on the message with that reference return."""
        return MailAddress.parse(f"{self.mailbox.local}{_DELIMITER}{token_of(reference)}@{self.mailbox.domain}")

    def __str__(self) -> str:
        return str(self.mailbox)
