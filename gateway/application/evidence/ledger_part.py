"""The ledger's part of the evidence: events in their chains, each with its path to the first checkpoint over it."""

import base64
import json
from collections.abc import Mapping, Sequence

from gateway.domain.ledger import Entry, canonical
from gateway.domain.merkle import Tree, leaf_hash
from gateway.ports.database import Transaction
from gateway.ports.ledger import KeptCheckpoint

EVENTS = "ledger/events.jsonl"
Members = dict[str, bytes]


NOTE, QUERY, STAMP = ".txt", ".tsq", ".tsr"
"""How the members end that hold a checkpoint, what was asked of the time stamp authority, and its answer."""


def stem_of(size: int) -> str:
    """How the members begin that are about the checkpoint over so many events."""
    return f"ledger/checkpoint-{size:012d}"


def checkpoint_name(size: int) -> str:
    """The member with the checkpoint over so many events."""
    return stem_of(size) + NOTE


def ledger_members(tx: Transaction, chains: Sequence[str]) -> Members:
    """The events of those chains and the checkpoints that cover them. The first over an event tells most about when."""
    entries = [one for chain in chains for one in tx.ledger.chain(chain)]
    covering = {one.leaf: tx.ledger.covering(one.leaf) for one in entries if one.leaf is not None}
    used = {one.size: one for one in covering.values() if one is not None}
    tree = Tree([leaf_hash(one) for one in tx.ledger.links(max(used, default=0))])
    lines = [_line(one, covering.get(one.leaf) if one.leaf is not None else None, tree) for one in entries]
    notes = {checkpoint_name(size): one.note.encode() for size, one in sorted(used.items())}
    return {EVENTS: "".join(lines).encode(), **notes, **_stamps(tx, sorted(used))}


def _stamps(tx: Transaction, sizes: Sequence[int]) -> Members:
    """The time stamps over those checkpoints, where there are any: what was asked, and what the authority answered."""
    found = [(stem_of(size), tx.ledger.stamp(size)) for size in sizes]
    parts = [((f"{stem}{QUERY}", one.query), (f"{stem}{STAMP}", one.answer)) for stem, one in found if one is not None]
    return dict(part for both in parts for part in both)


def _line(entry: Entry, checkpoint: KeptCheckpoint | None, tree: Tree) -> str:
    return json.dumps(_proved(entry, checkpoint, tree), separators=(",", ":")) + "\n"


def _proved(entry: Entry, checkpoint: KeptCheckpoint | None, tree: Tree) -> Mapping[str, object]:
    """An event's canonical bytes as they are hashed, its link, and its path to the root of its checkpoint."""
    path = tree.path(entry.leaf, checkpoint.size) if checkpoint is not None and entry.leaf is not None else []
    return {
        "event": canonical(entry.event, entry.chain, entry.sequence).decode() if entry.event else None,
        "link": entry.link.hex(),
        "leaf": entry.leaf,
        "checkpoint": checkpoint.size if checkpoint is not None else None,
        "proof": [base64.b64encode(one).decode() for one in path],
    }
