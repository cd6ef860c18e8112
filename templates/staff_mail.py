"""The mails to staff: counts, dispatch ids and codes alone, each line a text of its own language."""

import datetime as dt
from collections.abc import Iterator, Sequence

from gateway.domain.key_findings import KeyFinding
from gateway.domain.parties import Language, PreferredLanguage
from gateway.ports.papers import MessageText
from gateway.ports.staff_mails import StaffStanding
from templates.catalogue import text
from templates.formats import format_date, format_time, format_zone

_AREA = "staff"
_MOST = 50
"""Dispatches that a mail names of one kind; what is left out is counted."""
_BETWEEN = "\n\n" + "-" * 40 + "\n\n"
_LANGUAGES = {
    PreferredLanguage.EN: (Language.EN,),
    PreferredLanguage.FR: (Language.FR,),
    PreferredLanguage.BOTH: (Language.EN, Language.FR),
}


class StaffTexts:
    """Writes them in one official language, or in both one below the other."""

    def __init__(self, language: PreferredLanguage) -> None:
        self._languages = _LANGUAGES[language]

    def digest(self, standing: StaffStanding) -> MessageText:
        """Everything that stands, once a day."""
        return self._written("digest", standing, [list(_everything(one, standing)) for one in self._languages])

    def news(self, standing: StaffStanding) -> MessageText:
        """What has become late or at risk since the last look."""
        return self._written("news", standing, [list(_owed(one, standing)) for one in self._languages])

    def _written(self, kind: str, standing: StaffStanding, parts: Sequence[Sequence[str]]) -> MessageText:
        late, at_risk = len(standing.late), len(standing.at_risk)
        subjects = [
            text(_AREA, f"{kind}.subject", one, late=late, at_risk=at_risk, waiting=standing.waiting)
            for one in self._languages
        ]
        told = [
            "\n".join([_lead(kind, standing.at, one), "", *lines, "", text(_AREA, "closing", one)])
            for one, lines in zip(self._languages, parts, strict=True)
        ]
        return MessageText(subject=" / ".join(subjects), text=_BETWEEN.join(told) + "\n")


def _lead(kind: str, at: dt.datetime, language: Language) -> str:
    date, time, zone = format_date(at.date(), language), format_time(at.time(), language), format_zone(at, language)
    return text(_AREA, f"{kind}.lead", language, date=date, time=time, zone=zone)


def _everything(language: Language, standing: StaffStanding) -> Iterator[str]:
    yield from _owed(language, standing)
    yield text(_AREA, "waiting", language, count=standing.waiting)
    yield from _named(language, standing.people)
    counts = {
        "overdue": standing.overdue,
        "receipts": standing.receipts,
        "stuck": standing.stuck,
        "approvals": standing.approvals,
        "feed-work": standing.feed_work,
        "feed-unanswered": standing.feed_unanswered,
        "mails-untold": standing.mails_untold,
    }
    yield from (text(_AREA, name, language, count=count) for name, count in counts.items())
    yield text(_AREA, "keys", language, count=len(standing.keys))
    yield from (_key(language, one) for one in standing.keys[:_MOST])
    yield from _more(language, len(standing.keys) - _MOST)


def _owed(language: Language, standing: StaffStanding) -> Iterator[str]:
    for name, dispatches in (("late", standing.late), ("at-risk", standing.at_risk)):
        yield text(_AREA, name, language, count=len(dispatches))
        yield from _named(language, dispatches)


def _named(language: Language, dispatches: Sequence[str]) -> Iterator[str]:
    yield from (f"  {one}" for one in dispatches[:_MOST])
    yield from _more(language, len(dispatches) - _MOST)


def _more(language: Language, count: int) -> Iterator[str]:
    if count > 0:
        yield text(_AREA, "more", language, count=count)


def _key(language: Language, key: KeyFinding) -> str:
    """Our own keys and recipients by their ids; an anchor by the beginning of its fingerprint."""
    return text(
        _AREA,
        "key",
        language,
        owner=text("words", f"key-owner.{key.owner.value}", language),
        whose=key.whose or key.fingerprint[:16],
        fault=text("words", f"key-fault.{key.fault.value}", language),
        until=key.until.date().isoformat(),
    )
