"""Logs: JSON lines on standard error, so that standard output holds the answer alone.

No line holds an error's own words, nor those of a library: either may quote a decision. What is written of an error is
its code or type, and where in the code it was raised.
"""

import datetime as dt
import json
import logging
import sys
import traceback
from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path

from gateway.domain.problem import Problem

_OURS = frozenset({"gateway", "channels", "keys", "templates"})
"""Packages whose messages are chosen here; an installed channel of somebody else's is told by name, level and place."""


Fact = str | int | float | bool | StrEnum | Sequence[str] | None
"""What a line may hold: whatever else there is might tell of a person, or of a decision, by how it describes itself."""


def cause_of(error: BaseException) -> dict[str, str]:
    """What went wrong and where, without the error's own words."""
    frames = traceback.extract_tb(error.__traceback__)
    place = f"{Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else "unknown"
    if not isinstance(error, Problem):
        return {"cause": type(error).__name__, "place": place}
    result = {"result": str(error.facts["result"])} if "result" in error.facts else {}
    return {"cause": error.code.value, **result, "place": place}


class Log:
    """What happens here, a line for each event. Facts are ids, counts, codes and names of the settings.

    Its own, and not structlog: that draws rich in, 5 MB of each worker process, for consoles that nobody has.
    """

    def info(self, event: str, **facts: Fact) -> None:
        """What is as it should be."""
        _write({**facts, "event": event, "level": "info"})

    def warning(self, event: str, **facts: Fact) -> None:
        """What somebody may want to look at."""
        _write({**facts, "event": event, "level": "warning"})

    def error(self, event: str, **facts: Fact) -> None:
        """What went wrong."""
        _write({**facts, "event": event, "level": "error"})


def _write(line: dict[str, Fact]) -> None:
    """In one piece: other threads and processes write there too. What is no fact all the same is told by its type,
    so that no line is lost for it."""
    line["timestamp"] = dt.datetime.now(dt.UTC).isoformat()
    sys.stderr.write(f"{json.dumps(line, default=_type_alone)}\n")
    sys.stderr.flush()


def _type_alone(value: object) -> str:
    return f"<{type(value).__name__}>"


class WithoutWords(logging.Formatter):
    """Records of the standard library's logging as the same JSON lines."""

    def format(self, record: logging.LogRecord) -> str:
        """One line."""
        ours = record.name.partition(".")[0] in _OURS
        line = {
            "event": record.getMessage() if ours else "library",
            "logger": record.name,
            "level": record.levelname.lower(),
            "timestamp": dt.datetime.fromtimestamp(record.created, dt.UTC).isoformat(),
        }
        error = record.exc_info[1] if record.exc_info else None
        return json.dumps(line | (cause_of(error) if error else {}))


def write_logs() -> None:
    """Sets logging up; nothing below a warning comes from libraries."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(WithoutWords())
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    logging.captureWarnings(True)  # noqa: FBT003  (the library's signature)
