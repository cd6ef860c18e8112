"""The exchange from the identity check to the proof of receipt: a real browser, a real mail server, the commands."""

import email
import email.policy
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from gateway.bootstrap import open_database
from gateway.domain.digest import sha256
from gateway.settings import read_settings
from tests.e2e.world import World
from tests.real import ports
from tests.real.browser import WIDTHS, faults, running_browser
from tests.real.postfix import Postfix, running_postfix
from tests.real.serving import Server, serving

pytestmark = [pytest.mark.real, pytest.mark.slow]

COUNSEL, ADDRESS = "counsel-71904v", "counsel@gw.test"
PARTICIPANTS = [
    {
        "id": "c1",
        "roles": ["counsel"],
        "represents": ["p1"],
        "name": "C. Conseil",
        "recipient": COUNSEL,
        "electronic": {"accepts": True, "consent": "2026-01-12"},
    }
]
WORDS = {
    "en": {
        "send": "Send me a link",
        "code": "Code",
        "enter": "Sign in",
        "left": "Left for you",
        "download": "Download",
        "acknowledge": "I have received these documents",
        "acknowledged": "Receipt acknowledged",
        "collected": "Collected",
        "sign-out": "Sign out",
        "out": "You are signed out",
        "address": "Your e-mail address",
    },
    "fr": {
        "send": "M’envoyer un lien",
        "code": "Code",
        "enter": "Ouvrir la session",
        "left": "Déposé pour vous",
        "download": "Télécharger",
        "acknowledge": "J’ai reçu ces documents",
        "acknowledged": "Réception confirmée",
        "collected": "Pris",
        "sign-out": "Fermer la session",
        "out": "La session est fermée",
        "address": "Votre adresse de courriel",
    },
}


@pytest.fixture(scope="module")
def postfix() -> Iterator[Postfix]:
    with running_postfix() as running:
        yield running


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with running_browser() as running:
        yield running


@pytest.fixture(scope="module")
def world(postfix: Postfix, tmp_path_factory: pytest.TempPathFactory) -> World:
    folder = tmp_path_factory.mktemp("world")
    server = {"host": "127.0.0.1", "port": postfix.port, "ca": str(postfix.ca), "sender": "registry@gw.test"}
    return World(folder=folder, mail=server).make()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A browser that was never here before."""
    context = browser.new_context()
    yield context.new_page()
    context.close()


@pytest.fixture(scope="module")
def served(world: World, postfix: Postfix) -> Iterator[Server]:
    port = ports.free_port()
    server = {"host": "127.0.0.1", "port": postfix.port, "ca": str(postfix.ca), "sender": "registry@gw.test"}
    table = {"url": f"http://127.0.0.1:{port}/exchange"} | server
    lines = [f"{name} = {json.dumps(value)}" for name, value in table.items()]
    settings = world.home / "gateway.toml"
    settings.write_text("\n".join([settings.read_text(), "[channels.secure-upload]", *lines, ""]))
    way = {"type": "secure-upload", "account": COUNSEL}
    entry = {"id": COUNSEL, "name": "C. Conseil", "kind": "counsel", "language": "en", "channels": [way]}
    directory = world.folder / "exchange.json"
    directory.write_text(json.dumps({"recipients": [entry]}))
    world.run("recipients", "import", directory)
    with serving(world, world.folder / "serve.log", port=port) as running:
        yield running


def mails(postfix: Postfix) -> list[Any]:
    """What lies in the recipient's mailbox, oldest first."""
    read = [email.message_from_bytes(one, policy=email.policy.default) for one in postfix.messages()]
    return sorted((one for one in read if one["To"] == ADDRESS), key=lambda one: one["Date"].datetime)


def link_in(postfix: Postfix, before: int) -> str:
    """The link in the mail that comes next."""
    postfix.wait_for(before + 1)
    (link,) = re.findall(r"http\S+link=\S+", mails(postfix)[-1].get_content())
    return str(link)


def counsels(world: World, dispatch: str) -> Any:
    """Counsel's copy as `gateway status` shows it."""
    found = world.json("status", dispatch)["deliveries"]
    return next(one for one in found if one["participant"] == "c1")


def recorded(world: World, delivery: str) -> dict[str, str]:
    """The digests of what the record says was rendered, by name."""
    database = open_database(world.home, read_settings(world.home, world.environment()))
    try:
        with database.read() as tx:
            return {one.name: one.digest for one in tx.records.documents(delivery)}
    finally:
        database.close()


def looked_at(page: Page, folder: Path, name: str) -> None:
    """The page holds for everybody, and a picture of it stays for who looks at the test's folder."""
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 800})
        page.screenshot(path=folder / f"{name}-{width}.png", full_page=True)
    assert faults(page) == []


@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.usefixtures("served")
def test_from_the_identity_check_to_the_proof_of_receipt(
    world: World, postfix: Postfix, page: Page, tmp_path: Path, language: str
) -> None:
    word = WORDS[language]
    method = "video call, LSO card"
    checked = world.json(
        *("exchange", "verify", COUNSEL, "--address", ADDRESS, "--language", language, "--method", method)
    )
    come = len(postfix.messages())
    package = world.package(language, participants=PARTICIPANTS, minister={"party": False, "interventions": []})
    dispatch = world.json("submit", package)["dispatches"][0]["dispatch"]
    postfix.wait_for(come + 1)
    delivery = counsels(world, dispatch)
    assert (delivery["state"], delivery["channel"], delivery["settled"]) == ("handed-over", "secure-upload", False)

    notice = mails(postfix)[-1]
    for secret in ("TC6", "Exemple", "RPD", "SPR", "Conseil", "link="):
        assert secret not in notice.as_string(), notice.as_string()
    (start,) = re.findall(r"http\S+", notice.get_content())

    page.goto(start)
    looked_at(page, tmp_path, "ask")
    page.get_by_label(word["address"]).fill(ADDRESS)
    page.get_by_role("button", name=word["send"]).click()
    looked_at(page, tmp_path, "asked")
    page.goto(link_in(postfix, come + 1))
    page.get_by_label(word["code"]).fill("2222-2222-2222")
    page.get_by_role("button", name=word["enter"]).click()
    looked_at(page, tmp_path, "wrong")
    page.get_by_label(word["code"]).fill(checked["code"].lower())
    page.get_by_role("button", name=word["enter"]).click()
    assert page.get_by_role("heading", level=1).inner_text() == word["left"]
    looked_at(page, tmp_path, "left")

    taken: dict[str, str] = {}
    newest = page.get_by_role("article").first
    links = newest.get_by_role("link", name=re.compile(word["download"])).all()
    for one in links:
        with page.expect_download() as waited:
            one.click()
        content = waited.value.path().read_bytes()
        assert content.startswith(b"%PDF-")
        taken[waited.value.suggested_filename] = sha256(content)
    assert len(taken) == len(links) >= 1
    assert taken.items() <= recorded(world, delivery["delivery"]).items()

    page.reload()
    assert newest.get_by_text(word["collected"], exact=True).is_visible()
    newest.get_by_role("button", name=word["acknowledge"]).click()
    assert newest.get_by_text(re.compile(word["acknowledged"])).is_visible()
    looked_at(page, tmp_path, "acknowledged")
    page.get_by_role("button", name=word["sign-out"]).click()
    assert page.get_by_role("heading", level=1).inner_text() == word["out"]
    looked_at(page, tmp_path, "out")
    page.goto(start + f"/papers/{'f' * 32}/0")
    assert page.get_by_label(word["address"]).is_visible(), "signed out, everything leads to the entrance"

    delivery = counsels(world, dispatch)
    assert delivery["state"] == "delivered"
    events = [one["event"] for one in delivery["receipts"]]
    assert events[0] == "ContentConsignment"
    assert events[1:] == ["ContentHandover"] * (len(taken) + 1)
