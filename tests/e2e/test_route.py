"""`gateway route FILE --explain` and the API: the reasoning of a plan, in both languages, without a personal name."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from gateway.application.rule_files import board_rules
from tests.e2e import built
from tests.e2e.lately import minimal
from tests.e2e.standing import Standing, standing
from tests.e2e.world import World

NAMES = ("Exemple", "Membre", "M5V 3L9")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> World:
    mail = {"host": "127.0.0.1", "port": 2525, "tls": "none", "sender": "registry@gw.test"}
    return World(folder=tmp_path_factory.mktemp("route"), mail=mail).make()


@pytest.fixture
def home(made: World, tmp_path: Path) -> Iterator[Standing]:
    with standing(made, tmp_path) as opened:
        yield opened


def packaged(made: World, **changes: Any) -> Path:
    path = made.folder / "package.asice"
    path.write_bytes(built.package(made, **changes))
    return path


@pytest.mark.slow
@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", ("The person has counsel: the decision is provided to counsel", "rpd-38-3", "RPD Rules, r. 38(3)")),
        ("fr", ("La personne a un conseil : la décision est transmise au conseil", "rpd-38-3", "par. 38(3)")),
    ],
)
def test_the_reasoning_names_each_rule_with_its_source(made: World, language: str, words: tuple[str, ...]) -> None:
    shown = made.run("--lang", language, "route", packaged(made), "--explain").stdout
    flat = " ".join(shown.replace("\u00a0", " ").split())
    for word in words:
        assert word in flat
    assert "rpd-ways-minister-counsel" in flat
    assert not any(name in shown for name in NAMES)
    assert made.json("dispatches")["dispatches"] == [], "nothing was taken in"


def test_the_document_says_why_each_channel_is_taken_or_not(made: World) -> None:
    signed = minimal()["decision"] | {"signed_at": "2026-11-20T15:04:00-05:00"}
    file = packaged(made, private_proceeding=True, private_basis="166(c)", decision=signed)
    plan = made.json("route", file)
    found = {one["participant"]: one for one in plan["participants"]}
    assert list(found) == ["m1", "c1", "a1"]
    assert (found["c1"]["plan"], found["a1"]["standing"]) == (["encrypted-email"], "not-provided")
    for one in (found["m1"], found["c1"]):
        channels = {way["channel"]: way for way in one["channels"]}
        assert len(channels) == 8
        for way in channels.values():
            assert way["rule"]["id"]
            assert all(way["rule"][part][language] for part in ("source", "explanation") for language in ("en", "fr"))
    assert {one["path"] for one in found["m1"]["documents"]} == {None, "documents/reasons.md"}
    assert plan["due"] == "2026-11-27"
    assert not any(name in json.dumps(plan, ensure_ascii=False) for name in NAMES)


def test_a_package_that_would_be_refused_is_refused_here_too(made: World) -> None:
    file = made.folder / "bad.asice"
    file.write_bytes(b"no package")
    assert made.json("route", file, expect=3)["code"] == "package.not-zip"


def test_of_a_dispatch_the_same_is_told(home: Standing) -> None:
    dispatch = home.submit(participants=minimal()["participants"])
    told = home.gateway.route.dispatch(dispatch)
    assert told["dispatch"] == dispatch
    plans = {one["participant"]: one["plan"] for one in told["participants"]}  # type: ignore[attr-defined]
    assert plans == {"m1": ["encrypted-email"], "c1": ["encrypted-email"], "a1": []}
    home.prepare()
    planned = {one["participant"]: one["plan"] for one in home.deliveries(dispatch)}
    assert planned == {"m1": ["encrypted-email"], "c1": ["encrypted-email"]}


def test_what_was_planned_is_on_record_with_its_rules(home: Standing) -> None:
    dispatch = home.submit(participants=minimal()["participants"])
    home.prepare()
    with home.gateway.database.read() as tx:
        events = [one for one in tx.records.events(dispatch) if one.name == "delivery-planned"]
    rules = board_rules().rules
    known = {one.id for group in (rules.recipient, rules.order, rules.gate, rules.required) for one in group}
    known |= {one.id for one in rules.obstacle}
    assert len(events) == 2
    for event in events:
        named = str(event.facts["rules"]).split()
        assert event.facts["standing"] == "served"
        assert named
        assert set(named) <= known


def test_a_faulty_rule_file_stops_the_gateway_at_start_with_file_and_line(made: World, tmp_path: Path) -> None:
    with standing(made, tmp_path) as opened:
        folder = opened.world.home
    world = World(folder=tmp_path, mail=made.mail)
    said = 'source = { en = "x", fr = "y" }\nexplanation = { en = "X.", fr = "Y." }\n'
    rule = '[[gate]]\nid = "no-fax"\nchannels = ["fax"]\nunles = "agreed"\nreason = "plan.long-fax"\n'
    (folder / "alone.toml").write_text(rule + said)
    problem = world.json("deliveries", expect=6)
    assert (problem["code"], problem["where"]) == ("rule.invalid", "alone.toml:4")
    rule = '[[gate]]\nid = "rpd-39-d"\nchannels = ["pigeon"]\nreason = "plan.long-fax"\n'
    (folder / "alone.toml").write_text(rule + said)
    problem = world.json("work", expect=6)
    assert (problem["code"], problem["where"]) == ("rule.never-holds", "alone.toml:2")
