"""What is looked at in evidence that was given out, and what is found."""

from dataclasses import dataclass
from enum import StrEnum


class EvidenceCheck(StrEnum):
    """One check; the first two are the court's whole check, the others go further."""

    SIGNATURE = "signature"
    """Of `SHA256SUMS`, by a key under the gateway's authority."""
    MEMBERS = "members"
    """Each is listed once with its digest, and nothing else is there."""
    SEALS = "seals"
    """On the papers."""
    SENT = "sent"
    """The bytes sent, where they were given, beside their digests."""
    CHAINS = "chains"
    """Each event's link over the one before."""
    CHECKPOINTS = "checkpoints"
    """Each event's path to a checkpoint that a key of the gateway signed."""
    STAMPS = "stamps"
    """The time stamps over checkpoints, where the authority's certificates are given."""


@dataclass(frozen=True, kw_only=True)
class CheckedEvidence:
    """How a check ended. `looked_at`: how many things; `wrong`: the members, or places in one, that do not hold."""

    check: EvidenceCheck
    looked_at: int
    wrong: tuple[str, ...] = ()
