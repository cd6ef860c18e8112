"""Sweeps that are made now and then."""

import datetime as dt
from pathlib import Path

from gateway.application.rounds import Round
from gateway.application.sweeps import Found, now_and_then
from tests.application.stage import Stage

MINUTE = dt.timedelta(minutes=1)


def test_of_several_processes_one_makes_the_sweep_and_not_again_before_its_time(tmp_path: Path) -> None:
    on, made = Stage(tmp_path), list[int]()

    def sweep(limit: int) -> dict[Found, int]:
        made.append(limit)
        return {Found.FORGOTTEN: 1}

    processes = [now_and_then(Round(on.database, "some", every=MINUTE), sweep, on.clock) for _ in range(2)]
    assert [run(7) for run in processes] == [{Found.FORGOTTEN: 1}, {}]
    on.clock.move(MINUTE - dt.timedelta(seconds=1))
    assert [run(8) for run in processes] == [{}, {}]
    on.clock.move(dt.timedelta(seconds=1))
    assert [run(9) for run in processes] == [{Found.FORGOTTEN: 1}, {}]
    assert made == [7, 9]
    on.close()
