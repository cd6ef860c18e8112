"""Reasons in Markdown: every word printed, numbers kept, nothing fetched, nothing taken for an instruction."""

import socket
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.domain.codes import Code
from gateway.domain.problem import InputRefused
from tests.templates.cases import CLAIMANT, drawn_text, in_order, pages_of, papers, plain, renderer, source

LETTER_AND_NOTICE = 2


def printed(markdown: str) -> str:
    content = renderer().render(papers(CLAIMANT, (source(markdown.encode()),))).documents[0].content
    return " ".join(pages_of(content)[LETTER_AND_NOTICE:])


def refused(markdown: bytes) -> InputRefused:
    with pytest.raises(InputRefused) as caught:
        renderer().render(papers(CLAIMANT, (source(markdown),)))
    return caught.value


DECISION = """# Reasons and Decision

## Analysis

[7] The panel *considered* the **whole** record,[^3] and `all` of it.

> It is trite law that testimony is presumed true.
>
> > As said below.

3. First
7. Second

   continued

   - a bullet
   - another

* * *

| Exhibit | Pages |
|:--------|------:|
| C-1     | 12    |

    a line of code
      set in

Hard\\
break.

[^3]: Footnote three.

    It has two paragraphs.
[^9]: Nothing refers to this.
"""


@pytest.mark.real
def test_everything_is_printed_in_reading_order(tmp_path: Path) -> None:
    content = renderer().render(papers(CLAIMANT, (source(DECISION.encode()),))).documents[0].content
    text = plain(drawn_text(content, tmp_path, "-raw", "-f", "3"))
    in_order(
        text,
        [
            "Reasons and Decision",
            "Analysis",
            "[7]",
            "The panel considered the whole record, 3 and all of it.",
            "It is trite law that testimony is presumed true.",
            "As said below.",
            "3.",
            "First",
            "7.",
            "Second",
            "continued",
            "• a bullet",
            "• another",
            "Exhibit",
            "C-1",
            "a line of code",
            "set in",
            "Hard break.",
            "Notes",
            "3",
            "Footnote three.",
            "It has two paragraphs.",
            "9",
            "Nothing refers to this.",
        ],
    )


@pytest.mark.parametrize(
    ("markdown", "expected"),
    [
        ("1. a\n1. b\n1. c", "1. a 2. b 3. c"),
        ("5. a\n7. b", "5. a 7. b"),
        ("4) a\n2) b", "4) a 5) b"),
        ("[12] text", "[12] text"),
        ("[1]: Toronto", "[1]: Toronto"),
        ("[//]: # (a remark)", "[//]: # (a remark)"),
        ("x[^b] y[^a]\n\n[^a]: A\n\n[^b]: B", "x 1 y 2 Notes 1 B 2 A"),
        ("[words](https://a.invalid/x)", "words (https://a.invalid/x)"),
        ('[words](https://a.invalid/x "title")', "words (title, https://a.invalid/x)"),
        ("<https://a.invalid/x>", "https://a.invalid/x"),
        ("[above](#part)", "above"),
        ("![A map](http://a.invalid/x.png)", "A map (http://a.invalid/x.png)"),
        ("![A map](file:///etc/passwd)", "![A map](file:///etc/passwd)"),
        ("[x](javascript:alert)", "[x](javascript:alert)"),
        ("![](x.png)", "(x.png)"),
        ("<!-- a remark -->", "<!-- a remark -->"),
        ("<script>alert(1)</script> <b>bold</b>", "<script>alert(1)</script> <b>bold</b>"),
        ('<img src="file:///etc/passwd"/>&amp;', '<img src="file:///etc/passwd"/>&'),
        ("<para><font size=90>big</font></para>", "<para><font size=90>big</font></para>"),
        ("- > quoted in a list", "• quoted in a list"),
        ("***both***", "both"),
        ("a^[inline]", "a^[inline]"),
        ("x\u202f% \u00ab\u00a0y\u00a0\u00bb", "x % « y »"),
        ("non\u2011breaking soft\u00adhyphen zero\u200bwidth", "non\u2011breaking softhyphen zerowidth"),
        ("e\u0301 composed", "é composed"),
        ("☐ ☑ ☒ x⁰ ᐃᓄᒃᑎᑐᑦ", "☐ ☑ ☒ x⁰ ᐃᓄᒃᑎᑐᑦ"),
        ("Đặng Ştefan Łukasz Ñandú Ÿ œ € → Αθήνα Москва", "Đặng Ştefan Łukasz Ñandú Ÿ œ € → Αθήνα Москва"),
    ],
)
def test_what_stands_in_the_source_is_printed(markdown: str, expected: str) -> None:
    assert expected in printed(markdown)


def test_nothing_is_fetched(monkeypatch: pytest.MonkeyPatch) -> None:
    def no_network(*_: object, **__: object) -> None:
        raise AssertionError("a connection was opened")

    monkeypatch.setattr(socket, "socket", no_network)
    monkeypatch.setattr(socket, "create_connection", no_network)
    assert "http://a.invalid/p.png" in printed('![x](http://a.invalid/p.png) <img src="http://a.invalid/p.png"/>')


@pytest.mark.parametrize(
    ("sign", "code"),
    [
        ("\u6f22", "U+6F22"),
        ("\u0639", "U+0639"),
        ("\u05d0", "U+05D0"),
        ("\U0001f600", "U+1F600"),
        ("\u202e", "U+202E"),
        ("\u0007", "U+0007"),
        ("\ue000", "U+E000"),
    ],
)
def test_a_sign_no_font_has_is_refused_and_never_left_blank(sign: str, code: str) -> None:
    problem = refused(f"A line with {sign} in it.".encode())
    assert problem.code is Code.DOCUMENT_MISSING_GLYPH
    assert problem.where == "documents/reasons.md"
    assert problem.facts == {"character": code}


@pytest.mark.parametrize("markdown", [b"\xff\xfe text", b">" * 150 + b" deep"])
def test_what_cannot_be_read_whole_is_refused(markdown: bytes) -> None:
    assert refused(markdown).code is Code.DOCUMENT_UNREADABLE


def test_brackets_beyond_reason_lose_no_word_unseen() -> None:
    assert "deep" in printed("[" * 150 + "deep" + "](x)" * 150)
    assert refused(b"*a " * 150 + b"deep" + b" a*" * 150).code is Code.DOCUMENT_UNREADABLE


def test_an_empty_document_is_an_empty_page() -> None:
    assert "Page 3 of 3" in printed("")


def test_deep_nesting_never_runs_out_of_column() -> None:
    assert "the deepest words of the quotation" in printed("> " * 40 + "the deepest words of the quotation")


def test_a_table_longer_than_a_page_repeats_its_head() -> None:
    rows = "\n".join(f"| row{number} | {'words ' * 30} |" for number in range(60))
    content = (
        renderer()
        .render(papers(CLAIMANT, (source(f"| Head | Text |\n|---|---|\n{rows}\n".encode()),)))
        .documents[0]
        .content
    )
    pages = pages_of(content)[LETTER_AND_NOTICE:]
    assert len(pages) > 2
    assert all("Head Text" in page for page in pages)
    assert all(f"row{number} " in " ".join(pages) for number in range(60))


def test_a_cell_taller_than_a_page_is_split() -> None:
    text = printed("| A | B |\n|---|---|\n| " + " ".join(f"w{number}" for number in range(3000)) + " | x |\n")
    assert all(f"w{number}" in text for number in range(3000))


def test_a_word_longer_than_the_line_is_split_and_loses_nothing() -> None:
    word = "".join(chr(ord("a") + number % 26) for number in range(400))
    assert word in printed(word).replace(" ", "")


@settings(max_examples=25, deadline=None)
@given(
    st.lists(
        st.text(
            st.characters(min_codepoint=0x41, max_codepoint=0x24F, categories=["Lu", "Ll"]), min_size=1, max_size=12
        ),
        min_size=1,
        max_size=60,
    )
)
def test_any_latin_words_come_out_as_they_went_in(words: list[str]) -> None:
    assert plain(" ".join(words)) in printed(" ".join(words))
