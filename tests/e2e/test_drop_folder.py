"""NOVA drops files: one answer each, idempotent, and nothing half-applied, on a real home."""

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from gateway.application.intake.drop_intake import MOST_TRIES, DropRound
from gateway.bootstrap import Gateway, open_gateway
from gateway.domain.codes import Code
from gateway.domain.outcomes import Division
from gateway.domain.problem import ServiceDown
from gateway.worker.embedded import work
from tests.e2e import built
from tests.e2e.world import World


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    folder = tmp_path_factory.mktemp("drop")
    (folder / "dropped").mkdir()
    mail = {"host": "127.0.0.1", "port": 2525, "tls": "none", "sender": "registry@gw.test"}
    made = World(folder=folder, mail=mail, settings='package = "1MB"').make()
    made.set("drop", folder=str(folder / "dropped"))
    return made


@pytest.fixture
def gateway(world: World) -> Iterator[Gateway]:
    opened = open_gateway(world.home)
    look(opened)  # makes what is in the folder
    yield opened
    opened.close()


def look(gateway: Gateway) -> DropRound:
    assert gateway.case_systems.drop is not None
    return gateway.case_systems.drop(100)


def drop(world: World, name: str, content: bytes) -> None:
    """As a sender does: under another name first, then renamed; it was written a while ago."""
    path = world.folder / "dropped/in" / name
    part = path.with_name(f"{name}.part")
    part.write_bytes(content)
    os.utime(part, (0, 0))
    part.rename(path)


def answers(world: World, name: str) -> dict[str, Any]:
    """The one answer to that file, by its outcome."""
    (path,) = (world.folder / "dropped/out").glob(f"{name}.*.json")
    return {path.name.removeprefix(f"{name}.").removesuffix(".json"): json.loads(path.read_bytes())}


def folder(world: World, name: str) -> list[str]:
    return sorted(path.name for path in (world.folder / "dropped" / name).iterdir())


def test_a_package_is_taken_in_once_answered_each_time_and_leaves_no_copy(world: World, gateway: Gateway) -> None:
    package = built.package(world)
    drop(world, "one.asice", package)
    assert look(gateway) == DropRound(accepted=1)
    first = answers(world, "one.asice")["accepted"]
    assert (first["dropped"], first["repeat"], first["state"]) == ("one.asice", False, "in-progress")
    assert first["acceptance"]
    drop(world, "again.asice", package)
    assert look(gateway) == DropRound(accepted=1)
    again = answers(world, "again.asice")["accepted"]
    assert (again["repeat"], again["dispatch"], again["acceptance"]) == (True, first["dispatch"], first["acceptance"])
    assert (folder(world, "in"), folder(world, "taken"), folder(world, "refused")) == ([], [], [])
    with gateway.database.read() as tx:
        assert tx.dispatches.get(first["dispatch"]).submitted_by == "drop"


def test_each_bad_file_is_refused_whole_answered_and_set_aside_and_holds_up_nobody(
    world: World, gateway: Gateway
) -> None:
    good = built.package(world, package_id="11111111-1111-4111-8111-111111111111")
    other = built.package(world, package_id="11111111-1111-4111-8111-111111111111", office="montreal")
    bad = {
        "cut.asice": good[: len(good) // 2],
        "empty.asice": b"",
        "conflict.asice": other,
        "huge.asice": bytes(1_100_000),
        "text.parties.json": b"hello",
        "twice.parties.json": b'{"file": "A", "file": "B"}',
    }
    drop(world, "a-good.asice", good)
    for name, content in bad.items():
        drop(world, name, content)
    assert look(gateway) == DropRound(accepted=1, refused=len(bad))
    codes = {name: answers(world, name)["refused"]["code"] for name in bad}
    assert codes["conflict.asice"] == Code.PACKAGE_CONFLICT
    assert codes["huge.asice"] == Code.PACKAGE_TOO_LARGE
    assert {codes["text.parties.json"], codes["twice.parties.json"]} == {Code.PARTIES_INVALID}
    assert all(code.startswith("package.") for name, code in codes.items() if name.endswith(".asice"))
    assert folder(world, "refused") == sorted(bad)


def message(sequence: int, **more: object) -> bytes:
    said = {
        "schema": "file-parties/1",
        "division": "RPD",
        "sequence": sequence,
        "effective_at": "2026-11-20T15:04:00-05:00",
        "source": "NOVA",
        "changes": [{"participant": "c1", "of_record": {"removal": "by-client"}}],
    }
    return json.dumps({"file": "TC6-88888", "message": said | more}).encode()


def test_parties_are_dropped_as_they_are_posted_and_a_gap_is_asked_for(world: World, gateway: Gateway) -> None:
    drop(world, "3.parties.json", message(3, previous=2))
    assert look(gateway) == DropRound(accepted=1)
    told = answers(world, "3.parties.json")["accepted"]
    assert (told["dropped"], told["sequence"], told["missing"], told["repeat"]) == ("3.parties.json", 3, [2], False)
    posted = json.dumps(json.loads(message(3, previous=2))["message"]).encode()
    assert gateway.parties.receive("TC6-88888", posted, actor="token:nova").repeat
    drop(world, "2.parties.json", message(2))
    look(gateway)
    assert answers(world, "2.parties.json")["accepted"]["missing"] == []
    assert len(gateway.parties.of_file(Division.RPD, "TC6-88888")) == 2


def test_a_file_at_which_the_work_keeps_breaking_off_is_set_aside(
    world: World, gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    drop(world, "poison.asice", built.package(world, package_id="22222222-2222-4222-8222-222222222222"))

    def breaks(*_: object, **__: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(gateway.case_systems.drop._folder, "_lease", -1)  # type: ignore[union-attr]
    monkeypatch.setattr(gateway.submit, "accept", breaks)
    for _ in range(MOST_TRIES):
        with pytest.raises(ZeroDivisionError):
            look(gateway)
    assert look(gateway) == DropRound(refused=1)
    assert answers(world, "poison.asice")["refused"]["code"] == Code.DROP_POISON
    assert "poison.asice" in folder(world, "refused")


def test_while_the_database_is_away_files_wait_unanswered_and_no_try_is_spent(
    world: World, gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    drop(world, "waits.asice", built.package(world, package_id="33333333-3333-4333-8333-333333333333"))

    def away(*_: object, **__: object) -> None:
        raise ServiceDown(Code.DATABASE_UNAVAILABLE)

    with monkeypatch.context() as patch:
        patch.setattr(gateway.submit, "accept", away)
        for _ in range(MOST_TRIES + 2):
            with pytest.raises(ServiceDown):
                look(gateway)
    assert look(gateway) == DropRound(accepted=1)
    assert answers(world, "waits.asice")["accepted"]["repeat"] is False


def test_workers_look_by_themselves_and_so_does_the_command(world: World, gateway: Gateway) -> None:
    drop(world, "worker.asice", built.package(world, package_id="44444444-4444-4444-8444-444444444444"))
    work(gateway, until_idle=True, max_seconds=None)
    assert answers(world, "worker.asice")["accepted"]["repeat"] is False
    drop(world, "command.asice", built.package(world, package_id="55555555-5555-4555-8555-555555555555"))
    drop(world, "command.parties.json", b"{}")
    assert world.json("drop", "run") == {"accepted": 1, "refused": 1}
    assert "command.parties.json" in folder(world, "refused")


def test_answers_name_no_person_and_no_address(world: World, gateway: Gateway) -> None:
    drop(world, "names.asice", built.package(world, package_id="66666666-6666-4666-8666-666666666666"))
    look(gateway)
    written = b"".join(path.read_bytes() for path in Path(world.folder / "dropped/out").iterdir())
    assert b"Family" not in written
    assert b"@" not in written
