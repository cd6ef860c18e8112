"""Warm connections: kept, bounded, replaced when the server closed them, and never at the price of a second copy."""

import asyncio
import threading
from collections.abc import Sequence

import pytest

from channels.encrypted_email.channel import EncryptedEmail
from channels.mail import connection, pool
from gateway.domain.delivery import AttemptResult, HandedOver
from gateway.domain.failures import MaybeSent, NotSent, Refused
from tests.channels import samples
from tests.real.smtp_faults import At, Do, Fault, FaultyServer, running


async def _one_after_another(server: FaultyServer, count: int, **settings: object) -> Sequence[AttemptResult]:
    async with running(server):
        channel = samples.channel(port=server.port, **settings)
        results = [await channel.send(samples.prepared()) for _ in range(count)]
        await channel.close()
        return results


def test_messages_that_follow_each_other_share_a_connection() -> None:
    server = FaultyServer()
    results = asyncio.run(_one_after_another(server, 5))
    assert all(isinstance(result, HandedOver) for result in results)
    assert (server.connections, len(server.accepted)) == (1, 5)
    assert server.count("QUIT") == 1


def test_no_more_connections_than_set_are_open_at_once() -> None:
    server = FaultyServer()

    async def send_many() -> Sequence[AttemptResult]:
        async with running(server):
            channel = samples.channel(port=server.port, connections=3)
            results = await asyncio.gather(*(channel.send(samples.prepared()) for _ in range(20)))
            await channel.close()
            return results

    assert all(isinstance(result, HandedOver) for result in asyncio.run(send_many()))
    assert server.connections == 3
    assert len(server.accepted) == 20


@pytest.mark.parametrize("closing", ["421 4.4.2 idle too long", Do.DROP])
def test_a_connection_that_the_server_closed_meanwhile_is_replaced_at_once(closing: str) -> None:
    server = FaultyServer(faults=(Fault(At.MAIL, closing, after=1, times=1),))
    results = asyncio.run(_one_after_another(server, 3))
    assert all(isinstance(result, HandedOver) for result in results)
    assert (server.connections, len(server.accepted)) == (2, 3)


def test_a_fresh_connection_that_is_closed_at_once_is_not_tried_again() -> None:
    server = FaultyServer(faults=(Fault(At.MAIL, Do.DROP),))
    assert isinstance(asyncio.run(_one_after_another(server, 1))[0], NotSent)
    assert server.connections == 1


def test_an_uncertain_end_on_a_warm_connection_is_not_tried_on_a_new_one() -> None:
    server = FaultyServer(faults=(Fault(At.END, Do.TAKE_AND_DROP, after=1, times=1),))
    results = asyncio.run(_one_after_another(server, 2))
    assert isinstance(results[1], MaybeSent)
    assert len(server.accepted) == 2


@pytest.mark.parametrize("at", [At.MAIL, At.RCPT, At.DATA])
def test_after_a_refusal_the_connection_is_reset_and_used_again(at: At) -> None:
    server = FaultyServer(faults=(Fault(at, "550 5.1.1 no", times=1),))
    results = asyncio.run(_one_after_another(server, 2))
    assert not isinstance(results[0], HandedOver)
    assert isinstance(results[1], HandedOver)
    assert (server.connections, server.count("RSET")) == (1, 1)


def test_a_connection_whose_answers_no_longer_fit_is_given_up() -> None:
    server = FaultyServer(faults=(Fault(At.RCPT, "354 what was the question", times=1),))
    results = asyncio.run(_one_after_another(server, 2))
    assert isinstance(results[1], HandedOver)
    assert server.connections == 2


def test_a_connection_is_replaced_after_its_share_of_messages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "_MOST_MESSAGES", 2)
    server = FaultyServer()
    results = asyncio.run(_one_after_another(server, 5))
    assert all(isinstance(result, HandedOver) for result in results)
    assert server.connections == 3


def test_a_connection_that_idled_too_long_is_not_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pool, "_IDLE_LIMIT", -1.0)
    server = FaultyServer()
    assert all(isinstance(result, HandedOver) for result in asyncio.run(_one_after_another(server, 3)))
    assert server.connections == 3


def test_the_wait_for_a_connection_counts_and_ends_as_not_sent() -> None:
    server = FaultyServer(faults=(Fault(At.END, Do.TAKE_AND_HANG),))

    async def send_beside_one_that_hangs() -> AttemptResult:
        async with running(server):
            patient = samples.channel(port=server.port, connections=1, time_limit="60s")
            hasty = samples.channel(port=server.port, connections=1, time_limit="400ms")
            hasty._pools = patient._pools  # the one connection is taken for as long as the test runs
            hanging = asyncio.create_task(patient.send(samples.prepared()))
            while server.connections == 0:
                await asyncio.sleep(0.01)
            result = await hasty.send(samples.prepared())
            hanging.cancel()
            await asyncio.wait([hanging])
            return result

    assert isinstance(asyncio.run(send_beside_one_that_hangs()), NotSent)
    assert server.connections == 1


def test_each_event_loop_has_connections_of_its_own_and_threads_do_not_meet() -> None:
    server = FaultyServer()
    results: list[AttemptResult] = []

    async def send_in_this_loop(channel: EncryptedEmail) -> None:
        results.append(await channel.send(samples.prepared()))
        await channel.close()

    async def serve_two_threads() -> None:
        async with running(server):
            channel = samples.channel(port=server.port)
            threads = [threading.Thread(target=lambda: asyncio.run(send_in_this_loop(channel))) for _ in range(2)]
            for thread in threads:
                thread.start()
            await asyncio.gather(*(asyncio.to_thread(thread.join) for thread in threads))

    asyncio.run(serve_two_threads())
    assert [type(result) for result in results] == [HandedOver, HandedOver]
    assert server.connections == 2


def test_a_prepared_message_whose_destination_was_tampered_with_goes_nowhere() -> None:
    server = FaultyServer()

    async def send() -> AttemptResult:
        async with running(server):
            channel = samples.channel(port=server.port)
            return await channel.send(samples.prepared(address="b@x.test>\r\nRCPT TO:<c@x.test"))

    assert isinstance(asyncio.run(send()), Refused)
    assert server.connections == 0
