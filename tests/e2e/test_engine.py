"""The distributed engine with real parts: PostgreSQL, Redis, `gateway web`, a worker with two pool processes and a
scheduler, each a process of its own; and what becomes of the work when the broker is in trouble."""

import base64
import json
import os
import signal
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from gateway.bootstrap import broker_url
from gateway.settings import read_settings
from gateway.worker.broker import LEFT_ALONE, application
from gateway.worker.queues import Queue
from tests.e2e import built
from tests.e2e.home import Home
from tests.e2e.world import World
from tests.real.engine import Engine, Part, engine, state_of
from tests.real.mail_sink import MailSink, running_sink
from tests.real.postgresql import Postgresql
from tests.real.redis import Redis, running_redis
from tests.real.serving import Server

pytestmark = [pytest.mark.real, pytest.mark.slow]

ALL_WELL = {"database": "ok", "broker": "ok"}
SECONDS = 60.0  # for what takes one or two


@dataclass(frozen=True)
class Running:
    """All parts of one engine."""

    world: World
    sink: MailSink
    redis: Redis
    engine: Engine
    server: Server
    web: Part
    worker: Part
    scheduler: Part

    def submit(self) -> str:
        """A package with two participants who are reached by encrypted e-mail; its dispatch."""
        answer = self.server.post(built.package(self.world))
        assert answer.status_code == 202, answer.text
        return str(answer.json()["dispatch"])

    def handed_over(self, dispatch: str) -> int:
        """How many of its deliveries the mail server took."""
        view = self.server.get(f"/api/v1/dispatches/{dispatch}").json()
        return sum(one["state"] == "handed-over" for one in view["deliveries"])

    def arrives(self) -> None:
        """A package that is submitted now gets through."""
        dispatch = self.submit()
        eventually(lambda: self.handed_over(dispatch) == 2, lambda: self.worker.lines[-3000:])

    def doctor(self, check: str) -> Any:
        """What `gateway doctor` found there."""
        done = self.world.run("doctor", "--json", expect=6 if check == "database" else 0)
        (found,) = [one for one in json.loads(done.stdout)["checks"] if one["check"] == check]
        return found


def eventually(holds: Callable[[], bool], told: Callable[[], str] = str) -> None:
    end = time.monotonic() + SECONDS
    while not holds():
        assert time.monotonic() < end, told()
        time.sleep(0.05)


def paused(running: Running) -> None:
    """Stops it where it stands, and waits until it waits for no message any more: the next one stays in its queue."""
    worker, client = running.worker, running.redis.client
    worker.send(signal.SIGSTOP)
    eventually(lambda: all(state_of(pid) == "T" for pid in (worker.process.pid, *worker.pool())))
    client.ping()  # what it asked for before it stood has been read once this is answered
    eventually(lambda: client.info("clients")["blocked_clients"] == 0)


@pytest.fixture(scope="module")
def running(postgresql: Postgresql, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    name = postgresql.create(empty=True)
    with running_redis() as redis, running_sink() as sink:
        mail = {"host": "127.0.0.1", "port": sink.port, "tls": "starttls", "ca": str(sink.ca)}
        mail |= {"server_name": "mx.gw.test", "sender": "registry@gw.test"}
        world = World(
            folder=tmp_path_factory.mktemp("engine"),
            mail=mail,
            database=postgresql.options(name),
            settings=f'broker = "{redis.url}"',
            variables=redis.variables,
        ).make()
        with engine(world) as parts:
            server = parts.web()
            worker = parts.worker("--processes", "2")
            scheduler = parts.start("scheduler")
            scheduler.wait_until(status="ready")
            yield Running(world, sink, redis, parts, server, parts.parts[0], worker, scheduler)
    postgresql.drop(name)


def test_a_package_goes_from_step_to_step_by_hints_that_hold_ids_alone(running: Running) -> None:
    paused(running)
    dispatch = running.submit()
    eventually(lambda: running.redis.client.llen("gateway.intake") >= 1)  # after the answer; or the scheduler's too
    entry, *_ = running.redis.client.lrange("gateway.intake", -1, -1)  # the first that came
    running.worker.send(signal.SIGCONT)
    message = json.loads(entry)
    assert json.loads(base64.b64decode(message["body"]))[:2] == [[], {"ids": [dispatch]}]
    assert message["headers"]["eta"] is None
    assert message["headers"]["argsrepr"] == "()"

    eventually(lambda: running.handed_over(dispatch) == 2, lambda: running.worker.lines[-3000:])
    eventually(lambda: woken(running, dispatch) == {"intake", "deliver"}, lambda: running.worker.lines)


def woken(running: Running, dispatch: str) -> set[str]:
    """The steps that were woken for a dispatch."""
    lines = [json.loads(line) for line in running.worker.lines.splitlines() if f'"{dispatch}"' in line]
    return {one["queue"] for one in lines if one["event"] == "woken"}


def test_every_part_says_that_it_is_ready_and_has_figures(running: Running) -> None:
    running.arrives()
    said = running.web.ready()
    assert {name: said[name] for name in ("status", "database", "broker")} == dict(status="ready", **ALL_WELL)
    assert running.worker.ready() == dict(status="ready", workers="ok", keys="ok", **ALL_WELL)
    assert running.scheduler.ready() == dict(status="ready", **ALL_WELL)
    for part in (running.web, running.worker, running.scheduler):
        assert part.get("/health").json() == {"status": "ok"}
        assert part.get("/nothing").status_code == 404
    for queue in ("intake", "render", "deliver"):
        comes_to_count(running.worker, f'gateway_work_items_total{{queue="{queue}",result="done"}}')
    for queue in ("intake", "deliver"):  # whoever plans a package renders it: nobody else is woken for that
        comes_to_count(running.worker, f'gateway_hints_total{{fate="received",queue="{queue}"}}')
    comes_to_count(running.web, 'gateway_hints_total{fate="published",queue="intake"}')
    comes_to_count(running.scheduler, 'gateway_deliveries{state="handed-over"}')


def test_running_parts_that_lack_a_rotated_key_are_not_ready_until_it_is_there(running: Running) -> None:
    running.world.run("keys", "rotate", "kek")
    newest = max((running.world.folder / "keys").glob("kek-*.key"))
    away = newest.rename(running.world.folder / newest.name)
    try:
        for part in (running.web, running.worker):
            part.wait_until(status="not-ready", keys="key.not-here")
            comes_to_count(part, "gateway_own_keys_not_here 1.0")
        running.scheduler.wait_until(status="ready")  # it needs none
    finally:
        away.rename(newest)
    for part in (running.web, running.worker):
        part.wait_until(status="ready", keys="ok")
    running.arrives()
    assert f'"keys": "kek {newest.stem.removeprefix("kek-")}"' in running.worker.lines
    assert '"event": "own-keys-here"' in running.worker.lines


def comes_to_count(part: Part, figure: str) -> None:
    """A figure is counted a moment after what it counts can be seen."""
    eventually(lambda: figure in part.get("/metrics").text, lambda: part.get("/metrics").text)


ENVELOPE = {
    "content-type": "application/json",
    "content-encoding": "utf-8",
    "properties": {"delivery_tag": "x", "delivery_info": {"exchange": "", "routing_key": "gateway.intake"}},
}
HEADERS = {"task": "gateway.intake", "id": "1", "lang": "py", "root_id": None, "parent_id": None}
POISON = (
    b"not json",
    b"\xff\xfe\x00",
    b"{}",
    b"[]",
    b'"text"',
    b'{"body": 1, "properties": {}}',
    json.dumps(ENVELOPE | {"body": "bm90IGpzb24=", "headers": HEADERS}).encode(),
    json.dumps(ENVELOPE | {"body": "W10=", "headers": HEADERS | {"task": "os.system"}}).encode(),
    json.dumps(
        ENVELOPE | {"body": "gASVAA==", "headers": HEADERS, "content-type": "application/x-python-serialize"}
    ).encode(),
)


def test_entries_that_cannot_be_read_are_dropped_and_logged_and_the_worker_goes_on(running: Running) -> None:
    pool = running.worker.pool()
    for queue in Queue:
        for entry in POISON:
            running.redis.client.lpush(f"gateway.{queue}", entry)
    eventually(lambda: not any(running.redis.client.llen(f"gateway.{queue}") for queue in Queue))
    running.arrives()
    assert running.worker.pool() == pool
    eventually(lambda: running.worker.lines.count('"hint-unreadable"') >= 6 * len(Queue), lambda: running.worker.lines)


def test_a_message_of_a_later_version_is_understood(running: Running) -> None:
    url = broker_url(running.world.home, read_settings(running.world.home, running.world.variables))
    marker = "a-later-version"
    sender: Any = application(url)
    sender.send_task("gateway.render", kwargs={"ids": [marker], "urgency": 3}, queue="gateway.render")
    eventually(lambda: marker in running.worker.lines)
    time.sleep(0.2)
    (line,) = [json.loads(one) for one in running.worker.lines.splitlines() if marker in one]
    assert line["event"] == "woken"


def test_a_broker_that_hangs_slows_the_work_down_and_every_part_says_so(running: Running) -> None:
    running.redis.hang()
    try:
        for _ in range(2):
            running.arrives()
        for part in (running.web, running.worker, running.scheduler):
            assert part.wait_until(broker="broker.unavailable")["status"] == "degraded"
        found = running.doctor("broker")
        assert (found["finding"], found["code"]) == ("warning", "broker.unavailable")
        eventually(lambda: '"hint-failed"' in running.web.lines, lambda: running.web.lines)
    finally:
        running.redis.go_on()
    running.worker.wait_until(status="ready")
    assert running.doctor("broker")["finding"] == "good"
    running.arrives()


def test_a_broker_that_is_emptied_killed_and_started_again_loses_nothing(running: Running) -> None:
    paused(running)
    forgotten = running.submit()
    eventually(lambda: running.redis.client.llen("gateway.intake") >= 1)  # after the answer; or the scheduler's too
    running.redis.empty()
    running.worker.send(signal.SIGCONT)
    eventually(lambda: running.handed_over(forgotten) == 2, lambda: running.worker.lines[-3000:])

    running.redis.kill()
    running.arrives()
    running.worker.wait_until(status="degraded")
    (victim, *_rest) = running.worker.pool()
    os.kill(victim, signal.SIGKILL)
    eventually(lambda: victim not in running.worker.pool() and len(running.worker.pool()) == 2)
    assert '"pool-process-ended"' in running.worker.lines
    running.arrives()

    reached = running.worker.lines.count('"broker-reached"')
    running.redis.start()
    eventually(lambda: running.worker.lines.count('"broker-reached"') > reached, lambda: running.worker.lines[-3000:])
    time.sleep(LEFT_ALONE)
    before = running.worker.lines.count('"woken"')
    running.arrives()
    eventually(lambda: running.worker.lines.count('"woken"') >= before + 2)  # who plans and renders, and who sends


def test_nothing_of_the_work_hangs_on_the_scheduler_and_a_second_one_changes_nothing(running: Running) -> None:
    second = running.engine.start("scheduler")
    second.wait_until(status="ready")
    arrived = len(running.sink.messages())
    running.arrives()
    assert len(running.sink.messages()) == arrived + 2
    assert second.stop() == 0
    assert running.scheduler.stop() == 0
    running.arrives()


@pytest.mark.parametrize("name", ["web", "worker", "scheduler"])
def test_a_part_without_a_broker_says_which_setting_is_wrong(tmp_path: Path, name: str) -> None:
    home = Home(tmp_path).made()
    told = home.run(name, "--port", "0", expect=6).stderr
    assert "settings.invalid" in told
    assert "gateway.broker" in told
    assert "Traceback" not in told
