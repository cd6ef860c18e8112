"""The tree over events is that of RFC 6962, whose published roots these are, and its proofs lead to the root."""

import pytest

from gateway.domain.checkpoint import body_of, note_of, read_note
from gateway.domain.merkle import Frontier, Tree, leaf_hash, root_of_proof

LEAVES = [
    bytes.fromhex(one)
    for one in ("", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f")
]
ROOTS = {
    0: "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    1: "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    2: "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    3: "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    8: "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
}
"""Certificate Transparency's own test vectors."""


@pytest.mark.parametrize("size", ROOTS)
def test_the_root_is_that_of_rfc_6962(size: int) -> None:
    """However the tree grew."""
    grown = Frontier()
    for one in LEAVES[:size]:
        grown = grown.with_leaves([one])
    assert grown == Frontier().with_leaves(LEAVES[:size])
    assert grown.root().hex() == ROOTS[size]


@pytest.mark.parametrize("size", range(1, 9))
def test_every_proof_leads_to_the_root_and_no_other_does(size: int) -> None:
    """Another leaf, another place, a shorter or a longer path."""
    hashes = [leaf_hash(one) for one in LEAVES[:size]]
    root = Frontier().with_leaves(LEAVES[:size]).root()
    tree = Tree([leaf_hash(one) for one in LEAVES])
    for index, leaf in enumerate(hashes):
        proof = tree.path(index, size)
        assert root_of_proof(leaf, index, size, proof) == root
        assert root_of_proof(leaf_hash(b"other"), index, size, proof) != root
        assert root_of_proof(leaf, index, size, [*proof, bytes(32)]) is None
        assert root_of_proof(leaf, size, size, proof) is None
        if proof:
            assert root_of_proof(leaf, index, size, proof[:-1]) is None


def test_a_note_is_read_as_it_was_written() -> None:
    """Origin, size, root, and the signature behind the key's id."""
    body = body_of("decision-gateway/ledger", 8, bytes.fromhex(ROOTS[8]))
    read = read_note(note_of(body, "decision-gateway/evidence-signing", b"\x01\x02\x03\x04", b"signature"))
    assert read is not None
    assert (read.origin, read.size, read.root.hex()) == ("decision-gateway/ledger", 8, ROOTS[8])
    assert (read.body, read.signatures) == (body, ((b"\x01\x02\x03\x04", b"signature"),))


@pytest.mark.parametrize("note", ["", "a\n1\nAAAA\n\n\u2014 k AAAA\n", "a\n01\nx\n\n", "a\n1\n" + "A" * 44 + "\n"])
def test_what_is_no_note_is_not_read(note: str) -> None:
    """Nor half of it."""
    assert read_note(note) is None
