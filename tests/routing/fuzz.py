"""`make fuzz`: random packages from a seeded generator through the planner, every plan held to the invariants.

`python -m tests.routing.fuzz [COUNT] [SEED]`. Prints how often each thing occurred, and fails where one never did: a
generator that makes only easy cases proves nothing. A failure names the seed of its package.
"""

import sys
import time
from collections import Counter
from random import Random

from gateway.application.rule_files import board_rules
from gateway.domain.rules.rule import Standing
from tests.routing.generator import draw, raised
from tests.routing.invariants import check, check_raised

_MILLION = 1_000_000
_SHOWN = 100_000
_ENOUGH = 20_000
"""Packages after which everything must have occurred."""


def one(seed: int, seen: Counter[str]) -> None:
    """Makes, plans and checks one package; every second one once more under a higher protection."""
    random = Random(seed)
    drawn = draw(random)
    plans = drawn.plans()
    check(drawn, plans)
    if seed % 2:
        check_raised(plans, raised(drawn, random).plans())
    seen[f"division {drawn.package.division}"] += 1
    for planned in plans:
        seen[f"standing {planned.provision.standing}"] += 1
        seen[f"reason {planned.reason}" if planned.reason else "sent"] += planned.to_send
        seen["handed over"] += planned.provision.handed_over
        seen.update(f"rule {rule.id}" for rule in planned.provision.rules)
        seen.update(f"rule {verdict.rule.id}" for verdict in planned.verdicts)
        seen.update(f"rule {rule.id}" for _, rule in planned.provision.enclosures)
        if planned.because is not None:
            seen[f"rule {planned.because.id}"] += 1


def unseen(seen: Counter[str]) -> list[str]:
    """What never occurred: rules whose settings stand, and the reasons that planning gives."""
    book = board_rules()
    rules = book.rules
    groups = (rules.recipient, rules.required, rules.order, rules.gate, rules.ask, rules.enclosure)
    standing = {f"{name}={value}" for name, value in book.settings.items()}
    live = [rule.id for group in groups for rule in group if not rule.setting or standing & set(rule.setting)]
    wanted = [f"rule {name}" for name in (*live, *(one.id for one in rules.obstacle))]
    wanted += [f"standing {one}" for one in Standing if one is not Standing.COURTESY]
    return [name for name in wanted if not seen[name]]


def main() -> None:
    """Runs the packages. Exits with 1 when something never occurred; an invariant that breaks raises."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else _MILLION
    first = int(sys.argv[2]) if len(sys.argv) > 2 else 0
    seen: Counter[str] = Counter()
    begun = time.monotonic()
    for number in range(count):
        try:
            one(first + number, seen)
        except AssertionError as broken:
            raise SystemExit(f"seed {first + number}: {broken}") from broken
        if number and number % _SHOWN == 0:
            print(f"{number} packages, {time.monotonic() - begun:.0f} s", flush=True)
    for name in sorted(seen):
        if not name.startswith("rule "):
            print(f"{seen[name]:>10}  {name}")
    lacking = unseen(seen)
    rules = sum(name.startswith("rule ") for name in seen)
    print(f"{count} packages in {time.monotonic() - begun:.1f} s, no invariant broken, {rules} rules at work")
    if lacking and count >= _ENOUGH:
        raise SystemExit(f"never occurred: {', '.join(lacking)}")


if __name__ == "__main__":
    main()
