"""What a page of ours points to is there: files, headings, commands with their options, targets of make."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer

from gateway.cli.main import ANYWHERE, build

ROOT = Path(__file__).parents[2]
_KEPT = ("docs", "channels", "deploy", "tests", "gateway", "keys", "templates")
PAGES = sorted([*ROOT.glob("*.md"), *(page for folder in _KEPT for page in (ROOT / folder).rglob("*.md"))])
PAGES = [page for page in PAGES if "node_modules" not in page.parts]
HELP = {"docs/command-line.md", "docs/fr/ligne-de-commande.md"}
"""Made of the commands themselves, in whose help there are sentences about `gateway` too."""
_FENCED = re.compile(r"^ *```.*?\n(.*?)^ *```", re.M | re.S)
_INLINE = re.compile(r"`([^`]+)`")
_LINK = re.compile(r"\]\(([^)\s]+)\)")
_HEADING = re.compile(r"^#+ +(.+?) *$", re.M)
_COMMAND = re.compile(r"^(?:\$ |# |sudo )?(?:[A-Z_]+=\S* )*(?:\S*/)?gateway (.*)$")
_END = {"|", ">", ">>", "<", "&&", "||", ";", "…", "..."}
"""What ends a command's own words on a line."""


def _name(page: Path) -> str:
    return str(page.relative_to(ROOT))


def _without_code(text: str) -> str:
    return _INLINE.sub("", _FENCED.sub("", text))


def _anchors(page: Path) -> set[str]:
    """The headings of a page as GitHub makes addresses of them."""
    headings = _HEADING.findall(_FENCED.sub("", page.read_text(encoding="utf-8")))
    return {re.sub(r"[^\w\- ]", "", one.lower()).replace(" ", "-") for one in headings}


def _code(text: str) -> Iterator[str]:
    """Lines of code of a page, those continued joined."""
    for block in _FENCED.findall(text):
        yield from block.replace("\\\n", " ").splitlines()
    for span in _INLINE.findall(_FENCED.sub("", text)):
        yield span.replace("\n", " ")


def _commands(text: str) -> Iterator[list[str]]:
    for line in _code(text):
        found = _COMMAND.match(line.strip())
        if found:
            words = shlex.split(found[1].replace("’", ""), comments=True)
            yield words[: next((place for place, word in enumerate(words) if word in _END), len(words))]


def _options(command: Any) -> set[str]:
    return {option for one in command.params for option in (*one.opts, *one.secondary_opts)} | {"--help"} | ANYWHERE


def wrong_in(words: list[str], command: Any) -> list[str]:
    """What of these words no command answers to; `close|list` names several."""
    waiting = list(words)
    while waiting and waiting[0].split("=")[0] in ANYWHERE:
        waiting = waiting[1 if "=" in waiting[0] else 2 :]
    below = getattr(command, "commands", {})
    if below and waiting and re.fullmatch(r"[a-z|-]+", waiting[0]) and not waiting[0].startswith("-"):
        first, *rest = waiting
        unknown = [one for one in first.split("|") if one not in below]
        return unknown or [one for name in first.split("|") for one in wrong_in(rest, below[name])]
    named = [word.split("=")[0].strip("[],") for word in waiting]
    return [one for one in named if one.startswith("--") and one != "--" and one not in _options(command)]


@pytest.mark.parametrize("page", PAGES, ids=_name)
def test_a_link_of_a_page_leads_somewhere(page: Path) -> None:
    wrong = []
    for link in _LINK.findall(_without_code(page.read_text(encoding="utf-8"))):
        place, _, heading = link.partition("#")
        if re.match(r"[a-z]+:", link):
            continue
        target = (page.parent / place).resolve() if place else page
        if not target.exists() or (heading and heading not in _anchors(target)):
            wrong.append(link)
    assert wrong == []


@pytest.fixture(scope="module")
def gateway() -> Any:
    return typer.main.get_command(build())


@pytest.mark.parametrize("page", [page for page in PAGES if _name(page) not in HELP], ids=_name)
def test_a_command_of_a_page_is_one_that_the_gateway_has(page: Path, gateway: Any) -> None:
    found = [(" ".join(words), wrong_in(words, gateway)) for words in _commands(page.read_text(encoding="utf-8"))]
    assert [one for one in found if one[1]] == []


def test_pages_do_name_commands_and_links_and_a_wrong_command_is_found(gateway: Any) -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert len(list(_commands(readme))) > 5
    assert len(_LINK.findall(_without_code(readme))) > 5
    assert wrong_in(["keys", "trust", "ca.pem", "--divisions", "RPD"], gateway) == []
    assert wrong_in(["keys", "entrust", "ca.pem"], gateway) == ["entrust"]
    assert wrong_in(["--home", "var", "manifest", "close|lost", "--json"], gateway) == ["lost"]
    assert wrong_in(["submit", "a.asice", "--quietly"], gateway) == ["--quietly"]


@pytest.mark.parametrize("page", PAGES, ids=_name)
def test_a_target_of_make_that_a_page_names_is_one(page: Path) -> None:
    targets = set(re.findall(r"^([a-z][a-z-]*):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.M))
    lines = _code(page.read_text(encoding="utf-8"))
    named = {target for line in lines for target in re.findall(r"(?:^|\s)make ([a-z][a-z-]*)", line)}
    assert named - targets - {"up", "down"} == set()
