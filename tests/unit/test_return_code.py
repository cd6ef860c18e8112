"""The code on a page that comes back: it follows from its sending, tells nothing, and is never taken for another."""

import itertools
import uuid

import pytest

from gateway.domain.return_code import ReturnCode

SIGNS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"


def a_code() -> ReturnCode:
    return ReturnCode.of(f"<{uuid.uuid4().hex}@tribunal.example>")


def is_taken(text: str) -> bool:
    try:
        ReturnCode.parse(text)
    except ValueError:
        return False
    return True


def test_the_same_sending_has_the_same_code_and_another_has_another() -> None:
    assert ReturnCode.of("<a@tribunal.example>") == ReturnCode.of("<a@tribunal.example>")
    assert len({ReturnCode.of(f"<{number}@tribunal.example>") for number in range(10_000)}) == 10_000


def test_a_code_does_not_tell_its_reference() -> None:
    reference = uuid.uuid4().hex
    assert reference[:8].upper() not in ReturnCode.of(reference).text


def test_what_a_person_types_from_the_page_is_read() -> None:
    code = next(one for one in iter(a_code, None) if "O" in one.text and "I" in one.text and "B" in one.text)
    typed = code.grouped.lower().replace("o", "0").replace("i", "1").replace("b", "8")
    assert ReturnCode.parse(typed) == code
    assert ReturnCode.parse(code.grouped.replace(" ", "-")) == code


def test_a_sign_read_wrongly_or_two_exchanged_make_no_code() -> None:
    """One in a million is taken for right; of thirty thousand none was."""
    taken = 0
    for code in (ReturnCode.of(f"<{number}@tribunal.example>") for number in range(50)):
        for place, sign in itertools.product(range(len(code.text)), SIGNS):
            if code.text[place] != sign:
                taken += is_taken(code.text[:place] + sign + code.text[place + 1 :])
        for place in range(len(code.text) - 1):
            first, second = code.text[place], code.text[place + 1]
            if first != second:
                taken += is_taken(code.text[:place] + second + first + code.text[place + 2 :])
    assert taken == 0


@pytest.mark.parametrize(
    "text", ["", "A", "A" * 20, "https://tribunal.example/", "0f8b8a5e-9d0c-4a53-9d9f-5f1d3c0e9a11", "é" * 20]
)
def test_what_others_print_is_no_code_of_ours(text: str) -> None:
    assert not is_taken(text)
