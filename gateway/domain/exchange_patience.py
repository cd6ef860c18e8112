"""How patient the exchange is with who does not collect: rules as data (`gateway/rules/exchange.toml`)."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from gateway.domain.codes import Code
from gateway.domain.delivery import TRANSITIONS, Delivery, DeliveryEvent, next_state
from gateway.domain.exchange import Entry, ExchangeMail
from gateway.domain.outcomes import Division
from gateway.domain.problem import SetupWrong
from gateway.domain.reasons import Reason
from gateway.domain.settling import unproven

_DAY = dt.timedelta(days=1)


@dataclass(frozen=True, kw_only=True)
class PatienceRule:
    """One rule; empty `divisions` mean all. Both are calendar days after the papers were left."""

    rule: str
    uncollected_days: int = field(metadata={"ge": 1, "le": 60})
    source: str
    source_fr: str
    divisions: tuple[Division, ...] = ()
    notice_again_days: tuple[int, ...] = field(default=(), metadata={"max_length": 10})

    @property
    def patience(self) -> dt.timedelta:
        """How long papers may lie uncollected."""
        return self.uncollected_days * _DAY


def find_patience(rules: Iterable[PatienceRule], division: Division) -> PatienceRule:
    """The first rule that fits. Raises SetupWrong (rule.invalid): the rule file ends in one that fits all."""
    for rule in rules:
        if not rule.divisions or division in rule.divisions:
            return rule
    raise SetupWrong(Code.RULE_INVALID, where="exchange.toml", division=division.value)


def after_notice(mail: ExchangeMail, rule: PatienceRule) -> ExchangeMail:
    """The notice once it was sent: owed again by the rule, or no more."""
    sent = mail.sent + 1
    days = rule.notice_again_days
    return replace(mail, sent=sent, next_at=mail.asked_at + days[sent - 1] * _DAY if sent <= len(days) else None)


def after_patience(delivery: Delivery, entry: Entry, now: dt.datetime) -> Delivery:
    """The delivery whose papers were not collected in time: by the next way of its plan, or for a person to see to.

    Unchanged where it settled, moved on or came back meanwhile.
    """
    if not _waits(delivery, entry):
        return delivery
    if delivery.position + 1 == len(delivery.plan):
        return unproven(delivery, now)
    return replace(_due(delivery, now), position=delivery.position + 1)


def left_anew(delivery: Delivery, entry: Entry, now: dt.datetime) -> Delivery:
    """The delivery whose papers were withdrawn uncollected, since its recipient has another account now: by the same
    way once more, with tries of its own. Unchanged as with `after_patience`."""
    return _due(delivery, now) if _waits(delivery, entry) else delivery


def _waits(delivery: Delivery, entry: Entry) -> bool:
    may_go_on = DeliveryEvent.NOT_COLLECTED in TRANSITIONS[delivery.state] and not delivery.settled
    return may_go_on and not entry.collected


def _due(delivery: Delivery, now: dt.datetime) -> Delivery:
    state = next_state(delivery.state, DeliveryEvent.NOT_COLLECTED)
    return replace(delivery, state=state, reason=Reason.EXCHANGE_NOT_COLLECTED, attempts=0, next_action_at=now)
