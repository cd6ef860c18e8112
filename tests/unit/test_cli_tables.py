"""Tables of the command line: lines are broken where a reader would."""

import pytest

from gateway.cli.no_break import held, let_go
from gateway.cli.session import Session
from gateway.cli.tables import WIDE, check_table, headed, show
from gateway.domain.parties import Language


@pytest.mark.parametrize("space", ["\u00a0", "\u202f"])
def test_a_quotation_mark_ends_no_line_alone(space: str, capsys: pytest.CaptureFixture[str]) -> None:
    table = headed(Session(language=Language.FR), "detail")
    table.add_row(f"{'x' * (WIDE - 3)} «{space}gateway backup{space}»")
    show(table)
    _, first, second = capsys.readouterr().out.splitlines()
    assert (first.rstrip(), second.rstrip()) == ("x" * (WIDE - 3), f"«{space}gateway backup{space}»")
    assert let_go(held(f"a{space}b c")) == f"a{space}b c"


def test_each_thing_that_doctor_tells_of_a_check_stands_on_its_own_line(capsys: pytest.CaptureFixture[str]) -> None:
    row = {"check": "rules", "finding": "warning", "detail": "Two are open.\nThe one.\x1b\nThe other."}
    show(check_table(Session(language=Language.EN), [row]))
    lines = [line.strip() for line in capsys.readouterr().out.splitlines()]
    assert [line.rpartition("  ")[2] for line in lines[1:]] == ["Two are open.", "The one.", "The other."]
