"""What a recall came to, in the words of a language."""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any, cast

from gateway.domain.recall import Containment
from gateway.web.console.words import Words
from templates.words import capitalized

Shown = Mapping[str, Any]
_TO_CALL = frozenset({Containment.TAKEN, Containment.REMOVED, Containment.BEYOND_RECALL})


def report_of(words: Words, report: Mapping[str, object]) -> Shown:
    """Who recalled it, and each delivery with what is left to do."""
    recalls = cast("Sequence[Shown]", report["recalls"])
    last = recalls[-1]
    rows = [_row(words, one) for one in cast("Sequence[Shown]", report["deliveries"])]
    return {
        "made": words.text("recall.made", who=last["by"], moment=_moment(words, last["at"])),
        "rows": rows,
        "recalls": len(recalls),
    }


def _row(words: Words, row: Shown) -> Shown:
    containment = Containment(row["containment"])
    return {
        "id": row["delivery"],
        "participant": row["participant"],
        "roles": ", ".join(words.word("role", one) for one in row["roles"]),
        "containment": capitalized(words.word("containment", containment.value)),
        "meaning": words.text(f"recall.meaning.{containment.value}"),
        "call": containment in _TO_CALL,
        "ways": [_way(words, one) for one in row["left"]],
        "taken": [_taking(words, one) for one in row["taken"]],
        "called": [
            words.text("recall.called", who=one["by"], moment=_moment(words, one["at"])) for one in row["called"]
        ],
    }


def _way(words: Words, sending: Shown) -> str:
    channel, at = capitalized(words.word("channel", sending["channel"])), _moment(words, sending["at"])
    if sending["retracted_at"]:
        since = _moment(words, sending["retracted_at"])
        return words.text("recall.withdrawn", channel=channel, moment=at, since=since)
    if sending["removed_at"]:
        since = _moment(words, sending["removed_at"])
        return words.text("recall.removed", channel=channel, moment=at, since=since)
    return words.text(f"recall.left.{sending['result'] or 'on-its-way'}", channel=channel, moment=at)


def _taking(words: Words, taking: Shown) -> str:
    return words.text(
        "recall.taken",
        who=taking["by"],
        count=taking["documents"],
        of=taking["of"],
        moment=_moment(words, taking["at"]),
    )


def _moment(words: Words, iso: str | None) -> str:
    return words.moment(dt.datetime.fromisoformat(iso)) if iso else words.text("recall.unknown")
