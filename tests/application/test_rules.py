from dataclasses import dataclass, field

import pytest

from gateway.application.rules import offices, read_rules, service_standards
from gateway.domain.codes import Code
from gateway.domain.problem import SetupWrong


@dataclass(frozen=True, kw_only=True)
class Waits:
    """A rule file for these tests."""

    days: int = field(metadata={"ge": 0})
    name: str = "x"


def test_a_rule_file_is_read() -> None:
    assert read_rules("waits.toml", "days = 3", Waits) == Waits(days=3)


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("days = ", "waits.toml"),
        ("days = 2026-01-01", "waits.toml"),
        ("days = '3'", "waits.toml:$.days"),
        ("days = 3.5", "waits.toml:$.days"),
        ("days = -1", "waits.toml:$.days"),
        ("days = true", "waits.toml:$.days"),
        ("name = 'y'", "waits.toml:$.days"),
        ("days = 3\nhours = 1", "waits.toml:$.hours"),
        ("days = 3\nname = ''", "waits.toml:$.name"),
    ],
)
def test_a_faulty_rule_file_is_a_wrong_setup_and_names_the_place(text: str, where: str) -> None:
    with pytest.raises(SetupWrong) as caught:
        read_rules("waits.toml", text, Waits)
    assert (caught.value.code, caught.value.where) == (Code.RULE_INVALID, where)


def test_ids_and_rule_names_are_unique() -> None:
    rules = [standard.rule for standard in service_standards()]
    assert len(set(rules)) == len(rules)
    assert all(name == office.id for name, office in offices().items())
    assert len(offices()) == 5
