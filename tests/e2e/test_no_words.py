"""Nothing of a case gets out through what the gateway says: problem documents, what is printed, names of files."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway.application.intake.decision_json import read_decision
from gateway.domain.parties import Language
from gateway.domain.problem import InputRefused
from templates.problem_document import problem_document
from tests.application.packages import Decision, Place, full, members_of, places_of, replaced
from tests.e2e import built
from tests.e2e.standing import Standing, standing
from tests.e2e.world import World

CANARY = "Zq7Quenneville"
SHAPES = [CANARY, f"{CANARY} \u0000", f"{CANARY}\u202e", CANARY * 300, {CANARY: CANARY}, [CANARY], {"x": {CANARY: 1}}]


def strings() -> list[Place]:
    """Every place of a text in a decision that has every field."""
    return [place for place in places_of(full()) if isinstance(_at(full(), place), str)]


def _at(decision: Decision, place: Place) -> object:
    found: object = decision
    for step in place:
        found = found[step]  # type: ignore[index]
    return found


@pytest.mark.parametrize("place", strings(), ids=lambda place: ".".join(map(str, place)))
def test_no_refusal_of_a_decision_quotes_what_stood_there(place: Place) -> None:
    for shape in SHAPES:
        raw = json.dumps(replaced(full(), place, shape)).encode()
        try:
            read_decision(raw, members_of(full()))
        except InputRefused as refused:
            for language in Language:
                said = json.dumps(problem_document(refused, language)) + str(refused) + repr(refused.facts)
                assert CANARY not in said.replace(f".{CANARY}", ""), "only as a step of the path itself"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> World:
    mail = {"host": "127.0.0.1", "port": 9, "tls": "none", "sender": "registry@gw.test"}
    return World(folder=tmp_path_factory.mktemp("words"), mail=mail).make()


@pytest.fixture
def home(made: World, tmp_path: Path) -> Iterator[Standing]:
    with standing(made, tmp_path) as opened:
        yield opened


def test_what_cannot_be_rendered_is_logged_and_named_without_its_words(
    home: Standing, capfd: pytest.CaptureFixture[str]
) -> None:
    """A document that breaks the renderer, with a member name and content that tell of a person."""
    path = f"documents/{CANARY}.pdf"
    document = {"path": path, "kind": "reasons", "language": "en", "media_type": "application/pdf"}
    for content in (f"%PDF-1.7 {CANARY}".encode(), b"%PDF-1.7\n1 0 obj\n<< /" + CANARY.encode() + b" >>\nxref"):
        raw = built.with_documents(home.made, {path: content}, documents=[document])
        home.gateway.submit.accept(raw, submitted_by="test")
        home.work()
    said = capfd.readouterr()
    assert CANARY not in said.out + said.err
    with home.gateway.database.read() as tx:
        for dispatch in tx.dispatches.newest(10):
            assert CANARY not in repr(tx.records.events(dispatch.id))
            assert CANARY not in repr(tx.deliveries.of_dispatch(dispatch.id))
    assert not [path for path in home.world.folder.rglob("*") if CANARY in path.name]


@pytest.mark.real
@pytest.mark.parametrize(
    "arguments",
    [
        ("status", "\udcff"),
        ("resolve", "\udcff", "retry", "--reason", "x"),
        ("resolve", "x", "retry", "--reason", "\udcff"),
        ("--as", "\udcff", "tokens", "create", "x", "--scope", "read"),
        ("recipients", "show", "\udcff"),
    ],
)
def test_a_text_that_is_no_utf_8_is_wrong_usage_and_no_defect(made: World, arguments: tuple[str, ...]) -> None:
    assert made.json(*arguments, expect=2)["code"] == "request.invalid"


@pytest.mark.real
def test_a_file_may_have_any_name_and_what_was_accepted_beside_it_is_told(made: World, tmp_path: Path) -> None:
    """Accepted and not told would be worse than refused: the sender could not know."""
    good, bad = tmp_path / "good.asice", tmp_path / "bad\udcff.asice"
    good.write_bytes(built.package(made))
    bad.write_bytes(b"x")
    answer = made.json("submit", good, bad, expect=3)
    assert [one["file"] for one in answer["dispatches"]] == [str(good)]
    assert [(one["file"], one["code"]) for one in answer["refused"]] == [(str(bad), "package.not-zip")]
