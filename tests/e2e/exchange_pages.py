"""The exchange as a person uses it in a browser: its words in both languages, signing in, and pictures of its pages."""

import email
import email.policy
import os
import re
import time
from collections.abc import Collection
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, expect

from gateway.bootstrap import open_database
from gateway.settings import read_settings
from tests.e2e.world import World
from tests.real.browser import WIDTHS, ZOOMED, faults, wait_for_new
from tests.real.postfix import Postfix

ADDRESS = "counsel@gw.test"
PICTURES = os.environ.get("EXCHANGE_PICTURES")
"""Where the pictures of the pages are kept, if anywhere but in the folder of the test (`make exchange-pictures`)."""
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
        "consent": "I accept electronic delivery",
        "refuse": "I no longer accept electronic delivery",
        "token": "Make a token",
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
        "consent": "J’accepte la transmission électronique",
        "refuse": "Je n’accepte plus la transmission électronique",
        "token": "Créer un jeton",
    },
}


def mails(postfix: Postfix, to: str = ADDRESS) -> list[Any]:
    """What lies in the recipient's mailbox, oldest first."""
    read = [email.message_from_bytes(one, policy=email.policy.default) for one in postfix.messages()]
    return sorted((one for one in read if one["To"] == to), key=lambda one: one["Date"].datetime)


def links(postfix: Postfix, to: str = ADDRESS) -> list[str]:
    """Every link to sign in by that was mailed so far."""
    return [str(link) for one in mails(postfix, to) for link in re.findall(r"http\S+link=\S+", one.get_content())]


def link_in(postfix: Postfix, before: Collection[str], to: str = ADDRESS) -> str:
    """The link that comes next, whatever other mail comes before it."""
    ends = time.monotonic() + 60
    while not (new := [one for one in links(postfix, to) if one not in before]):
        assert time.monotonic() < ends, f"no link came:\n{postfix.log}"
        time.sleep(0.05)
    (link,) = new
    return link


def counsels(world: World, dispatch: str) -> Any:
    """Counsel's copy as `gateway status` shows it, once there is one."""
    ends = time.monotonic() + 60
    while True:
        found = [one for one in world.json("status", dispatch)["deliveries"] if one["participant"] == "c1"]
        if found:
            return found[0]
        assert time.monotonic() < ends, "it was never planned"
        time.sleep(0.2)


def recorded(world: World, delivery: str) -> dict[str, str]:
    """The digests of what the record says was rendered, by name."""
    database = open_database(world.home, read_settings(world.home, world.environment()))
    try:
        with database.read() as tx:
            return {one.name: one.digest for one in tx.records.documents(delivery)}
    finally:
        database.close()


def events_of(world: World, dispatch: str, delivery: str) -> list[tuple[str, str]]:
    """The delivery's events in the record, oldest first, each with what was done where somebody did something."""
    database = open_database(world.home, read_settings(world.home, world.environment()))
    try:
        with database.read() as tx:
            events = [one for one in tx.records.events(dispatch) if one.delivery == delivery]
            return [(one.name.value, str(one.facts.get("act", ""))) for one in events]
    finally:
        database.close()


def looked_at(page: Page, folder: Path, name: str) -> None:
    """The page holds for everybody, and pictures of it stay for who looks at the test's folder."""
    wait_for_new(page)
    language = page.evaluate("document.documentElement.lang")
    for width in (*WIDTHS, ZOOMED):
        page.set_viewport_size({"width": width, "height": 800})
        page.screenshot(
            path=(Path(PICTURES) if PICTURES else folder) / f"{name}-{language}-{width}.png", full_page=True
        )
    assert faults(page) == []


PASSKEY_WORDS = {
    "en": {
        "passkeys": "Your passkeys",
        "add": "Add a passkey",
        "added": "The passkey was added.",
        "used": "Last used on",
        "remove": "Remove",
        "removed": "The passkey was removed.",
        "by-passkey": "Sign in with a passkey",
        "wrong": "This did not work.",
        "nothing": "Nothing happened",
        "none": "You have no passkey here.",
    },
    "fr": {
        "passkeys": "Vos clés d’accès",
        "add": "Ajouter une clé d’accès",
        "added": "La clé d’accès a été ajoutée.",
        "used": "Utilisée la dernière fois",
        "remove": "Retirer",
        "removed": "La clé d’accès a été retirée.",
        "by-passkey": "Utiliser une clé d’accès",
        "wrong": "Cela n’a pas fonctionné.",
        "nothing": "Rien ne s’est produit",
        "none": "Vous n’avez ici aucune clé d’accès.",
    },
}


def in_as(page: Page, postfix: Postfix, at: tuple[str, str], who: tuple[str, str]) -> None:
    """Signs in by link and code: the place and its language, and the address with its code."""
    (start, language), (address, code) = at, who
    word, before = WORDS[language], links(postfix, address)
    page.goto(start)
    page.get_by_label(word["address"]).fill(address)
    with page.expect_navigation():
        page.get_by_role("button", name=word["send"]).click()
    page.goto(link_in(postfix, before, to=address))
    page.get_by_label(word["code"]).fill(code)
    with page.expect_navigation():
        page.get_by_role("button", name=word["enter"]).click()
    expect(page.get_by_role("heading", level=1)).to_have_text(word["left"])
