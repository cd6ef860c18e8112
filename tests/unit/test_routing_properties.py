"""Whatever the package, the directory and the channels: what every plan keeps. Hypothesis shrinks what breaks it."""

from collections import Counter
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.routing.fuzz import one, unseen
from tests.routing.generator import draw, raised
from tests.routing.invariants import check, check_raised
from tests.unit.routed import book, granting

GRANTING = book(
    overlay=granting("iad-sensitive", division="IAD", when="sensitive = true")
    + granting("id-sensitive", division="ID", when="sensitive = true")
)
"""The Board's rules where two gates grant an override and all others none."""


@pytest.mark.slow
@settings(max_examples=10_000, deadline=None, suppress_health_check=list(HealthCheck), database=None)
@given(st.randoms(use_true_random=False))
def test_no_plan_breaks_a_rule_an_audience_or_a_protection_and_nobody_is_forgotten(random: Random) -> None:
    drawn = draw(random)
    plans = drawn.plans()
    check(drawn, plans)
    check_raised(plans, raised(drawn, random).plans())


@settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck), database=None)
@given(st.randoms(use_true_random=False))
def test_two_people_open_only_what_the_rules_let_them_open(random: Random) -> None:
    drawn = draw(random, GRANTING)
    check(drawn, drawn.plans())


def test_the_generator_brings_every_rule_and_every_standing_to_work() -> None:
    seen: Counter[str] = Counter()
    for seed in range(3_000):
        one(seed, seen)
    assert unseen(seen) == []
