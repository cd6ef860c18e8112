"""What every `ObjectStore` keeps to."""

import secrets
from concurrent.futures import ThreadPoolExecutor

import pytest

from gateway.domain.codes import Code
from gateway.domain.problem import NoSuchThing
from gateway.ports.sealing import ObjectStore

NOT_NAMES = ["", "ab", "AB" * 16, "gg" * 16, "ab" * 33, "../" + "ab" * 16, "ab" * 16 + "\n", "ab/" + "ab" * 16]


class ObjectStoreContract:
    """Subclasses bring the fixture `objects`: an empty store."""

    @pytest.mark.parametrize("size", [0, 1, 65_537, 3_000_000])
    @pytest.mark.parametrize("name", ["3f" * 16, "0a" * 32])
    def test_an_object_comes_back_as_it_went_in(self, objects: ObjectStore, name: str, size: int) -> None:
        sealed = secrets.token_bytes(size)
        objects.put(name, sealed)
        assert objects.get(name) == sealed

    def test_the_same_object_again_is_no_error(self, objects: ObjectStore) -> None:
        name = secrets.token_hex(16)
        objects.put(name, b"sealed")
        objects.put(name, b"sealed")
        assert objects.get(name) == b"sealed"

    def test_an_absent_object_is_no_such_thing(self, objects: ObjectStore) -> None:
        name = secrets.token_hex(16)
        with pytest.raises(NoSuchThing) as raised:
            objects.get(name)
        assert (raised.value.code, raised.value.where) == (Code.SEAL_OBJECT_MISSING, name)

    def test_a_deleted_object_is_gone_and_deleting_it_again_is_no_error(self, objects: ObjectStore) -> None:
        name, other = secrets.token_hex(16), secrets.token_hex(16)
        objects.put(name, b"sealed")
        objects.put(other, b"other")
        objects.delete(name)
        objects.delete(name)
        with pytest.raises(NoSuchThing):
            objects.get(name)
        assert objects.get(other) == b"other"

    def test_all_are_named_once_in_order(self, objects: ObjectStore) -> None:
        assert list(objects.names()) == []
        names = [secrets.token_hex(16) for _ in range(30)]
        for name in names:
            objects.put(name, b"sealed")
        objects.delete(names[0])
        assert list(objects.names()) == sorted(names[1:])

    @pytest.mark.parametrize("name", NOT_NAMES)
    def test_only_lower_case_hex_is_a_name(self, objects: ObjectStore, name: str) -> None:
        with pytest.raises(ValueError, match="hex"):
            objects.put(name, b"sealed")
        with pytest.raises(ValueError, match="hex"):
            objects.get(name)
        with pytest.raises(ValueError, match="hex"):
            objects.delete(name)

    def test_a_reader_never_sees_half_an_object(self, objects: ObjectStore) -> None:
        names, content = [secrets.token_hex(16) for _ in range(12)], bytes(400_000)

        def seen(name: str) -> bytes:
            try:
                return objects.get(name)
            except NoSuchThing:
                return b""

        with ThreadPoolExecutor(4) as threads:
            writers = [threads.submit(objects.put, name, content) for name in names]
            found = {seen(name) for _ in range(4) for name in names}
            for one in writers:
                one.result()
        assert found <= {b"", content}
        assert {seen(name) for name in names} == {content}
