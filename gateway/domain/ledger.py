"""The ledger: events in hash chains, and what is found when one does not hold. See docs/adr for why chains and trees.

A link is SHA-256 over a fixed prefix, the link before (32 zero bytes before the first) and the event's canonical
bytes. Those are JSON as RFC 8785 writes it: names sorted, no spaces, UTF-8. A sealed reason stands there by its
digest, so that the link holds when the reason's key is destroyed.
"""

import hashlib
import json
from dataclasses import dataclass
from enum import StrEnum

from gateway.domain.codes import Code
from gateway.domain.digest import sha256
from gateway.domain.events import Event

PREFIX = b"decision-gateway/event/1\n"
BEFORE_THE_FIRST = bytes(32)


@dataclass(frozen=True, kw_only=True)
class Entry:
    """An event in its place: the `sequence`-th of its chain, counted from 1.

    `event` is None where the row cannot be read as one. `leaf` is its place in the tree under the checkpoints, None
    until the next one. `ordinal` is the row's number in the database.
    """

    ordinal: int
    chain: str
    sequence: int
    event: Event | None
    link: bytes
    leaf: int | None


class LedgerFault(StrEnum):
    """What is wrong with the ledger."""

    UNREADABLE = "unreadable"
    """A row holds what no event says."""
    CHANGED = "changed"
    """An event, or the order of events, is not what its link was made over."""
    MISSING = "missing"
    """A place that must be taken is empty."""
    OUT_OF_ORDER = "out-of-order"
    """An event has a later place in the tree than one that followed it."""
    UNCOVERED = "uncovered"
    """Events bear places in the tree that no checkpoint covers: checkpoints were removed."""
    NOT_SIGNED = "not-signed"
    """A checkpoint bears no signature of a key of ours, or is not readable."""
    FEWER = "fewer"
    """A checkpoint covers more events than there are: events were removed, or an older copy was put back."""
    OTHER_ROOT = "other-root"
    """The events before a checkpoint are not those that it was signed over."""
    STAMP = "stamp"
    """The time stamp of a checkpoint does not hold."""


@dataclass(frozen=True, kw_only=True)
class LedgerFinding:
    """A fault and its place: the `place`-th event of a chain; or, without a chain, a number of events in the tree.
    `code`: what is wrong with a stamp."""

    fault: LedgerFault
    chain: str | None = None
    place: int = 0
    code: Code | None = None


def canonical(event: Event, chain: str, sequence: int) -> bytes:
    """The bytes that stand for an event."""
    written = {
        "actor": event.actor,
        "at": event.at.isoformat(),
        "attempt": event.attempt,
        "chain": chain,
        "delivery": event.delivery,
        "dispatch": event.dispatch,
        "facts": dict(event.facts),
        "name": event.name.value,
        "reason": None if event.reason is None else sha256(event.reason),
        "sequence": sequence,
    }
    return json.dumps(written, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def link(previous: bytes, content: bytes) -> bytes:
    """The link after `previous` for an event of those canonical bytes."""
    return hashlib.sha256(PREFIX + previous + content).digest()
