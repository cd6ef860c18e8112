"""What a page's content leaves open: graphics states and marked content (ISO 32000-1, 8.4.2 and 14.6)."""

import re
from dataclasses import dataclass

_ENDED = rb"(?![^\s\[(</%])"
_BEGUN = rb"(?<![^\s\])>]%s)"
_OPERATORS = rb"|".join(name + _BEGUN % name + _ENDED for name in (b"q", b"Q", b"BMC", b"BDC", b"EMC"))
_STRING = rb"\((?:[^()\\]++|\\.%s)*+\)"
_BETWEEN = (
    rb"[^(%IqQBE]++",
    _STRING % (rb"|" + _STRING % (rb"|" + _STRING % rb"")),  # a string, parentheses inside it
    rb"%[^\r\n]*+",  # a comment
    rb"ID" + _BEGUN % b"ID" + rb"\s.*?\sEI(?![^\s])",  # the data of an inline image
    rb"(?!" + _OPERATORS + rb")[(%IqQBE]",  # a sign that only looks as if one of these began
)
_NEXT_OPERATOR = re.compile(rb"(?:" + rb"|".join(_BETWEEN) + rb")*+(" + _OPERATORS + rb"|\Z)", re.DOTALL)
"""From one operator of interest to the next in one match, without a way back: it is quick."""
_STATE = {b"q": 1, b"Q": -1}
_MARK = {b"BMC": 1, b"BDC": 1, b"EMC": -1}


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
    for operator in _NEXT_OPERATOR.findall(content):
        if operator in _STATE:
            state += _STATE[operator]
            lowest = min(lowest, state)
        elif operator in _MARK:
            marks += _MARK[operator]
            sound = sound and marks >= 0
    return Balance(before=-lowest, after=state - lowest, marks=marks, sound=sound)
