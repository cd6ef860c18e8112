"""What is asked for many times a second is read a few times a second."""

import threading
import time
from collections.abc import Callable

from gateway.application.lately import SECONDS, Lately


class Source:
    value = "before"
    reads = 0
    now = 0.0
    meanwhile: Callable[[], None] | None = None
    """What happens while the next one looks at the clock."""

    def read(self) -> str:
        self.reads += 1
        return self.value

    def clock(self) -> float:
        happens, self.meanwhile = self.meanwhile, None
        if happens is not None:
            happens()
        return self.now


def test_a_burst_of_askers_reads_once_and_a_change_is_seen_soon() -> None:
    source = Source()
    lately = Lately(source.read, source.clock)
    assert [lately() for _ in range(100)] == ["before"] * 100
    assert source.reads == 1
    source.value = "after"
    source.now = SECONDS - 0.01
    assert lately() == "before"
    source.now = SECONDS
    assert lately() == "after"


def test_our_own_change_is_seen_at_once() -> None:
    source = Source()
    lately = Lately(source.read, source.clock)
    lately()
    source.value = "after"
    lately.forget()
    assert lately() == "after"


def test_who_looked_before_it_was_read_anew_has_it_read_no_more() -> None:
    source, others = Source(), threading.enumerate()
    lately = Lately(source.read, source.clock, seconds=60, behind=600)
    assert lately() == "before"
    source.value, source.now = "after", 61

    def another() -> None:
        lately()
        for reader in set(threading.enumerate()) - set(others):
            reader.join(60)

    source.meanwhile = another
    assert lately() == "before"
    assert lately() == "after"
    assert source.reads == 2


def test_who_asks_later_is_given_what_was_read_while_it_is_read_anew_behind_them() -> None:
    source, read = Source(), threading.Event()

    def slowly() -> str:
        value = source.read()
        if source.reads > 1:
            read.wait(60)
        return value

    lately = Lately(slowly, source.clock, seconds=60, behind=600)
    assert lately() == "before"
    source.value, source.now = "after", 61
    assert [lately() for _ in range(5)] == ["before"] * 5
    read.set()
    ended = time.monotonic() + 60
    while lately() != "after":
        assert time.monotonic() < ended
    assert source.reads == 2, "one of the five had it read"
    source.value, source.now = "long after", 61 + 660
    assert lately() == "long after", "too old to be given"
