"""Lines break at spaces alone; nothing overruns its column, nothing is lost."""

from hypothesis import given, settings
from hypothesis import strategies as st

from templates.pdf.fonts import BOLD, REGULAR, face
from templates.pdf.lines import Line, Look, Piece, break_lines, pieces_of
from templates.pdf.text import ready

PLAIN, STRONG = Look(face(REGULAR), 11.5), Look(face(BOLD), 11.5)


def words_of(lines: list[Line]) -> list[str]:
    return ["".join(text for _, text in line.stretches) for line in lines]


def broken(text: str, width: float) -> list[str]:
    return words_of(break_lines([Piece(ready(text), PLAIN)], width, width))


def test_no_line_breaks_at_a_space_that_must_hold_nor_at_a_hyphen() -> None:
    for narrow in range(40, 160, 7):
        for sign in ("\u00a0", "\u202f", "\u2007", "-", "\u2011"):
            whole = f"12{sign}345,67"
            lines = broken(f"la somme de {whole} dollars", narrow + 60)
            assert any(ready(whole) in line for line in lines), (sign, lines)


def test_a_word_of_several_looks_is_kept_together() -> None:
    pieces = [Piece("the words of the (", PLAIN), Piece("Act", STRONG), Piece(") apply", PLAIN)]
    for width in range(60, 200, 5):
        assert any("(Act)" in line for line in words_of(break_lines(pieces, width, width)))


def test_a_word_wider_than_its_column_is_broken_and_says_so() -> None:
    lines = break_lines([Piece("x" * 100, PLAIN)], 50, 50)
    assert "".join(words_of(lines)) == "x" * 100
    assert [line.within_word for line in lines] == [True] * (len(lines) - 1) + [False]
    assert all(line.width <= 50 for line in lines)


def test_an_asked_for_line_end_is_kept_even_where_nothing_stands() -> None:
    assert words_of(break_lines([Piece("a", PLAIN), Piece("", None), Piece("", None), Piece("b", PLAIN)], 99, 99)) == [
        "a",
        "",
        "b",
    ]


TEXTS = st.lists(st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E), min_size=1, max_size=30), max_size=40)


@settings(max_examples=60, deadline=None)
@given(TEXTS, st.floats(30, 400), st.floats(30, 400))
def test_every_word_comes_out_in_order_and_no_line_is_too_wide(words: list[str], first: float, width: float) -> None:
    lines = break_lines([Piece(" ".join(words), PLAIN)], first, width)
    text = "".join(line + ("" if one.within_word else " ") for one, line in zip(lines, words_of(lines), strict=True))
    assert text.split() == words
    for number, line in enumerate(lines):
        assert line.width <= (width if number else first) + 0.01
        measured = sum(look.face.measure(part) * look.size for look, part in line.stretches)
        assert abs(measured - line.width) < 0.01


@settings(max_examples=60, deadline=None)
@given(TEXTS, st.floats(40, 300), st.floats(40, 300))
def test_what_was_broken_can_be_broken_anew(words: list[str], width: float, other: float) -> None:
    anew = break_lines(pieces_of(break_lines([Piece(" ".join(words), PLAIN)], width, width)), other, other)
    text = "".join(line + ("" if one.within_word else " ") for one, line in zip(anew, words_of(anew), strict=True))
    assert text.split() == words
    assert all(line.width <= other + 0.01 for line in anew)


def test_words_go_on_behind_the_rest_of_one_that_was_too_wide() -> None:
    assert broken("0 0000000 0 0", 40) == ["0", "000000", "0 0 0"]
