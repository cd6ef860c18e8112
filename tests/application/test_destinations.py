"""Destinations under the whole use cases: caps, paces and breakers hold for all workers together, and hold up nobody
else."""

import asyncio
import datetime as dt
import threading
import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import count
from pathlib import Path

import pytest

from gateway.application.sending.deliver import ClaimDeliveries
from gateway.application.sending.destinations import Destinations
from gateway.domain.breaker import Breaker, BreakerPolicy, BreakerState, Outage
from gateway.domain.delivery import Delivery, DeliveryState
from gateway.domain.events import EventName
from gateway.domain.failures import NotSent, Refused
from gateway.domain.parties import ExchangeKind, RecipientChannel
from gateway.domain.rate import Rate
from gateway.domain.reasons import Reason
from gateway.ports.channels import Capabilities
from gateway.ports.database import Database
from gateway.store.engine import SqlDatabase
from tests.application.stage import LEASE, Stage, TestClock
from tests.contracts.fake_channel import HANDED_OVER, FakeChannel
from tests.contracts.samples import stored_deliveries
from tests.migrated import database_in
from tests.real.postgresql import Postgresql

MAIL, FAX, UPLOAD = "encrypted-email", "fax", "secure-upload"
SECOND = dt.timedelta(seconds=1)
POLICY = BreakerPolicy(failures=3, first_wait=10 * SECOND, longest_wait=60 * SECOND, probe=LEASE, outage=3600 * SECOND)
DOWN = NotSent(reason=Reason.SMTP_CONNECT)


class Limited(FakeChannel):
    """A channel whose destination takes so many at once, and so many a second."""

    def __init__(self, name: str, *, at_once: int = 32, rate: Rate | None = None) -> None:
        super().__init__(name=name)
        self._at_once, self._rate = at_once, rate

    @property
    def capabilities(self) -> Capabilities:
        """With the limits."""
        return replace(super().capabilities, at_once=self._at_once, rate=self._rate)


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.real)])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """Either of them, empty."""
    if request.param == "sqlite":
        database = SqlDatabase(database_in(tmp_path))
        yield database
        database.close()
        return
    server: Postgresql = request.getfixturevalue("postgresql")
    name = server.create()
    database = SqlDatabase(server.url(name), replace(server.server, connections=20))
    yield database
    database.close()
    server.drop(name)


def claimer(database: Database, clock: TestClock, *channels: FakeChannel) -> ClaimDeliveries:
    """A worker of its own."""
    by_name = {one.name: one for one in channels}
    destinations = Destinations(channels=by_name, policy=POLICY)
    return ClaimDeliveries(database=database, channels=by_name, destinations=destinations, lease=LEASE, clock=clock)


def due(database: Database, clock: TestClock, number: int, channel: str) -> list[Delivery]:
    """Deliveries that are due through the channel."""
    made = [{"plan": (channel,), "next_action_at": clock.now()} for _ in range(number)]
    return stored_deliveries(database, *made)


def finish(database: Database, delivery: Delivery) -> None:
    """As if it had been handed over."""
    with database.write() as tx:
        tx.deliveries.save(replace(delivery, state=DeliveryState.HANDED_OVER, lease_until=None))


def test_sixteen_claimers_never_hold_more_for_a_destination_than_it_takes(database: Database) -> None:
    """Half the load is on one destination; the others go on beside it."""
    clock, cap = TestClock(), 5
    names = [MAIL, "fax", "courier", "secure-upload", "registered-mail"]
    for name in names:
        due(database, clock, 60 if name == MAIL else 15, name)
    lock, held, most, done = threading.Lock(), dict.fromkeys(names, 0), dict.fromkeys(names, 0), count()

    def work() -> None:
        claim = claimer(database, clock, *(Limited(name, at_once=cap if name == MAIL else 32) for name in names))
        idle = 0
        while idle < 40:
            claimed = claim(4)
            idle = 0 if claimed else idle + 1
            with lock:
                for delivery, _ in claimed:
                    held[delivery.plan[0]] += 1
                    most[delivery.plan[0]] = max(most[delivery.plan[0]], held[delivery.plan[0]])
            time.sleep(0.005)
            for delivery, _ in claimed:
                with lock:  # before the row says so: the count here is never above the one that decides
                    held[delivery.plan[0]] -= 1
                finish(database, delivery)
                next(done)

    with ThreadPoolExecutor(16) as threads:
        for one in [threads.submit(work) for _ in range(16)]:
            one.result()
    assert next(done) == 120
    assert 1 < most[MAIL] <= cap


def test_eight_workers_that_find_a_breaker_half_open_send_one_probe(database: Database) -> None:
    clock = TestClock()
    due(database, clock, 40, MAIL)
    with database.write() as tx:
        standing = tx.destinations.get(MAIL, lock=True)
        open_ = replace(
            standing.breaker, state=BreakerState.OPEN, failures=3, openings=1, since=clock.now(), until=clock.now()
        )
        tx.destinations.save(replace(standing, breaker=open_))
    together = threading.Barrier(8)

    def work() -> int:
        claim = claimer(database, clock, FakeChannel(name=MAIL))
        together.wait()
        return sum(len(claim(4)) for _ in range(5))

    with ThreadPoolExecutor(8) as threads:
        probes = [one.result() for one in [threads.submit(work) for _ in range(8)]]
    assert sum(probes) == 1
    clock.move(LEASE)  # its worker never came back: one more, and again only one
    with ThreadPoolExecutor(8) as threads:
        assert sum(one.result() for one in [threads.submit(work) for _ in range(8)]) == 1


def test_each_recipients_own_server_has_its_own_places_and_its_own_breaker(database: Database) -> None:
    """A dead one holds up its own papers: neither those of another server nor those for our own exchange."""
    clock, dead = TestClock(), "secure-upload/cbsa-gta"
    for server in ("cbsa-gta", "ircc-east", None):
        stored_deliveries(
            database, *[{"plan": (UPLOAD,), "server": server, "next_action_at": clock.now()} for _ in range(10)]
        )
    channel = Limited(UPLOAD, at_once=4)
    claim = claimer(database, clock, channel)
    destinations = Destinations(channels={UPLOAD: channel}, policy=replace(POLICY, failures=2))
    first = claim(30)
    taken = Counter(delivery.destination for delivery, _ in first)
    assert taken == {dead: 2, "secure-upload/ircc-east": 2, UPLOAD: 4}
    gone = NotSent(reason=Reason.EXCHANGE_UNREACHABLE)
    for delivery, attempt in first:
        result = gone if delivery.destination == dead else HANDED_OVER
        with database.write() as tx:
            destinations.tell(tx, delivery.destination or "", attempt, result, left_us=True)
        finish(database, delivery)
    with database.read() as tx:
        assert tx.destinations.get(dead).breaker.state is BreakerState.OPEN
    assert Counter(delivery.destination for delivery, _ in claim(30)) == {"secure-upload/ircc-east": 2, UPLOAD: 4}


def test_a_pace_is_kept_by_all_claimers_together(database: Database) -> None:
    clock = TestClock()
    due(database, clock, 100, MAIL)
    due(database, clock, 10, FAX)
    rate = Rate(interval=SECOND / 10, burst=5)

    def work() -> list[str]:
        return [
            delivery.plan[0] for delivery, _ in claimer(database, clock, Limited(MAIL, rate=rate), Limited(FAX))(20)
        ]

    first = work() + work() + work()
    assert (first.count(MAIL), first.count(FAX)) == (5, 10)
    for _ in range(4):
        clock.move(SECOND / 5)
        assert work() + work() == [MAIL, MAIL]
    clock.move(3600 * SECOND)
    assert len(work() + work()) == 5, "what was not used is lost but for a burst"


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Callable[..., tuple[Stage, FakeChannel]]]:
    made: list[Stage] = []

    def make(*script: object) -> tuple[Stage, FakeChannel]:
        channel = FakeChannel(*script)  # type: ignore[arg-type]
        made.append(Stage(tmp_path, channel))
        return made[-1], channel

    yield make
    for one in made:
        one.close()


def ready(on: Stage) -> Delivery:
    """A delivery of a package of its own."""
    return on.ready(package_id=str(uuid.uuid4()))


def standing(on: Stage) -> BreakerState:
    """How the mail server's breaker stands."""
    with on.database.read() as tx:
        return tx.destinations.get(MAIL).breaker.state


def test_a_destination_that_is_down_costs_five_tries_and_then_nothing_until_a_probe_finds_it(
    stage: Callable[..., tuple[Stage, FakeChannel]],
) -> None:
    on, channel = stage(*[DOWN] * 6, HANDED_OVER)
    deliveries = [ready(on) for _ in range(8)]
    claimed = list(on.claim(5))
    for item in claimed:
        asyncio.run(on.make(*item))
    assert standing(on) is BreakerState.OPEN
    assert on.deliver() == 0, "three are due, and none is touched"
    untouched = [one.id for one in deliveries if one.id not in {delivery.id for delivery, _ in claimed}]
    assert {on.delivery(one).attempts for one in untouched} == {0}
    on.clock.move(10 * SECOND)
    assert (on.deliver(), standing(on)) == (1, BreakerState.OPEN), "the probe found nobody"
    assert on.deliver() == 0
    on.clock.move(20 * SECOND)
    assert (on.deliver(), standing(on)) == (1, BreakerState.CLOSED)
    assert on.deliver() > 0
    assert len(channel.sent) > 7


def test_an_outage_is_told_of_once_when_it_begins_and_once_when_it_ends(
    stage: Callable[..., tuple[Stage, FakeChannel]],
) -> None:
    on, _ = stage(*[DOWN] * 6, HANDED_OVER)
    for _ in range(8):
        ready(on)
    for item in list(on.claim(5)):
        asyncio.run(on.make(*item))
    began = on.clock.now()
    on.clock.move(10 * SECOND)
    on.deliver()  # the probe finds nobody
    assert on.outages == [(MAIL, Outage.BEGAN)]
    on.clock.move(20 * SECOND)
    on.deliver()
    while on.deliver():
        pass
    assert on.outages == [(MAIL, Outage.BEGAN), (MAIL, Outage.ENDED)]
    with on.database.read() as tx:
        (silent,) = tx.records.events_besides(EventName.DESTINATION_SILENT)
        (answers,) = tx.records.events_besides(EventName.DESTINATION_ANSWERS)
    told = {"destination": MAIL, "since": began.isoformat()}
    assert (silent.facts, answers.facts) == (told, told)
    assert answers.at - silent.at == 30 * SECOND


def test_a_probe_that_never_touched_the_network_leaves_the_next_one_to_go_at_once(
    stage: Callable[..., tuple[Stage, FakeChannel]],
) -> None:
    on, channel = stage(*[DOWN] * 5, HANDED_OVER)
    for _ in range(7):
        ready(on)
    for item in list(on.claim(5)):
        asyncio.run(on.make(*item))
    on.clock.move(10 * SECOND)
    channel.refuse_to_prepare = Refused(reason=Reason.KEY_EXPIRED)
    assert (on.deliver(), standing(on)) == (1, BreakerState.OPEN)
    channel.refuse_to_prepare = None
    assert (on.deliver(), standing(on)) == (1, BreakerState.CLOSED)


def test_words_about_a_recipient_never_open_a_breaker(stage: Callable[..., tuple[Stage, FakeChannel]]) -> None:
    on, _ = stage(NotSent(reason=Reason.SMTP_TEMPORARY), Refused(reason=Reason.SMTP_REFUSED))
    for _ in range(12):
        ready(on)
    while on.deliver():
        pass
    assert standing(on) is BreakerState.CLOSED


def to_server(name: str) -> RecipientChannel:
    """The way to a recipient's own server."""
    return RecipientChannel(type=UPLOAD, address=name, account=name, exchange=ExchangeKind.SFTP)


@pytest.fixture
def uploading(tmp_path: Path) -> Iterator[tuple[Stage, FakeChannel]]:
    channel = FakeChannel(name=UPLOAD)
    on = Stage(tmp_path, channel)
    yield on, channel
    on.close()


def silent(on: Stage, server: str) -> None:
    """Nobody answers there, and the next probe is an hour away."""
    with on.database.write() as tx:
        there = tx.destinations.get(f"{UPLOAD}/{server}", lock=True)
        until = on.clock.now() + 3600 * SECOND
        open_ = Breaker(state=BreakerState.OPEN, failures=3, openings=1, since=on.clock.now(), until=until)
        tx.destinations.save(replace(there, breaker=open_))


def test_what_waits_for_a_server_goes_by_the_new_one_as_soon_as_the_directory_names_it(
    uploading: tuple[Stage, FakeChannel],
) -> None:
    """The old one is silent, which is why the recipient moved: nothing waits for its next probe."""
    on, channel = uploading
    on.recipients(way=to_server("old"))
    delivery = on.planned_and_rendered()
    silent(on, "old")
    assert on.deliver() == 0
    on.recipients(way=to_server("new"))
    assert on.delivery(delivery.id).destination == "secure-upload/new"
    assert on.deliver() == 1
    assert on.delivery(delivery.id).state is DeliveryState.HANDED_OVER
    assert len(channel.sent) == 1


def test_what_is_under_way_when_the_server_changes_goes_under_the_new_ones_breaker_and_spends_nothing(
    uploading: tuple[Stage, FakeChannel],
) -> None:
    on, channel = uploading
    on.recipients(way=to_server("old"))
    delivery = on.planned_and_rendered()
    (claimed,) = on.claim(1)
    on.recipients(way=to_server("new"))
    silent(on, "new")
    asyncio.run(on.make(*claimed))
    moved = on.delivery(delivery.id)
    assert (moved.state, moved.reason, moved.attempts) == (DeliveryState.DEFERRED, Reason.EXCHANGE_MOVED, 0)
    assert (moved.destination, channel.sent) == ("secure-upload/new", [])
    assert on.deliver() == 0, "the new one is silent too: it waits for that one's probe"
    on.recipients(way=RecipientChannel(type=UPLOAD, address="cbsa", account="cbsa"))
    assert on.deliver() == 1, "nobody's server but our own exchange"
    assert len(channel.sent) == 1


def test_a_probe_that_finds_its_recipient_moved_leaves_the_old_servers_next_probe_to_go(
    uploading: tuple[Stage, FakeChannel],
) -> None:
    on, _ = uploading
    on.recipients(way=to_server("old"))
    on.planned_and_rendered()
    silent(on, "old")
    on.clock.move(3600 * SECOND)
    (probe,) = on.claim(1)
    on.recipients(way=to_server("new"))
    asyncio.run(on.make(*probe))
    with on.database.read() as tx:
        after = tx.destinations.get("secure-upload/old").breaker
    assert (after.state, after.probe, after.until) == (BreakerState.OPEN, None, on.clock.now())
