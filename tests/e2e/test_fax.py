"""A fax from the package to the service's result: the service is a stand-in, a mail server of the test's and result
mails in two services' published shapes."""

import email
import email.policy
import subprocess
from collections.abc import Iterator
from email.message import EmailMessage
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from tests.channels.fax_samples import NUMBER, SERVICE, interfax, two_mails
from tests.e2e.world import RSA, World
from tests.real import need
from tests.real.mail_sink import MailSink, running_sink

pytestmark = [pytest.mark.real, pytest.mark.slow]
PARTICIPANTS = [
    {"id": "m1", "roles": ["minister-counsel"], "recipient": RSA, "language": "en"},
    {"id": "c1", "roles": ["counsel"], "represents": ["p1"], "name": "C. Conseil", "contact": {"fax": NUMBER}},
    {"id": "a1", "roles": ["appellant"], "represents": ["p1"], "contact": {"fax": NUMBER}},
]


@pytest.fixture
def sink() -> Iterator[MailSink]:
    with running_sink() as running:
        yield running


@pytest.fixture
def world(sink: MailSink, tmp_path: Path) -> World:
    server = {"host": "127.0.0.1", "port": sink.port, "ca": str(sink.ca), "server_name": "mx.gw.test"}
    made = World(folder=tmp_path, mail=server | {"sender": "registry@gw.test"}).make()
    fax = server | {"sender": "registry@gw.test", "service": "fax.test", "results_from": SERVICE}
    lines = [f"{name} = {value if isinstance(value, int) else repr(value)}" for name, value in fax.items()]
    settings = made.home / "gateway.toml"
    settings.write_text("\n".join([settings.read_text(), "[channels.fax]", *lines, ""]))
    return made


def _faxes(sink: MailSink) -> list[EmailMessage]:
    read = [email.message_from_bytes(one, policy=email.policy.default) for one in sink.messages()]
    return [one for one in read if str(one["To"]).startswith("FAX=")]


def _faxed(world: World, dispatch: str) -> dict[str, Any]:
    found = world.json("status", dispatch)["deliveries"]
    return next(one for one in found if one["roles"] == ["counsel"])


def test_a_fax_goes_out_as_tiff_and_its_result_alone_ends_it(world: World, sink: MailSink, tmp_path: Path) -> None:
    tiffinfo = need.program("tiffinfo", "libtiff-tools")
    package = world.package(division="IAD", participants=PARTICIPANTS)
    assert "fax" in world.run("route", package, "--explain").stdout
    dispatch = world.json("submit", package)["dispatches"][0]["dispatch"]
    world.run("work", "--until-idle")
    assert _faxed(world, dispatch)["state"] == "handed-over", world.json("status", dispatch)
    (fax,) = _faxes(sink)
    token, pages, check = str(fax["Subject"]).split()
    shown = 0
    for part in fax.iter_attachments():
        place = tmp_path / str(part.get_filename())
        content = part.get_content()
        assert isinstance(content, bytes)
        place.write_bytes(content)
        told = subprocess.run([tiffinfo, str(place)], capture_output=True, text=True, check=True).stdout
        assert "CCITT Group 3" in told
        shown += told.count("Image Width: 1728")
    assert shown == int(pages)

    subject = f"{token} {pages} {check}"
    accepted = two_mails("Accepted", subject=subject)
    for raw, state, reason in (
        (accepted, "handed-over", None),
        (interfax(subject=subject, pages=int(pages) + 1), "handed-over", None),
        (interfax(subject=subject.replace(token[:4], "ffff", 1), status="Busy"), "handed-over", None),
        (interfax(subject=subject, pages=0, status="Busy"), "failed", "fax.busy"),
    ):
        file = tmp_path / "result.eml"
        file.write_bytes(raw)
        world.run("receipts", "ingest", file)
        world.run("work", "--until-idle")
        stands = _faxed(world, dispatch)
        assert (stands["state"], stands["reason"]) == (state, reason), raw.decode()
    assert not stands["settled"]
    assert len(_faxes(sink)) == 1, "a result never makes anything be sent again"


@pytest.mark.parametrize("final", ["interfax", "two-mails"])
def test_the_final_report_of_all_pages_settles_a_fax(world: World, sink: MailSink, tmp_path: Path, final: str) -> None:
    dispatch = world.json("submit", world.package(division="IAD", participants=PARTICIPANTS))["dispatches"][0][
        "dispatch"
    ]
    world.run("work", "--until-idle")
    (fax,) = _faxes(sink)
    subject = str(fax["Subject"])
    pages = int(subject.split()[1])
    made = interfax if final == "interfax" else partial(two_mails, "Success")
    raw = made(subject=subject, pages=pages)
    file = tmp_path / "result.eml"
    file.write_bytes(raw)
    world.run("receipts", "ingest", file)
    world.run("work", "--until-idle")
    stands = _faxed(world, dispatch)
    assert (stands["state"], stands["settled"], stands["service"]["basis"]) == ("handed-over", True, "evidence")
