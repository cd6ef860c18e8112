"""The whole gateway against a mail server that fails: what stands afterwards, who must act, and nothing sent twice."""

import datetime as dt
import email
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from gateway.checks import Finding, Name
from gateway.doctor import examine
from gateway.domain.acts import Action
from gateway.domain.reasons import Reason
from tests.e2e.standing import Standing, standing
from tests.e2e.world import World
from tests.real.certificates import Authority
from tests.real.ports import free_port
from tests.real.smtp_faults import At, Do, Fault, FaultyServer, in_thread, server_context
from tests.real.time_limits import ending_once

MINUTE, HOUR = dt.timedelta(minutes=1), dt.timedelta(hours=1)
TORONTO = ZoneInfo("America/Toronto")
NAME = "mx.gw.test"


@dataclass(frozen=True)
class House:
    """A home that sends to one port, and the authority that its mail server must have its certificate from."""

    world: World
    port: int
    authority: Authority

    def server(self, *faults: Fault, authority: Authority | None = None, name: str = NAME) -> FaultyServer:
        """A mail server on that port, with a certificate of the right authority unless told otherwise."""
        issued = (authority or self.authority).server(name)
        return FaultyServer(faults=faults, tls=server_context(issued), port=self.port)


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> House:
    folder, port, authority = tmp_path_factory.mktemp("faults"), free_port(), Authority.root()
    (folder / "ca.pem").write_bytes(authority.own.pem)
    mail = {"host": "127.0.0.1", "port": port, "tls": "starttls", "ca": str(folder / "ca.pem"), "server_name": NAME}
    mail |= {"sender": "registry@gw.test", "time_limit": "20s"}
    return House(world=World(folder=folder, mail=mail).make(), port=port, authority=authority)


@pytest.fixture
def home(house: House, tmp_path: Path) -> Iterator[Standing]:
    with standing(house.world, tmp_path) as opened:
        yield opened


@pytest.fixture(autouse=True)
def longest_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that nothing is due again while a test looks: a wait may be any part of its length."""
    monkeypatch.setattr("gateway.application.sending.attempt_record.random.random", lambda: 0.0)


def message_ids(server: FaultyServer) -> list[str]:
    return [str(email.message_from_bytes(message)["Message-ID"]) for message in server.accepted]


def finding(home: Standing, name: Name) -> Finding:
    (check,) = [one for one in examine(home.world.home) if one.name is name]
    return check.finding


def tried(home: Standing, house: House, *faults: Fault) -> tuple[str, Any, FaultyServer]:
    """A package submitted and worked on against that server: the dispatch, its delivery, the server."""
    dispatch = home.submit()
    with in_thread(house.server(*faults)) as server, ending_once(lambda: server.hangs):
        home.work()
    return dispatch, home.only(dispatch), server


DEFERRED: list[tuple[At, Do | str, Reason]] = [
    (At.GREETING, "421 4.3.2 closing", Reason.SMTP_TEMPORARY),
    (At.GREETING, Do.DROP, Reason.SMTP_CONNECT),
    (At.GREETING, Do.HANG, Reason.SMTP_CONNECT),
    (At.EHLO, "451 later", Reason.SMTP_TEMPORARY),
    (At.EHLO, Do.DROP, Reason.SMTP_CONNECT),
    (At.STARTTLS, "454 4.7.0 not now", Reason.SMTP_TEMPORARY),
    (At.STARTTLS, Do.DROP, Reason.SMTP_CONNECT),
    (At.STARTTLS, Do.HANG, Reason.SMTP_CONNECT),
    (At.MAIL, "452 4.3.1 no room", Reason.SMTP_TEMPORARY),
    (At.MAIL, Do.DROP, Reason.SMTP_CUT),
    (At.RCPT, "450 4.2.1 greylisted", Reason.SMTP_TEMPORARY),
    (At.RCPT, Do.DROP, Reason.SMTP_CUT),
    (At.RCPT, Do.HANG, Reason.SMTP_CUT),
    (At.DATA, "451 4.3.0 later", Reason.SMTP_TEMPORARY),
    (At.DATA, Do.DROP, Reason.SMTP_CUT),
    (At.END, "451 4.3.0 try again", Reason.SMTP_TEMPORARY),
]


@pytest.mark.parametrize(("at", "do", "reason"), DEFERRED, ids=lambda value: str(value)[:24])
def test_what_did_not_leave_waits_a_minute_and_then_goes_once(
    home: Standing, house: House, at: At, do: Do | str, reason: Reason
) -> None:
    before = home.clock.now()
    dispatch, delivery, server = tried(home, house, Fault(at, do))
    (attempt,) = delivery["attempts"]
    assert (delivery["state"], delivery["reason"]) == ("deferred", reason)
    assert (attempt["result"], attempt["reason"]) == ("not-sent", reason)
    again = dt.datetime.fromisoformat(delivery["next_action_at"])
    assert before + MINUTE <= again <= home.clock.now() + MINUTE
    assert server.accepted == []
    assert finding(home, Name.PAUSES) is Finding.GOOD

    with in_thread(house.server()) as good:
        home.work()
        assert good.connections == 0, "before its time"
        home.clock.by += HOUR
        home.work()
        home.clock.by += 24 * HOUR
        home.work()
    after = home.only(dispatch)
    assert (after["state"], len(after["attempts"])) == ("handed-over", 2)
    assert message_ids(good) == [attempt["reference"]]


def test_a_server_that_is_not_there_is_tried_for_as_long_as_there_is_time_and_then_a_person_is_called(
    home: Standing, house: House
) -> None:
    dispatch = home.submit()
    for _ in range(24):
        home.work()
        home.clock.by += 12 * HOUR
    delivery = home.only(dispatch)
    assert {one["reason"] for one in delivery["attempts"]} == {"smtp.connect"}
    assert delivery["state"] in {"failed", "needs-person"}
    assert delivery["reason"] == "retry.time-over"
    # The last try was decided on when the one before it failed; a worker that comes twelve hours later makes it late.
    claimed = [dt.datetime.fromisoformat(one["claimed_at"]).astimezone(TORONTO) for one in delivery["attempts"]]
    due = dt.date.fromisoformat(delivery["due"])
    if claimed[0].date() <= due:
        assert claimed[-2].date() <= due
    else:  # overdue from the beginning: for a while it is tried all the same
        assert claimed[-1] - claimed[0] <= dt.timedelta(days=1)
    assert finding(home, Name.WORK) is Finding.WARNING

    home.gateway.resolve(delivery["delivery"], Action.RETRY, actor="clerk", reason="the server is back")
    with in_thread(house.server()) as good:
        home.work()
    assert home.only(dispatch)["state"] == "handed-over"
    assert message_ids(good) == [delivery["attempts"][0]["reference"]]


REFUSED = [
    (At.RCPT, "550 5.1.1 no such user", "smtp.refused"),
    (At.DATA, "554 5.5.1 no valid recipients", "smtp.refused"),
    (At.END, "550 5.7.1 content", "smtp.refused"),
    (At.END, "552 5.3.4 too big", "message.too-large"),
]


@pytest.mark.parametrize(("at", "do", "reason"), REFUSED, ids=lambda value: str(value)[:24])
def test_a_refusal_of_the_recipient_ends_with_a_person_and_not_with_a_repeat(
    home: Standing, house: House, at: At, do: str, reason: str
) -> None:
    dispatch, delivery, _ = tried(home, house, Fault(at, do))
    (attempt,) = delivery["attempts"]
    assert (delivery["state"], delivery["reason"], attempt["result"]) == ("failed", reason, "refused")
    assert delivery["next_action_at"] is None
    assert do.split(maxsplit=1)[0] in attempt["detail"]
    with in_thread(house.server()) as good:
        home.clock.by += 24 * HOUR
        home.work()
        assert good.connections == 0
        home.gateway.resolve(delivery["delivery"], Action.RETRY, actor="clerk", reason="mailbox mended")
        home.work()
    assert home.only(dispatch)["state"] == "handed-over"
    assert message_ids(good) == [attempt["reference"]]


OURS: list[tuple[Fault | str, str]] = [
    (Fault(At.GREETING, "554 no service"), "smtp.connect"),
    (Fault(At.EHLO, "502 unknown"), "smtp.connect"),
    (Fault(At.STARTTLS, "502 unknown"), "smtp.tls"),
    (Fault(At.MAIL, "530 5.7.0 authentication required"), "smtp.authentication"),
    (Fault(At.MAIL, "550 5.1.8 sender"), "smtp.sender-refused"),
    ("no STARTTLS", "smtp.tls"),
    ("another authority", "smtp.tls"),
    ("another name", "smtp.tls"),
]


def _ours(house: House, what: Fault | str) -> FaultyServer:
    match what:
        case Fault():
            return house.server(what)
        case "another authority":
            return house.server(authority=Authority.root())
        case "another name":
            return house.server(name="mx.other.test")
        case _:
            return FaultyServer(port=house.port)


@pytest.mark.parametrize(("what", "reason"), OURS, ids=lambda value: str(value)[:40])
def test_what_is_wrong_on_our_side_pauses_the_channel_and_spends_nobodys_tries(
    home: Standing, house: House, what: Fault | str, reason: str
) -> None:
    dispatch = home.submit()
    with in_thread(_ours(house, what)) as server:
        home.work()
        second = home.submit()
        seen = server.connections
        home.work()
        assert server.connections == seen, "nothing goes through a paused channel"
    assert server.accepted == []
    delivery, waiting = home.only(dispatch), home.only(second)
    (attempt,) = delivery["attempts"]
    assert (delivery["state"], delivery["reason"], attempt["result"]) == ("deferred", reason, "misconfigured")
    assert (waiting["state"], waiting["attempts"]) == ("ready", [])
    with home.gateway.database.read() as tx:
        assert tx.deliveries.get(delivery["delivery"]).attempts == 0
        (pause,) = tx.registry.pauses()
    assert (pause.channel, pause.reason) == ("encrypted-email", reason)
    assert finding(home, Name.PAUSES) is Finding.WRONG

    with in_thread(house.server()) as good:
        home.clock.by += dt.timedelta(minutes=2)
        home.work()
    assert {home.only(one)["state"] for one in (dispatch, second)} == {"handed-over"}
    assert sorted(message_ids(good)) == sorted(
        home.only(one)["attempts"][-1]["reference"] for one in (dispatch, second)
    )


UNKNOWN = [(Do.DROP, False), (Do.HANG, False), (Do.TAKE_AND_DROP, True), (Do.TAKE_AND_HANG, True), ("what", False)]


@pytest.mark.parametrize("action", [Action.CONFIRM_SENT, Action.CONFIRM_NOT_SENT])
@pytest.mark.parametrize(("do", "taken"), UNKNOWN)
def test_an_end_nobody_knows_is_settled_by_a_person_and_by_nobody_else(
    home: Standing, house: House, do: Do | str, taken: bool, action: Action
) -> None:
    dispatch, delivery, server = tried(home, house, Fault(At.END, do))
    (attempt,) = delivery["attempts"]
    assert (delivery["state"], delivery["reason"]) == ("unconfirmed", "smtp.uncertain")
    assert (attempt["result"], delivery["needs_person"]) == ("maybe-sent", False)
    assert len(server.accepted) == int(taken)
    assert finding(home, Name.WORK) is Finding.GOOD, "a report may still settle it"
    with in_thread(house.server()) as good:
        home.clock.by += 24 * HOUR
        home.work()
        assert home.only(dispatch)["needs_person"]
        assert finding(home, Name.WORK) is Finding.WARNING
        assert good.connections == 0, "what may have been sent was sent again"
        home.gateway.resolve(delivery["delivery"], action, actor="clerk", reason="asked the mail server")
        home.work()
        home.clock.by += 24 * HOUR
        home.work()
    assert home.only(dispatch)["state"] == "handed-over"
    assert message_ids(good) == ([] if action is Action.CONFIRM_SENT else [attempt["reference"]])


def test_a_message_cut_on_its_way_is_never_sent_again_unless_it_certainly_stayed_here(
    home: Standing, house: House
) -> None:
    dispatch, delivery, server = tried(home, house, Fault(At.CONTENT, Do.DROP))
    assert server.accepted == []
    assert (delivery["state"], delivery["reason"]) in {("deferred", "smtp.cut"), ("unconfirmed", "smtp.uncertain")}
    with in_thread(house.server()) as good:
        home.clock.by += 24 * HOUR
        home.work()
    assert len(good.accepted) == (1 if delivery["state"] == "deferred" else 0)
    assert home.only(dispatch)["state"] == ("handed-over" if delivery["state"] == "deferred" else "unconfirmed")


@pytest.mark.real
@pytest.mark.slow
def test_by_the_command_line_doctor_names_the_pause_and_resolve_settles_with_a_reason(
    home: Standing, house: House
) -> None:
    """The same through processes: the exit statuses, and a second settling that conflicts."""
    _, paused, _ = tried(home, house, Fault(At.MAIL, "550 5.1.8 sender"))
    checks = home.world.json("doctor", expect=6)["checks"]
    (pauses,) = [one for one in checks if one["check"] == "pauses"]
    assert pauses["finding"] == "wrong"
    home.clock.by += dt.timedelta(minutes=2)
    with in_thread(house.server(Fault(At.END, Do.TAKE_AND_DROP))):
        home.work()
    (row,) = home.world.json("deliveries", "--state", "unconfirmed")["deliveries"]
    assert row["delivery"] == paused["delivery"]
    home.world.run("resolve", row["delivery"], "retry", "--reason", "impatient", expect=5)
    home.world.run("--as", "clerk", "resolve", row["delivery"], "confirm-sent", "--reason", "the server has it")
    home.world.run("resolve", row["delivery"], "confirm-not-sent", "--reason", "changed my mind", expect=5)


def test_the_carriers_words_are_kept_sealed_and_said_nowhere_else(
    home: Standing, house: House, capfd: pytest.CaptureFixture[str]
) -> None:
    words = "550 5.1.1 CANARY <marguerite.quenneville@gw.test> unknown"
    dispatch, delivery, _ = tried(home, house, Fault(At.RCPT, words))
    assert "CANARY" in delivery["attempts"][0]["detail"]
    home.gateway.close()
    for path in (path for path in home.world.home.rglob("*") if path.is_file()):
        content = path.read_bytes()
        assert b"CANARY" not in content, path.name
        assert b"quenneville" not in content, path.name
    said = capfd.readouterr()
    assert "CANARY" not in said.out + said.err
    assert dispatch
