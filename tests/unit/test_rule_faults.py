"""A rule file that cannot be right is refused at start, with the file and the line; and a registry's own file."""

from pathlib import Path

import pytest

from gateway.application.rule_files import RuleFile, board_rules, read_book, registry_rules
from gateway.domain.codes import Code
from gateway.domain.outcomes import Division
from gateway.domain.problem import SetupWrong
from tests.unit.routed import EVERYBODY, board_files, book, package, planned

SOURCE = 'source = { en = "test", fr = "essai" }\nexplanation = { en = "Test.", fr = "Essai." }\n'


def recipient(name: str, more: str) -> str:
    """A rule about who receives: four lines to its end, its id on the second."""
    return f'[[recipient]]\nid = "{name}"\n{more}\n{SOURCE}'


def gate(name: str, more: str) -> str:
    """A rule that closes ways."""
    return f'[[gate]]\nid = "{name}"\n{more}\nreason = "plan.confidential"\n{SOURCE}'


def refusal(overlay: str) -> SetupWrong:
    """Why the file is refused over the Board's rules."""
    with pytest.raises(SetupWrong) as caught:
        book(overlay=overlay)
    return caught.value


BAD = [
    # an unknown key, value or table; a value of another type; broken TOML
    (recipient("x1", 'effect = "served"\nwhem = { division = ["RPD"] }'), Code.RULE_INVALID, 4),
    (recipient("x1", 'effect = "served"\nwhen = { office = ["toronto"] }'), Code.RULE_INVALID, 4),
    (recipient("x1", 'effect = "served"\nwhen = { division = ["SPR"] }'), Code.RULE_INVALID, 4),
    (recipient("x1", 'effect = "sometimes"'), Code.RULE_INVALID, 3),
    (recipient("x1", 'effect = "served"\nwhen = { division = [] }'), Code.RULE_INVALID, 4),
    (recipient("x1", 'effect = "served"\nwhen = { private = "yes" }'), Code.RULE_INVALID, 4),
    (recipient("x1", 'effect = "served"') + "\n[[rule]]\n", Code.RULE_INVALID, 7),
    (recipient("no Id", 'effect = "served"'), Code.RULE_INVALID, 2),
    ('[[recipient]]\nid = "x1"\neffect = "served"\n', Code.RULE_INVALID, 1),
    ('\n[[recipient]\nid = "x1"\n', Code.RULE_INVALID, 2),
    # can never hold: no such case, or another rule always prevails, or a gate that closes nothing
    (
        recipient("x1", 'effect = "not-provided"\nwhen = { division = ["RPD"], proceeding = ["sponsorship"] }'),
        Code.RULE_NEVER_HOLDS,
        2,
    ),
    (
        recipient("x1", 'effect = "not-provided"\nwhen = { division = ["ID"], outcome = ["rejected"] }'),
        Code.RULE_NEVER_HOLDS,
        2,
    ),
    (recipient("x1", 'effect = "ask"\nwhen = { role = ["claimant"], of_record = false }'), Code.RULE_NEVER_HOLDS, 2),
    (
        recipient("x1", 'effect = "ask"\nover = ["rpd-38-2"]\nwhen = { division = ["RPD"] }'),
        Code.RULE_NEVER_HOLDS,
        None,
    ),
    (gate("x1", 'channels = ["pigeon"]'), Code.RULE_NEVER_HOLDS, 2),
    # two that contradict each other, one of them of the Board, or each over the other
    (recipient("x1", 'effect = "ask"\nwhen = { division = ["RPD"], role = ["counsel"] }'), Code.RULE_CONFLICT, 2),
    (
        recipient("x1", 'effect = "ask"\nover = ["y1"]') + recipient("y1", 'effect = "ask"\nover = ["x1"]'),
        Code.RULE_CONFLICT,
        2,
    ),
    (
        '[[order]]\nid = "x1"\nchannels = ["fax"]\nwhen = { role = ["unhcr", "minister-counsel"] }\n' + SOURCE,
        Code.RULE_CONFLICT,
        2,
    ),
    # names that nothing bears, and one that two bear
    (recipient("x1", 'effect = "ask"\nover = ["nobody"]'), Code.RULE_UNKNOWN_NAME, 2),
    (gate("x1", 'channels = ["fax"]\nsetting = ["fax.protected_b=perhaps"]'), Code.RULE_UNKNOWN_NAME, 2),
    (
        '[[decided]]\nsetting = "id.secure_upload"\nvalue = "ajar"\nby = "o"\non = "2026-11-01"\nwhy = "test"\n',
        Code.RULE_UNKNOWN_NAME,
        2,
    ),
    (recipient("x1", 'effect = "ask"') + recipient("x1", 'effect = "ask"'), Code.RULE_DUPLICATE, 7),
    # a division without a default
    (
        recipient("rpd-no-rule", 'effect = "ask"\nwhen = { division = ["RPD"], private = true }'),
        Code.RULE_NO_DEFAULT,
        None,
    ),
]


@pytest.mark.parametrize(("overlay", "code", "line"), BAD)
def test_a_faulty_rule_file_is_refused_with_its_line(overlay: str, code: Code, line: int | None) -> None:
    refused = refusal(overlay)
    assert refused.code is code, (refused.code, refused.where, refused.facts)
    if line is not None:
        assert refused.where == f"registry.toml:{line}"
    else:
        name, _, number = str(refused.where).partition(":")
        assert name.endswith(".toml")
        assert number == "" or int(number) > 0


@pytest.mark.parametrize("division", list(Division))
@pytest.mark.parametrize("table", ["recipient", "order"])
def test_a_division_without_a_default_is_refused(division: Division, table: str) -> None:
    name = {"recipient": f"{division.value.lower()}-no-rule", "order": f"{division.value.lower()}-ways"}[table]
    files = [RuleFile(name=one.name, text=without_default(one.text, name)) for one in board_files()]
    with pytest.raises(SetupWrong) as caught:
        read_book(files)
    assert (caught.value.code, caught.value.facts["other"]) == (Code.RULE_NO_DEFAULT, division.value)


def without_default(text: str, name: str) -> str:
    """The file with that rule no longer a default, but one for private matters."""
    head, found, tail = text.partition(f'id = "{name}"\n')
    return head + found + tail.replace("default = true\n", "", 1).replace("when = {", "when = { private = true,", 1)


def test_a_registrys_rule_takes_the_place_of_the_boards_and_others_are_added() -> None:
    more = """
[[order]]
id = "rpd-ways-sorting-centre"
when = { division = ["RPD"], role = ["sorting-centre"] }
channels = ["courier"]
source = { en = "Agreement of 2026", fr = "Entente de 2026" }
explanation = { en = "Courier alone.", fr = "Messagerie seulement." }
""" + gate("ours", 'channels = ["encrypted-email"]\nwhen = { division = ["RAD"], role = ["counsel"] }')
    rules = book(overlay=more)
    not_party = package(minister={"party": False}, participants=_counsel())
    plans = planned(not_party, *EVERYBODY, channels=("encrypted-email", "courier"), rules=rules)
    assert plans["sorting-centre"].channels == ("courier",)
    rad = planned(package("RAD"), *EVERYBODY, channels=("encrypted-email", "courier"), rules=rules)
    assert rad["c1"].channels == ("courier",)
    assert rad["m1"].channels == ("encrypted-email", "courier")


def _counsel() -> list[dict[str, object]]:
    return [{"id": "c1", "roles": ["counsel"], "represents": ["p1"], "recipient": "counsel-12345p"}]


def test_the_registrys_file_is_read_from_where_the_settings_say(tmp_path: Path) -> None:
    (tmp_path / "ours.toml").write_text(recipient("x1", 'effect = "sometimes"'))
    (tmp_path / "bytes.toml").write_bytes(b"\xff\xfe")
    assert registry_rules(tmp_path, "") is board_rules()
    for name, code in (
        ("ours.toml", Code.RULE_INVALID),
        ("none.toml", Code.FILE_UNREADABLE),
        ("bytes.toml", Code.FILE_UNREADABLE),
    ):
        with pytest.raises(SetupWrong) as caught:
            registry_rules(tmp_path, name)
        assert caught.value.code is code


def shortened(text: str) -> list[str]:
    """The file with each of its rules taken out, one at a time."""
    parts = text.split("\n[[")
    return ["\n[[".join(parts[:place] + parts[place + 1 :]) for place in range(1, len(parts))]


def code_of(files: list[RuleFile]) -> Code | None:
    """Why the files are refused, if they are."""
    try:
        read_book(files)
    except SetupWrong as wrong:
        return wrong.code
    return None


def test_without_any_one_rule_the_files_are_refused_or_still_sound() -> None:
    """No order of the files and no single rule holds the reader up: whatever is missing, it answers."""
    files = board_files()
    refused = 0
    for place, file in enumerate(files):
        for text in shortened(file.text):
            less = [*files[:place], RuleFile(name=file.name, text=text), *files[place + 1 :]]
            refused += code_of(less) is not None
    assert refused > 20
