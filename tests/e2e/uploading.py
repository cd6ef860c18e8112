"""Homes whose counsel have decisions uploaded to an exchange of their own."""

import json
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.e2e.world import World
from tests.real import ports
from tests.real.serving import Server, submit_over_http

RECIPIENT = "counsel-uploads"
PATIENCE = 60
PARTICIPANTS = [
    {
        "id": "c1",
        "roles": ["counsel"],
        "represents": ["p1"],
        "name": "C. Conseil",
        "recipient": RECIPIENT,
        "electronic": {"accepts": True, "consent": "2026-01-12"},
    }
]


def mail() -> dict[str, object]:
    """Of a mail server that nothing is sent by."""
    return {"host": "127.0.0.1", "port": ports.free_port(), "tls": "none", "sender": "registry@gw.test"}


def table(name: str, values: Mapping[str, object]) -> str:
    """Of a TOML file."""
    return "\n".join([f"[{name}]", *(f"{key} = {json.dumps(value)}" for key, value in values.items()), ""])


def uploads_to(world: World, exchanges: str, *, kind: str, account: str) -> World:
    """The same home, whose file of exchanges says that, and whose counsel are reached so."""
    (world.home / "exchanges.toml").write_text(exchanges)
    channel = {**world.mail, "url": "http://127.0.0.1:8480/exchange", "exchanges": "exchanges.toml"}
    settings = world.home / "gateway.toml"
    settings.write_text("\n".join([settings.read_text(), table("channels.secure-upload", channel)]))
    way = {"type": "secure-upload", "account": account, "exchange": kind}
    entry = {"id": RECIPIENT, "name": "C. Conseil", "kind": "counsel", "language": "en", "channels": [way]}
    directory = world.folder / "uploads.json"
    directory.write_text(json.dumps({"recipients": [entry]}))
    world.run("recipients", "import", directory)
    return world


def package_for(world: World, name: str) -> Path:
    """A package for them alone."""
    return world.package(name, participants=PARTICIPANTS, minister={"party": False, "interventions": []})


def submitted(world: World, served: Server, name: str) -> str:
    """Its dispatch."""
    return submit_over_http(served, package_for(world, name))


def counsels(served: Server, dispatch: str, *states: str) -> Any:
    """Counsel's copy, once it is in one of those states."""
    ends = time.monotonic() + PATIENCE
    while True:
        deliveries = served.get(f"/api/v1/dispatches/{dispatch}").json()["deliveries"]
        found = [one for one in deliveries if one["participant"] == "c1" and one["state"] in states]
        if found:
            return found[0]
        assert time.monotonic() < ends, deliveries
        time.sleep(0.2)
