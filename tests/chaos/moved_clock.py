"""`gateway …` under a clock that others move: `python -m tests.chaos.moved_clock FILE …` adds the file's seconds.

A stand-in for a machine whose clock jumps: the real one cannot be moved under one process alone, and everything else on
the machine would move with it.
"""

import datetime as dt
import sys
from dataclasses import dataclass
from pathlib import Path

from gateway.bootstrap import SystemClock


@dataclass(frozen=True)
class ClockFile:
    """The file that says by how many seconds the clock is off."""

    path: Path

    def set(self, by: dt.timedelta) -> None:
        """Moves the clock of every process that reads it. Never half written."""
        written = self.path.with_suffix(".new")
        written.write_text(str(by.total_seconds()))
        written.replace(self.path)

    @property
    def by(self) -> dt.timedelta:
        """How far off it is now."""
        return dt.timedelta(seconds=float(self.path.read_text()))

    def now(self) -> dt.datetime:
        """See `Clock`."""
        return dt.datetime.now(dt.UTC) + self.by


def _moved() -> None:
    clock = ClockFile(Path(sys.argv[1]))
    setattr(SystemClock, "now", lambda _self: clock.now())  # noqa: B010  (mypy takes no other function for a method)
    sys.argv = ["gateway", *sys.argv[2:]]
    from gateway.cli.main import main

    main()


if __name__ == "__main__":
    _moved()
