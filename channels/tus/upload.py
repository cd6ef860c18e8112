"""A whole upload: created, or gone on with where it was cut, by what the server says of the upload's own address."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from channels.tus.client import TusClient
from channels.tus.faults import TusError, TusFault

_AGAIN = frozenset({TusFault.MOVED, TusFault.GARBLED})
"""After these the server is asked once more how much lies there."""


@dataclass
class Progress:
    """How far it came. `last`: the request is on its way after which all is there. `resumed`: bytes that lay there."""

    last: bool = False
    resumed: int = 0


@dataclass(frozen=True, kw_only=True)
class TusFile:
    """What is uploaded. `address`: the upload's own, if one was begun. `metadata`: what the server is told of it."""

    content: bytes
    metadata: Mapping[str, str]
    address: str | None = None


async def upload(client: TusClient, file: TusFile, keep: Callable[[str], Awaitable[None]], progress: Progress) -> None:
    """Uploads it. What lies there whole is not sent again.

    keep: is given the address of a new upload before any content goes there. Raises TusError, and what `keep` raises.
    """
    checksum, size = await client.checksum(), len(file.content)
    address, offset = await _begun(client, file)
    if address is None:
        address = await client.create(size, file.metadata)
        await keep(address)
    progress.resumed, left = offset, 2
    while offset < size:
        part = file.content[offset : offset + client.place.chunk]
        progress.last = offset + len(part) == size
        try:
            offset = await client.append(address, offset, part, size=size, checksum=checksum)
        except TusError as error:
            left -= 1
            if error.fault not in _AGAIN or not left:
                raise
            # Still the last: a 409 may answer a request that something between us and the server repeated.
            offset = await client.offset(address, size)


async def _begun(client: TusClient, file: TusFile) -> tuple[str | None, int]:
    """The upload that was begun, and how much of it lies there; None where it is gone, or another's."""
    if file.address is None or not client.is_at_home(file.address):
        return None, 0
    try:
        return file.address, await client.offset(file.address, len(file.content))
    except TusError as error:
        if error.fault is not TusFault.GONE:
            raise
        return None, 0
