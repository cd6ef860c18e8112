"""Whether an account is let in, and the server speaks what is needed. Nothing is uploaded."""

import asyncio

from channels.tus.client import session
from channels.tus.faults import TusError
from channels.tus.settings import TusPlace


def check_tus(name: str, place: TusPlace) -> None:
    """Raises SetupWrong (tus.*), ServiceDown (tus.unavailable), with `name` as `where`. Blocks."""

    async def ask() -> None:
        async with session(place) as client:
            await client.checksum()

    try:
        asyncio.run(ask())
    except TusError as error:
        raise error.problem(name) from None
