"""Why an attempt did not end in a handover: four words, named by what we know (DESIGN.md §4).

They are values, closed by the union `AttemptFailure`, so that a caller matches them whole.
`words` are the carrier's own and may hold personal data: they are sealed before they are stored,
and never logged.
"""

from dataclasses import dataclass

from gateway.domain.reasons import Reason


@dataclass(frozen=True, kw_only=True)
class NotSent:
    """Nothing left us: it may be tried again."""

    reason: Reason
    words: str = ""


@dataclass(frozen=True, kw_only=True)
class MaybeSent:
    """It may have left us: it is settled before anything is sent again."""

    reason: Reason
    words: str = ""


@dataclass(frozen=True, kw_only=True)
class Refused:
    """The carrier, or a rule of ours about this recipient, said no: the next channel, or a person."""

    reason: Reason
    words: str = ""


@dataclass(frozen=True, kw_only=True)
class Misconfigured:
    """Our fault: the channel pauses, no attempt is spent, somebody is alarmed."""

    reason: Reason
    words: str = ""


AttemptFailure = NotSent | MaybeSent | Refused | Misconfigured
