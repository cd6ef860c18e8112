"""Whether an account is let in, and the server speaks what is needed. Nothing is uploaded."""

from channels.tus.client import session
from channels.tus.faults import TusError
from channels.tus.settings import TusPlace
from gateway import event_loop


def check_tus(name: str, place: TusPlace) -> None:
    """Raises SetupWrong (tus.*), ServiceDown (tus.unavailable), with `name` as `where`. Blocks."""

    async def ask() -> None:
        async with session(place) as client:
            await client.checksum()

    try:
        event_loop.run(ask())
    except TusError as error:
        raise error.problem(name) from None
