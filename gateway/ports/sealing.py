"""Sealing at rest, and where sealed objects are kept."""

from collections.abc import Iterator
from typing import Protocol


class Sealer(Protocol):
    """Authenticated encryption at rest: data keys wrapped by a key-encryption key, AES-256-GCM STREAM objects."""

    def new_key(self, key_id: str) -> bytes:
        """A new data key, wrapped; `key_id` is bound to it."""
        ...

    def seal(self, key_id: str, wrapped: bytes, context: str, content: bytes) -> bytes:
        """`content` sealed under the data key; `context` is bound to it and must be given again to open."""
        ...

    def open(self, key_id: str, wrapped: bytes, context: str, sealed: bytes) -> bytes:
        """The content. Raises SetupWrong (seal.broken) when a single bit or the context differs, ServiceDown
        (key.not-here) when the key that wrapped the data key is not on this machine."""
        ...


class ObjectStore(Protocol):
    """Keeps sealed objects by name. A name is lower-case hex and says nothing about the content."""

    def put(self, name: str, sealed: bytes) -> None:
        """Durable when it returns; the same bytes again are no error. Raises ServiceDown (storage.full,
        storage.unavailable) and leaves nothing when it cannot, SetupWrong (storage.access)."""
        ...

    def get(self, name: str) -> bytes:
        """The sealed bytes. Raises NoSuchThing when there is no such object."""
        ...

    def delete(self, name: str) -> None:
        """Removes the object; an absent one is no error."""
        ...

    def names(self) -> Iterator[str]:
        """The names of all objects, in order. What comes or goes meanwhile may be among them or not."""
        ...
