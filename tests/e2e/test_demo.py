"""`gateway demo`: as a process of its own in both languages, and whether it would tell when something is wrong."""

import datetime as dt
import io
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import httpx
import pyotp
import pytest
from rich.console import Console

from gateway.demo.at_rest import look_for
from gateway.demo.clerks import NAMES, Clerk, seconds_left
from gateway.demo.counsel import collect_as_counsel
from gateway.demo.decisions import SAMPLES, write_decision
from gateway.demo.forgeries import Forgery
from gateway.demo.inbox import Check, CheckFailed
from gateway.demo.mail_server import Received
from gateway.demo.open_house import prepare
from gateway.demo.play import Outcome, play
from gateway.demo.progress import Progress
from gateway.demo.report import page
from gateway.demo.results import collect
from gateway.demo.stage import Stage, stage
from gateway.demo.words import said
from gateway.domain.delivery import DeliveryState
from gateway.domain.digest import sha256
from gateway.domain.outcomes import Division
from gateway.domain.parties import Language
from keys.own import load_own_keys
from tests.real import need

PLANNED = {
    "RPD": {"s1": "P-256", "c1": "P-384", "c2": "link-and-code"},
    "RAD": {"m1": "RSA 3072", "a1": None, "division": "P-256"},
    "ID": {"m1": "RSA 3072", "c1": "P-384"},
    "IAD": {"m1": "RSA 3072", "c1": "RSA 2048"},
}
"""Each participant with the kind of key that opens their copy, or what opens the exchange; None: a person must act."""

REASONS = {("RAD", "a1"): "plan.no-channel-yet"}
REFUSED = {
    "altered": "package.digest-mismatch",
    "revoked": "signer.revoked",
    "other-division": "signer.not-for-division",
}

WORDS = {
    "en": ("handed over", "The claim for refugee protection is rejected.", "A removal order is made.", "appellant"),
    "fr": ("remise au", "La demande d’asile est rejetée.", "Une mesure de renvoi est prise.", "appelant"),
}


def demo(folder: Path, *arguments: str, language: str = "en") -> tuple[list[str], dict[str, str]]:
    """The command line and the variables of a demonstration whose temporary files go to `folder`."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("GATEWAY_")}
    command = [sys.executable, "-m", "gateway.cli.main", "--lang", language, "demo", *arguments]
    return command, clean | {"TMPDIR": str(folder), "LANG": "C.UTF-8"}


def run(folder: Path, *arguments: str, language: str = "en") -> subprocess.CompletedProcess[str]:
    """A demonstration that ends by itself."""
    command, environment = demo(folder, *arguments, language=language)
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=120)


@pytest.mark.slow
@pytest.mark.parametrize("language", ["en", "fr"])
def test_every_delivery_is_opened_or_waits_for_a_person_with_the_reason(tmp_path: Path, language: str) -> None:
    done = run(tmp_path, "--once", "--json", language=language)
    assert done.returncode == 0, done.stderr
    shown = json.loads(done.stdout)
    found = {
        package["division"]: {one["participant"]: one["opened_with"] for one in package["deliveries"]}
        for package in shown["packages"]
    }
    assert found == PLANNED
    for package in shown["packages"]:
        for delivery in package["deliveries"]:
            check_delivery(package["division"], delivery)
    assert {one["forgery"]: one["code"] for one in shown["refused"]} == REFUSED
    assert shown["at_rest"]["found"] == []
    assert shown["feed"] == {"told": 3, "accepted": 2, "rejected": 1, "open": 0}
    assert (shown["good"], shown["opened"], shown["needs_person"]) == (True, 9, 1)


def check_delivery(division: str, delivery: dict[str, Any]) -> None:
    """One delivery of the JSON document stands as planned."""
    reason = REASONS.get((division, delivery["participant"]))
    assert delivery["reason"] == reason
    assert delivery["failed"] is None
    if reason is None:
        collected = delivery["opened_with"] == "link-and-code"
        assert delivery["state"] == ("delivered" if collected else "handed-over")
        assert delivery["checks"] == (["came", "opens", "same"] if collected else [check.value for check in Check])
        assert all(one["pages"] > 0 for one in delivery["documents"])
        assert len(delivery["documents"]) == (2 if division == "ID" else 1)
        assert 0 < delivery["handed_over_after"] < 60
    else:
        assert delivery["state"] == "needs-person"
        assert delivery["reason_text"]
        assert delivery["documents"] == []


@pytest.mark.slow
@pytest.mark.parametrize("language", ["en", "fr"])
def test_the_page_for_a_person_says_what_was_decided_and_nothing_failed(tmp_path: Path, language: str) -> None:
    done = run(tmp_path, "--once", language=language)
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    assert "✗" not in done.stdout
    for words in WORDS[language]:
        assert words in done.stdout
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
def test_without_its_extra_the_demonstration_says_which_package_it_lacks(tmp_path: Path) -> None:
    """The mail server's package made unfindable, as on a machine without the extra."""
    (tmp_path / "sitecustomize.py").write_text("import sys\nsys.modules['aiosmtpd.controller'] = None\n")
    command, environment = demo(tmp_path, "--once", "--json")
    before = os.environ.get("PYTHONPATH", "")
    environment["PYTHONPATH"] = os.pathsep.join(filter(None, (str(tmp_path), before)))
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 6
    assert json.loads(done.stdout)["code"] == "demo.extra-missing"
    assert [path.name for path in tmp_path.glob("decision-gateway*")] == []


@pytest.mark.slow
@pytest.mark.parametrize(
    ("number", "status"),
    [(signal.SIGINT, 0), (signal.SIGTERM, 128 + signal.SIGTERM), (signal.SIGHUP, 128 + signal.SIGHUP)],
)
def test_left_open_it_takes_one_more_package_and_cleans_up_on_a_signal(
    tmp_path: Path, number: signal.Signals, status: int
) -> None:
    (home := tmp_path / "demo").mkdir()
    command, environment = demo(home, "--json")
    told = tmp_path / "told"
    with (
        told.open("w") as errors,
        subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=errors, text=True) as process,
    ):
        try:
            shown = read_document(process)
            submit_one_more(shown["open"])
            assert [staff_home(shown["open"], clerk) for clerk in shown["open"]["clerks"]] == [200, 200]
            wait_until_told_of(3, told)
            process.send_signal(number)
            process.communicate(timeout=60)
        finally:
            process.kill()
    assert process.returncode == status
    assert told.read_text().count("✉") == 3
    assert list(home.iterdir()) == []


def wait_until_told_of(messages: int, told: Path) -> None:
    """The notice of what was left in the exchange comes by its own rounds, after its delivery is handed over."""
    end = time.monotonic() + 60
    while told.read_text().count("✉") < messages:
        assert time.monotonic() < end, told.read_text()
        time.sleep(0.05)


def read_document(process: "subprocess.Popen[str]") -> Any:
    """The JSON document, which ends with a bracket at the beginning of a line."""
    assert process.stdout is not None
    lines: list[str] = []
    for line in process.stdout:
        lines.append(line)
        if line == "}\n":
            break
    return json.loads("".join(lines))


def staff_home(house: dict[str, Any], clerk: dict[str, str]) -> int:
    """What the console answers to a person of the demonstration who has just signed in by what it shows."""
    shown = pyotp.TOTP(clerk["device"]).now()
    with httpx.Client(base_url=house["console"], timeout=30) as browser:
        fields = {"account": clerk["account"], "password": clerk["password"], "code": f"{shown[:3]} {shown[3:]}"}
        entered = browser.post("/en/sign-in", data=fields)
        assert entered.status_code == 303, entered.text
        cookies = "; ".join(f"{name}={value}" for name, value in entered.cookies.items())
        return browser.get("/en", headers={"Cookie": cookies}).status_code


def submit_one_more(house: dict[str, str]) -> None:
    """Submits the package that lies at hand and waits until its three copies are handed over."""
    headers = {"Authorization": f"Bearer {house['token']}"}
    package = (Path(house["home"]).parent / "one-more.asice").read_bytes()
    end = time.monotonic() + 60
    while True:
        try:
            answer = httpx.post(f"{house['url']}/dispatches", content=package, headers=headers, timeout=30)
            break
        except httpx.ConnectError:
            assert time.monotonic() < end
            time.sleep(0.05)
    assert answer.status_code == 202, answer.text
    address = f"{house['url']}/dispatches/{answer.json()['dispatch']}"
    while True:
        deliveries = httpx.get(address, headers=headers, timeout=30).json()["deliveries"]
        if [one["state"] for one in deliveries] == ["handed-over"] * 3:
            return
        assert time.monotonic() < end
        time.sleep(0.05)


@dataclass(frozen=True)
class Played:
    """A demonstration that was played and still stands."""

    stage: Stage
    outcome: Outcome
    messages: tuple[Received, ...]

    def failures(self) -> list[Check | None]:
        """Which check fails for each delivery by mail of the third package, looked at again."""
        taken = [(one.written, one.dispatch.id) for one in self.outcome.packages[2:3]]
        return [one.failed for one in collect(self.stage, taken)[0].deliveries]


@pytest.fixture(scope="module")
def standing() -> Iterator[Played]:
    """Played once for all tests that look at it."""
    with stage(Language.EN, lambda _: None) as set_up:
        outcome = play(set_up, time.monotonic(), lambda _: None)
        yield Played(set_up, outcome, tuple(set_up.mail.mailbox.messages))


@pytest.fixture
def played(standing: Played) -> Iterator[Played]:
    """The played demonstration, its mailbox as it was."""
    yield standing
    standing.stage.mail.mailbox.messages[:] = standing.messages


def without(message: Received) -> list[Received]:
    """It never came."""
    return []


def twice(message: Received) -> list[Received]:
    """It came twice."""
    return [message, message]


def in_clear(message: Received) -> list[Received]:
    """It came without TLS."""
    return [replace(message, protected=False)]


def to_another_too(message: Received) -> list[Received]:
    """It had a second recipient."""
    return [replace(message, recipients=(*message.recipients, "other@demo.example"))]


def altered(message: Received) -> list[Received]:
    """One bit of it changed on the way."""
    content = bytearray(message.content)
    content[-20] ^= 1
    return [replace(message, content=bytes(content))]


@pytest.mark.parametrize(
    ("change", "check"),
    [
        (without, Check.CAME),
        (twice, Check.CAME),
        (in_clear, Check.CAME),
        (to_another_too, Check.CAME),
        (altered, Check.KEPT),
    ],
)
def test_a_message_that_did_not_come_as_it_was_sent_is_told(
    played: Played, change: Callable[[Received], list[Received]], check: Check
) -> None:
    changed = [after for message in played.messages for after in change(message)]
    played.stage.mail.mailbox.messages[:] = changed
    assert played.failures() == [check] * 2


def test_a_message_that_the_recipients_key_does_not_open_is_told(played: Played) -> None:
    other = played.stage.readers["cbsa-hearings"]
    swapped = replace(played.stage, readers=dict.fromkeys(played.stage.readers, other))
    assert replace(played, stage=swapped).failures() == [None, Check.OPENS]


def test_a_signature_of_somebody_elses_mail_authority_is_told(played: Played, monkeypatch: pytest.MonkeyPatch) -> None:
    own = load_own_keys(played.stage.keys)
    stranger = replace(own, mail_cas=(played.stage.readers["sorting-centre"].certificate,))
    monkeypatch.setattr("gateway.demo.results.load_own_keys", lambda *_: stranger)
    assert played.failures() == [Check.SIGNED] * 2


@pytest.mark.parametrize(
    ("code", "delivery", "expected", "check"),
    [
        ("0000-0000", None, None, Check.OPENS),
        (None, "another", None, Check.CAME),
        (None, None, ["0" * 64], Check.SAME),
    ],
)
def test_what_counsel_cannot_collect_as_it_was_left_is_told(
    played: Played, code: str | None, delivery: str | None, expected: list[str] | None, check: Check
) -> None:
    stage, left = played.stage, played.outcome.packages[0].deliveries[2]
    counsel = replace(stage.counsel, code=code or stage.counsel.code)
    with pytest.raises(CheckFailed) as failed:
        collect_as_counsel(
            stage.gateway,
            stage.mail.mailbox,
            counsel,
            delivery=delivery or left.delivery.id,
            expected=expected or [sha256(one.content) for one in left.documents],
        )
    assert failed.value.check is check


def test_nothing_is_good_once_one_thing_is_not(played: Played) -> None:
    outcome = played.outcome
    assert outcome.good
    assert not replace(outcome, forgeries=[Forgery(name="altered", refusal=None)]).good
    assert not replace(outcome, at_rest=replace(outcome.at_rest, found=["gateway.db"])).good
    assert outcome.feed is not None
    assert not replace(outcome, feed=None).good
    assert not replace(outcome, feed=replace(outcome.feed, accepted=1)).good
    assert not replace(outcome, feed=replace(outcome.feed, open=1)).good
    first = outcome.packages[0]
    for worse in (
        replace(first.deliveries[0], failed=Check.KEPT),
        replace(first.deliveries[0], documents=()),
        replace(first.deliveries[0], delivery=replace(first.deliveries[0].delivery, state=DeliveryState.DEFERRED)),
    ):
        assert not replace(outcome, packages=[replace(first, deliveries=[worse])]).good
    assert not replace(outcome, packages=[replace(first, deliveries=[])]).good


@pytest.mark.parametrize("language", list(Language))
def test_the_page_marks_what_is_wrong(played: Played, language: Language) -> None:
    outcome = played.outcome
    first = outcome.packages[0]
    late = replace(first.deliveries[1], delivery=replace(first.deliveries[1].delivery, state=DeliveryState.DEFERRED))
    worse = replace(
        outcome,
        packages=[replace(first, deliveries=[replace(first.deliveries[0], documents=(), failed=Check.SAME), late])],
        forgeries=[Forgery(name="altered", refusal=None)],
        at_rest=replace(outcome.at_rest, found=["gateway.db"]),
        feed=None,
    )
    console = Console(width=120, record=True, file=io.StringIO())
    console.print(page(worse, language, console.width))
    shown = console.export_text()
    for text in (said("check.same", language), said("refused.taken", language), said("summary.failed", language)):
        assert " ".join(text.split()) in " ".join(shown.split())
    assert "gateway.db" in shown
    assert shown.count("✗") == 8


@pytest.mark.real
def test_the_commands_it_shows_work_as_they_stand(played: Played) -> None:
    need.program("openssl", "openssl")
    house = prepare(played.stage, played.outcome)
    for command in house.commands():
        if command.key in {"open.commands", "open.deliveries", "open.read"}:
            script = "set -e\n" + "\n".join(command.lines)
            subprocess.run(["sh", "-c", script], cwd=played.stage.folder, check=True, capture_output=True, timeout=60)
    opened = (played.stage.folder / "opened.eml").read_bytes()
    assert b"application/pdf" in opened


def test_the_terminal_shows_what_the_devices_of_the_two_would(monkeypatch: pytest.MonkeyPatch) -> None:
    """In a terminal alone, in its last line, and never where a file is written."""
    clerks = [Clerk(name=name, password="", device=pyotp.random_base32()) for name in NAMES]
    for watched in (True, False):
        written = io.StringIO()
        progress = Progress(Language.EN)
        progress._console = Console(file=written, force_terminal=watched, width=100)
        monkeypatch.setattr("gateway.demo.progress.dt.datetime", Stopped)
        with progress.codes(clerks):
            pass
        assert all((clerk.code(Stopped.now(dt.UTC)) in written.getvalue()) is watched for clerk in clerks)
    assert seconds_left(Stopped.now(dt.UTC)) == 18


class Stopped(dt.datetime):
    """A clock that stands."""

    @classmethod
    def now(cls, tz: dt.tzinfo | None = None) -> "Stopped":
        return cls(2026, 11, 28, 12, 0, 12, tzinfo=tz)


def test_the_home_holds_no_name_no_address_and_no_sentence(played: Played) -> None:
    """Looked for by this test itself, with needles of its own: from the samples, not from what the demo looks for."""
    needles = [b"Corvandre", b"Torvane", b"Merrovelle", b"Ketterwick", b"Aubrivage", b"Halloway", b"Tamsin"]
    needles += [b"greffe@valdombre.example", b"4 Invented Crescent", b"99-0104-2701", b"a tide table", b"%PDF-"]
    contents = [path.read_bytes() for path in played.stage.home.rglob("*") if path.is_file()]
    assert len(contents) > 20
    assert [needle for needle in needles for content in contents if needle in content] == []


def test_a_name_in_clear_is_found(tmp_path: Path) -> None:
    (tmp_path / "log").mkdir()
    (tmp_path / "log" / "one").write_bytes(b"\x00sent to Corvandre\x00")
    (tmp_path / "two").write_bytes(b"sealed")
    found = look_for(tmp_path, [b"Corvandre"])
    assert (found.files, found.found) == (2, ["log/one"])


def test_the_recipients_private_keys_and_the_gateways_own_are_not_in_the_home(played: Played) -> None:
    contents = [path.read_bytes() for path in played.stage.home.rglob("*") if path.is_file()]
    assert not any(b"PRIVATE KEY" in content for content in contents)
    assert {path.suffix for path in played.stage.keys.iterdir()} >= {".key", ".pem"}


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.division.value)
def test_the_texts_have_no_gaps_left(played: Played, sample: Any) -> None:
    written = next(one.written for one in played.outcome.packages if one.dispatch.division is sample.division)
    for path, content in written.documents.items():
        if path.endswith(".md"):
            assert b"$" not in content
            assert b"[#]" not in content
    again = write_decision(sample, written.decision.decision.signed_at)
    assert again.decision.package_id != written.decision.package_id


def test_reasons_run_from_one_page_to_thirty(played: Played) -> None:
    longest = {
        package.dispatch.division: max(one.pages for result in package.deliveries for one in result.documents)
        for package in played.outcome.packages
    }
    letter_notice_and_recourse = 3
    assert longest[Division.RAD] - letter_notice_and_recourse == 30
    assert longest[Division.IAD] - 2 == 1
