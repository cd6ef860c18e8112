"""The tree over all events (RFC 6962 §2.1): one hash for a list, and short proofs that something is in it."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

HASH_BYTES = 32
_LEAF, _NODE = b"\x00", b"\x01"


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


def inclusion_proof(leaves: Sequence[bytes], index: int) -> list[bytes]:
    """The audit path of a leaf in the tree over these leaf hashes, the lowest first (RFC 6962 §2.1.1)."""
    if len(leaves) == 1:
        return []
    split = _split(len(leaves))
    if index < split:
        return [*inclusion_proof(leaves[:split], index), _root(leaves[split:])]
    return [*inclusion_proof(leaves[split:], index - split), _root(leaves[:split])]


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


def _root(leaves: Sequence[bytes]) -> bytes:
    if len(leaves) == 1:
        return leaves[0]
    split = _split(len(leaves))
    return node_hash(_root(leaves[:split]), _root(leaves[split:]))


def _split(size: int) -> int:
    """The largest power of two below `size`."""
    return 1 << ((size - 1).bit_length() - 1)
