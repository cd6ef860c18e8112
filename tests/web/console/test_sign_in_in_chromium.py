"""Signing in to the console in a real Chromium: a passkey is added, signs in alone, and the password is taken away."""

from pathlib import Path
from shutil import copytree

import pytest
from playwright.sync_api import Browser, expect

from gateway.domain.accounts import AccountRole
from tests.real.browser import running_browser, virtual_authenticator
from tests.real.ports import free_port
from tests.web.console.browsing import follow, in_as, looked_at, pressed, served, typed
from tests.web.console.house import House

pytestmark = pytest.mark.real


def set_up_by_passkey(house: House, chromium: Browser, start: str, folder: Path) -> list[str]:
    """A new clerk opens the custodian's link, types their token and sets a passkey by keyboard, which signs them in."""
    bob = house.person("bob", AccountRole.REGISTRY)
    page = chromium.new_context().new_page()
    virtual_authenticator(page)
    page.goto(f"{start}/fr/set-up?link={house.gateway.console.set_up.link('bob', actor='carol')}")
    wrong = looked_at(page, folder, "set-up-by-passkey")
    typed(page, "passkey", token=bob.token, name="portable")
    pressed(page, "Établir une clé d’accès")
    expect(page.get_by_role("status")).to_have_text("Votre clé d’accès est établie. Ouvrez une session avec elle.")
    pressed(page, "Ouvrir la session avec une clé d’accès")
    expect(page.get_by_role("heading", level=1)).to_have_text("Ce qui vous attend maintenant")
    page.context.close()
    return wrong


def test_a_passkey_is_added_by_keyboard_and_takes_the_place_of_password_and_code(
    tmp_path: Path, made: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    port, wrong = free_port(), list[str]()
    monkeypatch.setenv("GATEWAY_CONSOLE__URL", f"http://localhost:{port}")
    copytree(made, tmp_path / made.name)
    house = House(tmp_path)
    alice = house.person("alice", AccountRole.REGISTRY)
    house.set_up(alice)
    start = f"http://localhost:{port}/console"
    with served(house, port), running_browser() as chromium:
        wrong += set_up_by_passkey(house, chromium, start, tmp_path)
        context = chromium.new_context()
        page = in_as(context, f"{start}/en", house, alice)
        verifies = virtual_authenticator(page)
        follow(page, "alice")
        expect(page.get_by_role("heading", level=1)).to_have_text("Your sign-in")
        page.get_by_label("Name of the passkey").focus()
        page.keyboard.type("laptop")
        pressed(page, "Add a passkey")
        expect(page.get_by_role("status")).to_have_text("The passkey was added.")
        wrong += looked_at(page, tmp_path, "my-sign-in")
        pressed(page, "Take password and codes away")
        expect(page.get_by_role("status")).to_have_text("Password and codes sign you in no more.")

        with page.expect_navigation():
            pressed(page, "Sign out")
        follow(page, "Français")
        wrong += looked_at(page, tmp_path, "sign-in-by-passkey")
        verifies(False)
        pressed(page, "Ouvrir la session avec une clé d’accès")
        expect(page.get_by_role("alert").filter(visible=True)).to_contain_text("Rien ne s’est produit")
        verifies(True)
        pressed(page, "Ouvrir la session avec une clé d’accès")
        expect(page.get_by_role("heading", level=1)).to_have_text("Ce qui vous attend maintenant")
        page.goto(f"{start}/fr/my-sign-in")
        wrong += looked_at(page, tmp_path, "my-sign-in")
    house.close()
    assert wrong == []
