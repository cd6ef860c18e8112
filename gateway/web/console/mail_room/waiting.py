"""A batch that waits for its carrier, as the pages tell of it."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from gateway.web.console.words import Words
from templates.words import capitalized


def batch_line(words: Words, view: Mapping[str, Any]) -> dict[str, object]:
    """A batch that waits, in words."""
    return {
        "channel": view["channel"],
        "office": view["office"],
        "name": capitalized(words.word("channel", view["channel"])),
        "place": words.word("office", view["office"]),
        "carrier": words.word("carrier", view["carrier"]) if view["carrier"] else "",
        "cut_off": _clock(words, view["cut_off"]),
        "now": view["items"] - view["after_cut_off"],
        "count": view["items"],
        "late": view["after_cut_off"],
        "since": words.moment(dt.datetime.fromisoformat(view["since"])),
    }


def _clock(words: Words, cut_off: str | None) -> str:
    return words.time(dt.time.fromisoformat(cut_off)) if cut_off else ""
