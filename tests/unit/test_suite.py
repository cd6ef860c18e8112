"""When a run passes although a test failed in it."""

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.suite import MOST, judged

FAILED, PASSED = pytest.ExitCode.TESTS_FAILED, pytest.ExitCode.OK
ROOT = Path(__file__).parents[2]


class Alone:
    """What its tests do by themselves, one time after the other."""

    def __init__(self, *outcomes: bool) -> None:
        self.outcomes = list(outcomes)

    def __call__(self, names: Sequence[str]) -> bool:
        """As often as there are outcomes, and no more."""
        return self.outcomes.pop(0)


@pytest.mark.parametrize(
    ("code", "failed", "alone", "once", "judgement"),
    [
        (FAILED, {"a": "!"}, (True, True), False, (PASSED, ["a"])),
        (FAILED, {"b": "!", "a": "!"}, (True, True), False, (PASSED, ["a", "b"])),
        (FAILED, {"a": "!"}, (False,), False, (FAILED, ())),
        (FAILED, {"a": "!"}, (True, False), False, (FAILED, ())),
        (FAILED, {str(number): "!" for number in range(MOST + 1)}, (), False, (FAILED, ())),
        (FAILED, {}, (), False, (FAILED, ())),
        (FAILED, {"a": "!"}, (), True, (FAILED, ())),
        (PASSED, {}, (), False, (PASSED, ())),
        (pytest.ExitCode.INTERRUPTED, {"a": "!"}, (), False, (pytest.ExitCode.INTERRUPTED, ())),
        (pytest.ExitCode.INTERNAL_ERROR, {"a": "!"}, (), False, (pytest.ExitCode.INTERNAL_ERROR, ())),
    ],
)
def test_a_run_passes_where_up_to_three_failed_once_and_hold_twice_alone(
    code: int, failed: dict[str, str], alone: tuple[bool, ...], once: bool, judgement: tuple[int, Sequence[str]]
) -> None:
    holds = Alone(*alone)
    assert judged(code, failed, holds, once=once) == judgement
    assert holds.outcomes == []


UNSTABLE = """
from pathlib import Path

def test_that_fails_the_first_time() -> None:
    met = Path(__file__).with_name("met")
    first = not met.exists()
    met.touch()
    assert not first

def test_beside_it() -> None:
    count = Path(__file__).with_name("count")
    count.write_text(count.read_text() + "." if count.exists() else ".")
"""


@pytest.mark.slow
def test_the_run_names_what_failed_once_and_runs_nothing_else_again(tmp_path: Path) -> None:
    (tmp_path / "pytest.ini").touch()
    (tmp_path / "test_unstable.py").write_text(UNSTABLE)
    done = subprocess.run(
        [sys.executable, "-m", "tests.suite", "-p", "no:cacheprovider", str(tmp_path)],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT), "ONCE": "0"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    assert "UNSTABLE: failed once among the others, held 2 times alone:" in done.stdout.splitlines()[-1]
    assert "test_that_fails_the_first_time" in done.stdout.splitlines()[-1]
    assert (tmp_path / "count").read_text() == "."
