"""What the recipient of papers is told beside them: their own reference, and the time limits that run for them.

Both come from the very facts that the papers were made of, at the moment they were made.
"""

import re
import unicodedata
from dataclasses import dataclass

from gateway.domain.package import DecisionPackage
from gateway.domain.parties import Language
from gateway.domain.recourse_clock import RecourseClock

_WORD = re.compile(r"[^\W\d_]{2,}")


@dataclass(frozen=True, kw_only=True)
class LimitWords:
    """What starts it, how long it runs and where it is laid down, in one language."""

    trigger: str
    period: str
    provision: str


@dataclass(frozen=True, kw_only=True)
class TimeLimit:
    """A clock as its recipient is told of it, and never as a date."""

    en: LimitWords
    fr: LimitWords

    def words(self, language: Language) -> LimitWords:
        """In that language."""
        return self.fr if language is Language.FR else self.en


@dataclass(frozen=True, kw_only=True)
class EntryNote:
    """reference: the recipient's own, fit for a mail that anybody may read. limits: as the papers give them."""

    reference: str | None = None
    limits: tuple[TimeLimit, ...] = ()


def time_limit(clock: RecourseClock) -> TimeLimit:
    """The clock in both languages, as it stood when the papers were made."""
    en, fr = (
        LimitWords(trigger=clock.trigger(one), period=clock.period(one), provision=clock.provision(one))
        for one in (Language.EN, Language.FR)
    )
    return TimeLimit(en=en, fr=fr)


def neutral_reference(reference: str | None, package: DecisionPackage) -> str | None:
    """The reference, unless it gives away whom or what it is about: a name, a file number or a client number.

    What a firm calls its matters is its own; many call them after their client.
    """
    if reference is None:
        return None
    numbers = [one.number for one in package.files] + [one.uci for one in package.persons if one.uci]
    if any(_bare(one) in _bare(reference) for one in numbers):
        return None
    people = [part for one in package.persons for part in (one.given_name, one.family_name) if part]
    people += [one.name for one in package.participants if one.name]
    named = {word for one in people for word in _words(one)}
    return None if named & set(_words(reference)) else reference


def _plain(text: str) -> str:
    """Without accents and capitals."""
    return "".join(one for one in unicodedata.normalize("NFKD", text) if not unicodedata.combining(one)).casefold()


def _bare(text: str) -> str:
    return "".join(one for one in _plain(text) if one.isalnum())


def _words(text: str) -> list[str]:
    return _WORD.findall(_plain(text))
