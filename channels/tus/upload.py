"""A whole upload: created, or gone on with where it was cut, by what the server says of the upload's own address."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from channels.tus.client import Standing, TusClient
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
    """Uploads it. What lies there whole is not sent again; what the server keeps no more is begun once again, as long
    as the last part was not on its way: after that it may have been taken.

    keep: is given the address of a new upload before any content goes there. Raises TusError, and what `keep` raises.
    """
    checksum = await client.checksum()
    standing = await _begun(client, file) or await _new(client, file, keep)
    progress.resumed = standing.offset
    try:
        await _fill(client, file, standing, checksum, progress)
    except TusError as error:
        if error.fault is not TusFault.GONE or progress.last:
            raise
        await _fill(client, file, await _new(client, file, keep), checksum, progress)


async def _fill(client: TusClient, file: TusFile, standing: Standing, checksum: str | None, progress: Progress) -> None:
    """Sends what is missing."""
    size, left = len(file.content), 2
    while standing.offset < size:
        if standing.is_over:
            raise TusError(TusFault.GONE)
        part = file.content[standing.offset : standing.offset + client.place.chunk]
        progress.last = standing.offset + len(part) == size
        try:
            standing = await client.append(standing, part, size=size, checksum=checksum)
        except TusError as error:
            left -= 1
            if error.fault not in _AGAIN or not left:
                raise
            # Still the last: a 409 may answer a request that something between us and the server repeated.
            standing = await client.standing(standing.address, size)


async def _new(client: TusClient, file: TusFile, keep: Callable[[str], Awaitable[None]]) -> Standing:
    """Begun under the same name: nothing of another one of it is whole."""
    standing = await client.create(len(file.content), file.metadata)
    await keep(standing.address)
    return standing


async def _begun(client: TusClient, file: TusFile) -> Standing | None:
    """The upload that was begun; None where it is gone, or another's."""
    if file.address is None or not client.is_at_home(file.address):
        return None
    try:
        return await client.standing(file.address, len(file.content))
    except TusError as error:
        if error.fault is not TusFault.GONE:
            raise
        return None
