"""The vendor's folders by SFTP. See `gateway.ports.printing.PrintVendor`."""

import asyncio
import posixpath
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any, TypeVar

from channels.print_vendor.vendor_file import VendorFile
from channels.sftp.connection import connected
from channels.sftp.faults import SftpError, SftpFault
from channels.sftp.mailbox import SftpMailbox
from channels.sftp.upload import Progress, SftpFile, lies, put, take_away
from gateway import event_loop
from gateway.ports.printing import VendorAnswer

_T = TypeVar("_T")
_NAME = "print-vendor"
_TIME_LIMIT = 300.0
"""Seconds of one file: a volume may have tens of megabytes."""
_MOST_ANSWER = 5_000_000


class SftpPrintVendor:
    """`PrintVendor` at an account whose host keys are pinned."""

    def __init__(self, vendor: VendorFile) -> None:
        self._vendor = vendor

    def put(self, name: str, content: bytes) -> None:
        """See `PrintVendor`."""
        file = SftpFile(folder=self._vendor.batches.folder, name=name, content=content)

        async def work() -> None:
            async with connected(self._vendor.batches) as client:
                await put(client, file, Progress())

        _run(work)

    def lies(self, name: str, digest: str, size: int) -> bool:
        """See `PrintVendor`."""
        path = posixpath.join(self._vendor.batches.folder, name)

        async def look() -> bool:
            async with connected(self._vendor.batches) as client:
                return await lies(client, path, size, digest) is True

        return _run(look)

    def take_away(self, name: str) -> None:
        """See `PrintVendor`."""
        path = posixpath.join(self._vendor.batches.folder, name)

        async def remove() -> None:
            async with connected(self._vendor.batches) as client:
                await take_away(client, path)

        _run(remove)

    @contextmanager
    def answers(self) -> Iterator[Iterator[VendorAnswer]]:
        """See `PrintVendor`."""
        with SftpMailbox(_NAME, self._vendor.answers).visit() as visit:
            yield (
                VendorAnswer(name=one.name, content=content, let_go=partial(visit.let_go, one))
                for one in visit.arrivals()
                if (content := visit.read(one, _MOST_ANSWER)) is not None
            )


def _run(work: Callable[[], Coroutine[Any, Any, _T]]) -> _T:
    async def in_time() -> _T:
        async with asyncio.timeout(_TIME_LIMIT):
            return await work()

    try:
        return event_loop.run(in_time())
    except SftpError as error:
        raise error.problem(_NAME) from None
    except TimeoutError:
        raise SftpError(SftpFault.CUT).problem(_NAME) from None
