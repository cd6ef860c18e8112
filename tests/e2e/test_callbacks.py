"""A system is told of changes by a home's processes, checks each call with a library of its own, and is told again."""

from pathlib import Path

from gateway.bootstrap import open_gateway
from gateway.domain.calls import Call
from tests.e2e.home import Home
from tests.real.receiver import receiving


def test_a_system_is_added_told_listed_told_again_and_removed(tmp_path: Path) -> None:
    home = Home(tmp_path).made()
    with receiving() as receiver:
        made = home.json("callbacks", "add", receiver.url)
        receiver.secret = made["secret"]
        gateway = open_gateway(home.path)
        with gateway.database.write() as tx:
            owed = Call(id="d-1", endpoint=made["endpoint"], body="{}", made_at=gateway.clock.now())
            tx.calls.add([owed])
        gateway.close()
        assert home.json("work", "--until-idle")["call"] == 1
        assert home.json("callbacks", "replay", made["endpoint"], "--from", "d-1")["calls"] == 1
        home.run("work", "--until-idle")
        assert (receiver.calls, receiver.forged) == (["d-1", "d-1"], 0)

    (listed,) = home.json("callbacks", "list")["endpoints"]
    assert (listed["url"], listed["untold"], listed["fault"]) == (receiver.url, 0, None)
    home.language = "fr"
    told = home.run("callbacks", "list").stdout
    assert "changements des transmissions" in told
    assert made["secret"] not in told
    home.json("callbacks", "remove", made["endpoint"])
    assert home.json("callbacks", "list")["endpoints"] == []
