"""The vault: content in, sealed objects out. Everything of a package is under that package's data key."""

import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

from gateway.domain.codes import Code
from gateway.domain.dispatch import Dispatch
from gateway.domain.problem import Conflict, Problem, ServiceDown, SetupWrong
from gateway.ports.registry import Registry
from gateway.ports.sealing import ObjectStore, Sealer


@dataclass(frozen=True, kw_only=True)
class DataKey:
    """A data key as kept: its id and its wrapped form."""

    id: str
    wrapped: bytes


Put = Callable[[DataKey, str, bytes], str]
"""Keeps content under a key and context as an object; returns its name. See `Vault.put`."""


def data_key(registry: Registry, key_id: str) -> DataKey:
    """The data key of that id. Raises SetupWrong (seal.key-unknown)."""
    return DataKey(id=key_id, wrapped=registry.data_key(key_id))


def package_key(registry: Registry, dispatch: Dispatch) -> DataKey:
    """The data key of a dispatch's package. Raises Conflict (retention.expired): it was destroyed in its time."""
    try:
        return data_key(registry, dispatch.data_key)
    except SetupWrong as wrong:
        if wrong.code is Code.SEAL_KEY_UNKNOWN:
            raise Conflict(Code.RETENTION_EXPIRED, where=dispatch.id) from None
        raise


class Vault:
    """Seals what is kept, in objects of their own or as small values in rows.

    The context binds a sealed value to its place: moved elsewhere it does not open.
    """

    def __init__(self, *, sealer: Sealer, objects: ObjectStore) -> None:
        self._sealer = sealer
        self._objects = objects

    def new_key(self, key_id: str) -> DataKey:
        """A fresh data key; the caller writes it to the registry in its transaction."""
        return DataKey(id=key_id, wrapped=self._sealer.new_key(key_id))

    def seal(self, key: DataKey, context: str, content: bytes) -> bytes:
        """A small value for a row."""
        return self._sealer.seal(key.id, key.wrapped, context, content)

    def open(self, key: DataKey, context: str, sealed: bytes) -> bytes:
        """The value. Raises SetupWrong (seal.broken)."""
        return self._sealer.open(key.id, key.wrapped, context, sealed)

    def put(self, key: DataKey, context: str, content: bytes) -> str:
        """Keeps the content as a sealed object of its own; returns the object's name."""
        name = secrets.token_hex(16)
        self._objects.put(name, self.seal(key, f"{context}/{name}", content))
        return name

    @contextmanager
    def keeping(self) -> Iterator[Put]:
        """Gives a `put` whose objects are removed again when the block raises: a row that names them comes with them.

        Where the database did not answer, or the process was interrupted, the row may stand all the same, and the
        objects stay.
        """
        names: list[str] = []

        def put(key: DataKey, context: str, content: bytes) -> str:
            names.append(self.put(key, context, content))
            return names[-1]

        try:
            yield put
        except Exception as error:
            # An interrupt is no Exception: it may come when the rows have just been written.
            if not (isinstance(error, ServiceDown) and error.code is Code.DATABASE_UNAVAILABLE):
                for name in names:
                    with suppress(Problem):
                        self.delete(name)
            raise

    def check(self) -> None:
        """Writes an object, reads it and removes it again. Raises ServiceDown, SetupWrong (storage.*, seal.broken)."""
        name, content = secrets.token_hex(16), secrets.token_bytes(64)
        self._objects.put(name, content)
        try:
            if self._objects.get(name) != content:
                raise SetupWrong(Code.SEAL_BROKEN, where=name)
        finally:
            self._objects.delete(name)

    def get(self, key: DataKey, context: str, name: str) -> bytes:
        """The content of an object. Raises NoSuchThing, SetupWrong (seal.broken)."""
        return self.open(key, f"{context}/{name}", self._objects.get(name))

    def delete(self, name: str) -> None:
        """Removes an object."""
        self._objects.delete(name)
