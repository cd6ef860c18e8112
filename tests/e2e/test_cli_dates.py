"""What staff do with days and parties on the command line of a real home, and what they read."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.e2e import built
from tests.e2e.world import World

FILE = "TC6-12345"


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    mail = {"host": "127.0.0.1", "port": 2525, "tls": "none", "sender": "registry@gw.test"}
    return World(folder=tmp_path_factory.mktemp("dates"), mail=mail).make()


def told(world: World, *arguments: str | Path, expect: int = 0) -> str:
    return world.run(*arguments, expect=expect).stdout


def due(world: World, office: str) -> Any:
    line = ("deadline", "--division", "RPD", "--signed-at", "2026-11-20T15:04:00-05:00", "--office", office)
    return world.json(*line)["date"]


def test_a_closure_counts_in_every_date_until_it_is_withdrawn(world: World) -> None:
    closure = world.json("closures", "add", "2026-11-24", "--office", "ottawa", "--reason", "Ice storm")
    assert due(world, "ottawa") == "2026-11-30"
    assert due(world, "toronto") == "2026-11-27"
    listed = world.json("closures", "list")["closures"]
    assert [(one["date"], one["office"], one["reason"]) for one in listed] == [("2026-11-24", "ottawa", "Ice storm")]
    assert "Ottawa" in told(world, "closures", "list")
    assert "2026-11-24" in told(world, "closures", "withdraw", closure["closure"], "--reason", "Wrong day")
    assert due(world, "ottawa") == "2026-11-27"
    told(world, "closures", "add", "2026-11-24", "--reason", "No office named", expect=3)
    told(world, "closures", "add", "soon", "--all", "--reason", "No day", expect=3)


def test_a_strike_halts_deeming_and_is_shown_with_its_channel(world: World) -> None:
    since = "2026-11-20T00:00:00-05:00"
    mailed = ("deemed-receipt", "--division", "RPD", "--office", "toronto", "--mailed", "2026-11-17")
    told(world, "channels", "suspend", "regular-mail", "--since", since, "--reason", "Strike")
    halted = world.json(*mailed)
    assert (halted["date"], halted["suspended_since"]) == (None, "2026-11-20")
    assert "No day yet" in told(world, *mailed)
    (mail,) = [one for one in world.json("channels", "list")["channels"] if one["channel"] == "regular-mail"]
    assert (mail["set_up"], mail["suspension"]["reason"]) == (False, "Strike")
    assert "regular mail" in told(world, "channels", "list")
    told(world, "channels", "suspend", "regular-mail", "--reason", "Again", expect=5)
    assert "delivers again" in told(world, "channels", "restore", "regular-mail", "--reason", "It ended")
    assert world.json(*mailed)["date"] is not None


def test_a_channel_is_paused_by_a_person_and_shown_so_until_it_is_resumed(world: World) -> None:
    pausing = ("channels", "pause", "encrypted-email", "--reason", "The mail server moves")
    assert "until somebody resumes it" in told(world, *pausing)
    (mail,) = [one for one in world.json("channels", "list")["channels"] if one["channel"] == "encrypted-email"]
    assert (mail["pause_reason"], mail["paused_until"][:4]) == ("channel.paused-by-person", "9999")
    assert "until somebody resumes it" in told(world, "channels", "list")
    resuming = ("channels", "resume", "encrypted-email", "--reason", "It has moved")
    assert "takes what waits" in told(world, *resuming)
    told(world, *resuming, expect=5)


def test_what_the_registry_says_of_a_file_is_taken_in_shown_and_confirmed(world: World, tmp_path: Path) -> None:
    message = tmp_path / "parties.json"
    fields = {
        "schema": "file-parties/1",
        "division": "RPD",
        "sequence": 1,
        "effective_at": "2026-11-24T10:00:00-05:00",
        "source": "NOVA",
        "changes": [{"participant": "c1", "contact": {"email": "marguerite@mail.example"}}],
    }
    message.write_text(json.dumps(fields))
    assert "message 1 of NOVA was taken in" in told(world, "files", "parties", FILE, message)
    assert "taken in before" in told(world, "files", "parties", FILE, message)
    assert world.json("files", "confirm", FILE, "--division", "RPD", "--reason", "Called")["source"] == "staff"
    first, second = world.json("files", "show", FILE, "--division", "RPD")["messages"]
    assert first["changes"] == [{"participant": "c1", "of": ["contact"]}]
    assert second["changes"] == []
    assert "marguerite" not in told(world, "files", "show", FILE, "--division", "RPD")
    message.write_text("{}")
    told(world, "files", "parties", FILE, message, expect=3)


def test_the_clocks_of_a_dispatch_are_shown_as_indicative(world: World, tmp_path: Path) -> None:
    person = {
        "id": "p1",
        "family_name": "Exemple",
        "outcome": {"code": "rejected"},
        "recourse": {"forum": "RAD"},
    }
    package = tmp_path / "one.asice"
    package.write_bytes(built.package(world, persons=[person]))
    (taken,) = world.json("submit", package)["dispatches"]
    clocks = world.json("clocks", taken["dispatch"])["clocks"]
    assert {one["clock"] for one in clocks} == {"rad-notice-of-appeal", "rad-perfecting"}
    assert {one["indicative"] for one in clocks} == {None}
    shown = told(world, "clocks", taken["dispatch"])
    assert "IRPR 159.91(1)(a)" in shown
    assert "indicative" in shown
