"""`gateway doctor`: each check by itself, and what it tells a person to do."""

import datetime as dt
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from gateway import doctor, traces
from gateway.application.rule_files import board_rules
from gateway.bootstrap import Gateway, open_gateway
from gateway.checks import Check, Detail, Finding, Name
from gateway.cli.home import detail_of
from gateway.cli.session import Session
from gateway.doctor import examine
from gateway.domain.breaker import Breaker, BreakerState
from gateway.domain.codes import Code
from gateway.domain.exchange import ExchangeMail, ExchangeMailKind
from gateway.domain.parties import Language
from gateway.domain.problem import SetupWrong
from gateway.domain.reasons import Reason
from gateway.home import create_home
from gateway.ports.registry import ChannelPause
from tests.contracts.samples import stored_dispatch
from tests.e2e.home import directory, ordered, reader
from tests.keys.pki import Authority, ca_order
from tests.real.ports import free_port
from tests.unit.routed import decisions

NOW = dt.datetime.now(dt.UTC)


class Later:
    """A clock that is ahead."""

    def __init__(self, by: dt.timedelta) -> None:
        self._by = by

    def now(self) -> dt.datetime:
        return dt.datetime.now(dt.UTC) + self._by


class BrokenKeyring:
    """A keyring whose entries do not open."""

    def all(self) -> Sequence[Any]:
        raise SetupWrong(Code.SEAL_BROKEN, where="recipient")


@pytest.fixture
def home(tmp_path: Path) -> Path:
    create_home(tmp_path / "home", key_dir=tmp_path / "keys", sender="registry@tribunal.example", language=Language.EN)
    return tmp_path / "home"


@contextmanager
def opened(home: Path) -> Iterator[Gateway]:
    gateway = open_gateway(home)
    try:
        yield gateway
    finally:
        gateway.close()


def found(home: Path) -> dict[Name, Check]:
    return {check.name: check for check in examine(home)}


def opening(monkeypatch: pytest.MonkeyPatch, change: Callable[[Path], Gateway]) -> None:
    monkeypatch.setattr(doctor, "open_gateway", change)


def test_a_new_home_is_whole_and_lacks_trust_a_channel_and_accounts(home: Path) -> None:
    checks = found(home)
    assert list(checks) == list(Name)
    lacking = {name: check.detail for name, check in checks.items() if check.detail not in {None, Detail.SPACE}}
    assert lacking == {
        Name.TRUST: Detail.NO_ANCHOR,
        Name.CHANNELS: Detail.NO_CHANNEL,
        Name.LEDGER: Detail.LEDGER_ALONE,
        Name.BACKUP: Detail.NO_BACKUP,
        Name.RULES: Detail.UNDECIDED,
        Name.ACCOUNTS: Detail.BOOTSTRAP,
    }


def test_a_vault_that_cannot_be_written_is_wrong(home: Path) -> None:
    vault = home / "vault"
    vault.rmdir()
    vault.write_text("a file stands in the way")
    check = found(home)[Name.VAULT]
    assert (check.finding, check.problem and check.problem.code) == (Finding.WRONG, Code.STORAGE_UNAVAILABLE)


def test_a_proxy_that_hides_who_tries_to_sign_in_and_a_provider_that_is_away_are_told(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (home / "provider.secret").write_text("secret")
    (home / "provider.secret").chmod(0o600)
    for name, value in {
        "CONSOLE__URL": "https://console.gw.test",
        "CONSOLE_PROVIDER__ISSUER": f"http://localhost:{free_port()}",
        "CONSOLE_PROVIDER__CLIENT_ID": "console",
        "CONSOLE_PROVIDER__SECRET_FILE": "provider.secret",
    }.items():
        monkeypatch.setenv(f"GATEWAY_{name}", value)
    checks = found(home)
    assert (checks[Name.SIGN_IN].finding, checks[Name.SIGN_IN].detail) == (Finding.WARNING, Detail.NO_PROXIES)
    away = checks[Name.PROVIDERS]
    assert (away.finding, away.problem and away.problem.code) == (Finding.WRONG, Code.PROVIDER_UNAVAILABLE)
    monkeypatch.setenv("GATEWAY_WEB__PROXIES", "127.0.0.1")
    assert found(home)[Name.SIGN_IN].finding is Finding.GOOD


def test_a_collector_without_the_extra_that_speaks_to_it_is_told(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert found(home)[Name.TRACES].finding is Finding.GOOD
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:4318")
    assert found(home)[Name.TRACES].finding is Finding.GOOD, "the extra is installed with the tests"
    monkeypatch.setattr(traces, "_EXPORTER", "opentelemetry.nowhere.http")
    check = found(home)[Name.TRACES]
    assert (check.finding, check.detail) == (Finding.WARNING, Detail.TRACES_EXTRA)
    monkeypatch.setenv("OTEL_SDK_DISABLED", "true")
    assert found(home)[Name.TRACES].finding is Finding.GOOD


def test_a_destination_that_does_not_answer_is_wrong_and_said_since_when(home: Path) -> None:
    since = NOW - dt.timedelta(hours=1)
    with opened(home) as gateway, gateway.database.write() as tx:
        standing = tx.destinations.get("encrypted-email", lock=True)
        tx.destinations.save(replace(standing, breaker=Breaker(state=BreakerState.OPEN, since=since, until=NOW)))
    check = found(home)[Name.DESTINATIONS]
    assert (check.finding, check.detail) == (Finding.WRONG, Detail.UNANSWERED)
    told = detail_of(check, Session(language=Language.EN))
    assert told is not None
    assert since.astimezone().isoformat(" ", "minutes") in told


@pytest.mark.parametrize("language", list(Language))
def test_mails_of_the_exchange_that_do_not_leave_are_told(home: Path, language: Language) -> None:
    asked = dt.datetime.now(dt.UTC) - dt.timedelta(hours=2)
    mail = ExchangeMail(id="m1", account="firm", kind=ExchangeMailKind.NOTICE, asked_at=asked, next_at=asked)
    with opened(home) as gateway, gateway.database.write() as tx:
        tx.exchange.owe_mail(mail)
    check = found(home)[Name.EXCHANGES]
    assert (check.finding, check.detail) == (Finding.WARNING, Detail.MAILS_UNTOLD)
    told = detail_of(check, Session(language=language))
    assert told is not None
    assert "120" in told


@pytest.mark.parametrize("language", list(Language))
def test_open_settings_are_told_with_what_speaks_against_them_until_an_officer_decides(
    home: Path, language: Language
) -> None:
    told = detail_of(found(home)[Name.RULES], Session(language=language)) or ""
    open_settings = board_rules().rules.undecided()
    assert {one.id for one in open_settings} >= {"id.private.encrypted_email", "fax.protected_b", "id.secure_upload"}
    for setting in open_settings:
        assert setting.guidance is not None
        assert f"{setting.id} = {setting.default}" in told
        assert getattr(setting.guidance, language.value) in told
    decided = [f"{one.id}={one.default}" for one in open_settings]
    (home / "ours.toml").write_text(decisions(*decided))
    settings = home / "gateway.toml"
    settings.write_text(settings.read_text().replace('overlay = ""', 'overlay = "ours.toml"'))
    assert found(home)[Name.RULES] == Check(name=Name.RULES)


def test_keys_in_the_home_are_warned_of(tmp_path: Path) -> None:
    create_home(tmp_path, key_dir=None, sender="registry@tribunal.example", language=Language.EN)
    assert found(tmp_path)[Name.KEYS].detail is Detail.KEYS_INSIDE_HOME


def test_certificates_that_have_expired_are_counted_and_ours_are_wrong(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    certificate = reader(Authority.root(ordered(ca_order("Root"))))
    file = directory(home.parent, certificate)
    with opened(home) as gateway:
        gateway.keyring.import_recipients(
            file.read_bytes(), lambda path: (file.parent / path).read_bytes(), actor="test"
        )
    assert found(home)[Name.RECIPIENTS].finding is Finding.GOOD

    opening(monkeypatch, lambda path: open_gateway(path, clock=Later(dt.timedelta(days=400))))
    recipients = found(home)[Name.RECIPIENTS]
    assert (recipients.detail, recipients.facts) == (Detail.EXPIRED, {"count": 1, "first": "cbsa-gta"})

    opening(monkeypatch, lambda path: open_gateway(path, clock=Later(dt.timedelta(days=1200))))
    own = found(home)[Name.KEYS]
    assert (own.finding, own.detail, own.facts) == (Finding.WRONG, Detail.OWN_EXPIRED, {"name": "mail-signing"})


def test_a_key_of_ours_that_will_end_is_warned_of_with_the_day_and_the_command(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opening(monkeypatch, lambda path: open_gateway(path, clock=Later(dt.timedelta(days=1080))))
    check = found(home)[Name.KEYS]
    assert (check.finding, check.detail) == (Finding.WARNING, Detail.OWN_EXPIRING)
    told = detail_of(check, Session(language=Language.EN))
    made = (NOW, dt.datetime.now(dt.UTC))  # a day may have begun since these tests did
    assert told in {
        f"The gateway’s own key {name} ends on {day}. Run “gateway keys rotate {name}” and do what it says."
        for day in ((at + dt.timedelta(days=1096)).astimezone().date() for at in made)
        for name in ("mail-signing", "package-acceptance", "evidence-signing", "dispatch-seal", "openpgp-signing")
    }


def test_a_channel_that_is_paused_is_wrong_until_the_pause_ends(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    until = NOW + dt.timedelta(hours=1)
    pause = ChannelPause(channel="encrypted-email", since=NOW, until=until, reason=Reason.SMTP_TLS)
    with opened(home) as gateway, gateway.database.write() as tx:
        tx.registry.pause_channel(pause)
    check = found(home)[Name.PAUSES]
    assert check.finding is Finding.WRONG
    assert detail_of(check, Session(language=Language.EN)) == (
        "On the channel “encrypted e-mail”: The mail server did not prove who it is, or offered no encryption. "
        "Check the pinned authority and the server's certificate. The channel is paused."
    )
    opening(monkeypatch, lambda path: open_gateway(path, clock=Later(dt.timedelta(hours=2))))
    assert found(home)[Name.PAUSES].finding is Finding.GOOD


def test_one_broken_part_hides_no_other(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    opening(monkeypatch, lambda path: replace(open_gateway(path), keyring=BrokenKeyring()))  # type: ignore[arg-type]
    checks = found(home)
    assert list(checks) == list(Name)
    for name in (Name.KEYS, Name.RECIPIENTS):
        problem = checks[name].problem
        assert checks[name].finding is Finding.WRONG
        assert problem is not None
        assert problem.code is Code.SEAL_BROKEN
    assert checks[Name.TRUST].detail is Detail.NO_ANCHOR


def test_little_free_space_is_warned_of(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "LEAST_FREE", 10**18)
    check = found(home)[Name.SPACE]
    assert (check.finding, check.detail) == (Finding.WARNING, Detail.SPACE)
    monkeypatch.setattr(doctor, "LEAST_FREE", 0)
    assert found(home)[Name.SPACE] == Check(name=Name.SPACE)


def test_a_home_that_does_not_open_is_the_last_check(tmp_path: Path) -> None:
    (check,) = examine(tmp_path / "nowhere")
    assert (check.name, check.finding) == (Name.HOME, Finding.WRONG)
    told = detail_of(check, Session(language=Language.FR))
    assert told is not None
    assert told.endswith("gateway init. [home.missing]")


def test_a_broker_that_is_away_is_warned_of_since_the_work_goes_on(home: Path) -> None:
    settings = home / "gateway.toml"
    settings.write_text(settings.read_text().replace('broker = ""', f'broker = "redis://127.0.0.1:{free_port()}/0"'))
    check = found(home)[Name.BROKER]
    assert check.finding is Finding.WARNING
    assert check.problem is not None
    assert check.problem.code is Code.BROKER_UNAVAILABLE


def test_due_work_that_nobody_takes_is_warned_of_and_work_to_come_is_not(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with opened(home) as gateway:
        now = gateway.clock.now()
        stored_dispatch(gateway.database, next_action_at=now + dt.timedelta(seconds=30))
    assert found(home)[Name.WAITING].finding is Finding.GOOD
    opening(monkeypatch, lambda path: replace(open_gateway(path), clock=Later(dt.timedelta(minutes=5))))
    check = found(home)[Name.WAITING]
    assert (check.finding, check.detail, check.facts) == (Finding.WARNING, Detail.LATE, {"minutes": 4})
