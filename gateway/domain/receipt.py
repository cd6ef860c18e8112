"""Receipts: evidence that came back, under the event names of ETSI EN 319 522."""

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum


class ReceiptEvent(StrEnum):
    """ETSI EN 319 522-1 event names that this house uses. An e-mail leg reaches `RelayToNonERDS` by itself."""

    SUBMISSION_ACCEPTANCE = "SubmissionAcceptance"
    RELAY_TO_NON_ERDS = "RelayToNonERDS"
    RELAY_TO_NON_ERDS_FAILURE = "RelayToNonERDSFailure"
    CONTENT_ACCESS_TRACKING = "ContentAccessTracking"
    """A program of the recipient's says that it displayed the content; who looked is not known."""
    CONTENT_CONSIGNMENT = "ContentConsignment"
    """It lies where the recipient can take it."""
    CONSIGNMENT_NOTIFICATION = "ConsignmentNotification"
    """The recipient was told, at the address of their account, that something lies there."""
    CONSIGNMENT_NOTIFICATION_FAILURE = "ConsignmentNotificationFailure"
    """They could not be told: the mail system of that address does not take it."""
    CONTENT_HANDOVER = "ContentHandover"
    """The recipient identified themself and took the content."""
    CONTENT_HANDOVER_FAILURE = "ContentHandoverFailure"
    """It was not taken: not in time, or withdrawn before the recipient had all of it. What was late may still come."""


NOTICES = frozenset({ReceiptEvent.CONSIGNMENT_NOTIFICATION, ReceiptEvent.CONSIGNMENT_NOTIFICATION_FAILURE})
"""Of a mail about the papers: they say nothing of the papers themselves, and settle nothing."""


BY_A_PERSON = "person"
"""The source of a receipt that a person recorded."""
EXCHANGE = "exchange"
"""The source of what our own exchange saw."""


@dataclass(frozen=True, kw_only=True)
class AwaitedReceipt:
    """The signed receipt that a message asks for (RFC 2634 §2), as lower-case hex.

    A receipt names the message by `content_identifier`, repeats its signature, and signs the digest of what that
    signature is over. So `signature` (its SHA-256) and `attributes` (that digest, by the signer's algorithm) are kept,
    and nothing of the message.
    """

    content_identifier: str
    signature: str
    attributes: str


@dataclass(frozen=True, kw_only=True)
class Receipt:
    """One receipt. `evidence` is the digest of the raw bytes it was read from, `sha256:…`."""

    event: ReceiptEvent
    at: dt.datetime
    source: str
    evidence: str
