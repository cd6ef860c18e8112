"""The papers of proof that the rules know (RAD r.34): which one fits a service, and who has to sign it."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from gateway.domain.closing import Basis
from gateway.domain.events import Event, EventName
from gateway.domain.parties import ChannelName, Language
from gateway.domain.receipt import Receipt, ReceiptEvent
from gateway.domain.service import Service


class ProofKind(StrEnum):
    """A paper of proof."""

    STATEMENT = "statement-of-service"
    """The officer's word on who was provided with what, how and when (RAD r.34(2))."""
    CONFIRMATION = "confirmation-of-receipt"
    """Rests on the carrier's evidence (RAD r.34(1)(b))."""
    EXPLANATION = "explanation"
    """Why proof cannot be given, in the officer's words (RAD r.34(3))."""


SIGNED_BY_AN_OFFICER = frozenset({ProofKind.STATEMENT, ProofKind.EXPLANATION})
"""Drafts until a named officer signs them."""

STATED = frozenset({ChannelName.HAND_DELIVERY, ChannelName.REGULAR_MAIL})
"""What an officer states whatever came back: they handed it over or mailed it at a place."""


def proof_of(service: Service) -> ProofKind:
    """The paper for a service. Only what shows the papers with the recipient confirms receipt: a carrier's acceptance,
    or a person's word that it was sent, does not; nor does a rule that asks for evidence, until there is some. What a
    person recorded to be received, an officer states, whatever the method (RAD r.34(2))."""
    if service.method in STATED:
        return ProofKind.STATEMENT
    if service.received_at is None:
        return ProofKind.EXPLANATION
    kinds = {Basis.EVIDENCE: ProofKind.CONFIRMATION, Basis.RECORDED: ProofKind.STATEMENT}
    return kinds.get(service.basis, ProofKind.EXPLANATION)


class ProofNeeds(StrEnum):
    """What a person has to say before a paper can be drafted."""

    OFFICER = "officer"
    PLACE = "place"
    """Where papers were handed over that nobody made a record of."""
    EXPLANATION = "explanation"


@dataclass(frozen=True, kw_only=True)
class ProofPaper:
    """A paper as kept. `given`: what the officer said, sealed; `digest` and `object_name`: the paper as it stands.

    `officer`: the account that alone may sign it; None where no officer signs. Signed papers never change.
    """

    id: str
    delivery: str
    attempt: str
    kind: ProofKind
    language: Language
    officer: str | None
    made_at: dt.datetime
    made_by: str
    given: bytes
    digest: str
    object_name: str
    signed_at: dt.datetime | None = None
    signed_by: str | None = None
    data_key: str | None = None
    """The key that it and what its officer said are sealed under; None: the key of all evidence."""


def rests_on_what_was_taken_back(paper: ProofPaper, events: Sequence[Event]) -> bool:
    """Whether a page stood as proof when the paper was signed, and was taken back since: the paper proves nothing any
    more. events: of its dispatch."""
    signed_at = paper.signed_at
    if signed_at is None:
        return False
    own = [one for one in events if one.attempt == paper.attempt and one.facts.get("incoming") is not None]
    since = {one.facts["incoming"] for one in own if one.name is EventName.RECEIPT_TAKEN_BACK and one.at >= signed_at}
    return any(
        one.name is EventName.RECEIPT_CONFIRMED and one.at <= signed_at and one.facts["incoming"] in since
        for one in own
    )


def came_since(paper: ProofPaper, receipts: Sequence[Receipt]) -> tuple[Receipt, ...]:
    """What came on the sending of a signed paper and may speak against it: what is later than the signature, and
    whatever says that it did not arrive, since a carrier tells of that late. receipts: of that sending."""
    signed_at = paper.signed_at
    return tuple(
        one
        for one in receipts
        if one.event is ReceiptEvent.RELAY_TO_NON_ERDS_FAILURE or (signed_at is not None and one.at > signed_at)
    )
