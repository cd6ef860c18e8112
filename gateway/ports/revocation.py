"""Whether a certificate was taken back: what its authority publishes, kept as it was signed."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from gateway.domain.trust import StatusKind, StatusSource

GIVEN = "given"
"""The source of a list that a person handed in with an anchor: nobody can be asked for a newer one."""


class PublishedResponses(Protocol):
    """What authorities publish of certificates. May ask over the network: never used inside a transaction."""

    def responses(self, sources: Sequence[StatusSource], *, at: dt.datetime) -> Sequence[tuple[StatusKind, bytes]]:
        """The newest list or response of each source, in DER, without those that cannot be had.

        They are what somebody answered: who signed them, and whether they still hold, is the caller's to judge.
        """
        ...


class StatusFetcher(Protocol):
    """Asks sources over the network."""

    def __call__(self, sources: Sequence[StatusSource]) -> Mapping[StatusSource, bytes]:
        """What they answered, without those that did not. Blocks for a limited time."""
        ...


@dataclass(frozen=True, kw_only=True)
class StatusRecord:
    """A list or response as kept. `source`: whose it is, `given` for one that was handed in; `digest` of the plain
    bytes; `sealed`: the bytes."""

    source: str
    kind: StatusKind
    url: str
    request: bytes
    subject: str
    digest: str
    fetched_at: dt.datetime
    fresh_until: dt.datetime
    sealed: bytes


class StatusRecords(Protocol):
    """Lists and responses, and the authorities whose they are; never removed: what was relied on must be there to be
    shown."""

    def keep(self, record: StatusRecord) -> None:
        """Keeps it; the same bytes again from the same source only move `fetched_at`."""
        ...

    def newest(self, source: str) -> StatusRecord | None:
        """The one that the source answered last."""
        ...

    def by_digest(self, digest: str) -> StatusRecord | None:
        """The one of that digest."""
        ...

    def keep_issuers(self, certificates: Sequence[bytes]) -> None:
        """Keeps authorities' certificates, DER: those handed in with an anchor may be replaced there."""
        ...

    def issuer(self, fingerprint: str) -> bytes | None:
        """The authority of that fingerprint."""
        ...

    def ending(self, *, before: dt.datetime) -> Sequence[StatusRecord]:
        """The newest of each source whose use ends before that moment."""
        ...
