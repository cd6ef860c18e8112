"""What stands in the logs: enough to find a fault, and never the words of an error or a library."""

import json
import subprocess
import sys
from typing import Any

import pytest

from gateway.domain.codes import Code
from gateway.domain.problem import InputRefused, located
from gateway.logs import cause_of

SECRET = "Amina Example, 5 Elm Street"

SCRIPT = """
import logging
from gateway.logs import Log, write_logs
write_logs()
try:
    raise ValueError({secret!r})
except ValueError:
    logging.getLogger("uvicorn.error").exception("%s", {secret!r})
logging.getLogger("pypdf").warning({secret!r})
logging.getLogger("pypdf").info("less than a warning")
logging.getLogger("channels.base").error("channel.unforeseen channel=%s", "fax")
Log().error("attempt-failed", delivery="d1")
Log().warning("what-is-no-fact", raw={secret!r}.encode(), error=ValueError({secret!r}), rows=[ValueError({secret!r})])
"""


@pytest.fixture(scope="module")
def lines() -> list[dict[str, Any]]:
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT.format(secret=SECRET)], capture_output=True, text=True, check=True
    )
    assert done.stdout == ""
    assert SECRET not in done.stderr
    return [json.loads(line) for line in done.stderr.splitlines()]


def test_every_line_is_json_with_event_level_and_time(lines: list[dict[str, Any]]) -> None:
    assert len(lines) == 5
    assert all({"event", "level", "timestamp"} <= set(line) for line in lines)


def test_of_a_librarys_error_type_and_place_are_told(lines: list[dict[str, Any]]) -> None:
    assert (lines[0]["logger"], lines[0]["cause"], lines[0]["place"]) == ("uvicorn.error", "ValueError", "<string>:6")
    assert (lines[1]["logger"], lines[1]["event"]) == ("pypdf", "library")


def test_our_own_messages_are_told(lines: list[dict[str, Any]]) -> None:
    assert lines[2]["event"] == "channel.unforeseen channel=fax"
    assert (lines[3]["event"], lines[3]["delivery"]) == ("attempt-failed", "d1")


def test_what_is_no_fact_is_told_by_its_type_and_never_by_how_it_describes_itself(lines: list[dict[str, Any]]) -> None:
    assert (lines[4]["raw"], lines[4]["error"], lines[4]["rows"]) == ("<bytes>", "<ValueError>", ["<ValueError>"])


def test_a_problem_is_told_by_its_code() -> None:
    with pytest.raises(InputRefused) as caught, located(SECRET):
        raise InputRefused(Code.PACKAGE_NOT_ZIP)
    told = cause_of(caught.value)
    assert told["cause"] == "package.not-zip"
    assert told["place"].startswith("test_logs.py:")


def test_an_error_that_was_never_raised_has_no_place() -> None:
    assert cause_of(ValueError(SECRET)) == {"cause": "ValueError", "place": "unknown"}
