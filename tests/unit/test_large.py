"""Large things go one at a time, and waiting for that holds nobody up."""

import asyncio

from gateway.application.large import LARGE, LargeGate

MANY = 50
"""More than the threads of any event loop's own executor on a machine of up to 32 cores."""


def test_many_that_wait_leave_the_threads_to_the_one_whose_turn_it_is() -> None:
    gate, inside, most = LargeGate(), 0, 0

    async def one() -> None:
        nonlocal inside, most
        async with gate.async_turn(LARGE + 1):
            inside += 1
            most = max(most, inside)
            await asyncio.to_thread(lambda: None)
            inside -= 1

    async def all_at_once() -> None:
        await asyncio.gather(*(one() for _ in range(MANY)))  # a deadlock ends at the time limit of every test

    asyncio.run(all_at_once())
    assert most == 1


def test_a_wait_that_is_cancelled_takes_no_turn() -> None:
    gate = LargeGate()

    async def wait() -> None:
        async with gate.async_turn(LARGE + 1):
            raise AssertionError("the turn was taken")

    async def give_up() -> None:
        waiting = asyncio.create_task(wait())
        await asyncio.sleep(0)
        waiting.cancel()
        await asyncio.wait([waiting])

    with gate.turn(LARGE + 1):
        asyncio.run(give_up())
    with gate.turn(LARGE + 1):
        pass


def test_what_is_small_passes_while_a_large_one_is_inside() -> None:
    gate = LargeGate()

    async def small() -> str:
        async with gate.async_turn(LARGE):
            return "passed"

    with gate.turn(LARGE + 1), gate.turn(LARGE):
        assert asyncio.run(small()) == "passed"
