"""Reports come back by themselves: from a real Postfix through a real Dovecot into a gateway that serves.

The Postfix has no mailbox for one recipient, cannot reach one for now, relays to a server without reports for one, and
puts one message into its mailbox. Of each it reports to the mailbox that the gateway looks into.
"""

import itertools
import json
import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.test_receipts import gives_back
from tests.e2e.world import EC, RSA, World
from tests.real.dovecot import PASSWORD, Dovecot, running_dovecot
from tests.real.mail_sink import running_sink
from tests.real.ports import free_port
from tests.real.postfix import Postfix, running_postfix
from tests.real.serving import serving

pytestmark = pytest.mark.real

PATIENCE = 60


@pytest.fixture(scope="module")
def postfix() -> Iterator[Postfix]:
    settings = {
        "smtp_tls_security_level": "may",
        "maximal_queue_lifetime": "1d",
        "delay_warning_time": "1s",
        "queue_run_delay": "1s",
        "minimal_backoff_time": "1s",
        "smtpd_reject_unlisted_recipient": "no",
        "virtual_mailbox_maps": f"inline:{{ {{ returns@gw.test = gw/ }} {{ {EC}@gw.test = counsel/ }} }}",
    }
    with running_sink() as sink:
        routes = {"slow.test": f"smtp:[127.0.0.1]:{free_port()}", "elsewhere.test": f"smtp:[127.0.0.1]:{sink.port}"}
        with running_postfix(routes, settings) as running:
            yield running


@pytest.fixture
def dovecot(postfix: Postfix) -> Iterator[Dovecot]:
    with running_dovecot(postfix.folder / "mail/gw") as running:
        yield running


@pytest.fixture
def world(postfix: Postfix, dovecot: Dovecot, tmp_path: Path) -> World:
    mail = {
        "host": "127.0.0.1",
        "port": postfix.port,
        "tls": "starttls",
        "ca": str(postfix.ca),
        "server_name": "mx.gw.test",
        "sender": "registry@gw.test",
        "return_path": "returns@gw.test",
    }
    made = World(folder=tmp_path, mail=mail, domains={RSA: "gw.test", EC: "elsewhere.test"}).make()
    (made.home / "password").write_text(PASSWORD)
    changed(made, "mailbox", host="127.0.0.1", port=dovecot.port, ca=str(dovecot.ca), username="returns")
    changed(made, "mailbox", password_file="password")
    return made


def changed(world: World, table: str, **values: object) -> None:
    """Settings of one table of gateway.toml, changed."""
    path = world.home / "gateway.toml"
    before, inside, after = re.split(rf"(?m)^\[{table}\]\n(.*?)(?=^\[|\Z)", path.read_text(), maxsplit=1, flags=re.S)
    for name, value in values.items():
        inside = re.sub(rf"(?m)^{name} = .*$", lambda _, n=name, v=value: f"{n} = {json.dumps(v)}", inside)
    path.write_text(f"{before}[{table}]\n{inside}{after}")


def moved_to(world: World, **domains: str) -> None:
    """The directory's entries have addresses in other domains from now on."""
    path = world.folder / "directory.json"
    directory = json.loads(path.read_text())
    for entry in directory["recipients"]:
        way = entry["channels"][0]
        way["address"] = f"{entry['id']}@{domains[entry['kind'].replace('-', '_')]}"
    path.write_text(json.dumps(directory))
    world.run("recipients", "import", path)


def deliveries(world: World, dispatch: str) -> dict[str, Any]:
    """The deliveries of the dispatch by role."""
    return {one["roles"][0]: one for one in world.json("status", dispatch)["deliveries"]}


def eventually(what: Callable[[], Any], wanted: Callable[[Any], bool], log: Callable[[], str]) -> Any:
    """What `what` gives once it is as wanted."""
    end = time.monotonic() + PATIENCE
    while not wanted(found := what()):
        assert time.monotonic() < end, f"{found}\n{log()}"
        time.sleep(0.3)
    return found


def test_each_report_moves_the_delivery_it_is_about_and_no_other(
    world: World, postfix: Postfix, dovecot: Dovecot, tmp_path: Path
) -> None:
    first = world.json("submit", world.package("first"))["dispatches"][0]["dispatch"]
    world.run("work", "--until-idle")
    moved_to(world, minister_counsel="slow.test", counsel="gw.test")
    log = tmp_path / "serve.log"
    with serving(world, log):
        second = world.json("submit", world.package("second"))["dispatches"][0]["dispatch"]
        rows = eventually(
            lambda: world.json("receipts", "list")["receipts"],
            lambda found: len([one for one in found if one["handling"] in {"matched", "for-person"}]) == 4,
            lambda: f"{log.read_text()}\n{dovecot.log}\n{postfix.log}",
        )
        eventually(dovecot.lying, lambda found: found == [], log.read_text)
    refused, relayed = (deliveries(world, first)[role] for role in ("minister-counsel", "counsel"))
    delayed, delivered = (deliveries(world, second)[role] for role in ("minister-counsel", "counsel"))
    assert {one["delivery"]: (one["finding"], one["handling"]) for one in rows} == {
        refused["delivery"]: ("failed", "for-person"),
        relayed["delivery"]: ("relayed", "matched"),
        delayed["delivery"]: ("delayed", "matched"),
        delivered["delivery"]: ("in-mailbox", "matched"),
    }
    assert [one["state"] for one in (refused, relayed, delayed, delivered)] == ["failed"] + 3 * ["handed-over"]
    by_mail = [
        [(one["event"], one["evidence"]) for one in each["receipts"] if one["source"] == "mail"]
        for each in (refused, relayed, delayed, delivered)
    ]
    for row, each in itertools.product(rows, (refused, relayed, delayed, delivered)):
        if row["delivery"] == each["delivery"]:
            gives_back(each, _raw(world, row["receipt"], tmp_path))
    evidence = {one["delivery"]: one["evidence"] for one in rows}
    assert by_mail == [
        [("RelayToNonERDSFailure", evidence[refused["delivery"]])],
        [("RelayToNonERDS", evidence[relayed["delivery"]])],
        [],
        [("RelayToNonERDS", evidence[delivered["delivery"]])],
    ]
    assert len(dovecot.lying("Kept")) == 4


def _raw(world: World, receipt: str, folder: Path) -> Path:
    """What came, as it came, in a file."""
    file = folder / f"{receipt}.eml"
    world.run("receipts", "show", receipt, "-o", file)
    return file


def test_a_wrong_password_is_shown_by_doctor_and_the_figures_and_mended_without_a_loss(
    world: World, dovecot: Dovecot, tmp_path: Path
) -> None:
    dovecot.put("stray", b"From: somebody@elsewhere.test\r\nSubject: A question\r\n\r\nWhen?\r\n")
    (world.home / "password").write_text("another")
    log = tmp_path / "serve.log"
    with serving(world, log) as server:
        eventually(
            lambda: server.get("/metrics").text,
            lambda text: 'gateway_mailbox_problem{mailbox="imap",problem="mailbox.login"} 1.0' in text,
            log.read_text,
        )
        (check,) = [one for one in world.json("doctor", expect=6)["checks"] if one["check"] == "mailboxes"]
        assert check["finding"] == "wrong"
        assert "password_file" in check["detail"]
        begun = time.monotonic()
    assert time.monotonic() - begun < 30
    assert world.json("receipts", "poll", expect=6)["code"] == "mailbox.login"
    (world.home / "password").write_text(PASSWORD)
    assert world.json("receipts", "poll")["mailboxes"] == [{"mailbox": "imap", "kept": 1, "repeats": 0, "left": 0}]
    assert "too large and left there 0" in world.run("receipts", "poll").stdout
