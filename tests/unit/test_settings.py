"""Settings: read strictly, written so that they can be read again, in both languages."""

import datetime as dt
import tomllib
from collections.abc import Mapping
from pathlib import Path

import pytest
from pydantic import BaseModel

from channels.registry import ChannelRegistry
from gateway.bootstrap import broker_url, open_gateway
from gateway.domain.codes import Code
from gateway.domain.parties import Language
from gateway.domain.problem import SetupWrong
from gateway.domain.quantities import Bytes
from gateway.home import create_home, settings_file
from gateway.settings import Settings, read_settings, shown
from templates.catalogue import messages

DAY = dt.timedelta(days=1)


def read(home: Path, text: str, environment: Mapping[str, str] | None = None) -> Settings:
    (home / "gateway.toml").write_text(text, encoding="utf-8")
    return read_settings(home, environment or {})


def refused(home: Path, text: str, environment: Mapping[str, str] | None = None) -> SetupWrong:
    with pytest.raises(SetupWrong) as caught:
        read(home, text, environment)
    return caught.value


def test_an_empty_file_gives_the_defaults(tmp_path: Path) -> None:
    settings = read(tmp_path, "")
    assert settings == Settings()
    assert settings.gateway.database == "sqlite"
    assert settings.gateway.hold_before_send == dt.timedelta(0)
    assert settings.trust.revocation == "published"
    assert settings.limits.package == 50_000_000
    assert settings.limits.unpacked == 200_000_000
    assert settings.work.lease == dt.timedelta(minutes=2)
    assert settings.web.port == 8480
    assert settings.channels == {}


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("folder", [None, "keys", 'a "quoted" \\ folder'])
def test_the_file_that_init_writes_can_be_read_again(tmp_path: Path, language: Language, folder: str | None) -> None:
    key_dir = tmp_path / folder if folder else None
    chosen = {"gateway.key_dir": str(key_dir)} if key_dir else {}
    settings = read(tmp_path, settings_file(chosen, "registry@tribunal.example", language))
    kept = settings.gateway.model_copy(update={"key_dir": "keys"})
    assert settings.model_copy(update={"gateway": kept}) == Settings()
    assert settings.gateway.key_dir == (str(key_dir) if key_dir else "keys")


@pytest.mark.parametrize("language", Language)
def test_the_file_that_init_writes_shows_sizes_and_durations_in_their_units(language: Language) -> None:
    written = tomllib.loads(settings_file({}, "registry@tribunal.example", language))
    assert written["limits"] == {
        "package": "50MB",
        "members": 500,
        "unpacked": "200MB",
        "document_memory": "1GB",
        "document_time": "30s",
    }
    assert written["work"]["lease"] == "2m"
    assert written["gateway"]["hold_before_send"] == "0s"


@pytest.mark.parametrize("language", Language)
def test_the_channel_that_init_writes_holds_once_its_marks_are_taken_away(language: Language) -> None:
    text = settings_file({}, "greffe@tribunal.example", language)
    channel = text[text.index("# [channels.encrypted-email]") :]
    plain = [line.removeprefix("# ") for line in channel.splitlines() if " = " in line or "[channels" in line]
    table = tomllib.loads("\n".join(plain))["channels"]["encrypted-email"]
    assert table["sender"] == "greffe@tribunal.example"
    assert set(table) == {one.name for one in ChannelRegistry().plugin("encrypted-email").settings()}


@pytest.mark.parametrize("language", Language)
def test_every_setting_has_its_comment_and_no_comment_is_left_over(language: Language) -> None:
    settings = {
        f"{name}.{setting}" for name, table in Settings() if isinstance(table, BaseModel) for setting, _ in table
    }
    assert set(messages("settings", language)) == settings | {"head", "channel"}


@pytest.mark.parametrize(
    ("text", "duration"),
    [
        ("0s", dt.timedelta(0)),
        ("90s", dt.timedelta(seconds=90)),
        ("10m", dt.timedelta(minutes=10)),
        ("36h", dt.timedelta(hours=36)),
        ("5d", 5 * DAY),
    ],
)
def test_durations_are_a_number_and_a_unit(tmp_path: Path, text: str, duration: dt.timedelta) -> None:
    assert read(tmp_path, f'[gateway]\nhold_before_send = "{text}"').gateway.hold_before_send == duration


@pytest.mark.parametrize(
    "text", ['"5"', '"5 m"', '"-5m"', '"1.5h"', '"5M"', '"5w"', '""', "5", "true", '"٣m"', '"9999999d"', '"5m\\n"']
)
def test_anything_else_is_no_duration(tmp_path: Path, text: str) -> None:
    problem = refused(tmp_path, f"[work]\nlease = {text}")
    assert (problem.code, problem.where) == (Code.SETTINGS_INVALID, "work.lease")


@pytest.mark.parametrize(("text", "size"), [("1B", 1), ("20KB", 20_000), ("7MB", 7_000_000), ("2GB", 2_000_000_000)])
def test_sizes_are_a_number_and_a_unit(tmp_path: Path, text: str, size: int) -> None:
    assert read(tmp_path, f'[limits]\nunpacked = "{text}"').limits.unpacked == size


@pytest.mark.parametrize("text", ['"50"', '"50 MB"', '"50mb"', '"-1MB"', '"1.5MB"', '"1MiB"', "50", "false"])
def test_anything_else_is_no_size(tmp_path: Path, text: str) -> None:
    problem = refused(tmp_path, f"[limits]\npackage = {text}")
    assert (problem.code, problem.where) == (Code.SETTINGS_INVALID, "limits.package")


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (dt.timedelta(minutes=120), '"2h"'),
        (dt.timedelta(seconds=90), '"90s"'),
        (3 * DAY, '"3d"'),
        (Bytes(1_500_000), '"1500KB"'),
        (Bytes(0), '"0B"'),
        (True, "true"),
        (12, "12"),
        ('a "b" \\', '"a \\"b\\" \\\\"'),
    ],
)
def test_a_value_is_shown_as_the_file_writes_it(value: object, written: str) -> None:
    assert shown(value) == written
    assert tomllib.loads(f"x = {written}")


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("[gateway]\ncolour = 1", "gateway.colour"),
        ("[gatevay]\noffice = 1", "gatevay"),
        ("lease = 1", "lease"),
        ('[trust]\nrevocation = "never"', "trust.revocation"),
        ("[limits]\nmembers = 0", "limits.members"),
        ("[work]\nconcurrency = 201", "work.concurrency"),
        ("[web]\nport = 65536", "web.port"),
        ("gateway = 3", "gateway"),
        ("[channels]\nfax = 3", "channels.fax"),
    ],
)
def test_what_is_unknown_or_out_of_bounds_is_refused_with_its_place(tmp_path: Path, text: str, where: str) -> None:
    problem = refused(tmp_path, text)
    assert (problem.code, problem.where) == (Code.SETTINGS_INVALID, where)


def test_a_variable_overrides_the_file(tmp_path: Path) -> None:
    text = '[gateway]\noffice = "toronto"\n[web]\nport = 1\n'
    environment = {"GATEWAY_OFFICE": "montreal", "GATEWAY_WEB__PORT": "9000", "GATEWAY_LIMITS__PACKAGE": "3MB"}
    settings = read(tmp_path, text, environment)
    assert (settings.gateway.office, settings.web.port, settings.limits.package) == ("montreal", 9000, 3_000_000)


@pytest.mark.parametrize("name", ["HOME", "USER", "LANGUAGE", "PASSPHRASE_FILE"])
def test_variables_of_the_command_line_are_no_settings(tmp_path: Path, name: str) -> None:
    assert read(tmp_path, "", {f"GATEWAY_{name}": "x", "PATH": "y", "OTHER_OFFICE": "z"}) == Settings()


@pytest.mark.parametrize(
    ("variable", "where"),
    [
        ("GATEWAY_COLOUR", "gateway.colour"),
        ("GATEWAY_WEB__PROT", "web.prot"),
        ("GATEWAY_WEBB__PORT", "webb"),
        ("GATEWAY_LIMITS__PACKAGE", "limits.package"),
    ],
)
def test_a_variable_is_read_as_strictly_as_the_file(tmp_path: Path, variable: str, where: str) -> None:
    problem = refused(tmp_path, "", {variable: "x"})
    assert (problem.code, problem.where) == (Code.SETTINGS_INVALID, where)


def test_a_variable_for_something_that_is_no_table_is_refused_with_it(tmp_path: Path) -> None:
    assert refused(tmp_path, "web = 3", {"GATEWAY_WEB__PORT": "1"}).where == "web"


@pytest.mark.parametrize("text", ["[gateway", "a = ", "a = 1\na = 2", "\x00"])
def test_a_broken_file_is_refused_as_such(tmp_path: Path, text: str) -> None:
    problem = refused(tmp_path, text)
    assert (problem.code, problem.where, problem.facts) == (Code.SETTINGS_INVALID, "gateway.toml", {"kind": "toml"})


def test_a_file_in_another_encoding_is_refused_as_such(tmp_path: Path) -> None:
    (tmp_path / "gateway.toml").write_bytes("# é".encode("latin-1"))
    with pytest.raises(SetupWrong) as caught:
        read_settings(tmp_path, {})
    assert caught.value.code is Code.SETTINGS_INVALID


def test_a_folder_without_settings_is_no_home_and_is_named(tmp_path: Path) -> None:
    with pytest.raises(SetupWrong) as caught:
        read_settings(tmp_path / "nowhere", {})
    assert (caught.value.code, caught.value.where) == (Code.HOME_MISSING, str(tmp_path / "nowhere"))


def test_settings_that_cannot_be_read_are_named(tmp_path: Path) -> None:
    (tmp_path / "gateway.toml").mkdir()
    with pytest.raises(SetupWrong) as caught:
        read_settings(tmp_path, {})
    assert (caught.value.code, caught.value.where) == (Code.FILE_UNREADABLE, str(tmp_path / "gateway.toml"))


def test_a_lease_must_outlast_the_longest_send(tmp_path: Path) -> None:
    create_home(tmp_path / "home", key_dir=tmp_path / "keys", sender="registry@tribunal.example", language=Language.EN)
    file = tmp_path / "home" / "gateway.toml"
    channel = '[channels.encrypted-email]\nhost = "127.0.0.1"\nport = 2525\ntls = "none"\nsender = "a@gw.test"\n'
    file.write_text(f'[gateway]\nkey_dir = "{tmp_path}/keys"\n[work]\nlease = "60s"\n{channel}time_limit = "40s"\n')
    open_gateway(tmp_path / "home").close()
    file.write_text(file.read_text().replace('"40s"', '"41s"'))
    with pytest.raises(SetupWrong) as caught:
        open_gateway(tmp_path / "home")
    assert (caught.value.code, caught.value.where) == (Code.SETTINGS_INVALID, "work.lease")


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ('database = "mysql://u@h/n"', "gateway.database"),
        ('broker = "amqp://h"', "gateway.broker"),
        ('broker = "redis://"', "gateway.broker"),
        ('broker = "redis:6379"', "gateway.broker"),
    ],
)
def test_what_this_release_has_no_parts_for_is_refused_rather_than_ignored(
    tmp_path: Path, text: str, where: str
) -> None:
    (tmp_path / "gateway.toml").write_text(f"[gateway]\n{text}\n")
    with pytest.raises(SetupWrong) as caught:
        open_gateway(tmp_path)
    assert (caught.value.code, caught.value.where) == (Code.SETTINGS_INVALID, where)


def test_the_brokers_password_comes_from_its_file_and_any_sign_may_stand_in_it(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("a/b@c:d e\n")
    (tmp_path / "gateway.toml").write_text(
        '[gateway]\nbroker = "redis://h:6379/1"\n[broker]\npassword_file = "secret"\n'
    )
    settings = read_settings(tmp_path, {})
    assert broker_url(tmp_path, settings) == "redis://:a%2Fb%40c%3Ad%20e@h:6379/1"
    assert "redis" not in repr(settings)


def test_a_broker_that_is_missing_or_has_its_password_in_the_settings_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "gateway.toml"
    for text, code, where in (
        ("", Code.SETTINGS_INVALID, "gateway.broker"),
        ('broker = "redis://:secret@h"', Code.SETTINGS_SECRET, "gateway.broker"),
        ('broker = "redis://h"\n[broker]\npassword_file = "none"', Code.FILE_UNREADABLE, "broker.password_file"),
    ):
        file.write_text(f"[gateway]\n{text}\n")
        with pytest.raises(SetupWrong) as caught:
            broker_url(tmp_path, read_settings(tmp_path, {}))
        assert (caught.value.code, caught.value.where) == (code, where)


@pytest.mark.parametrize(
    ("change", "where"),
    [
        ('tls = "none"', "mailbox.tls"),
        ('username = ""', "mailbox.username"),
        ('password_file = ""', "mailbox.password_file"),
        ('kept_folder = "INBOX"', "mailbox.kept_folder"),
    ],
)
def test_a_mailbox_that_cannot_be_emptied_safely_is_refused_at_start(tmp_path: Path, change: str, where: str) -> None:
    home = tmp_path / "home"
    create_home(home, key_dir=tmp_path / "keys", sender="registry@tribunal.example", language=Language.EN)
    name = change.split(" = ", maxsplit=1)[0]
    table = {"host": '"mx.tribunal.example"', "username": '"returns"', "password_file": '"password"'}
    table[name] = change.split(" = ")[1]
    path = home / "gateway.toml"
    start = path.read_text().index("[mailbox]")
    end = path.read_text().index("\n[", start + 1)
    lines = "\n".join(f"{one} = {value}" for one, value in table.items())
    path.write_text(f"{path.read_text()[:start]}[mailbox]\n{lines}\n{path.read_text()[end:]}")
    with pytest.raises(SetupWrong) as caught:
        open_gateway(home)
    assert (caught.value.code, caught.value.where) == (Code.SETTINGS_INVALID, where)
