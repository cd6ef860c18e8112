"""The distributed engine under fire: workers die each second, Redis is emptied and killed, PostgreSQL restarted. All
packages arrive, each once but for those that were recorded `unconfirmed`.

The mail server is a real Postfix that takes a second over each message, so that sends are in flight when something
dies, and that takes what it was given whole whatever became of the giver. The test plays the person who settles what
is unconfirmed: it looks whether the mail server has the message.
"""

import contextlib
import email
import os
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import httpx
import pytest

from gateway.bootstrap import open_gateway
from gateway.domain.acts import Action
from gateway.domain.delivery import DeliveryState
from gateway.domain.problem import Problem
from tests.chaos.faults import Chaos, Fault, die_and_come_back, forget_the_waits, work_on_postgresql
from tests.chaos.record import counts, ever_unconfirmed, packages
from tests.chaos.victims import Workers
from tests.e2e.world import World
from tests.real.engine import engine
from tests.real.mail_sink import running_sink
from tests.real.postfix import Postfix, running_postfix
from tests.real.postgresql import Postgresql, running_postgresql
from tests.real.redis import Redis, running_redis
from tests.real.serving import Server

pytestmark = [pytest.mark.real, pytest.mark.slow, pytest.mark.timeout(1500)]

PACKAGES = int(os.environ.get("ENGINE_PACKAGES", "24"))
"""`make chaos` takes 200."""
PACE = float(os.environ.get("ENGINE_PACE", "0.8"))
"""Seconds between packages, so that there is work in hand all the time."""
SEED = int(os.environ.get("SEED", "1"))
LEASE = 3
DELIVERIES = int(os.environ.get("ENGINE_DELIVERIES", "2000"))


@pytest.fixture
def postfix() -> Iterator[Postfix]:
    with running_postfix(extra={"smtpd_end_of_data_restrictions": "sleep 1"}) as running:
        yield running


@pytest.fixture
def own_postgresql() -> Iterator[Postgresql]:
    """One of its own: it is restarted."""
    with running_postgresql() as running:
        yield running


@pytest.fixture
def redis() -> Iterator[Redis]:
    with running_redis() as running:
        yield running


def test_all_packages_arrive_once_whatever_dies(
    postfix: Postfix, own_postgresql: Postgresql, redis: Redis, tmp_path: Path
) -> None:
    database = own_postgresql.create(empty=True)
    mail = {"host": "127.0.0.1", "port": postfix.port, "tls": "starttls", "ca": str(postfix.ca), "time_limit": "2s"}
    world = made_world(tmp_path, mail, own_postgresql, database, redis)
    made = packages(world, PACKAGES)
    with engine(world) as parts:
        server = parts.web()
        parts.start("scheduler")
        workers = [parts.worker("--processes", "2"), parts.start("worker", "--processes", "2")]
        begun = time.monotonic()
        others = {
            Fault.FLUSH: redis.empty,
            Fault.REDIS: lambda: die_and_come_back(redis),
            Fault.POSTGRESQL: own_postgresql.restart,
        }
        victims, work = Workers(parts, workers, SEED), work_on_postgresql(own_postgresql, database)
        with Chaos(victims, work, SEED, others) as chaos:
            for number, package in enumerate(made):
                submit(server, package)
                time.sleep(max(0.0, begun + (number + 1) * PACE - time.monotonic()))
        print(f"\n{time.monotonic() - begun:.0f} s of chaos: {chaos.told()}")
        assert chaos.failed == []

        settled = finish(
            world,
            postgresql=own_postgresql,
            database=database,
            deliveries=2 * PACKAGES,
            arrived=lambda: message_ids(postfix),
            settled_down=lambda: wait_until_delivered(postfix),
        )
        print(f"{settled} unconfirmed settled; {counts(world)}")

    check_each_once(world, message_ids(postfix), 2 * PACKAGES)
    assert chaos.count(Fault.PROCESS, Fault.WORKER) >= 8, "too few kills to prove anything"
    assert chaos.in_flight(Fault.PROCESS, Fault.WORKER) >= 3, "the kills fell into pauses"
    for fault in others:
        assert chaos.count(fault) >= 1, f"{fault} never struck while work was open"
    assert settled >= 1 or PACKAGES < 100, "no kill left an attempt in doubt"


@pytest.mark.chaos
def test_two_thousand_deliveries_of_twenty_milliseconds_end_complete_with_workers_killed_each_second(
    own_postgresql: Postgresql, redis: Redis, tmp_path: Path
) -> None:
    """The mail server is a stand-in that takes 20 ms over each message."""
    database = own_postgresql.create(empty=True)
    with running_sink(latency=0.02) as sink:
        mail = {"host": "127.0.0.1", "port": sink.port, "tls": "starttls", "ca": str(sink.ca), "time_limit": "2s"}
        world = made_world(tmp_path, mail, own_postgresql, database, redis)
        gateway = open_gateway(world.home)
        with engine(world) as parts:
            workers = [parts.worker("--processes", "2"), parts.start("worker", "--processes", "2")]
            chaos = Chaos(Workers(parts, workers, SEED), work_on_postgresql(own_postgresql, database), SEED)
            begun = time.monotonic()
            with chaos:
                for package in packages(world, DELIVERIES // 2):
                    gateway.submit.accept(package, submitted_by="test")
                finish(
                    world,
                    postgresql=own_postgresql,
                    database=database,
                    deliveries=DELIVERIES,
                    arrived=sink.message_ids,
                    settled_down=lambda: None,
                )
            print(f"\n{DELIVERIES} deliveries complete after {time.monotonic() - begun:.0f} s: {chaos.told()}")
        gateway.close()
        assert chaos.failed == []
        check_each_once(world, sink.message_ids(), DELIVERIES)
    assert chaos.in_flight(Fault.PROCESS, Fault.WORKER) >= 10, "too few kills to prove anything"


def made_world(folder: Path, mail: Mapping[str, object], postgresql: Postgresql, database: str, redis: Redis) -> World:
    return World(
        folder=folder,
        mail={**mail, "server_name": "mx.gw.test", "sender": "registry@gw.test"},
        database=postgresql.options(database),
        settings=f'lease = "{LEASE}s"\nbroker = "{redis.url}"\nmost_attempts = 1000',
        variables=redis.variables,
    ).make()


def finish(
    world: World,
    *,
    postgresql: Postgresql,
    database: str,
    deliveries: int,
    arrived: Callable[[], list[str]],
    settled_down: Callable[[], None],
) -> int:
    """Waits until all is handed over, and plays the person meanwhile. Returns how many were settled."""
    end, settled = time.monotonic() + 900, 0
    while counts(world) != {"handed-over": deliveries}:
        assert time.monotonic() < end, counts(world)
        time.sleep(LEASE)
        forget_the_waits(postgresql, database)
        settled_down()
        settled += settle(world, set(arrived()))
    return settled


def check_each_once(world: World, references: list[str], deliveries: int) -> int:
    """How many arrived twice: none that was not recorded as maybe sent."""
    arrived = Counter(references)
    twice = {reference for reference, times in arrived.items() if times > 1}
    print(f"{len(arrived)} messages arrived, {len(twice)} of them twice")
    assert len(arrived) == deliveries
    assert twice <= ever_unconfirmed(world)
    return len(twice)


def submit(server: Server, package: bytes) -> None:
    """Submits until the gateway answered: a repeat is the first dispatch, so trying again is always right.

    Who is told that too much waits does as they are told, and that is an answer too."""
    end, last = time.monotonic() + 120, ""
    while time.monotonic() < end:
        try:
            answer = server.post(package)
        except httpx.TransportError as error:
            last = repr(error)
        else:
            if answer.status_code in {httpx.codes.OK, httpx.codes.ACCEPTED}:
                return
            last = f"{answer.status_code} {answer.text}"
            if answer.status_code == httpx.codes.TOO_MANY_REQUESTS:
                pause = int(answer.headers["Retry-After"])
                time.sleep(pause)
                end += pause
        time.sleep(0.1)
    raise AssertionError(f"not accepted within 120 s; the last answer: {last}")


def settle(world: World, arrived: set[str]) -> int:
    """Plays the person: what the mail server has was sent, what it has not was not. Returns how many were settled."""
    settled = 0
    gateway = open_gateway(world.home)
    try:
        with gateway.database.read() as tx:
            waiting = tx.deliveries.find(state=DeliveryState.UNCONFIRMED, channel=None, limit=10_000)
            attempts = tx.deliveries.attempts_of([one.id for one in waiting])
        for delivery in waiting:
            sent = attempts[delivery.id][-1].reference in arrived
            action = Action.CONFIRM_SENT if sent else Action.CONFIRM_NOT_SENT
            with contextlib.suppress(Problem):  # PostgreSQL or a worker may have moved it on meanwhile
                gateway.resolve(delivery.id, action, actor="test", reason="looked at the mail server")
                settled += 1
    finally:
        gateway.close()
    return settled


def wait_until_delivered(postfix: Postfix) -> None:
    """Until Postfix has laid down all that it took."""
    queues = [postfix.folder / "spool" / name for name in ("maildrop", "incoming", "active")]
    while any(path.is_file() for queue in queues for path in queue.rglob("*")):
        time.sleep(0.1)


def message_ids(postfix: Postfix) -> list[str]:
    """The Message-ID of each sealed message that arrived, repeats included."""
    parsed = [email.message_from_bytes(message) for message in postfix.messages()]
    return [str(one["Message-ID"]).strip() for one in parsed if one.get_content_type() == "application/pkcs7-mime"]
