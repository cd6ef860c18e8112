"""The tree over all events (RFC 6962 §2.1): one hash for a list, and short proofs that something is in it."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

HASH_BYTES = 32
_LEAF, _NODE = b"\x00", b"\x01"
_KEPT = 64
"""Leaves of a subtree whose root is remembered."""


def leaf_hash(content: bytes) -> bytes:
    """The hash of a leaf."""
    return hashlib.sha256(_LEAF + content).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of a node over two."""
    return hashlib.sha256(_NODE + left + right).digest()


@dataclass(frozen=True)
class Frontier:
    """What a tree of `size` leaves needs to grow: the roots of its full subtrees, the largest first."""

    size: int = 0
    roots: tuple[bytes, ...] = ()

    def with_leaves(self, contents: Iterable[bytes]) -> "Frontier":
        """The tree after these leaves were added."""
        size, roots = self.size, list(self.roots)
        for content in contents:
            node, full = leaf_hash(content), size
            while full & 1:
                node, full = node_hash(roots.pop(), node), full >> 1
            roots.append(node)
            size += 1
        return Frontier(size, tuple(roots))

    def root(self) -> bytes:
        """The hash of the whole tree; that of nothing when it is empty."""
        if not self.roots:
            return hashlib.sha256(b"").digest()
        node = self.roots[-1]
        for left in reversed(self.roots[:-1]):
            node = node_hash(left, node)
        return node


class Tree:
    """The tree over these leaf hashes, as it was at any size up to theirs. What is large is hashed once."""

    def __init__(self, leaves: Sequence[bytes]) -> None:
        self._leaves = leaves
        self._roots: dict[tuple[int, int], bytes] = {}

    def path(self, index: int, size: int) -> list[bytes]:
        """The audit path of a leaf in the tree of the first `size` leaves, the lowest first (RFC 6962 §2.1.1)."""
        start, end, path = 0, size, list[bytes]()
        while end - start > 1:
            split = start + _split(end - start)
            path.append(self._root(split, end) if index < split else self._root(start, split))
            start, end = (start, split) if index < split else (split, end)
        return path[::-1]

    def _root(self, start: int, end: int) -> bytes:
        if end - start == 1:
            return self._leaves[start]
        known = self._roots.get((start, end))
        if known is None:
            split = start + _split(end - start)
            known = node_hash(self._root(start, split), self._root(split, end))
            if end - start >= _KEPT:
                self._roots[start, end] = known
        return known


def root_of_proof(leaf: bytes, index: int, size: int, proof: Sequence[bytes]) -> bytes | None:
    """The root that the audit path of a leaf hash leads to (RFC 9162 §2.1.3.2); None when it is no path there."""
    place, last, node = index, size - 1, leaf
    if index >= size:
        return None
    for one in proof:
        if last == 0:
            return None
        if place & 1 or place == last:
            node = node_hash(one, node)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            node = node_hash(node, one)
        place, last = place >> 1, last >> 1
    return node if last == 0 else None


def _split(size: int) -> int:
    """The largest power of two below `size`."""
    return 1 << ((size - 1).bit_length() - 1)
