"""Every form of the console, sent twice and sent too late: the act happens once, and who clicked twice or came second
is told so in plain words. A form that is added without its line in both tables fails."""

import html
from collections.abc import Iterator
from pathlib import Path
from shutil import copytree

import httpx
import pytest

from tests.e2e.world import World
from tests.web.console import directory_forms, sign_in_forms
from tests.web.console.feeding import Told, answered
from tests.web.console.house import House
from tests.web.console.late_forms import LATE, NEVER
from tests.web.console.test_access import ACCESS
from tests.web.console.twice import READ, SEEN, Form, Stage, changed, held, sent, staged
from tests.web.console.twice_forms import TWICE

directory_forms.add_to(TWICE, LATE)
sign_in_forms.add_to(TWICE)
LED_ON, SHOWN = 303, 200
TOLD = frozenset({SHOWN, 403, 404, 409, 422})


def test_every_form_of_the_console_is_sent_twice_and_too_late_or_says_why_not() -> None:
    routes = {path.removeprefix("/console/{language}") for method, path in ACCESS if method == "POST"}
    assert set(TWICE.lines) == routes
    assert LATE.lines.keys() | NEVER.keys() == routes
    assert not LATE.lines.keys() & NEVER.keys()


@pytest.fixture
def strike(tmp_path: Path, gathered: Path) -> Iterator[House]:
    """With mail that no driver takes."""
    copytree(gathered, tmp_path / "home")
    house = House(tmp_path)
    yield house
    house.close()


@pytest.fixture
def rejected(told: Told) -> House:
    """With an outcome that the receiver rejected."""
    answered(told)
    return told.house


@pytest.fixture
def rejected_too(rejected: House) -> House:
    """Another such."""
    return rejected


@pytest.fixture
def stage(request: pytest.FixtureRequest, world: World) -> Stage:
    return staged(request.getfixturevalue(request.param), world)


@pytest.mark.parametrize("stage", TWICE.houses, indirect=True)
def test_what_is_sent_twice_happens_once_and_the_second_answer_says_so(
    stage: Stage, request: pytest.FixtureRequest
) -> None:
    faults = []
    for route, makes in TWICE.within(request.node.callspec.params["stage"]):
        form = makes(stage)
        before = held(stage.house)
        first, once = sent(stage.house, form), held(stage.house)
        stage.later()
        second, twice = sent(stage.house, form), held(stage.house)
        if first.status_code not in {LED_ON, SHOWN}:
            faults.append(f"{route}: it is not done at all: {first.status_code} {said(first)}")
        elif not changed(before, once) and not form.reads:
            faults.append(f"{route}: the first changes nothing")
        if moved := changed(once, twice, besides=form.counted | (READ if form.reads else SEEN)):
            faults.append(f"{route}: the second changes {', '.join(moved)}")
        if not form.says and landing(first) != landing(second):
            faults.append(f"{route}: led to {landing(first)}, then to {landing(second)} {said(second)}")
        faults += untold(stage.house, route, second, form)
    assert not faults, "\n".join(faults)


@pytest.mark.parametrize("stage", LATE.houses, indirect=True)
def test_what_is_sent_from_a_page_that_the_thing_left_behind_changes_nothing_and_is_told(
    stage: Stage, request: pytest.FixtureRequest
) -> None:
    faults = []
    for route, makes in LATE.within(request.node.callspec.params["stage"]):
        form = makes(stage)
        before = held(stage.house)
        answer = sent(stage.house, form)
        if moved := changed(before, held(stage.house)):
            faults.append(f"{route}: it changes {', '.join(moved)}")
        if answer.status_code == LED_ON:
            faults.append(f"{route}: it is led on to {landing(answer)}")
        faults += untold(stage.house, route, answer, form)
    assert not faults, "\n".join(faults)


def untold(house: House, route: str, answer: httpx.Response, form: Form) -> list[str]:
    """What the answer lacks: a status of ours, and the sentence, where it leads to if anywhere."""
    if answer.status_code not in TOLD | {LED_ON}:
        return [f"{route}: {answer.status_code}"]
    if form.says and answer.status_code == LED_ON:
        answer = house.get(form.person, answer.headers["location"].removeprefix("/console"))
    return [] if form.says in html.unescape(answer.text) else [f"{route}: it says {said(answer)!r}"]


def landing(answer: httpx.Response) -> str:
    """Where a person stands then."""
    return str(answer.headers.get("location", answer.status_code)).partition("&")[0]


def said(answer: httpx.Response) -> str:
    """What the page says in place of doing it."""
    text = html.unescape(answer.text)
    parts = [text.partition(one)[2].partition("</p>")[0] for one in ('role="alert">', '<p class="lead">')]
    return next((f"{answer.status_code} {one}" for one in parts if one), landing(answer))
