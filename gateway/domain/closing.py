"""What ends a delivery: the closing rule of its division and channel (`gateway/rules/closing.toml`, DESIGN.md §2.4).

Handover is not delivery. A rule says on what a delivery may settle and on which basis the document then counts as
provided; it never turns the carrier's acceptance into receipt.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum

from gateway.domain.codes import Code
from gateway.domain.outcomes import Division
from gateway.domain.problem import SetupWrong


class Basis(StrEnum):
    """How it is known that a document was provided (INTERFACE.md, `services[]`)."""

    EVIDENCE = "evidence"
    """A confirmation or acknowledgment of receipt."""
    INDICATED = "indicated"
    """The time that the electronic means indicates (IAD r.40(3))."""
    DEEMED = "deemed"
    """The rules consider it received (regular mail)."""
    SENT = "sent"
    """It was sent, and nothing came back that says it did not arrive."""
    RECORDED = "recorded"
    """A person recorded how and when it was provided."""


class ClosesOn(StrEnum):
    """What settles a delivery."""

    NO_BOUNCE = "no-bounce"
    """A report of relay or delivery, and no bounce for a number of days."""
    INDICATED = "indicated"
    """The electronic means indicated the time."""
    DEEMED = "deemed"
    """The day of deemed receipt has passed."""
    EVIDENCE = "evidence"
    """Evidence of receipt came back, or a person recorded it."""


BASIS_OF = {
    ClosesOn.NO_BOUNCE: Basis.SENT,
    ClosesOn.INDICATED: Basis.INDICATED,
    ClosesOn.DEEMED: Basis.DEEMED,
    ClosesOn.EVIDENCE: Basis.EVIDENCE,
}


@dataclass(frozen=True, kw_only=True)
class ClosingRule:
    """One rule. Empty `divisions` and `channels` mean all. `after_days`: calendar days without a bounce after the
    report, for no-bounce alone. `overdue_days`: calendar days after which a report that did not come calls a person;
    for what waits for none it is left out."""

    rule: str
    closes_on: ClosesOn
    source: str
    source_fr: str
    divisions: tuple[Division, ...] = ()
    channels: tuple[str, ...] = ()
    after_days: int | None = field(default=None, metadata={"ge": 1, "le": 60})
    overdue_days: int | None = field(default=None, metadata={"ge": 1, "le": 60})

    def fits(self, division: Division, channel: str) -> bool:
        """Whether the rule is meant for a delivery of that division by that channel."""
        return (not self.divisions or division in self.divisions) and (not self.channels or channel in self.channels)


def find_closing(rules: Iterable[ClosingRule], division: Division, channel: str) -> ClosingRule:
    """The first rule that fits. Raises SetupWrong (rule.invalid): the rule file ends in one that fits all."""
    for rule in rules:
        if rule.fits(division, channel):
            return rule
    raise SetupWrong(Code.RULE_INVALID, where="closing.toml", division=division.value)
