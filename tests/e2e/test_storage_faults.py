"""Storage that fails under the whole gateway: full, read-only, locked, damaged, shared, and a clock that jumps."""

import asyncio
import datetime as dt
import shutil
import sqlite3
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from gateway.bootstrap import open_gateway
from gateway.domain.acts import Action
from gateway.domain.codes import Code
from gateway.domain.problem import Problem, SetupWrong
from gateway.ports.work import LeaseLost
from gateway.worker.embedded import work
from tests.e2e import built
from tests.e2e.standing import ALONE, Standing, standing
from tests.e2e.world import World
from tests.real.mail_sink import MailSink, running_sink
from tests.real.small_disk import SmallDisk, small_disk

HOUR = dt.timedelta(hours=1)


@pytest.fixture(scope="module")
def sink() -> Iterator[MailSink]:
    with running_sink() as running:
        yield running


@pytest.fixture(scope="module")
def made(sink: MailSink, tmp_path_factory: pytest.TempPathFactory) -> World:
    mail = {"host": "127.0.0.1", "port": sink.port, "tls": "starttls", "ca": str(sink.ca), "server_name": "mx.gw.test"}
    return World(
        folder=tmp_path_factory.mktemp("storage"), mail=mail | {"sender": "registry@gw.test", "time_limit": "5s"}
    ).make()


@pytest.fixture
def home(made: World, tmp_path: Path) -> Iterator[Standing]:
    with standing(made, tmp_path) as opened:
        yield opened


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[SmallDisk]:
    with small_disk(tmp_path / "disk") as mounted:
        yield mounted


@pytest.fixture
def on_disk(made: World, disk: SmallDisk) -> Iterator[Standing]:
    # An end that does not fit on the disk is recorded again and again for a lease's time.
    with standing(made, disk.path, lease="8s") as opened:
        yield opened


def refusal(act: Callable[[], object]) -> Code | None:
    """The code with which the act was refused, if it was."""
    try:
        act()
    except Problem as problem:
        return problem.code
    return None


def sent_of(home: Standing, sink: MailSink, dispatch: str) -> int:
    """How many messages of the dispatch's attempts arrived."""
    references = {one["reference"] for one in home.only(dispatch)["attempts"]}
    return sum(1 for arrived in sink.message_ids() if arrived in references)


@pytest.mark.real
@pytest.mark.parametrize("room", [0, 4096, 20_480, 65_536])
def test_a_full_disk_takes_no_package_keeps_nothing_of_it_and_takes_it_later(
    on_disk: Standing, disk: SmallDisk, room: int
) -> None:
    raw, before = built.package(on_disk.made, **ALONE), on_disk.objects()
    disk.leave(room)
    code = refusal(lambda: on_disk.gateway.submit.accept(raw, submitted_by="test"))
    assert code in ({Code.STORAGE_FULL} if room <= 4096 else {Code.STORAGE_FULL, None})
    if code is not None:
        assert on_disk.objects() == before
        assert on_disk.gateway.views.dispatches(10) == []
    disk.empty()
    again = on_disk.gateway.submit.accept(raw, submitted_by="test")
    assert again.repeat is (code is None)
    assert len(on_disk.objects() - before) == 1


@pytest.mark.real
@pytest.mark.slow
def test_a_full_disk_while_working_leaves_no_litter_sends_nothing_twice_and_ends_well(
    on_disk: Standing, disk: SmallDisk, sink: MailSink
) -> None:
    """At each amount of room something else fails: the claim, the papers, the bytes to send, the record of the end."""
    dispatch = on_disk.submit()
    for room in (0, 8_192, 24_576, 49_152, 65_536, 98_304, 131_072):
        disk.leave(room)
        assert refusal(on_disk.work) in {None, Code.STORAGE_FULL, Code.STORAGE_UNAVAILABLE, Code.DATABASE_UNAVAILABLE}
        disk.empty()
        on_disk.clock.by += HOUR
    on_disk.work()
    delivery = on_disk.only(dispatch)
    if delivery["state"] == "unconfirmed":  # it left, and the record of that did not fit
        on_disk.gateway.resolve(delivery["delivery"], Action.CONFIRM_SENT, actor="clerk", reason="it arrived")
    assert on_disk.only(dispatch)["state"] == "handed-over"
    assert sent_of(on_disk, sink, dispatch) == 1
    with on_disk.gateway.database.read() as tx:
        named = {record.object_name for record in tx.records.documents(delivery["delivery"])}
        named |= {one.sent_object for one in tx.deliveries.attempts(delivery["delivery"]) if one.sent_object}
        named.add(tx.dispatches.get(dispatch).object_name)
    assert {path.name for path in on_disk.objects()} == named


@pytest.mark.real
@pytest.mark.slow
def test_a_home_that_is_read_only_refuses_by_its_code_and_keeps_nothing(on_disk: Standing, disk: SmallDisk) -> None:
    on_disk.submit()
    before = on_disk.objects()
    on_disk.gateway.close()
    disk.read_only()
    try:
        package = on_disk.made.folder / "good.asice"
        package.write_bytes(built.package(on_disk.made, **ALONE))
        world = replace(on_disk.world)
        document = world.json("submit", package, expect=7)
        assert document["code"] in {Code.DATABASE_UNAVAILABLE, Code.STORAGE_UNAVAILABLE}
        assert world.run("work", "--until-idle", expect=7).stdout == ""
    finally:
        disk.writable()
    assert on_disk.objects() == before
    assert len(on_disk.world.json("submit", package)["dispatches"]) == 1


@pytest.mark.parametrize("harm", ["missing", "flipped", "cut", "empty"])
@pytest.mark.parametrize("when", ["accepted", "rendered"])
def test_a_damaged_object_stops_its_own_dispatch_and_no_other(
    home: Standing, sink: MailSink, harm: str, when: str
) -> None:
    before = home.objects()
    hurt = home.submit()
    if when == "rendered":
        home.prepare()
    for path in home.objects() - before:
        _damage(path, harm)
    whole = home.submit()
    home.work()
    assert home.only(whole)["state"] == "handed-over"
    for _ in range(30):
        home.clock.by += 12 * HOUR
        home.work()
    view = home.gateway.views.dispatch(hurt)
    assert view["state"] == "needs-person"
    assert sum(1 for one in home.deliveries(hurt) for attempt in one["attempts"] if attempt["sent"]) == 0


def _damage(path: Path, harm: str) -> None:
    content = bytearray(path.read_bytes())
    match harm:
        case "missing":
            path.unlink()
            return
        case "flipped":
            content[len(content) // 2] ^= 1
        case "cut":
            del content[-1]
        case _:
            content.clear()
    path.write_bytes(bytes(content))


def test_a_database_locked_for_some_seconds_by_another_process_is_waited_for(home: Standing, sink: MailSink) -> None:
    dispatch = home.submit()
    with closing(
        sqlite3.connect(home.world.home / "gateway.db", isolation_level=None, check_same_thread=False)
    ) as other:
        other.execute("BEGIN IMMEDIATE")
        release = threading.Timer(2, lambda: other.execute("COMMIT"))
        release.start()
        home.work()
        release.join()
    assert home.only(dispatch)["state"] == "handed-over"
    assert sent_of(home, sink, dispatch) == 1


def test_a_database_that_is_no_database_is_said_to_be_unavailable(home: Standing) -> None:
    home.gateway.close()
    file = home.world.home / "gateway.db"
    for path in file.parent.glob("gateway.db-*"):
        path.unlink()
    file.write_bytes(b"this is no database " * 500)
    with pytest.raises(Problem) as caught:
        open_gateway(home.world.home)
    assert caught.value.code is Code.DATABASE_UNAVAILABLE


@pytest.mark.parametrize("mode", [0o644, 0o660, 0o604])
def test_keys_that_others_may_read_open_nothing(made: World, home: Standing, tmp_path: Path, mode: int) -> None:
    keys = tmp_path / "keys"
    shutil.copytree(made.folder / "keys", keys)
    settings = home.world.home / "gateway.toml"
    settings.write_text(settings.read_text().replace(str(made.folder / "keys"), str(keys)))
    open_gateway(home.world.home).close()
    for path in keys.iterdir():
        if path.suffix != ".pem" or b"PRIVATE" in path.read_bytes():
            path.chmod(mode)
    with pytest.raises(SetupWrong) as caught:
        open_gateway(home.world.home)
    assert caught.value.code is Code.SEAL_KEY_PERMISSIONS


def test_workers_side_by_side_on_one_home_send_everything_once(home: Standing, sink: MailSink) -> None:
    dispatches = [home.submit() for _ in range(12)]
    gateways = [open_gateway(home.world.home, clock=home.clock) for _ in range(3)]
    try:
        with ThreadPoolExecutor(3) as pool:
            list(pool.map(lambda one: work(one, until_idle=True, max_seconds=None), gateways))
        home.work()
    finally:
        for gateway in gateways:
            gateway.close()
    assert {home.only(one)["state"] for one in dispatches} == {"handed-over"}
    assert [sent_of(home, sink, one) for one in dispatches] == [1] * 12


def test_a_clock_that_jumps_ahead_while_a_message_is_on_its_way_sends_nothing_twice(
    home: Standing, sink: MailSink
) -> None:
    dispatch = home.submit()
    home.prepare()
    ((delivery, attempt),) = home.gateway.claim(10)
    home.clock.by += 3 * HOUR
    home.work()  # the other worker finds the lease long past, and sends it itself
    assert home.only(dispatch)["state"] == "handed-over"

    with pytest.raises(LeaseLost):
        asyncio.run(home.gateway.make_deliver(lambda *_: None)(delivery, attempt))
    assert sent_of(home, sink, dispatch) == 1


def test_a_clock_that_jumps_back_holds_work_up_and_loses_none(home: Standing, sink: MailSink) -> None:
    dispatch = home.submit()
    home.clock.by = -6 * HOUR
    assert home.work()["plan"] == 0, "due in six hours"
    home.clock.by = dt.timedelta()
    home.work()
    assert home.only(dispatch)["state"] == "handed-over"
    assert sent_of(home, sink, dispatch) == 1
