"""Which mail addresses are written, and that nothing is ever reinterpreted."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.domain.addresses import MailAddress
from tests.application.directory_corpus import BAD_ADDRESSES

PLAIN = [
    "hearings@cbsa.gw.test",
    "first.last+TC6@sub.domain-with-dash.example",
    "o'brien_x=y@x.ca",
    "a@xn--e1afmkfd.xn--p1ai",
    "a@1and1.example",
    "a@1.example",
    "a@" + "b" * 63 + ".example",
    "hearings.gta+rpd@cbsa-asfc.gc.ca",
    f"{'l' * 64}@x.test",
]
NOT_PLAIN = [
    None,
    "",
    "nobody",
    "@x.test",
    "a@",
    "a@localhost",
    "a@b@x.test",
    "a@x.test, b@y.test",
    "a@x.test;b@y.test",
    "b@exp.test>\r\nDATA",
    "b@exp.test> SIZE=1",
    "<a@x.test>",
    "A Name <a@x.test>",
    "a@x.test (a comment)",
    "(a comment)a@x.test",
    "group: a@x.test;",
    '"quoted local"@x.test',
    '"a"@x.test',
    "a b@x.test",
    " a@x.test",
    "a@x.test ",
    "a@x.test\n",
    "a@x.test\x00",
    "a\x7f@x.test",
    "a\tb@x.test",
    "a..b@x.test",
    ".a@x.test",
    "a.@x.test",
    "a@x..test",
    "a@.x.test",
    "a@x.test.",
    "a@-x.test",
    "a@x-.test",
    "a@x_y.test",
    "a@[127.0.0.1]",
    "a@127.0.0.1",
    "é@x.test",
    "a@exämple.test",
    "a@x。test",
    "аdmin@x.test",
    "a@x.test\u202e",
    "a\\@x.test",
    f"{'l' * 65}@x.test",
    f"a@{'d' * 64}.test",
    f"a@{'d.' * 126}test",
]


@pytest.mark.parametrize("text", PLAIN)
def test_a_plain_address_stands_exactly_as_written(text: str) -> None:
    assert str(MailAddress.parse(text)) == text


@pytest.mark.parametrize("text", [*NOT_PLAIN, *BAD_ADDRESSES])
def test_what_is_not_one_plain_address_is_refused_and_not_quoted(text: str | None) -> None:
    with pytest.raises(ValueError, match=r"^not one plain mail address$"):
        MailAddress.parse(text)


@given(st.text(max_size=40) | st.text(alphabet="a@.<>\r\n ,\"'\\()[]:;\x00é", max_size=20))
def test_nothing_that_could_end_a_command_is_ever_taken(text: str) -> None:
    try:
        address = MailAddress.parse(text)
    except ValueError:
        return
    assert str(address) == text
    assert re.fullmatch(r"[!-~]+", text)
    assert not set(text) & set('<>()[],;:\\"')
