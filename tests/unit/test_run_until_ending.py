"""When a loop looks again: at once after a round that did enough, else after a wait."""

import pytest

from gateway.worker.pump import IDLE_WAIT, Hint, run_until_ending


class Waits(Hint):
    """Notes the waits instead of making them."""

    def __init__(self) -> None:
        super().__init__()
        self.after: list[float] = []

    def wait(self, seconds: float) -> None:
        """See `Hint`."""
        self.after.append(seconds)


@pytest.mark.parametrize(("enough", "waits"), [(1, 1), (10, 3)])
def test_the_next_look_comes_at_once_after_a_round_that_did_enough(enough: int, waits: int) -> None:
    rounds, hint = [10, 9, 1, 0], Waits()
    run_until_ending("a loop", lambda: rounds.pop(0), lambda: not rounds, hint, enough=enough)
    assert hint.after == [IDLE_WAIT] * waits
