"""`docker-compose.yml`: valid for Compose, closed as it promises, and its commands do the job together."""

import json
import mailbox
import re
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from gateway.settings import read_settings
from tests.e2e import built
from tests.e2e.compose import FILE, ROOT, Machine, contents, services
from tests.e2e.world import World
from tests.real import need
from tests.real.ports import free_port
from tests.real.postgresql import Postgresql
from tests.real.redis import Redis, running_redis

SERVICES = services()
ONCE = {"home", "mail-tls"}
GATEWAY = {"home", "web", "worker", "scheduler"}


@pytest.mark.real
def test_compose_itself_finds_the_file_valid() -> None:
    program = need.program("docker-compose", "docker-compose")
    done = subprocess.run([program, "-f", str(FILE), "config", "-q"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_runs_without_rights_it_does_not_need(name: str) -> None:
    service = SERVICES[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert re.fullmatch(r"[1-9]\d*:[1-9]\d*", service["user"])
    assert {"privileged", "cap_add", "pid", "ipc", "devices"} & set(service) == set()
    assert service["restart"] == ("no" if name in ONCE else "unless-stopped")
    assert (name in ONCE) != ("healthcheck" in service)


def test_only_the_web_can_be_reached_from_outside_and_only_from_this_machine() -> None:
    assert {name: one["ports"] for name, one in SERVICES.items() if "ports" in one} == {"web": ["127.0.0.1:8480:8480"]}
    assert [name for name, one in SERVICES.items() if "outside" in one.get("networks", [])] == ["web"]
    assert contents()["networks"]["inside"] == {"internal": True}


def test_secrets_are_files_and_each_service_has_those_it_needs() -> None:
    held = {name: set(one.get("secrets", [])) for name, one in SERVICES.items()}
    assert held["scheduler"] == {"postgres_password", "redis_password"}
    assert held["mail"] == held["mail-tls"] == set()
    secrets = contents()["secrets"]
    assert set().union(*held.values()) == set(secrets)
    for name, secret in secrets.items():
        assert secret == {"file": f"./deploy/secrets/{name}"}
    for name, service in SERVICES.items():
        for variable, value in service.get("environment", {}).items():
            assert "password" not in value.lower() or value.startswith("/run/secrets/"), (name, variable)
    assert "/deploy/secrets/" in (ROOT / ".gitignore").read_text()
    assert "deploy/secrets" in (ROOT / ".dockerignore").read_text()


def test_the_scheduler_holds_neither_keys_nor_what_is_sealed() -> None:
    assert SERVICES["scheduler"]["volumes"] == ["./deploy/gateway.toml:/var/lib/gateway/gateway.toml:ro"]
    assert not SERVICES["scheduler"]["environment"]["GATEWAY_PASSPHRASE_FILE"]


def test_every_part_of_the_engine_has_its_service_and_its_settings_are_read_strictly(tmp_path: Path) -> None:
    assert {name: SERVICES[name]["command"][0] for name in GATEWAY} == {
        "home": "init",
        "web": "web",
        "worker": "worker",
        "scheduler": "scheduler",
    }
    (tmp_path / "gateway.toml").write_text((ROOT / "deploy/gateway.toml").read_text())
    for name in GATEWAY:
        settings = read_settings(tmp_path, SERVICES[name]["environment"])
        assert settings.gateway.database.startswith("postgresql+psycopg://")
        assert settings.gateway.broker == "redis://redis:6379/0"


def test_the_image_holds_what_the_services_run_and_runs_it_as_nobody_in_particular() -> None:
    text = (ROOT / "Dockerfile").read_text()
    last = text.rpartition("FROM ")[2]
    assert "USER 10001:10001" in last
    assert "--require-hashes" in text
    assert 'ENTRYPOINT ["gateway"]' in last
    for copied in ("gateway", "channels", "keys", "templates"):
        assert f"COPY {copied} {copied}\n" in text
    for folder in ("/var/lib/gateway", "/etc/gateway/keys", "/etc/mail-tls", "/var/mail"):
        assert folder in last
    assert "aiosmtpd==" in (ROOT / "requirements.lock").read_text()


@pytest.fixture
def machine(postgresql: Postgresql, tmp_path: Path) -> Iterator[Machine]:
    database = postgresql.create(empty=True)
    with running_redis() as redis:
        made = Machine(tmp_path, places(postgresql, database, redis, tmp_path))
        (tmp_path / "gateway_passphrase").write_text("a passphrase of the tests\n")
        for folder in ("home", "mail-tls", "mail"):
            (tmp_path / folder).mkdir()
        (tmp_path / "home/gateway.toml").write_text(made.here((ROOT / "deploy/gateway.toml").read_text()))
        try:
            yield made
        finally:
            made.stop()
    postgresql.drop(database)


def places(postgresql: Postgresql, database: str, redis: Redis, folder: Path) -> dict[str, str]:
    """What the file names, and what it is on this machine; what is longer comes first."""
    mail = free_port()
    return {
        "/run/secrets/postgres_password": str(postgresql.password_file),
        "/run/secrets/redis_password": str(redis.password_file),
        "/run/secrets/gateway_passphrase": str(folder / "gateway_passphrase"),
        "postgres:5432/gateway": f"127.0.0.1:{postgresql.port}/{database}",
        "redis:6379": f"127.0.0.1:{redis.port}",
        "0.0.0.0:2525": f"127.0.0.1:{mail}",
        "'127.0.0.1', 2525": f"'127.0.0.1', {mail}",
        'host = "mail"': 'host = "127.0.0.1"',
        "port = 2525": f"port = {mail}",
        "0.0.0.0": "127.0.0.1",
        "/var/lib/gateway": str(folder / "home"),
        "/etc/gateway/keys": str(folder / "keys"),
        "/etc/mail-tls": str(folder / "mail-tls"),
        "/var/mail": str(folder / "mail"),
    }


@pytest.mark.real
@pytest.mark.slow
def test_the_commands_and_variables_of_the_file_do_the_job_as_plain_processes(machine: Machine) -> None:
    machine.run("mail-tls")
    machine.run("home")
    machine.run("home")  # at each start: again, it changes nothing
    machine.start("mail")
    machine.wait_until_healthy("mail")
    ports = {name: str(free_port()) for name in ("web", "one", "two", "scheduler")}
    machine.start("web", GATEWAY_WEB__PORT=ports["web"])
    machine.start("worker", "one", GATEWAY_WORKER__PORT=ports["one"])
    machine.start("worker", "two", GATEWAY_WORKER__PORT=ports["two"])
    machine.start("scheduler", GATEWAY_SCHEDULER__PORT=ports["scheduler"])
    machine.wait_until_healthy("web", port_8480=ports["web"])
    machine.wait_until_healthy("worker", port_8481=ports["one"])
    machine.wait_until_healthy("worker", port_8481=ports["two"])
    machine.wait_until_healthy("scheduler", port_8482=ports["scheduler"])

    world = World(folder=machine.folder, mail={}, variables=machine.environment("web")).furnish()
    secret = world.json("tokens", "create", "tests", "--scope", "submit", "--scope", "read")["secret"]
    answer = httpx.post(
        f"http://127.0.0.1:{ports['web']}/api/v1/dispatches",
        content=built.package(world),
        headers={"Authorization": f"Bearer {secret}"},
        timeout=30,
    )
    assert answer.status_code == 202, answer.text
    wait_for_mail(machine, 2)
    assert world.json("status", answer.json()["dispatch"])["files"]
    findings = {one["check"]: one["finding"] for one in world.json("doctor")["checks"]}
    assert (findings["keys"], findings["broker"], findings["channels"]) == ("good", "good", "good")

    ended = machine.stop()
    assert {name: ended[name] for name in ("one", "two", "scheduler")} == {"one": 0, "two": 0, "scheduler": 0}
    for name in ("web", "one", "two", "scheduler"):
        assert "Traceback" not in machine.log(name)
        for line in machine.log(name).splitlines():
            json.loads(line)


def wait_for_mail(machine: Machine, count: int) -> None:
    """Until the mail server of the file keeps so many messages, all of them sealed."""
    taken = mailbox.Maildir(machine.folder / "mail/taken")
    end = time.monotonic() + 60
    while len(taken) < count:
        assert time.monotonic() < end, [machine.log(name)[-2000:] for name in machine.processes]
        time.sleep(0.1)
    assert {message.get_content_type() for message in taken} == {"application/pkcs7-mime"}
