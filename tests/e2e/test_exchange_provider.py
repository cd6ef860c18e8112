"""Signing in to the exchange by a real OpenID Connect provider in a real browser: linked at the check, or not."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.exchange_pages import WORDS, looked_at
from tests.e2e.world import World
from tests.real import oidc, ports
from tests.real.browser import running_browser
from tests.real.serving import serving

pytestmark = [pytest.mark.real, pytest.mark.slow]

SAY = {
    "en": {"go": "Sign in at your provider", "unknown": "No account is linked yet"},
    "fr": {"go": "Ouvrir la session chez votre fournisseur", "unknown": "Aucun compte n’est encore lié"},
}


@pytest.fixture(scope="module")
def port() -> int:
    return ports.free_port()


@pytest.fixture(scope="module")
def provider(port: int, tmp_path_factory: pytest.TempPathFactory) -> Iterator[oidc.Provider]:
    redirects = [f"http://localhost:{port}/exchange/{language}/provider/return" for language in SAY]
    with oidc.running(tmp_path_factory.mktemp("oidc"), redirects) as running:
        yield running


@pytest.fixture(scope="module")
def world(port: int, provider: oidc.Provider, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    mail = {"host": "127.0.0.1", "port": ports.free_port(), "tls": "none", "sender": "registry@gw.test"}
    made = World(tmp_path_factory.mktemp("provided"), mail).make()
    secret = made.home / "provider.secret"
    secret.write_text(oidc.SECRET)
    secret.chmod(0o600)
    made.set("exchange_provider", issuer=provider.issuer, client_id=oidc.CLIENT, secret_file=secret.name)
    lines = [
        f"{name} = {json.dumps(value)}" for name, value in (mail | {"url": f"http://localhost:{port}/exchange"}).items()
    ]
    settings = made.home / "gateway.toml"
    settings.write_text("\n".join([settings.read_text(), "[channels.secure-upload]", *lines, ""]))
    with serving(made, made.folder / "serve.log", port=port):
        yield made


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with running_browser() as running:
        yield running


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context()
    yield context.new_page()
    context.close()


def at_the_provider(page: Page, name: str) -> None:
    """Somebody signs in there, and lets it tell us who they are."""
    page.locator("input[name=login]").fill(name)
    page.locator("input[name=password]").fill("whatever")
    for _ in ("signs in", "lets it"):  # each a page of its own, with such a button
        with page.expect_navigation():
            page.locator("button[type=submit]").click()


@pytest.mark.parametrize("language", ["en", "fr"])
def test_who_is_linked_at_the_identity_check_is_signed_in_and_who_is_not_is_told_what_to_give_the_registry(
    *, world: World, port: int, page: Page, tmp_path: Path, language: str
) -> None:
    word, say, start = WORDS[language], SAY[language], f"http://localhost:{port}/exchange/{language}"
    page.goto(start)
    looked_at(page, tmp_path, "ask-provider")
    page.get_by_role("link", name=say["go"]).click()
    at_the_provider(page, f"counsel-{language}")
    expect(page.get_by_role("heading", level=1)).to_have_text(say["unknown"])
    looked_at(page, tmp_path, "not-linked")
    identity = page.locator("#identity").inner_text()
    verify = ("--address", f"{language}@gw.test", "--language", language, "--method", "video call")
    world.json("exchange", "verify", f"linked-{language}", *verify, "--identity", identity)

    page.goto(start)
    page.get_by_role("link", name=say["go"]).click()
    expect(page.get_by_role("heading", level=1)).to_have_text(word["left"])
    expect(page.get_by_text(re.compile(f"linked-{language}"))).to_be_visible()
    used = [one for one in page.context.cookies() if one["name"] == "__Host-exchange-provider"]
    assert used == [], "what went with the sign-in is gone"


def test_an_answer_brought_back_twice_or_without_its_ticket_opens_nothing(port: int, page: Page) -> None:
    start = f"http://localhost:{port}/exchange/en"
    seen: list[str] = []
    page.on("request", lambda one: seen.append(one.url) if "/provider/return?" in one.url else None)
    page.goto(start)
    page.get_by_role("link", name=SAY["en"]["go"]).click()
    at_the_provider(page, "somebody")
    expect(page.get_by_role("heading", level=1)).to_have_text(SAY["en"]["unknown"])
    (back,) = seen
    answer = httpx.get(back)
    assert answer.status_code == 403
    assert "set-cookie" not in answer.headers or "__Host-exchange=" not in answer.headers["set-cookie"]
    page.goto(back)
    expect(page.get_by_label(WORDS["en"]["address"])).to_be_visible()
