"""Which transactions do not wait for the night: `feed.toml`."""

from dataclasses import dataclass
from functools import cache

from gateway.application.rules import read_rules, rule_text
from gateway.domain.feed import FeedKind

_NAME = "feed.toml"


@dataclass(frozen=True, kw_only=True)
class FeedFile:
    """after_recall: the kinds that go at once where they refer to what was told and then recalled, a withdrawal in any
    case."""

    after_recall: tuple[FeedKind, ...]


@cache
def after_recall() -> frozenset[FeedKind]:
    """What goes at once because the receiver holds what was recalled."""
    return frozenset(read_rules(_NAME, rule_text(_NAME), FeedFile).after_recall)
