"""No-break spaces in what is laid out for a terminal: rich breaks lines there as at any other space, and a French
quotation mark would end a line alone."""

_SIGNS = {"\u00a0": "\ue000", "\u202f": "\ue001"}
"""Of the private use area, each as wide as a space: they stand for them while lines are broken."""
_HOLD = str.maketrans(_SIGNS)
_LET_GO = str.maketrans({held: space for space, held in _SIGNS.items()})
NO_BREAK = frozenset(_SIGNS)


def held(text: str) -> str:
    """The text with signs that are no spaces in place of its no-break spaces."""
    return text.translate(_HOLD)


def let_go(drawn: str) -> str:
    """What was drawn, with its no-break spaces again."""
    return drawn.translate(_LET_GO)
