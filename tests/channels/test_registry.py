"""How channels are found: by entry points, each name once, and built only when asked for."""

import tomllib
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest

from channels.registry import GROUP, ChannelRegistry
from gateway.domain.codes import Code
from gateway.domain.problem import SetupWrong
from gateway.ports.channels import ChannelParts
from tests.channels.protector import StandInProtector

ROOT = Path(__file__).parents[2]
EMAIL = EntryPoint("encrypted-email", "channels.encrypted_email:plugin", GROUP)
PARTS = ChannelParts(home=Path(), protector=StandInProtector())
TABLE = {"host": "127.0.0.1", "port": 2525, "tls": "none", "sender": "registry@tribunal.test"}


def _declared() -> list[EntryPoint]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    return [EntryPoint(name, value, GROUP) for name, value in project["entry-points"][GROUP].items()]


def test_every_channel_that_the_project_declares_is_there_under_its_name() -> None:
    registry = ChannelRegistry(_declared())
    assert "encrypted-email" in registry.names
    for name in registry.names:
        assert registry.plugin(name).name == name
        assert registry.plugin(name).settings()


def test_two_channels_of_one_name_are_fatal() -> None:
    other = EntryPoint("encrypted-email", "somebody.elses:plugin", GROUP)
    with pytest.raises(SetupWrong) as wrong:
        ChannelRegistry([EMAIL, other])
    assert (wrong.value.code, wrong.value.where) == (Code.SETTINGS_INVALID, "channels.encrypted-email")


@pytest.mark.parametrize(
    "value", ["no.such.module:plugin", "channels.encrypted_email:nothing", "channels.encrypted_email:plugin"]
)
def test_a_channel_that_cannot_be_loaded_or_calls_itself_otherwise_is_named(value: str) -> None:
    registry = ChannelRegistry([EntryPoint("pigeon", value, GROUP)])
    with pytest.raises(SetupWrong) as wrong:
        registry.plugin("pigeon")
    assert wrong.value.where == "channels.pigeon"


def test_only_what_is_asked_for_is_imported_and_built() -> None:
    registry = ChannelRegistry([EMAIL, EntryPoint("broken", "no.such.module:plugin", GROUP)])
    assert registry.names == ("broken", "encrypted-email")
    built = registry.build({"encrypted-email": TABLE}, PARTS)
    assert {name: channel.name for name, channel in built.items()} == {"encrypted-email": "encrypted-email"}
    assert registry.build({}, PARTS) == {}


def test_a_table_for_a_channel_that_is_not_installed_is_refused() -> None:
    with pytest.raises(SetupWrong) as wrong:
        ChannelRegistry([EMAIL]).build({"pigeon": {}}, PARTS)
    assert wrong.value.where == "channels.pigeon"
