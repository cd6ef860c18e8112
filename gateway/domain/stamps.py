"""Time stamps (RFC 3161): another's word that something existed no later than a moment."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Stamp:
    """What an authority was asked, and what it answered, each in DER as it went over the network."""

    query: bytes
    answer: bytes
