"""Divisions and the outcomes each can reach, in the Board's statutory vocabulary (INTERFACE.md)."""

from collections.abc import Mapping
from enum import StrEnum


class Division(StrEnum):
    """A division of the Board; in French SPR, SAR, SI and SAI."""

    RPD = "RPD"
    RAD = "RAD"
    ID = "ID"
    IAD = "IAD"


MINISTER_ALWAYS_PARTY = frozenset({Division.ID, Division.IAD})
"""Where the Minister is a party in every proceeding (INTERFACE.md, `minister`)."""


class OutcomeCode(StrEnum):
    """What was decided for one person (IRPA 67 to 69, 107, 107.1, 108, 109, 111, 169; the divisions' rules)."""

    ABANDONED = "abandoned"
    ACCEPTED = "accepted"
    ALLOWED = "allowed"
    ALLOWED_ON_CONSENT = "allowed-on-consent"
    CEASED = "ceased"
    CESSATION_REFUSED = "cessation-refused"
    CONFIRMED = "confirmed"
    DETENTION_CONTINUED = "detention-continued"
    DISMISSED = "dismissed"
    DISMISSED_NOT_PERFECTED = "dismissed-not-perfected"
    FAVOURABLE = "favourable"
    NO_JURISDICTION = "no-jurisdiction"
    REFERRED_BACK = "referred-back"
    REJECTED = "rejected"
    REJECTED_MANIFESTLY_UNFOUNDED = "rejected-manifestly-unfounded"
    REJECTED_NO_CREDIBLE_BASIS = "rejected-no-credible-basis"
    RELEASED = "released"
    RELEASED_ON_CONDITIONS = "released-on-conditions"
    REMOVAL_ORDER_MADE = "removal-order-made"
    REOPENED = "reopened"
    REOPENING_REFUSED = "reopening-refused"
    REQUEST_WITHDRAWN = "request-withdrawn"
    SET_ASIDE_SUBSTITUTED = "set-aside-substituted"
    STAY_CANCELLED = "stay-cancelled"
    STAY_CONTINUED = "stay-continued"
    STAY_VARIED = "stay-varied"
    STAYED = "stayed"
    VACATED = "vacated"
    VACATION_REFUSED = "vacation-refused"
    WITHDRAWN = "withdrawn"


_REOPENING = (OutcomeCode.REOPENED, OutcomeCode.REOPENING_REFUSED)
_NOT_PURSUED = (OutcomeCode.ABANDONED, OutcomeCode.WITHDRAWN)

OUTCOMES_OF: Mapping[Division, frozenset[OutcomeCode]] = {
    Division.RPD: frozenset(
        {
            OutcomeCode.ACCEPTED,
            OutcomeCode.REJECTED,
            OutcomeCode.REJECTED_NO_CREDIBLE_BASIS,
            OutcomeCode.REJECTED_MANIFESTLY_UNFOUNDED,
            OutcomeCode.VACATED,
            OutcomeCode.VACATION_REFUSED,
            OutcomeCode.CEASED,
            OutcomeCode.CESSATION_REFUSED,
            *_NOT_PURSUED,
            *_REOPENING,
        }
    ),
    Division.RAD: frozenset(
        {
            OutcomeCode.CONFIRMED,
            OutcomeCode.SET_ASIDE_SUBSTITUTED,
            OutcomeCode.REFERRED_BACK,
            OutcomeCode.DISMISSED_NOT_PERFECTED,
            OutcomeCode.NO_JURISDICTION,
            *_NOT_PURSUED,
            *_REOPENING,
        }
    ),
    Division.IAD: frozenset(
        {
            OutcomeCode.ALLOWED,
            OutcomeCode.ALLOWED_ON_CONSENT,
            OutcomeCode.DISMISSED,
            OutcomeCode.STAYED,
            OutcomeCode.STAY_CONTINUED,
            OutcomeCode.STAY_VARIED,
            OutcomeCode.STAY_CANCELLED,
            OutcomeCode.NO_JURISDICTION,
            *_NOT_PURSUED,
            *_REOPENING,
        }
    ),
    Division.ID: frozenset(
        {
            OutcomeCode.FAVOURABLE,
            OutcomeCode.REMOVAL_ORDER_MADE,
            OutcomeCode.DETENTION_CONTINUED,
            OutcomeCode.RELEASED,
            OutcomeCode.RELEASED_ON_CONDITIONS,
            OutcomeCode.REQUEST_WITHDRAWN,
        }
    ),
}
"""The outcomes each division can reach; a person's outcome outside them is refused."""
