"""What the Registry said of files' parties, and whom each delivery was planned for. Both hold personal data, sealed."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from gateway.domain.delivery import Delivery
from gateway.domain.outcomes import Division
from gateway.domain.reasons import Reason


@dataclass(frozen=True, kw_only=True)
class StoredParties:
    """A message as kept. `digest` is over the message as it came, `sha256:…`; `sealed` holds it."""

    id: str
    division: Division
    file: str
    source: str
    sequence: int
    effective_at: dt.datetime
    received_at: dt.datetime
    received_by: str
    digest: str
    sealed: bytes


class Parties(Protocol):
    """Messages about files' parties, and whom deliveries were planned for."""

    def add(self, message: StoredParties) -> None:
        """Appends."""
        ...

    def find(self, division: Division, file: str, *, source: str, sequence: int) -> StoredParties | None:
        """The message of that sequence, if it came. Until the transaction ends nobody else adds one."""
        ...

    def last_sequence(self, division: Division, file: str, *, source: str) -> int:
        """The greatest sequence of the source about the file; 0 when there is none."""
        ...

    def of_files(self, division: Division, files: Sequence[str]) -> Sequence[StoredParties]:
        """All about those files, in the order they came."""
        ...

    def hold(self) -> None:
        """Until the transaction ends nobody else adds a message."""
        ...

    def silent_since(self, moment: dt.datetime) -> Sequence[tuple[Division, str]]:
        """The files of which something is still kept and nothing came since."""
        ...

    def forget(self, division: Division, file: str) -> None:
        """What the messages about the file hold is removed: `of_files` no longer gives them. That they came stays."""
        ...

    def put_planned(self, delivery_id: str, sealed: bytes) -> None:
        """Whom the delivery was planned for, in place of what was kept before."""
        ...

    def planned(self, delivery_id: str) -> bytes | None:
        """Whom the delivery was planned for; None where that was not kept."""
        ...

    def waiting(self, division: Division, reason: Reason) -> Sequence[str]:
        """The deliveries of the division that wait for a person for that reason."""
        ...

    def to_be_sent(self, division: Division, file: str) -> Sequence[Delivery]:
        """The deliveries about the file that wait for their turn: ready, deferred, in a batch, or with a person who
        is to hand them over and was not told otherwise yet. The oldest first."""
        ...

    def to_be_sent_to(self, recipients: Sequence[str]) -> Sequence[Delivery]:
        """The deliveries to those entries of the directory that wait for their turn. The oldest first."""
        ...
