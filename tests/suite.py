"""Runs the suite (`make test`) and tells a test that fails from one that failed once.

Thousands of tests start real servers side by side; a run that fails for one race in ten thousand says nothing about
the change it is asked about. A test that failed among the others is therefore run again by itself, and must hold
twice; its failure stays in the output, and the last lines name it (docs/adr/0059). With ONCE=1 nothing is run again.
"""

import os
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence

import pytest

MOST = 3
"""More that fail in one run are no chance: nothing is run again."""
TIMES = 2
"""How often a test that failed must hold by itself, one time after the other."""


class Failures:
    """A pytest plugin: which tests failed, and with what last words."""

    def __init__(self) -> None:
        self.told: dict[str, str] = {}

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Whatever of it failed: setting up, the test itself, or taking down."""
        if report.failed:
            self.told.setdefault(report.nodeid, report.longreprtext.strip().splitlines()[-1])


def judged(
    code: int, failed: Mapping[str, str], holds: Callable[[Sequence[str]], bool], *, once: bool
) -> tuple[int, Sequence[str]]:
    """The exit code of the run, and the tests that failed once and hold. `code`: pytest's own."""
    if once or code != pytest.ExitCode.TESTS_FAILED or not 0 < len(failed) <= MOST:
        return code, ()
    names = sorted(failed)
    if not all(holds(names) for _ in range(TIMES)):
        return code, ()
    return pytest.ExitCode.OK, names


def _hold_alone(names: Sequence[str]) -> bool:
    """Whether they pass with nothing beside them, in a process that has run nothing else."""
    return (
        subprocess.run([sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *names], check=False).returncode == 0
    )


def main(arguments: Sequence[str]) -> int:
    """Pytest's exit code, or 0 where all that failed, failed once."""
    failures = Failures()
    code = pytest.main(list(arguments), plugins=[failures])
    code, unstable = judged(code, failures.told, _hold_alone, once=os.environ.get("ONCE") == "1")
    for name in unstable:
        print(f"UNSTABLE: failed once among the others, held {TIMES} times alone: {name}: {failures.told[name]}")
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
