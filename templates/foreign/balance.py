"""What a page's content leaves open: graphics states and marked content (ISO 32000-1, 8.4.2 and 14.6)."""

import re
from dataclasses import dataclass

_ENDED = rb"(?![^\s\[(</%])"
_BEGUN = rb"(?<![^\s\])>]%s)"
_TOKENS = re.compile(
    rb"|".join(
        (
            rb"\((?:[^()\\]|\\.|\((?:[^()\\]|\\.|\((?:[^()\\]|\\.)*\))*\))*\)",  # a string, parentheses inside it
            rb"%[^\r\n]*",  # a comment
            rb"ID" + _BEGUN % b"ID" + rb"\s.*?\sEI(?![^\s])",  # the data of an inline image
            *(rb"(?P<%s>%s)" % (name, name) + _BEGUN % name + _ENDED for name in (b"q", b"Q", b"BMC", b"BDC", b"EMC")),
        )
    ),
    re.DOTALL,
)
"""Every alternative begins with a letter or sign of its own, which the engine looks for first: it is quick."""
_STATE = {"q": 1, "Q": -1}
_MARK = {"BMC": 1, "BDC": 1, "EMC": -1}


@dataclass(frozen=True, kw_only=True)
class Balance:
    """How often a state must be saved before the content, and restored after it, and marks be ended after it.

    `sound`: whether every mark that ends has begun.
    """

    before: int
    after: int
    marks: int
    sound: bool


def balance_of(content: bytes) -> Balance:
    """The balance of a page's content, all its streams together."""
    state = lowest = marks = 0
    sound = True
    for found in _TOKENS.finditer(content):
        operator = found.lastgroup or ""
        if operator in _STATE:
            state += _STATE[operator]
            lowest = min(lowest, state)
        elif operator in _MARK:
            marks += _MARK[operator]
            sound = sound and marks >= 0
    return Balance(before=-lowest, after=state - lowest, marks=marks, sound=sound)
