"""What is asked for many times a second is read a few times a second."""

from gateway.application.lately import SECONDS, Lately


class Source:
    value = "before"
    reads = 0
    now = 0.0

    def read(self) -> str:
        self.reads += 1
        return self.value

    def clock(self) -> float:
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
