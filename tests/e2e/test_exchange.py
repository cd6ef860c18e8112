"""The exchange from the identity check to the proof of receipt: a real browser, a real mail server, the commands."""

import base64
import email
import email.policy
import json
import re
import time
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

from gateway.domain.digest import sha256
from tests.e2e.exchange_pages import (
    ADDRESS,
    PASSKEY_WORDS,
    WORDS,
    counsels,
    events_of,
    in_as,
    link_in,
    links,
    looked_at,
    recorded,
)
from tests.e2e.world import World
from tests.real import ports
from tests.real.browser import running_browser, virtual_authenticator
from tests.real.dovecot import Dovecot, running_dovecot
from tests.real.postfix import Postfix, running_postfix
from tests.real.serving import Server, serving

pytestmark = [pytest.mark.real, pytest.mark.slow]

COUNSEL = "counsel-71904v"
PARTICIPANTS = [
    {
        "id": "c1",
        "roles": ["counsel"],
        "represents": ["p1"],
        "name": "C. Conseil",
        "recipient": COUNSEL,
        "reference": "2026-0114",
        "electronic": {"accepts": True, "consent": "2026-01-12"},
    }
]
CHAIN = ["ContentConsignment", "ConsignmentNotification", "ContentHandover", "ContentHandover"]
"""ETSI EN 319 522-1: it was left, and they were told; its document was taken, and that was acknowledged."""
EVENTS = [
    ("delivery-planned", ""),
    ("delivery-rendered", ""),
    ("attempt-ended", ""),
    ("exchange-notice-sent", ""),
    ("exchange-listed", ""),
    ("exchange-taken", "downloaded"),
    ("exchange-taken", "acknowledged"),
    ("exchange-listed", ""),
]
"""The same in the record, with what was done before it and who was told; a person and then a system of theirs saw it
listed. When it is settled, a sweep says."""


@pytest.fixture(scope="module")
def postfix() -> Iterator[Postfix]:
    with running_postfix() as running:
        yield running


@pytest.fixture(scope="module")
def dovecot(postfix: Postfix) -> Iterator[Dovecot]:
    with running_dovecot(postfix.folder / "mail/gw") as running:
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
    # A name, though it is this machine: passkeys are bound to none of numbers.
    table = {"url": f"http://localhost:{port}/exchange"} | server
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


@pytest.mark.usefixtures("served")
def test_a_recall_withdraws_what_lies_there_and_names_who_must_be_called(world: World, postfix: Postfix) -> None:
    method = "video call, LSO card"
    world.json("exchange", "verify", COUNSEL, "--address", ADDRESS, "--language", "en", "--method", method)
    come = len(postfix.messages())
    both = [*PARTICIPANTS, {"id": "m1", "roles": ["minister-counsel"], "recipient": "cbsa-hearings-gta"}]
    package = world.package("recalled", participants=both)
    dispatch = world.json("submit", package)["dispatches"][0]["dispatch"]
    postfix.wait_for(come + 2)
    assert world.json("recall", dispatch, expect=4)["code"] == "dispatch.not-recalled"
    report = world.json("recall", dispatch, "--reason", "the wrong counsel")
    came_to = {one["participant"]: one["containment"] for one in report["deliveries"]}
    assert came_to == {"c1": "retracted", "m1": "beyond-recall"}
    assert counsels(world, dispatch)["state"] == "recalled"
    assert report["state"] == "recalled"
    for language, said in (("en", "Beyond recall: it left by a way"), ("fr", "Hors d’atteinte\u00a0: elle est partie")):
        told = world.run("--lang", language, "recall", dispatch).stdout
        assert said in told
        assert "the wrong counsel" not in told


@pytest.mark.usefixtures("served")
def test_a_clerk_uploads_to_connect_and_proves_it(world: World, tmp_path: Path) -> None:
    way = {"type": "secure-upload", "account": "counsel-connect", "exchange": "connect"}
    entry = {"id": "counsel-connect", "name": "C. Conseil", "kind": "counsel", "language": "fr", "channels": [way]}
    directory = tmp_path / "connect.json"
    directory.write_text(json.dumps({"recipients": [entry]}))
    world.run("recipients", "import", directory)
    counsel = [PARTICIPANTS[0] | {"recipient": "counsel-connect", "language": "fr"}]
    package = world.package("connect", participants=counsel, minister={"party": False, "interventions": []})
    dispatch = world.json("submit", package)["dispatches"][0]["dispatch"]
    folder = world.home / "connect"
    wait_until(lambda: counsels(world, dispatch)["state"] == "awaiting-person")
    delivery = counsels(world, dispatch)
    (attempt,) = delivery["attempts"]
    assert (attempt["result"], attempt["detail"]) == ("given-to-person", str(folder / attempt["reference"]))
    names = sorted(one.name for one in (folder / attempt["reference"]).iterdir())
    assert any(re.fullmatch(r"TC6-12345 – SPR – .+\.pdf", name) for name in names), names
    assert (folder / attempt["reference"] / "message.txt").read_text().startswith("Le greffe")
    shown = tmp_path / "shown.png"
    shown.write_bytes(b"what Connect showed")
    confirmed = ("resolve", delivery["delivery"], "confirm-sent", "--reason", "uploaded", "--file", shown)
    assert world.json(*confirmed, expect=3)["code"] == "request.invalid"
    assert world.json(*confirmed, "--conversation", "CONV-1")["state"] == "handed-over"
    assert list(folder.iterdir()) == []
    delivery = counsels(world, dispatch)
    assert [(one["event"], one["source"]) for one in delivery["receipts"]] == [("ContentConsignment", "person")]
    evidence = tmp_path / "evidence.zip"
    world.run("evidence", "export", dispatch, "--participant", "c1", "-o", evidence)
    with zipfile.ZipFile(evidence) as members:
        assert b"CONV-1" in base64.b64decode(told_in(members.read("receipts/service-01.eml")))


def told_in(raw: bytes) -> str:
    """The body of a record of ours, as it is encoded."""
    body = email.message_from_bytes(raw, policy=email.policy.default).get_body(("plain",))
    assert body is not None
    return str(body.get_payload())


def wait_until(holds: Callable[[], bool]) -> None:
    """Until it holds; a process of the gateway is at work."""
    ends = time.monotonic() + 60
    while not holds():
        assert time.monotonic() < ends, "it never came to that"
        time.sleep(0.5)


@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.usefixtures("served")
def test_from_the_identity_check_to_the_proof_of_receipt(
    *, world: World, postfix: Postfix, dovecot: Dovecot, page: Page, tmp_path: Path, language: str
) -> None:
    word, key = WORDS[language], PASSKEY_WORDS[language]
    checked = world.json(
        *("exchange", "verify", COUNSEL, "--address", ADDRESS, "--language", language, "--method", "video call")
    )
    come = len(postfix.messages())
    package = world.package(language, participants=PARTICIPANTS, minister={"party": False, "interventions": []})
    dispatch = world.json("submit", package)["dispatches"][0]["dispatch"]
    postfix.wait_for(come + 1)
    delivery = counsels(world, dispatch)
    assert (delivery["state"], delivery["channel"], delivery["settled"]) == ("handed-over", "secure-upload", False)

    notice = email.message_from_bytes(dovecot.shown()[-1], policy=email.policy.default)
    for secret in ("TC6", "Exemple", "RPD", "SPR", "Conseil", "link="):
        assert secret not in notice.as_string(), notice.as_string()
    assert "2026-0114" in notice.get_content()
    (start,) = re.findall(r"http\S+", notice.get_content())

    virtual_authenticator(page)
    page.goto(start)
    looked_at(page, tmp_path, "ask")
    page.get_by_label(word["address"]).fill(ADDRESS)
    before = links(postfix)
    with page.expect_navigation():
        page.get_by_role("button", name=word["send"]).click()
    looked_at(page, tmp_path, "asked")
    page.goto(link_in(postfix, before))
    for code in ("2222-2222-2222", checked["code"].lower()):
        page.get_by_label(word["code"]).fill(code)
        with page.expect_navigation():
            page.get_by_role("button", name=word["enter"]).click()
        if code != checked["code"].lower():
            looked_at(page, tmp_path, "wrong")
    with page.expect_navigation():
        page.get_by_role("link", name=key["passkeys"]).click()
    page.get_by_role("button", name=key["add"]).click()
    expect(page.get_by_text(key["added"])).to_be_visible()
    page.goto(start)
    page.goto(f"{start}/consent")
    looked_at(page, tmp_path, "consent")
    if not page.get_by_role("button", name=word["consent"]).count():  # given by the story in the other language
        with page.expect_navigation():
            page.get_by_role("button", name=word["refuse"]).click()
    with page.expect_navigation():
        page.get_by_role("button", name=word["consent"]).click()
    expect(page.get_by_role("status")).to_be_visible()
    looked_at(page, tmp_path, "consent-given")
    page.goto(f"{start}/tokens")
    with page.expect_navigation():
        page.get_by_role("button", name=word["token"]).click()
    token = page.get_by_role("textbox").input_value()
    looked_at(page, tmp_path, "token")
    page.goto(f"{start}/keys")
    looked_at(page, tmp_path, "keys")
    page.goto(f"{start}/papers/{'f' * 32}/0")
    looked_at(page, tmp_path, "gone")
    page.goto(start)
    page.get_by_role("button", name=word["sign-out"]).click()
    expect(page.get_by_role("heading", level=1)).to_have_text(word["out"])
    looked_at(page, tmp_path, "out")
    page.goto(start + f"/papers/{'f' * 32}/0")
    expect(page.get_by_label(word["address"]), "signed out, everything leads to the entrance").to_be_visible()

    page.get_by_role("button", name=key["by-passkey"]).click()
    expect(page.get_by_role("heading", level=1)).to_have_text(word["left"])
    newest = page.get_by_role("article").first
    expect(newest.get_by_text("159.91(1)", exact=False).first, "what runs, and by which provision").to_be_visible()
    looked_at(page, tmp_path, "left")
    (document,) = newest.get_by_role("link", name=re.compile(word["download"])).all()
    with page.expect_download() as waited:
        document.click()
    content = waited.value.path().read_bytes()
    assert content.startswith(b"%PDF-")
    assert recorded(world, delivery["delivery"])[waited.value.suggested_filename] == sha256(content)
    page.reload()
    expect(newest.get_by_text(word["collected"], exact=True)).to_be_visible()
    newest.get_by_role("button", name=word["acknowledge"]).click()
    expect(newest.get_by_text(re.compile(word["acknowledged"]))).to_be_visible()
    looked_at(page, tmp_path, "acknowledged")

    listed = httpx.get(
        f"{start.rpartition('/exchange')[0]}/api/v1/exchange/entries", headers={"Authorization": f"Bearer {token}"}
    )
    assert listed.json()["entries"][-1]["acknowledged_at"], "a system of theirs sees what they see"
    delivery = counsels(world, dispatch)
    assert delivery["state"] == "delivered"
    assert [one["event"] for one in delivery["receipts"]] == CHAIN
    events = events_of(world, dispatch, delivery["delivery"])
    assert [one for one in events if one[0] != "delivery-settled"] == EVENTS


@pytest.mark.parametrize("language", ["en", "fr"])
def test_a_passkey_is_added_signs_in_and_once_removed_signs_nobody_in(
    *, world: World, served: Server, postfix: Postfix, page: Page, tmp_path: Path, language: str
) -> None:
    word, key = WORDS[language], PASSKEY_WORDS[language]
    account, address = f"keys-{language}", f"keys-{language}@gw.test"
    method = "video call, LSO card"
    checked = world.json(
        *("exchange", "verify", account, "--address", address, "--language", language, "--method", method)
    )
    verifies = virtual_authenticator(page)
    start = f"http://localhost:{served.port}/exchange/{language}"
    page.goto(start)
    looked_at(page, tmp_path, "entrance")
    in_as(page, postfix, (start, language), (address, checked["code"]))
    with page.expect_navigation():
        page.get_by_role("link", name=key["passkeys"]).click()
    expect(page.get_by_text(key["none"])).to_be_visible()
    looked_at(page, tmp_path, "no-passkey")
    page.get_by_role("button", name=key["add"]).click()
    expect(page.get_by_text(key["added"])).to_be_visible()
    looked_at(page, tmp_path, "added")

    page.goto(start)
    page.get_by_role("button", name=word["sign-out"]).click()
    expect(page.get_by_role("heading", level=1)).to_have_text(word["out"])
    page.goto(start)
    verifies(False)
    page.get_by_role("button", name=key["by-passkey"]).click()
    expect(page.get_by_text(key["nothing"])).to_be_visible()
    looked_at(page, tmp_path, "broken-off")
    verifies(True)
    page.get_by_role("button", name=key["by-passkey"]).click()
    expect(page.get_by_role("heading", level=1)).to_have_text(word["left"])

    page.get_by_role("link", name=key["passkeys"]).click()
    expect(page.get_by_text(key["used"])).to_be_visible()
    page.get_by_role("button", name=key["remove"]).click()
    expect(page.get_by_text(key["removed"])).to_be_visible()
    page.goto(start)
    page.get_by_role("button", name=word["sign-out"]).click()
    expect(page.get_by_role("heading", level=1)).to_have_text(word["out"])
    page.goto(start)
    page.get_by_role("button", name=key["by-passkey"]).click()
    expect(page.get_by_text(key["wrong"])).to_be_visible()
    looked_at(page, tmp_path, "removed")


DELEGATE_WORDS = {
    "en": {"delegates": "Your delegates", "name": "Their name", "address": "Their own e-mail", "add": "Name them"},
    "fr": {"delegates": "Vos mandataires", "name": "Son nom", "address": "Sa propre adresse", "add": "Désigner"},
}


@pytest.mark.parametrize("language", ["en", "fr"])
def test_a_delegate_whom_counsel_named_collects_once_checked_and_is_out_at_once(
    *, world: World, served: Server, postfix: Postfix, page: Page, tmp_path: Path, language: str
) -> None:
    word, say = WORDS[language], DELEGATE_WORDS[language]
    account, address, delegate = f"firm-{language}", f"firm-{language}@gw.test", f"clerk-{language}@gw.test"
    verify = ("--language", language, "--method", "video call")
    code = world.json("exchange", "verify", account, "--address", address, *verify)["code"]
    start = f"http://localhost:{served.port}/exchange/{language}"
    in_as(page, postfix, (start, language), (address, code))
    with page.expect_navigation():
        page.get_by_role("link", name=say["delegates"]).click()
    looked_at(page, tmp_path, "nobody-named")
    page.get_by_label(say["name"]).fill("D. Déléguée")
    page.get_by_label(say["address"]).fill(delegate)
    page.get_by_role("button", name=say["add"], exact=True).click()
    expect(page.get_by_text(delegate)).to_be_visible()
    looked_at(page, tmp_path, "named")
    (named,) = [one for one in world.json("exchange", "delegates")["delegates"] if one["account"] == account]
    assert (named["name"], named["address"], named["checked"]) == ("D. Déléguée", delegate, False)

    code = world.json("exchange", "verify", named["delegate"], *verify)["code"]
    theirs = page.context.browser
    assert theirs is not None
    context = theirs.new_context()
    other = context.new_page()
    in_as(other, postfix, (start, language), (delegate, code))
    expect(other.get_by_text(re.compile(f"{named['delegate']}.*{account}"))).to_be_visible()
    looked_at(other, tmp_path, "delegates-list")
    page.reload()
    page.locator("li", has_text=delegate).get_by_role("button").click()
    expect(page.get_by_text(delegate)).to_have_count(0)
    other.goto(start)
    expect(other.get_by_label(word["address"]), "signed out at once").to_be_visible()
    context.close()
