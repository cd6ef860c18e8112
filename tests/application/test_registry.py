"""What the registry sets up is recorded: who did it, when, and which keys."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from gateway.application.people.registry import Tokens
from gateway.domain.digest import sha256
from gateway.domain.events import EventName
from gateway.ports.registry import Scope
from tests.application.stage import Stage


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    made = Stage(tmp_path)
    yield made
    made.close()


def events(stage: Stage) -> list[tuple[str, str, str]]:
    with closing(sqlite3.connect(stage.folder / "gateway.db")) as connection:
        return connection.execute("SELECT name, actor, facts FROM events ORDER BY ordinal").fetchall()


def test_a_key_that_is_pinned_is_recorded_by_its_digest(stage: Stage) -> None:
    stage.recipients()
    ((name, actor, facts),) = events(stage)
    assert (name, actor) == (EventName.RECIPIENT_IMPORTED, "test")
    assert sha256(b"der") in facts
    (entry,) = stage.directory.all()
    other = replace(entry.channels[0], certificate=b"renewed")
    stage.enter(replace(entry, channels=(other,)), actor="clerk")
    assert [(name, actor) for name, actor, _ in events(stage)][1:] == [(EventName.KEY_IMPORTED, "clerk")]


def test_a_new_tokens_secret_is_in_no_event_and_not_in_what_a_log_would_show(stage: Stage) -> None:
    made = Tokens(database=stage.database, clock=stage.clock).create("nova", frozenset(Scope), actor="clerk")
    assert made.secret not in repr(made)
    assert made.secret not in str(events(stage))
