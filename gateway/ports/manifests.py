"""What is gathered for carriers, and the manifests closed over it, as they are kept."""

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from typing import Protocol

from gateway.domain.manifest import BatchedItem, Manifest, WaitingBatch


class ManifestScanner(Protocol):
    """Looks for the numbers of manifests on pages that carriers signed."""

    def manifests(self, content: bytes) -> Sequence[str]:
        """Those whose bar code stands on a page of a TIFF, PDF, JPEG or PNG, each once. Raises InputRefused
        (document.*), ServiceDown (reader.unavailable)."""
        ...


class Manifests(Protocol):
    """Items and manifests. An item bears the number of its manifest, so that it can be in one alone."""

    def gather(self, item: BatchedItem) -> None:
        """A new item, written in the transaction that starts its attempt: it counts once that has ended as gathered."""
        ...

    def waiting(
        self, *, channel: str | None = None, office: str | None = None, after: str = "", limit: int | None = None
    ) -> Sequence[BatchedItem]:
        """What lies in a batch and in no manifest, oldest first: gathered by the last attempt of its delivery, which is
        still batched. after: what was gathered later than by that attempt alone; limit: so many at most."""
        ...

    def batches(self) -> Sequence[WaitingBatch]:
        """What `waiting` gives, counted, by channel and office."""
        ...

    def gathered_after(self, moments: Mapping[tuple[str, str], dt.datetime]) -> Mapping[tuple[str, str], int]:
        """How many of what waits were gathered after the moment of their channel and office; of those named, where
        there are any."""
        ...

    def lying(
        self, *, channel: str, office: str, closed_until: dt.datetime, after: str = "", limit: int
    ) -> Sequence[BatchedItem]:
        """What stands on a manifest that was closed by then and is still batched, so that nothing says that a carrier
        took it, in the order it was gathered; after: as in `waiting`."""
        ...

    def unsigned(self, *, closed_before: dt.datetime) -> Sequence[str]:
        """The numbers of manifests that were closed before then and of which something is still batched: nothing says
        that a carrier took it; the oldest first."""
        ...

    def advance(self, counter: str, by: int = 1) -> int:
        """The counter of that name, grown by so much from 0. Until the transaction ends nobody else gets past this."""
        ...

    def pieces_used(self, pieces: Collection[str], *, since: dt.datetime) -> frozenset[str]:
        """Those of these numbers that an item of a manifest closed since then bears."""
        ...

    def add(self, manifest: Manifest) -> None:
        """A closed manifest; its items are put in by the same transaction."""
        ...

    def put_in(self, item: BatchedItem) -> None:
        """One more item of a manifest that this transaction added, with its place and piece.

        Raises LeaseLost when it is in a manifest already: then nothing of the transaction may stand.
        """
        ...

    def get(self, number: str, *, lock: bool = False) -> Manifest:
        """Raises NoSuchThing (manifest.unknown). `lock`: until the transaction ends nobody else writes it."""
        ...

    def newest(self, limit: int, *, offices: frozenset[str] | None = None) -> Sequence[Manifest]:
        """Of those offices, None: of every one. The newest first."""
        ...

    def items(self, number: str, *, after: int = 0, limit: int | None = None) -> Sequence[BatchedItem]:
        """Those of a manifest, in their places; `after` that place alone, `limit` at most."""
        ...

    def of_attempts(self, attempts: Collection[str]) -> Mapping[str, BatchedItem]:
        """The items of those attempts, by attempt."""
        ...

    def count_items(self, numbers: Sequence[str]) -> dict[str, int]:
        """How many items each of the manifests has."""
        ...

    def by_code(self, code: str) -> BatchedItem | None:
        """The newest item that bears the code as its reference, its piece or its tracking number."""
        ...

    def by_codes(self, codes: Collection[str]) -> Mapping[str, Sequence[BatchedItem]]:
        """The items that bear each of the codes as their reference, piece or tracking number, the newest first; each
        code asked for is in the answer."""
        ...

    def track(self, attempt: str, number: str) -> None:
        """Writes the number that the carrier gave the item of that attempt."""
        ...

    def of_numbers(self, numbers: Collection[str]) -> Mapping[str, Manifest]:
        """The manifests of those numbers, by number."""
        ...

    def over(self, *, limit: int) -> Sequence[Manifest]:
        """Those with a paper or a print vendor's account that is kept, of none of whose items anything else is, the
        oldest first."""
        ...

    def hand_over(self, manifest: Manifest) -> None:
        """Writes when it was handed over, and the evidence of it."""
        ...
