"""A process looks each second whether it has its own keys, tells a change once, and forgets nothing meanwhile."""

import json

import pytest

from gateway.domain.codes import Code
from gateway.domain.problem import Problem, ServiceDown, SetupWrong
from gateway.worker.figures import OWN
from gateway.worker.own_keys import EVERY, KeyLook

LACKS = ServiceDown(Code.KEY_NOT_HERE, where="kek 000002-0000abcd")
AWAY = ServiceDown(Code.DATABASE_UNAVAILABLE)
OPEN_TO_OTHERS = SetupWrong(Code.SEAL_KEY_PERMISSIONS, where="/srv/keys/kek-000002-0000abcd.key")


class Keys:
    """What a look finds, and how often one was taken."""

    def __init__(self) -> None:
        self.found: Problem | None = None
        self.looks = 0
        self.now = 0.0
        self.look = KeyLook(self._check, now=lambda: self.now)

    def _check(self) -> None:
        self.looks += 1
        if self.found is not None:
            raise self.found

    def later(self, found: Problem | None) -> Code | None:
        """What is said once a look found that."""
        self.found, self.now = found, self.now + EVERY
        try:
            self.look.check()
        except Problem as problem:
            assert not self.look.may_work()
            return problem.code
        assert self.look.may_work()
        return None


def figure() -> float | None:
    return OWN.get_sample_value("gateway_own_keys_not_here")


def test_a_look_is_believed_for_a_second() -> None:
    keys = Keys()
    assert [keys.look.may_work() for _ in range(3)] == [True] * 3
    keys.found = LACKS
    assert keys.look.may_work()
    assert keys.looks == 1
    keys.now = EVERY
    assert not keys.look.may_work()
    assert keys.looks == 2


def test_what_is_missing_is_said_until_it_is_there(capsys: pytest.CaptureFixture[str]) -> None:
    keys = Keys()
    assert [keys.later(one) for one in (None, LACKS, LACKS)] == [None, Code.KEY_NOT_HERE, Code.KEY_NOT_HERE]
    assert figure() == 1
    assert [keys.later(one) for one in (OPEN_TO_OTHERS, None, None)] == [Code.SEAL_KEY_PERMISSIONS, None, None]
    assert figure() == 0
    told = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    assert [(one["event"], one.get("keys"), one.get("cause")) for one in told] == [
        ("own-keys-not-here", "kek 000002-0000abcd", "key.not-here"),
        ("own-keys-not-here", None, "seal.key-permissions"),
        ("own-keys-here", None, None),
    ]
    assert "/srv/keys" not in json.dumps(told), "no path of the machine"


def test_a_database_that_does_not_answer_says_nothing_of_keys() -> None:
    keys = Keys()
    assert [keys.later(one) for one in (AWAY, LACKS, AWAY, None)] == [None, Code.KEY_NOT_HERE, Code.KEY_NOT_HERE, None]


def test_what_is_raised_again_and_again_grows_by_nothing() -> None:
    keys = Keys()
    depths = []
    for _ in range(3):
        keys.later(LACKS)
        depth, trace = 0, LACKS.__traceback__
        while trace is not None:
            depth, trace = depth + 1, trace.tb_next
        depths.append(depth)
    assert len(set(depths)) == 1
