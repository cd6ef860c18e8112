"""A fax through a real Postfix to a service: what each party that handles it says is worth what it can know.

The service is a stand-in: the server to which Postfix hands the mail, and result mails in the published shapes of two
kinds of services, one that is T.37's (delivery status notifications) and one commercial (accepted, then final).
"""

import email
import email.policy
import json
import subprocess
import time
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest

from tests.channels.fax_samples import NUMBER, SERVICE, interfax, two_mails
from tests.e2e.world import RSA, World
from tests.real import need
from tests.real.mail_sink import MailSink, running_sink
from tests.real.ports import free_port
from tests.real.postfix import Postfix, running_postfix

pytestmark = [pytest.mark.real, pytest.mark.slow]
PARTICIPANTS = [
    {"id": "m1", "roles": ["minister-counsel"], "recipient": RSA, "language": "en"},
    {"id": "c1", "roles": ["counsel"], "represents": ["p1"], "name": "C. Conseil", "contact": {"fax": NUMBER}},
    {"id": "a1", "roles": ["appellant"], "represents": ["p1"], "contact": {"fax": NUMBER}},
]


@pytest.fixture(scope="module")
def service() -> Iterator[MailSink]:
    with running_sink() as running:
        yield running


@pytest.fixture(scope="module")
def postfix(service: MailSink) -> Iterator[Postfix]:
    routes = {"fax.test": f"smtp:[127.0.0.1]:{service.port}", "gone.test": f"smtp:[127.0.0.1]:{free_port()}"}
    with running_postfix(routes, {"smtp_tls_security_level": "may"}) as running:
        yield running


def world_of(postfix: Postfix, folder: Path, service: str) -> World:
    """A home whose faxes go to that domain."""
    for old in (postfix.folder / "mail").rglob("new/*"):
        old.unlink()
    server = {
        "host": "127.0.0.1",
        "port": postfix.port,
        "tls": "starttls",
        "ca": str(postfix.ca),
        "server_name": "mx.gw.test",
        "sender": "registry@gw.test",
    }
    made = World(folder=folder, mail=server | {"return_path": "returns@gw.test"}).make()
    fax = server | {"service": service, "results_from": SERVICE}
    lines = [f"{name} = {json.dumps(value)}" for name, value in fax.items()]
    settings = made.home / "gateway.toml"
    settings.write_text("\n".join([settings.read_text(), "[channels.fax]", *lines, ""]))
    return made


def sent(world: World) -> str:
    dispatch = world.json("submit", world.package(division="IAD", participants=PARTICIPANTS))["dispatches"][0]
    world.run("work", "--until-idle")
    return str(dispatch["dispatch"])


def faxed(world: World, dispatch: str) -> dict[str, Any]:
    found = world.json("status", dispatch)["deliveries"]
    return next(one for one in found if one["roles"] == ["counsel"])


def awaited(look: Any) -> Any:
    """What a look finds, within half a minute."""
    end = time.monotonic() + 30
    while not (found := look()) and time.monotonic() < end:
        time.sleep(0.05)
    assert found
    return found


def notification(postfix: Postfix, folder: Path, action: str) -> Path:
    """The notification with that action that Postfix sent to the Registry, as a file."""

    def look() -> list[bytes]:
        return [one for one in postfix.messages() if f"Action: {action}".encode() in one and b"FAX=" in one]

    file = folder / f"{action}.eml"
    file.write_bytes(awaited(look)[0])
    return file


def taken_in(world: World, *files: Path) -> None:
    world.run("receipts", "ingest", *files)
    world.run("work", "--until-idle")


def test_a_relay_and_an_acceptance_are_handovers_and_the_final_report_a_result(
    postfix: Postfix, service: MailSink, tmp_path: Path
) -> None:
    tiffinfo = need.program("tiffinfo", "libtiff-tools")
    world = world_of(postfix, tmp_path, "fax.test")
    dispatch = sent(world)
    (raw,) = awaited(lambda: [one for one in service.messages() if b"\nTo: FAX=" in one])
    fax = email.message_from_bytes(raw, policy=email.policy.default)
    assert isinstance(fax, EmailMessage)
    shown = 0
    for number, part in enumerate(fax.iter_attachments()):
        file = tmp_path / f"{number}.tif"
        content = part.get_content()
        assert isinstance(content, bytes)
        file.write_bytes(content)
        told = subprocess.run([tiffinfo, str(file)], capture_output=True, text=True, check=True).stdout
        shown += told.count("Image Width: 1728")
    subject = str(fax["Subject"])
    assert shown == int(subject.split()[1])

    taken_in(world, notification(postfix, tmp_path, "relayed"))
    stands = faxed(world, dispatch)
    assert (stands["state"], stands["settled"]) == ("handed-over", False)
    assert {one["event"] for one in stands["receipts"]} == {"RelayToNonERDS"}

    result = tmp_path / "result.eml"
    result.write_bytes(two_mails("Accepted", subject=subject))
    taken_in(world, result)
    assert faxed(world, dispatch)["settled"] is False

    result.write_bytes(interfax(subject=subject, pages=shown))
    taken_in(world, result)
    ended = faxed(world, dispatch)
    assert (ended["state"], ended["settled"], ended["service"]["basis"]) == ("handed-over", True, "evidence")
    assert len([one for one in service.messages() if b"\nTo: FAX=" in one]) == 1


def test_a_service_that_is_not_there_ends_in_a_persons_hands(postfix: Postfix, tmp_path: Path) -> None:
    world = world_of(postfix, tmp_path, "gone.test")
    dispatch = sent(world)
    taken_in(world, notification(postfix, tmp_path, "failed"))
    stands = faxed(world, dispatch)
    assert (stands["state"], stands["reason"], stands["settled"]) == ("failed", "receipt.bounced", False)
