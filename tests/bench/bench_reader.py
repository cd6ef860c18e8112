"""Reading decision.json strictly, beside the bare JSON parser; hostile inputs at the size limit."""

import json
import timeit
from collections.abc import Callable, Sequence

from gateway.application.dates.office_dates import due_of
from gateway.application.intake.decision_json import read_decision
from gateway.domain.problem import InputRefused
from tests.application.packages import Decision, full, members_of, minimal, raw


def _milliseconds(work: Callable[[], object], repeats: int) -> float:
    work()
    return min(timeit.repeat(work, number=repeats, repeat=3)) / repeats * 1000


def _refused(content: bytes, members: Sequence[str]) -> Callable[[], None]:
    def read() -> None:
        try:
            read_decision(content, members)
        except InputRefused:
            return
        raise AssertionError("a hostile input was read")

    return read


def _print_reading(name: str, decision: Decision) -> None:
    content, members = raw(decision), members_of(decision)
    bare = _milliseconds(lambda: json.loads(content), 1000)
    strict = _milliseconds(lambda: read_decision(content, members), 500)
    print(f"read {name:<22} {len(content):>9} bytes {strict:8.3f} ms  {strict / bare:5.1f} x json.loads")


def main() -> None:
    """Prints milliseconds, and the ratio to json.loads of the same bytes."""
    for name, decision in (("minimal", minimal()), ("every field", full())):
        _print_reading(name, decision)
    package = read_decision(raw(minimal()), members_of(minimal()))
    print(f"due date {'':<34} {_milliseconds(lambda: due_of(package), 500):8.3f} ms")
    many = json.dumps(minimal() | {"files": [1] * 300_000}).encode()
    ids = json.dumps(minimal() | {"files": [{"number": "TC6-12345", "persons": ["p1"] * 160_000}]}).encode()
    hostile = {
        "deep": b"[" * 1_000_000,
        "wrong items": many,
        "ids over and over": ids,
        "long text": b'"' + b"x" * 999_998 + b'"',
        "long number": b"9" * 1_000_000,
    }
    for name, content in hostile.items():
        spent = _milliseconds(_refused(content, members_of(minimal())), 1)
        print(f"refuse {name:<20} {len(content):>9} bytes {spent:8.1f} ms")


if __name__ == "__main__":
    main()
