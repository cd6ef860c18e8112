"""Planning a package of 8 participants under the Board's rules, beside the bare JSON parser on its decision.json."""

import json
import time
import timeit
from collections.abc import Callable
from random import Random
from typing import Any

from gateway.application.intake.decision_json import read_decision
from gateway.application.rule_files import FILES, RuleFile, board_rules, read_book
from gateway.application.rules import rule_text
from gateway.domain.case_facts import CaseFacts
from gateway.domain.routing import Directory, plan
from gateway.domain.rules.book import RuleBook
from gateway.domain.ways import Means, WayLimits
from tests.application.packages import POSTAL, members_of, minimal, raw
from tests.routing.generator import draw
from tests.unit.routed import EVERY, EVERYBODY, TODAY, directory

_RANDOM = 300


def _milliseconds(work: Callable[[], object], repeats: int) -> float:
    work()
    return min(timeit.repeat(work, timer=time.process_time, number=repeats, repeat=5)) / repeats * 1000


def eight() -> dict[str, Any]:
    """A joined appeal at the RAD: three persons, two counsel, a designated representative, the Minister's counsel,
    and the UNHCR; the Refugee Protection Division is added by rule."""
    persons = ["p1", "p2", "p3"]
    decision = minimal("RAD", files=[{"number": "TC6-02345", "persons": persons}])
    decision["persons"] = [
        {"id": name, "family_name": "X", "outcome": {"code": "confirmed"}, "recourse": {"forum": "FC"}}
        for name in persons
    ]
    minister, counsel, *_ = decision["participants"]
    decision["participants"] = [
        minister,
        counsel | {"represents": ["p1", "p2"]},
        counsel | {"id": "c2", "represents": ["p3"], "recipient": "counsel-2"},
        *(
            {"id": f"a{name}", "roles": ["appellant"], "represents": [name], "contact": {"postal": POSTAL}}
            for name in persons
        ),
        {"id": "r1", "roles": ["designated-representative"], "represents": ["p2"], "contact": {"postal": POSTAL}},
        {"id": "u1", "roles": ["unhcr"], "made_submissions": True, "contact": {"postal": POSTAL}},
    ]
    return decision


def main() -> None:
    """Prints milliseconds: with answers kept as in a running gateway, and with a book that was never asked before."""
    decision = eight()
    content = raw(decision)
    package = read_decision(content, members_of(decision))
    limits = dict.fromkeys(EVERY, WayLimits(max_bytes=10_000_000, growth=2.6))
    means = Means(channels=limits, key_fault=lambda _: None)
    book = directory(*EVERYBODY)
    bare = _milliseconds(lambda: json.loads(content), 1000)
    warm = _milliseconds(lambda: _plan(package, board_rules(), book, means), 300)
    print(f"plan 8 participants        {warm:8.3f} ms  {warm / bare:5.1f} x json.loads of the same package")
    rules = board_rules().rules
    cold = _milliseconds(lambda: _plan(package, RuleBook(rules), book, means), 50)
    empty = _milliseconds(lambda: RuleBook(rules), 50)
    print(f"the same, first of its kind {cold - empty:7.3f} ms  (building a book apart: {empty:.3f} ms, once at start)")
    drawn = [draw(Random(seed)) for seed in range(_RANDOM)]
    mixed = _milliseconds(lambda: [one.plans() for one in drawn], 1) / _RANDOM
    print(f"a random package           {mixed:8.3f} ms  (mean of {_RANDOM})")
    files = [RuleFile(name=name, text=rule_text(name)) for name in FILES]
    print(f"reading all rule files     {_milliseconds(lambda: read_book(files), 5):8.1f} ms  (once at start)")


def _plan(package: Any, rules: RuleBook, book: Directory, means: Means) -> object:
    case = CaseFacts(package=package, book=rules, today=TODAY, organizations=book.organizations(package))
    return plan(case, book, means)


if __name__ == "__main__":
    main()
