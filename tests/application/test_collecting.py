"""A mailbox is emptied once, by one process at a time, and nothing leaves it before it is kept."""

import datetime as dt
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

from gateway.application.returns.collect import LEASE, REST, Collect
from gateway.application.returns.receive import MOST_OCTETS
from gateway.domain.codes import Code
from gateway.domain.problem import InputRefused, Problem, ServiceDown, SetupWrong
from gateway.ports.mailboxes import Arrival, MailboxStanding
from tests.application.stage import Stage
from tests.contracts.fake_channel import FakeChannel

SECOND = dt.timedelta(seconds=1)


class ListMailbox:
    """Messages in a dictionary. Stands in for Dovecot and for a folder, which have tests of their own."""

    name = "list"

    def __init__(self, *messages: bytes) -> None:
        self.lying = {str(number): raw for number, raw in enumerate(messages)}
        self.fails: Problem | None = None
        self.claimed: dict[str, int] = {}
        self.waits = 0
        self.visits = 0
        self.before_letting_go: Callable[[], None] = lambda: None
        self.while_waiting: Callable[[], None] = lambda: None

    @contextmanager
    def visit(self) -> Iterator["ListMailbox"]:
        """See `Mailbox`."""
        self.visits += 1
        if self.fails is not None:
            raise self.fails
        yield self

    def arrivals(self) -> Sequence[Arrival]:
        """See `Visit`."""
        return [Arrival(name=name, size=self.claimed.get(name, len(raw))) for name, raw in self.lying.items()]

    def read(self, arrival: Arrival, limit: int) -> bytes | None:
        """See `Visit`."""
        raw = self.lying.get(arrival.name)
        return None if raw is None else raw[: limit + 1]

    def let_go(self, arrival: Arrival) -> None:
        """See `Visit`."""
        self.before_letting_go()
        self.lying.pop(arrival.name, None)

    def wait(self, limit: dt.timedelta, ending: Callable[[], bool]) -> None:
        """See `Visit`."""
        self.waits += 1
        self.while_waiting()


@pytest.fixture
def on(tmp_path: Path) -> Iterator[Stage]:
    stage = Stage(tmp_path, FakeChannel())
    stage.keep.ensure_key()
    yield stage
    stage.close()


def collect(on: Stage, mailbox: ListMailbox) -> Collect:
    return Collect(mailbox, source="mail", keep=on.keep, every=SECOND, database=on.database, clock=on.clock)


def one_look(collecting: Collect, told: list[str] | None = None) -> int:
    """Runs it until the first wait."""
    asked = 0

    def ending() -> bool:
        nonlocal asked
        asked += 1
        mailbox = collecting.mailbox
        assert isinstance(mailbox, ListMailbox)
        return mailbox.waits > 0

    return collecting(ending, (told if told is not None else []).extend)


def kept(on: Stage) -> int:
    with on.database.read() as tx:
        return len(tx.incoming.find(handling=None, limit=1000))


def standing(on: Stage) -> MailboxStanding:
    with on.database.read() as tx:
        stands = tx.mailboxes.get("list")
    assert stands is not None
    return stands


def test_what_lies_there_is_kept_once_and_told_of(on: Stage) -> None:
    mailbox, told = ListMailbox(b"one", b"two", b"one"), list[str]()
    assert one_look(collect(on, mailbox), told) == 2
    assert mailbox.lying == {}
    assert kept(on) == len(told) == 2
    assert (standing(on).holder, standing(on).problem) == ("", None)


def test_a_process_that_dies_between_keeping_and_letting_go_loses_and_doubles_nothing(on: Stage) -> None:
    mailbox = ListMailbox(b"one")

    def die() -> None:
        raise KeyboardInterrupt

    mailbox.before_letting_go = die
    with pytest.raises(KeyboardInterrupt):
        one_look(collect(on, mailbox))
    assert (kept(on), len(mailbox.lying)) == (1, 1)
    mailbox.before_letting_go = lambda: None
    on.clock.move(LEASE)
    assert one_look(collect(on, mailbox)) == 0
    assert (kept(on), mailbox.lying) == (1, {})


def test_where_nothing_can_be_kept_the_message_stays_where_it_is(on: Stage) -> None:
    mailbox = ListMailbox(b"one")
    (on.folder / "vault").write_text("a file stands in the way")
    with pytest.raises(ServiceDown):
        one_look(collect(on, mailbox))
    assert mailbox.lying == {"0": b"one"}
    assert standing(on).problem is Code.STORAGE_UNAVAILABLE


def test_one_process_looks_at_a_time_and_another_after_its_lease(on: Stage) -> None:
    mailbox, other = ListMailbox(), collect(on, ListMailbox(b"one"))
    mailbox.while_waiting = lambda: others.append(one_look(other))
    others: list[int] = []
    one_look(collect(on, mailbox))
    assert others == [0]
    assert one_look(other) == 1


def test_a_holder_that_looks_on_keeps_its_lease(on: Stage) -> None:
    mailbox, other = ListMailbox(), collect(on, ListMailbox(b"one"))
    looks = 0

    def ending() -> bool:
        nonlocal looks
        looks += 1
        on.clock.move(LEASE / 3)
        return looks > 9

    collecting = collect(on, mailbox)
    mailbox.while_waiting = lambda: others.append(one_look(other))
    others: list[int] = []
    collecting(ending, lambda _: None)
    assert len(others) > 3
    assert set(others) == {0}


def test_a_problem_is_shown_and_rested_after_by_every_process(on: Stage) -> None:
    mailbox = ListMailbox(b"one")
    mailbox.fails = SetupWrong(Code.MAILBOX_LOGIN)
    with pytest.raises(SetupWrong):
        one_look(collect(on, mailbox))
    since = on.clock.now()
    assert (standing(on).problem, standing(on).since) == (Code.MAILBOX_LOGIN, since)
    assert one_look(collect(on, mailbox)) == 0
    assert mailbox.visits == 1
    on.clock.move(REST)
    with pytest.raises(SetupWrong):
        one_look(collect(on, mailbox))
    assert (standing(on).since, standing(on).looked_at) == (since, since + REST)
    on.clock.move(REST)
    mailbox.fails = None
    assert one_look(collect(on, mailbox)) == 1
    assert (standing(on).problem, standing(on).since) == (None, None)


def test_what_is_too_large_stays_there_is_shown_and_holds_up_nobody(on: Stage) -> None:
    mailbox = ListMailbox(b"one", b"two", bytes(MOST_OCTETS + 1))
    mailbox.claimed = {"0": MOST_OCTETS + 1, "2": 5}
    assert one_look(collect(on, mailbox)) == 1
    assert set(mailbox.lying) == {"0", "2"}
    assert standing(on).problem is Code.RECEIPT_TOO_LARGE
    assert collect(on, mailbox).once().left == 2


def test_many_are_taken_in_batches_and_one_look_takes_them_all(on: Stage) -> None:
    mailbox = ListMailbox(*(b"%d" % number for number in range(120)))
    found = collect(on, mailbox).once()
    assert (len(found.kept), found.repeats, found.more) == (120, 0, False)
    assert mailbox.lying == {}


class HoldingBack(ListMailbox):
    """Does not give out some of its messages."""

    def __init__(self, *messages: bytes, refuses: Problem) -> None:
        super().__init__(*messages)
        self.refuses = refuses

    def read(self, arrival: Arrival, limit: int) -> bytes | None:
        """See `Visit`."""
        if self.lying.get(arrival.name, b"").startswith(b"broken"):
            raise self.refuses
        return super().read(arrival, limit)


def test_a_message_that_is_not_given_out_keeps_no_other_from_being_read_and_is_told_of(on: Stage) -> None:
    mailbox = HoldingBack(b"broken", b"one", b"broken too", b"two", refuses=InputRefused(Code.MAILBOX_MESSAGE))
    assert one_look(collect(on, mailbox)) == 2
    assert sorted(mailbox.lying.values()) == [b"broken", b"broken too"]
    assert standing(on).problem is Code.MAILBOX_MESSAGE
    mailbox.lying = {"9": b"three"}
    mailbox.waits = 0
    assert one_look(collect(on, mailbox)) == 1
    assert standing(on).problem is None


def test_many_that_are_not_given_out_hold_up_nothing_behind_them(on: Stage) -> None:
    broken = [b"broken %d" % number for number in range(150)]
    mailbox = HoldingBack(*broken, b"one", refuses=InputRefused(Code.MAILBOX_MESSAGE))
    collecting = collect(on, mailbox)
    assert len(collecting.once().kept) == 1
    assert collecting.once().more is False


def test_a_message_at_which_the_connection_ends_is_the_last_to_be_tried_at_the_next_visit(on: Stage) -> None:
    mailbox = HoldingBack(b"broken", b"one", b"two", refuses=ServiceDown(Code.MAILBOX_UNAVAILABLE))
    collecting = collect(on, mailbox)
    with pytest.raises(ServiceDown):
        one_look(collecting)
    assert kept(on) == 0
    on.clock.move(REST)
    with pytest.raises(ServiceDown):
        one_look(collecting)
    assert kept(on) == 2, "the others went first"
    assert list(mailbox.lying.values()) == [b"broken"]
    assert standing(on).problem is Code.MAILBOX_UNAVAILABLE
