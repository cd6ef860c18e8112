"""What one step asks of the directory several times over is read once for it, and anew for the next."""

import datetime as dt
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from gateway.application.recipients.directory import RecipientDirectory
from gateway.domain.dispatch import Step
from gateway.domain.parties import Recipient
from tests.application.stage import Stage
from tests.contracts.fake_channel import FakeChannel

MINISTER = "cbsa-hearings-gta"


@pytest.fixture
def on(tmp_path: Path) -> Iterator[Stage]:
    stage = Stage(tmp_path, FakeChannel(name="encrypted-email"))
    stage.recipients()
    yield stage
    stage.close()


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The ids of the entries that were read from the database since it was last cleared."""
    found: list[str] = []
    reading = RecipientDirectory._read

    def counted(directory: RecipientDirectory, recipient_id: str) -> Recipient | None:
        found.append(recipient_id)
        return reading(directory, recipient_id)

    monkeypatch.setattr(RecipientDirectory, "_read", counted)
    return found


def test_planning_rendering_and_each_sending_read_an_entry_once(on: Stage, read: list[str]) -> None:
    on.accept()
    for step, work in ((Step.PLAN, on.plan), (Step.RENDER, on.render)):
        read.clear()
        (claimed,) = on.steps.claim(step, 10)
        work(claimed)
        assert read == [MINISTER], step
    read.clear()
    on.clock.move(dt.timedelta(seconds=1))
    assert on.deliver() == 1
    assert read == [MINISTER]


def test_beyond_it_an_entry_is_read_anew_also_after_a_failure(on: Stage, read: list[str]) -> None:
    def fail() -> None:
        with on.directory.reading_once():
            on.directory.get(MINISTER)
            with on.directory.reading_once():
                on.directory.get(MINISTER)
            on.directory.get(MINISTER)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert read == [MINISTER]
    on.directory.get(MINISTER)
    on.directory.get(MINISTER)
    assert len(read) == 3


def test_an_entry_that_is_not_there_is_looked_for_once(on: Stage, read: list[str]) -> None:
    with on.directory.reading_once():
        assert [on.directory.get(one) for one in ("nobody", "nobody", None)] == [None, None, None]
    assert read == ["nobody"]


def test_what_one_thread_reads_once_another_reads_for_itself(on: Stage, read: list[str]) -> None:
    """A change that one is not to see yet is seen by the other."""
    with on.directory.reading_once():
        before = on.directory.known(MINISTER)
        on.enter(replace(before, name="Another name"))
        seen: list[Recipient] = []
        other = threading.Thread(target=lambda: seen.append(on.directory.known(MINISTER)))
        other.start()
        other.join()
        assert on.directory.known(MINISTER) == before
    assert [one.name for one in seen] == ["Another name"] == [on.directory.known(MINISTER).name]
