"""Looks that walk through all that waits."""

import datetime as dt

from gateway.application.sparing import EACH, FEW, Sparing

NOW = dt.datetime(2026, 11, 28, 12, tzinfo=dt.UTC)
SECOND = dt.timedelta(seconds=1)


def test_the_more_there_was_to_walk_through_the_later_the_next_look_is() -> None:
    sparing = Sparing()
    assert sparing.may_look(NOW), "nobody looked yet"
    sparing.looked(NOW, among=10_000)
    assert not sparing.may_look(NOW)
    assert not sparing.may_look(NOW + 10_000 * EACH - SECOND)
    assert sparing.may_look(NOW + 10_000 * EACH)


def test_among_few_it_is_made_whenever_it_is_asked_for() -> None:
    sparing = Sparing()
    sparing.looked(NOW, among=10_000)
    sparing.looked(NOW, among=FEW)
    assert sparing.may_look(NOW)


def test_a_clock_that_was_put_back_holds_nothing_up() -> None:
    sparing = Sparing()
    sparing.looked(NOW, among=10_000)
    assert sparing.may_look(NOW - SECOND)
