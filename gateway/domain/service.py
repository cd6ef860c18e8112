"""Service: the legal fact that a document was provided, derived from what was handed over and what came back.

Four dates stand apart: when it was sent, from when it counts as provided, when it is deemed received, and when it was
received. None is made from another: what is not known is left open.
"""

import datetime as dt
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from gateway.domain.closing import BASIS_OF, Basis, ClosesOn, ClosingRule
from gateway.domain.delivery import STANDING, Attempt, Delivery, DeliveryState, ResultName
from gateway.domain.receipt import BY_A_PERSON, Receipt, ReceiptEvent

RECEIVED = frozenset({"ContentConsignment", "ContentHandover"})
"""ETSI EN 319 522-1 events that show the content with the recipient; a relay or a display shows it with nobody."""


@dataclass(frozen=True, kw_only=True)
class Service:
    """One way in which a participant was provided with the papers (INTERFACE.md, `services[]`).

    attempt: by which it went; basis: what it rests on; evidence: digests of what came back, `sha256:…`.
    """

    attempt: str
    method: str
    sent_at: dt.datetime
    provided_at: dt.datetime | None
    deemed_at: dt.date | None
    received_at: dt.datetime | None
    basis: Basis
    rule: str
    evidence: tuple[str, ...]


SHOWS_SENT = RECEIVED | {ReceiptEvent.RELAY_TO_NON_ERDS, ReceiptEvent.CONTENT_ACCESS_TRACKING}
"""Events that nothing but a sending can be the cause of."""


def sendings(
    delivery: Delivery,
    attempts: Sequence[Attempt],
    shown: Collection[str] = frozenset(),
    taken: Collection[str] = frozenset(),
) -> tuple[Attempt, ...]:
    """The attempts by which the papers left, oldest first, but the one that is relied on last: those a carrier took,
    and once the delivery stands as sent those that a receipt shows. What stands as sent because a person said so left
    by its last attempt that touched the network, where the end of that one is not known; or where no other is known to
    have left.

    shown: the attempts that a receipt shows to have been sent, whatever was recorded of their end. taken: those of
    which one shows that the recipient has what they brought. What stands as delivered relies on the last of these,
    though the papers may have gone once more since.
    """
    standing = delivery.state in STANDING
    known = {one.id for one in attempts if one.result is ResultName.HANDED_OVER or (standing and one.id in shown)}
    last = next((one for one in reversed(attempts) if one.started_at is not None), None)
    if last is not None and standing:
        in_doubt = delivery.state is DeliveryState.HANDED_OVER and last.result in _UNKNOWN_END
        known |= {last.id} if in_doubt or not known else set()
    sent = [one for one in attempts if one.id in known]
    had = [one for one in sent if one.id in taken] if delivery.state is DeliveryState.DELIVERED else []
    return (*(one for one in sent if one not in had[-1:]), *had[-1:])


_UNKNOWN_END = frozenset({None, ResultName.MAYBE_SENT})


def service_of(
    attempt: Attempt,
    receipts: Iterable[Receipt],
    rule: ClosingRule,
    deemed_at: dt.date | None,
    *,
    delivered: bool = False,
) -> Service | None:
    """The service that a sending makes; None when it came back.

    receipts: those of this attempt. deemed_at: the day of deemed receipt, where the rules deem at all. delivered:
    whether the delivery stands as delivered by it: then that the recipient has it outweighs a report of failure.
    """
    came_back = tuple(receipts)
    sent_at = attempt.finished_at or attempt.started_at
    recorded = any(one.source == BY_A_PERSON for one in came_back)
    received = min((one.at for one in came_back if one.event in RECEIVED), default=None)
    failed = any(one.event is ReceiptEvent.RELAY_TO_NON_ERDS_FAILURE for one in came_back)
    if sent_at is None or (failed and not (delivered and received)):
        return None
    shown = attempt.result is ResultName.HANDED_OVER or any(one.event in SHOWS_SENT for one in came_back)
    return Service(
        attempt=attempt.id,
        method=attempt.channel,
        sent_at=sent_at,
        provided_at=received if rule.closes_on is ClosesOn.EVIDENCE else sent_at,
        deemed_at=deemed_at if rule.closes_on is ClosesOn.DEEMED else None,
        received_at=received or (sent_at if rule.closes_on is ClosesOn.INDICATED and shown else None),
        basis=Basis.RECORDED if recorded or not shown else _basis(rule, received),
        rule=rule.rule,
        evidence=tuple(one.evidence for one in came_back),
    )


def _basis(rule: ClosingRule, received: dt.datetime | None) -> Basis:
    """What a sending rests on that nobody recorded; one that asks for evidence and has none yet was sent, no more."""
    if received is not None:
        return Basis.EVIDENCE
    return Basis.SENT if rule.closes_on is ClosesOn.EVIDENCE else BASIS_OF[rule.closes_on]
