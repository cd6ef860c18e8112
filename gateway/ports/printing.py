"""A print and mail vendor: where sealed batches are put for it, and where it accounts for them."""

import datetime as dt
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol

from gateway.domain.print_order import PrintOrder


@dataclass(frozen=True, kw_only=True)
class VendorAnswer:
    """A file in which the vendor accounts for a manifest. `let_go`: takes it away there, once it is kept here."""

    name: str
    content: bytes
    let_go: Callable[[], None]


class PrintVendor(Protocol):
    """Each method raises ServiceDown, SetupWrong (sftp.*)."""

    def put(self, name: str, content: bytes) -> None:
        """Puts the file there, whole or not at all; the same again changes nothing."""
        ...

    def lies(self, name: str, digest: str, size: int) -> bool:
        """Whether that file lies there."""
        ...

    def take_away(self, name: str) -> None:
        """The file lies there no more."""
        ...

    def answers(self) -> AbstractContextManager[Iterator[VendorAnswer]]:
        """What it answered, the oldest first."""
        ...


class VendorProtection(Protocol):
    """Seals for the vendor's pinned key."""

    def protect(self, content: bytes, at: dt.datetime) -> bytes:
        """Signed by us, encrypted to the vendor. Raises SetupWrong (key.*, feed.receiver-key)."""
        ...


class SignedAnswers(Protocol):
    """Knows the vendor's signature."""

    def acknowledgement(self, raw: bytes, at: dt.datetime) -> bytes:
        """What was signed, by the pinned certificate and no other. Raises InputRefused (signature.*, feed.signer)."""
        ...


class PrintOrders(Protocol):
    """Orders as they are kept."""

    def open(self, order: PrintOrder) -> None:
        """A new one, written with its manifest."""
        ...

    def claim(self, *, now: dt.datetime, lease: dt.timedelta) -> PrintOrder | None:
        """One that is to be put and due, with its new fence; until `next_at`, when the lease ends, nobody else is given
        it."""
        ...

    def any_due(self, *, now: dt.datetime) -> bool:
        """Whether there is one: a look without a write."""
        ...

    def unanswered(self) -> Sequence[PrintOrder]:
        """Those that the vendor has and has not accounted for."""
        ...

    def unfinished(self, *, closed_before: dt.datetime) -> Sequence[str]:
        """The manifests closed before then that are not done with, the oldest first."""
        ...

    def get(self, manifest: str, *, lock: bool = False) -> PrintOrder | None:
        """That of the manifest; None: the vendor does not make it."""
        ...

    def save(self, order: PrintOrder) -> None:
        """Writes it over. Raises LeaseLost when its fence is no longer the newest."""
        ...
