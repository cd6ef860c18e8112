"""The whole gateway on a PostgreSQL that is restarted, killed and gone: nothing lost, nothing twice, the cause said."""

import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.e2e import built
from tests.e2e.standing import ALONE
from tests.e2e.world import World
from tests.real.mail_sink import MailSink, running_sink
from tests.real.postgresql import Postgresql, running_postgresql
from tests.real.serving import Server, serving

pytestmark = [pytest.mark.real, pytest.mark.slow]

PACKAGES = 12


@pytest.fixture(scope="module")
def sink() -> Iterator[MailSink]:
    with running_sink() as running:
        yield running


@pytest.fixture(scope="module")
def own() -> Iterator[Postgresql]:
    with running_postgresql() as running:
        yield running


@pytest.fixture
def world(sink: MailSink, own: Postgresql, tmp_path: Path) -> World:
    mail = {"host": "127.0.0.1", "port": sink.port, "tls": "starttls", "ca": str(sink.ca), "server_name": "mx.gw.test"}
    mail |= {"sender": "registry@gw.test", "time_limit": "5s"}
    settings = 'lease = "8s"\nwait = "2s"\nmisconfigured_pause = "1s"'
    return World(folder=tmp_path, mail=mail, settings=settings, database=own.options(own.create(empty=True))).make()


def eventually(say: Any, seconds: float = 60) -> Any:
    """The answer once there is one."""
    end = time.monotonic() + seconds
    while not (answer := say()):
        assert time.monotonic() < end, answer
        time.sleep(0.1)
    return answer


def submitted(server: Server, package: bytes) -> str:
    """The dispatch, submitted again for as long as a service that is needed does not answer."""

    def post() -> str | None:
        answer = server.post(package)
        if answer.status_code == httpx.codes.SERVICE_UNAVAILABLE:
            assert answer.json()["code"].startswith("database.")
            return None
        assert answer.status_code in {httpx.codes.ACCEPTED, httpx.codes.OK}, answer.text
        return str(answer.json()["dispatch"])

    return str(eventually(post))


def only(server: Server, dispatch: str) -> Any:
    """The delivery of the dispatch, if the server can say."""
    answer = server.get(f"/api/v1/dispatches/{dispatch}")
    return answer.json()["deliveries"][0] if answer.is_success and answer.json()["deliveries"] else None


def test_what_is_submitted_while_postgresql_is_restarted_and_killed_all_arrives_once(
    world: World, own: Postgresql, sink: MailSink, tmp_path: Path
) -> None:
    log = tmp_path / "log"
    with serving(world, log) as server:
        dispatches = []
        for number in range(PACKAGES):
            dispatches.append(submitted(server, built.package(world, **ALONE)))
            if number % 4 == 1:
                own.restart()
            if number % 4 == 3:
                own.kill()
                own.start()
        assert len(set(dispatches)) == PACKAGES

        def ended(dispatch: str) -> Any:
            delivery = only(server, dispatch)
            return delivery if delivery and delivery["state"] in {"handed-over", "unconfirmed"} else None

        ends = [eventually(lambda one=one: ended(one)) for one in dispatches]
    arrived = Counter(sink.message_ids())
    for delivery in ends:
        references = {one["reference"] for one in delivery["attempts"]}
        assert delivery["state"] == "handed-over", "the server lived: every end was known"
        assert [arrived[one] for one in references] == [1]
    assert "database.unavailable" in log.read_text()
    assert "Traceback" not in log.read_text()


def test_a_postgresql_that_is_gone_is_told_by_ready_doctor_and_the_command_line(
    world: World, own: Postgresql, tmp_path: Path
) -> None:
    log = tmp_path / "log"
    with serving(world, log) as server:
        own.stop()
        try:
            ready = server.get("/ready")
            assert (ready.status_code, ready.json()["database"]) == (503, "database.unavailable")
            assert server.get("/health").status_code == 200
            assert server.get("/api/v1/dispatches/x").json()["code"] == "database.unavailable"
            checks = world.json("doctor", expect=6)["checks"]
            assert [(one["check"], one["code"]) for one in checks] == [("home", "database.unavailable")]
            assert world.json("dispatches", expect=7)["code"] == "database.unavailable"
        finally:
            own.start()
        eventually(lambda: server.get("/ready").status_code == 200)
    assert '"result": "08006"' in log.read_text()


def test_a_wrong_password_is_told_as_that_and_never_shown(world: World, own: Postgresql) -> None:
    right = own.password_file.read_text()
    own.password_file.write_text("not-the-password")
    try:
        told = world.run("dispatches", "--json", expect=6)
        checks = world.json("doctor", expect=6)["checks"]
    finally:
        own.password_file.write_text(right)
    assert '"code": "database.access"' in told.stdout
    assert [(one["check"], one["code"]) for one in checks] == [("home", "database.access")]
    assert "not-the-password" not in told.stdout + told.stderr + str(checks)
