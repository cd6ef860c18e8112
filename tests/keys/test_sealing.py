"""Sealing at rest: what was sealed opens whole, and nothing else ever opens."""

import os
from collections.abc import Callable

import pytest

from gateway.domain.codes import Code
from gateway.domain.problem import Problem, ServiceDown, SetupWrong
from gateway.ports.sealing import Sealer
from keys.sealing import CHUNK_BYTES, KeyEncryptionKey, StreamSealer, wrapped_by

HEADER_BYTES = 44
SEALED_CHUNK_BYTES = CHUNK_BYTES + 16
CONTENT = os.urandom(3 * CHUNK_BYTES)


def kek(name: str) -> KeyEncryptionKey:
    return KeyEncryptionKey(id=name, key=os.urandom(32))


@pytest.fixture
def sealer() -> StreamSealer:
    return StreamSealer([kek("1")])


@pytest.mark.parametrize(
    "size", [0, 1, CHUNK_BYTES - 1, CHUNK_BYTES, CHUNK_BYTES + 1, 2 * CHUNK_BYTES, 3 * CHUNK_BYTES + 7]
)
def test_content_of_any_size_opens_as_it_was(size: int, sealer: Sealer) -> None:
    content = os.urandom(size)
    wrapped = sealer.new_key("package-1")
    sealed = sealer.seal("package-1", wrapped, "documents/1", content)
    assert sealer.open("package-1", wrapped, "documents/1", sealed) == content
    assert size < 16 or content[:16] not in sealed


def test_the_same_content_never_gives_the_same_bytes(sealer: StreamSealer) -> None:
    wrapped = sealer.new_key("k")
    assert sealer.seal("k", wrapped, "c", b"same") != sealer.seal("k", wrapped, "c", b"same")


def flip(position: int) -> Callable[[bytes], bytes]:
    def flipped(sealed: bytes) -> bytes:
        changed = bytearray(sealed)
        changed[position] ^= 1
        return bytes(changed)

    return flipped


def chunk(sealed: bytes, index: int) -> bytes:
    start = HEADER_BYTES + index * SEALED_CHUNK_BYTES
    return sealed[start : start + SEALED_CHUNK_BYTES]


ATTACKS: dict[str, Callable[[bytes], bytes]] = {
    "emptied": lambda sealed: b"",
    "cut inside the header": lambda sealed: sealed[:20],
    "cut after the header": lambda sealed: sealed[:HEADER_BYTES],
    "cut inside the first tag": lambda sealed: sealed[: HEADER_BYTES + 15],
    "cut at the first chunk boundary": lambda sealed: sealed[: HEADER_BYTES + SEALED_CHUNK_BYTES],
    "cut at the last chunk boundary": lambda sealed: sealed[: HEADER_BYTES + 2 * SEALED_CHUNK_BYTES],
    "last byte cut": lambda sealed: sealed[:-1],
    "one byte appended": lambda sealed: sealed + b"\x00",
    "an empty chunk appended": lambda sealed: sealed + bytes(16),
    "last chunk appended again": lambda sealed: sealed + chunk(sealed, 2),
    "first chunk taken out": lambda sealed: sealed[:HEADER_BYTES] + chunk(sealed, 1) + chunk(sealed, 2),
    "middle chunk taken out": lambda sealed: sealed[:HEADER_BYTES] + chunk(sealed, 0) + chunk(sealed, 2),
    "chunks swapped": lambda sealed: sealed[:HEADER_BYTES] + chunk(sealed, 1) + chunk(sealed, 0) + chunk(sealed, 2),
    "chunk repeated": lambda sealed: sealed[:HEADER_BYTES] + chunk(sealed, 0) + chunk(sealed, 0) + chunk(sealed, 2),
    "magic flipped": flip(0),
    "version flipped": flip(4),
    "salt flipped": flip(5),
    "nonce prefix flipped": flip(HEADER_BYTES - 1),
    "first bit of content flipped": flip(HEADER_BYTES),
    "tag flipped": flip(HEADER_BYTES + CHUNK_BYTES),
    "middle chunk flipped": flip(HEADER_BYTES + SEALED_CHUNK_BYTES + 5),
    "last bit flipped": flip(-1),
}


@pytest.mark.parametrize("attack", ATTACKS)
def test_an_altered_object_never_opens(attack: str, sealer: StreamSealer) -> None:
    wrapped = sealer.new_key("k")
    altered = ATTACKS[attack](sealer.seal("k", wrapped, "c", CONTENT))
    with pytest.raises(SetupWrong) as caught:
        sealer.open("k", wrapped, "c", altered)
    assert caught.value.code is Code.SEAL_BROKEN


def test_every_single_byte_of_a_small_object_is_protected(sealer: StreamSealer) -> None:
    wrapped = sealer.new_key("k")
    sealed = sealer.seal("k", wrapped, "c", b"small")
    for position in range(len(sealed)):
        with pytest.raises(SetupWrong) as caught:
            sealer.open("k", wrapped, "c", flip(position)(sealed))
        assert caught.value.code is Code.SEAL_BROKEN, position


def test_the_header_of_another_object_does_not_fit(sealer: StreamSealer) -> None:
    wrapped = sealer.new_key("k")
    one, other = sealer.seal("k", wrapped, "c", CONTENT), sealer.seal("k", wrapped, "c", CONTENT)
    with pytest.raises(SetupWrong) as caught:
        sealer.open("k", wrapped, "c", one[:HEADER_BYTES] + other[HEADER_BYTES:])
    assert caught.value.code is Code.SEAL_BROKEN


@pytest.mark.parametrize(
    ("key_id", "context"),
    [("k", "d"), ("k", ""), ("l", "c"), ("kc", ""), ("", "kc")],
    ids=["other context", "no context", "other key id", "run together", "shifted"],
)
def test_an_object_opens_only_under_its_key_id_and_context(key_id: str, context: str, sealer: StreamSealer) -> None:
    wrapped = sealer.new_key("k")
    sealed = sealer.seal("k", wrapped, "c", b"content")
    with pytest.raises(SetupWrong) as caught:
        sealer.open(key_id, wrapped, context, sealed)
    assert caught.value.code is Code.SEAL_BROKEN


def test_an_object_does_not_open_under_another_data_key_of_the_same_id(sealer: StreamSealer) -> None:
    sealed = sealer.seal("k", sealer.new_key("k"), "c", b"content")
    with pytest.raises(SetupWrong) as caught:
        sealer.open("k", sealer.new_key("k"), "c", sealed)
    assert caught.value.code is Code.SEAL_BROKEN


def test_every_single_byte_of_a_wrapped_key_is_protected(sealer: StreamSealer) -> None:
    wrapped = sealer.new_key("k")
    sealed = sealer.seal("k", wrapped, "c", b"content")
    for position in range(len(wrapped)):
        with pytest.raises(Problem) as caught:
            sealer.open("k", flip(position)(wrapped), "c", sealed)
        names_another_kek = position == len(b"DGWK\x01") + 1
        expected = Code.KEY_NOT_HERE if names_another_kek else Code.SEAL_BROKEN
        assert caught.value.code is expected, position


@pytest.mark.parametrize("wrapped", [b"", b"DGWK", b"DGWK\x01", b"DGWK\x01\x05", b"DGWK\x01\x01\xff" + bytes(60)])
def test_what_is_no_wrapped_key_is_broken(wrapped: bytes, sealer: StreamSealer) -> None:
    with pytest.raises(SetupWrong) as caught:
        sealer.seal("k", wrapped, "c", b"content")
    assert caught.value.code is Code.SEAL_BROKEN


def test_after_rotation_old_objects_open_and_new_keys_are_wrapped_by_the_newest() -> None:
    old, new = kek("1"), kek("2")
    before, after, only_new = StreamSealer([old]), StreamSealer([old, new]), StreamSealer([new])
    wrapped = before.new_key("k")
    sealed = before.seal("k", wrapped, "c", b"content")
    assert after.open("k", wrapped, "c", sealed) == b"content"
    assert only_new.seal("k", after.new_key("k"), "c", b"content")
    assert wrapped_by("k", after.new_key("k")) == "2"


def test_rewrapping_needs_no_new_sealing_and_lets_the_old_kek_go() -> None:
    old, new = kek("1"), kek("2")
    before, both, only_new = StreamSealer([old]), StreamSealer([old, new]), StreamSealer([new])
    wrapped = before.new_key("k")
    sealed = before.seal("k", wrapped, "c", b"content")
    assert only_new.open("k", both.rewrap("k", wrapped), "c", sealed) == b"content"


def test_a_key_wrapped_by_a_kek_that_is_not_here_says_so_and_blames_nothing_that_was_sealed() -> None:
    before, after = StreamSealer([kek("1")]), StreamSealer([kek("2")])
    wrapped = before.new_key("k")
    with pytest.raises(ServiceDown) as caught:
        after.open("k", wrapped, "c", before.seal("k", wrapped, "c", b"content"))
    assert (caught.value.code, caught.value.where) == (Code.KEY_NOT_HERE, "kek 1")


def test_another_kek_under_the_same_id_is_noticed() -> None:
    wrapped = StreamSealer([kek("1")]).new_key("k")
    with pytest.raises(SetupWrong) as caught:
        StreamSealer([kek("1")]).rewrap("k", wrapped)
    assert caught.value.code is Code.SEAL_BROKEN


def test_without_a_kek_there_is_no_sealer() -> None:
    with pytest.raises(SetupWrong) as caught:
        StreamSealer([])
    assert caught.value.code is Code.SEAL_KEY_UNKNOWN


def test_a_kek_never_shows_its_bytes() -> None:
    one = kek("1")
    assert repr(one) == "KeyEncryptionKey(id='1')"
