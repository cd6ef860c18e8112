"""`[channels.encrypted-email]`: strict, complete, explained in both languages."""

import tomllib
from pathlib import Path

import pytest

from channels.encrypted_email import plugin
from channels.encrypted_email.return_path import ReturnPath
from channels.encrypted_email.settings import EncryptedEmailSettings
from channels.mail.settings import setting_texts
from gateway.domain.codes import Code
from gateway.domain.problem import SetupWrong
from gateway.ports.channels import ChannelParts
from tests.channels.protector import StandInProtector
from tests.real.certificates import Authority

GOOD: dict[str, object] = {"host": "mx.test", "port": 25, "sender": "registry@tribunal.test", "ca": "ca.pem"}


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A home with a pinned certificate, one that is none, and a password."""
    (tmp_path / "ca.pem").write_bytes(Authority.root().own.pem)
    (tmp_path / "broken.pem").write_text("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n")
    (tmp_path / "empty.pem").write_text("")
    (tmp_path / "latin.pem").write_bytes(b"\xe9")
    (tmp_path / "password").write_text("geheim\n")
    return tmp_path


WRONG: list[tuple[dict[str, object], str]] = [
    ({"host": ""}, "host"),
    ({"port": 0}, "port"),
    ({"port": 70000}, "port"),
    ({"port": "25"}, "port"),
    ({"port": True}, "port"),
    ({"tls": "opportunistic"}, "tls"),
    ({"tls": "none"}, "tls"),
    ({"tls": "none", "host": "localhost.evil.test"}, "tls"),
    ({"tls": "none", "host": "10.0.0.1"}, "tls"),
    ({"ca": ""}, "ca"),
    ({"ca": "missing.pem"}, "ca"),
    ({"ca": "broken.pem"}, "ca"),
    ({"ca": "empty.pem"}, "ca"),
    ({"ca": "latin.pem"}, "ca"),
    ({"sender": "The Registry <registry@tribunal.test>"}, "sender"),
    ({"sender": ""}, "sender"),
    ({"return_path": "no address"}, "return_path"),
    ({"return_path": f"{'r' * 28}@tribunal.test"}, "return_path"),
    ({"return_path": f"r@{'.'.join(['a' * 60] * 3)}.{'b' * 38}.test"}, "return_path"),
    ({"ehlo_name": "a b"}, "ehlo_name"),
    ({"ehlo_name": "a\r\nMAIL"}, "ehlo_name"),
    ({"username": "gw"}, "password_file"),
    ({"username": "gw", "password_file": "missing"}, "password_file"),
    ({"connections": 0}, "connections"),
    ({"connections": 65}, "connections"),
    ({"time_limit": "45"}, "time_limit"),
    ({"time_limit": 45}, "time_limit"),
    ({"time_limit": "0s"}, "time_limit"),
    ({"max_message": "10"}, "max_message"),
    ({"max_message": "-1MB"}, "max_message"),
    ({"opportunistic": True}, "opportunistic"),
]


@pytest.mark.parametrize(("change", "where"), WRONG)
def test_a_wrong_setting_is_named_and_nothing_is_guessed(home: Path, change: dict[str, object], where: str) -> None:
    with pytest.raises(SetupWrong) as wrong:
        plugin.build(GOOD | change, ChannelParts(home=home, protector=StandInProtector()))
    assert wrong.value.code is Code.SETTINGS_INVALID
    assert wrong.value.where == f"channels.encrypted-email.{where}"


@pytest.mark.parametrize("missing", ["host", "port", "sender"])
def test_what_nobody_can_guess_must_be_set(home: Path, missing: str) -> None:
    table = {name: value for name, value in GOOD.items() if name != missing}
    with pytest.raises(SetupWrong) as wrong:
        plugin.build(table, ChannelParts(home=home, protector=StandInProtector()))
    assert wrong.value.where == f"channels.encrypted-email.{missing}"


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.8.8", "::1", "localhost"])
def test_only_to_this_machine_itself_tls_may_be_left_out(home: Path, host: str) -> None:
    table = GOOD | {"host": host, "tls": "none", "ca": ""}
    assert plugin.build(table, ChannelParts(home=home, protector=StandInProtector())).name == "encrypted-email"


@pytest.mark.parametrize("mailbox", ["returns@tribunal.test", f"{'r' * 27}@tribunal.test"])
def test_a_return_path_has_room_for_the_token_of_each_message(home: Path, mailbox: str) -> None:
    plugin.build(GOOD | {"return_path": mailbox}, ChannelParts(home=home, protector=StandInProtector()))
    token = "0123456789abcdef" * 2
    path = ReturnPath.parse(mailbox).of(f"<{token.upper()}@tribunal.test>", 999)
    assert str(path) == mailbox.replace("@", f"+{token}.999@")
    assert len(path.local) <= 64


def test_a_good_table_becomes_a_channel_with_its_password(home: Path) -> None:
    table = GOOD | {"username": "gw", "password_file": "password", "max_message": "5MB"}
    channel = plugin.build(table, ChannelParts(home=home, protector=StandInProtector()))
    assert channel.capabilities.max_bytes == 5_000_000
    server = EncryptedEmailSettings.read(table).server(home)
    assert server.password == "geheim"
    assert "geheim" not in repr(server)


def test_every_setting_is_explained_in_both_languages_with_its_true_default() -> None:
    texts = setting_texts("channels.encrypted_email")
    assert plugin.settings() == texts
    assert sorted(text.name for text in texts) == sorted(EncryptedEmailSettings.model_fields)
    written = {text.name: tomllib.loads(f"value = {text.default}")["value"] for text in texts}
    for text in texts:
        assert set(text.comments) == {"en", "fr"}
        assert all(len(comment) > 8 and "\n" not in comment for comment in text.comments.values())
    left_out = {name: written[name] for name in ("host", "port", "sender")} | {"ca": written["ca"]}
    assert EncryptedEmailSettings.read(written) == EncryptedEmailSettings.read(left_out)
