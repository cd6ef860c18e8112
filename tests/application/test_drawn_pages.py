"""The pages of all files that came in one message are numbered through."""

import pytest

from gateway.application.returns.returned_pages import DrawPage
from gateway.domain.codes import Code
from gateway.domain.problem import InputRefused
from gateway.ports.incoming import Incoming, Picture
from tests.contracts.incoming import an_incoming


class Painter:
    """Of a file whose pages are its letters. Stands in for the confined process, which has tests of its own."""

    def picture(self, content: bytes, number: int) -> Picture | int:
        """See `PagePainter`."""
        if number > len(content):
            return len(content)
        return Picture(png=content[number - 1 : number], more=number < len(content))


def drawing(*files: bytes) -> DrawPage:
    def raw(_: str) -> tuple[Incoming, bytes]:
        return an_incoming(), b" ".join(files)

    return DrawPage(raw=raw, files=lambda content: content.split(), painter=Painter())


def test_a_page_is_found_whichever_file_it_stands_in() -> None:
    draw = drawing(b"ab", b"c")
    shown = [draw("m", number) for number in (1, 2, 3)]
    assert [(one.png, one.more) for one in shown] == [(b"a", True), (b"b", True), (b"c", False)]


@pytest.mark.parametrize(("files", "number", "expected"), [((b"ab", b"c"), 4, "1…3"), ((), 1, "–")])
def test_a_page_that_it_does_not_have_is_said_to_be_none(files: tuple[bytes, ...], number: int, expected: str) -> None:
    with pytest.raises(InputRefused) as refused:
        drawing(*files)("m", number)
    assert (refused.value.code, refused.value.facts["expected"]) == (Code.REQUEST_INVALID, expected)
