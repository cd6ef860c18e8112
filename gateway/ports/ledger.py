"""The ledger as it is kept, and who signs and keeps its checkpoints."""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from gateway.domain.ledger import Entry
from gateway.domain.stamps import Stamp


@dataclass(frozen=True, kw_only=True)
class KeptCheckpoint:
    """A signed note, and the roots of the tree's full subtrees, one after another, from which the next is made.

    `stamp_at`: when a time stamp over the note is to be asked for; None where none is owed.
    """

    size: int
    frontier: bytes
    note: str
    made_at: dt.datetime
    stamp_at: dt.datetime | None = None


@dataclass(frozen=True, kw_only=True)
class OwedStamps:
    """How many checkpoints have no time stamp yet that are to have one, and since when the oldest waits."""

    count: int
    since: dt.datetime


class Ledger(Protocol):
    """Events in their chains, their places in the tree, and the checkpoints over it."""

    def entries(self) -> Iterator[Entry]:
        """Every event, chain by chain, each in the order of its sequence."""
        ...

    def chain(self, name: str) -> Sequence[Entry]:
        """The events of one chain, the first first."""
        ...

    def unplaced(self) -> bool:
        """Whether an event has no place in the tree yet."""
        ...

    def place(self, limit: int) -> Sequence[bytes]:
        """Gives the events that have none the next places, oldest first; the links of those now placed, in order.

        Nobody else gives places until the transaction ends."""
        ...

    def newest_checkpoint(self) -> KeptCheckpoint | None:
        """The one over the most events."""
        ...

    def covering(self, leaf: int) -> KeptCheckpoint | None:
        """The first one made over the event at that place."""
        ...

    def checkpoints(self) -> Sequence[KeptCheckpoint]:
        """All of them, the smallest first."""
        ...

    def add_checkpoint(self, checkpoint: KeptCheckpoint) -> None:
        """Keeps one."""
        ...

    def stamps_due(self, *, now: dt.datetime, limit: int) -> Sequence[KeptCheckpoint]:
        """Checkpoints whose time stamp is to be asked for now, the newest first."""
        ...

    def claim_stamps(self, *, now: dt.datetime, again_at: dt.datetime, limit: int) -> Sequence[KeptCheckpoint]:
        """The same, and due for nobody else before `again_at`."""
        ...

    def add_stamp(self, size: int, stamp: Stamp) -> None:
        """Keeps the time stamp of the checkpoint of that size, which is owed none any more; the first one stays."""
        ...

    def stamps(self) -> Iterator[tuple[KeptCheckpoint, Stamp]]:
        """Every stamp with what it is over, the smallest first, read as they are asked for: a year holds many."""
        ...

    def stamp(self, size: int) -> Stamp | None:
        """That of the checkpoint of that size."""
        ...

    def owed_stamps(self) -> OwedStamps | None:
        """What is owed; None where nothing is."""
        ...

    def links(self, size: int) -> Sequence[bytes]:
        """The links of the first so many places of the tree."""
        ...


class CheckpointSigner(Protocol):
    """Signs checkpoints, and knows what it signed with keys that were replaced since."""

    def sign(self, body: bytes, at: dt.datetime) -> str:
        """The signed note. Raises SetupWrong (key.*)."""
        ...

    def is_signed(self, note: str) -> bool:
        """Whether a key of ours, of today or before, signed the note."""
        ...


class CheckpointPlace(Protocol):
    """Where checkpoints are kept besides, best off the machine."""

    def keep(self, name: str, note: str) -> None:
        """Keeps a note under that name; one that is there stays. Raises ServiceDown (storage.unavailable)."""
        ...

    def kept(self) -> Sequence[tuple[str, str]]:
        """Names and notes. Raises ServiceDown (storage.unavailable)."""
        ...


class EvidenceSigner(Protocol):
    """Signs what is given to a court."""

    def sign(self, content: bytes, at: dt.datetime) -> bytes:
        """DER of a detached CMS SignedData (CAdES baseline B) over `content`. Raises SetupWrong (key.*)."""
        ...

    def certificates(self) -> Mapping[str, bytes]:
        """The gateway's certificates in PEM, by the names of their files. Of the key that signs evidence those that
        were replaced as well: checkpoints bear their signatures still."""
        ...


class EvidenceVerifier(Protocol):
    """Checks what the gateway signed, knowing its authority alone. Never a bool."""

    def verify(self, content: bytes, signature: bytes) -> None:
        """The detached signature over the content. Raises InputRefused (signature.*, signer.unknown)."""
        ...

    def verify_note(self, note: str, certificates: bytes) -> None:
        """That a checkpoint is signed by the key of one of the certificates (PEM) that the authority issued.

        Raises InputRefused (signature.invalid).
        """
        ...

    def verify_paper(self, content: bytes) -> None:
        """That a PDF bears the gateway's seal over all of it. Raises InputRefused (signature.*)."""
        ...
