"""What happened, in the past tense: appended, never changed; a person's act has a name, a time and a reason."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class EventName(StrEnum):
    """The kinds of recorded events."""

    PACKAGE_ACCEPTED = "package-accepted"
    DISPATCH_STUCK = "dispatch-stuck"
    DISPATCH_RETRIED = "dispatch-retried"
    DELIVERY_PLANNED = "delivery-planned"
    DELIVERY_RENDERED = "delivery-rendered"
    DOCUMENT_NOTED = "document-noted"
    """What a person should know of a document: `document` is its place in decision.json, `code` what was found."""
    PERSON_CALLED = "person-called"
    SIGNED_RECEIPT_ASKED = "signed-receipt-asked"
    """By the message about to be sent: with what the receipt must match (`AwaitedReceipt`)."""
    ATTEMPT_ENDED = "attempt-ended"
    MANIFEST_CLOSED = "manifest-closed"
    """Over what was gathered: from now on it is fixed what the carrier is to take."""
    ITEM_LISTED = "item-listed"
    """In the `manifest` that was closed, under that `piece` number."""
    ENVELOPE_CHECKED = "envelope-checked"
    """Its first sheet and its label bear codes of the same item."""
    MANIFEST_HANDED_OVER = "manifest-handed-over"
    """By the carrier's signature, of which `evidence` is the digest."""
    ATTEMPT_ENDED_LATE = "attempt-ended-late"
    """After the lease: known now, and recorded beside what was concluded without it."""
    LEASE_LAPSED = "lease-lapsed"
    CARRIER_ASKED = "carrier-asked"
    """What became of something that may have been sent, and what it said."""
    CHANNEL_GIVEN_UP = "channel-given-up"
    """It took nothing until the time for it was over: the next channel, or a person."""
    DISPATCH_RECALLED = "dispatch-recalled"
    """By a person; `evidence` is the digest of the statement that says so."""
    DELIVERY_RECALLED = "delivery-recalled"
    """Stopped, or withdrawn from the exchange untaken: `containment` says which."""
    DELIVERY_RESOLVED = "delivery-resolved"
    CLOSURE_ENTERED = "closure-entered"
    CLOSURE_WITHDRAWN = "closure-withdrawn"
    DUE_DATE_MOVED = "due-date-moved"
    CARRIER_SUSPENDED = "carrier-suspended"
    CARRIER_RESTORED = "carrier-restored"
    PARTIES_RECEIVED = "parties-received"
    RECEIPT_RECORDED = "receipt-recorded"
    RECEIPT_UNMATCHED = "receipt-unmatched"
    RECEIPT_CLOSED = "receipt-closed"
    DELIVERY_SETTLED = "delivery-settled"
    """By its closing rule."""
    RECEIPT_OVERDUE = "receipt-overdue"
    """What should have come back by now did not: a person is called."""
    EVIDENCE_EXPORTED = "evidence-exported"
    """Given out as a ZIP for a court."""
    PAPER_MADE = "paper-made"
    """A paper of proof: a draft, or one that rests on the carrier's evidence and is sealed at once."""
    PAPER_SIGNED = "paper-signed"
    """By its officer: `draft` is the digest of what they had before them."""
    RECIPIENT_IMPORTED = "recipient-imported"
    KEY_IMPORTED = "key-imported"
    KEY_TESTED = "key-tested"
    """A sample was sent under a recipient's key, with how that ended."""
    KEY_CONFIRMED = "key-confirmed"
    """The recipient said that they opened it."""
    KEY_ROTATED = "key-rotated"
    """One of the gateway's own."""
    ANCHOR_TRUSTED = "anchor-trusted"
    RECIPIENT_ANCHOR_TRUSTED = "recipient-anchor-trusted"
    KEY_RELIED_ON = "key-relied-on"
    KEY_FOUND_WANTING = "key-found-wanting"
    """By the watch: expired, about to, revoked or unfit."""
    CHANGE_PROPOSED = "change-proposed"
    CHANGE_APPROVED = "change-approved"
    CHANGE_REFUSED = "change-refused"
    CHANGE_OVERTAKEN = "change-overtaken"
    ACCOUNT_CHANGED = "account-changed"
    ACCOUNT_DISABLED = "account-disabled"
    LEGAL_HOLD_PLACED = "legal-hold-placed"
    LEGAL_HOLD_RELEASED = "legal-hold-released"
    PACKAGE_EXPIRED = "package-expired"
    """Its data key was destroyed; `remains` names the object that holds what is kept of it as evidence."""
    EXCHANGE_ACCOUNT_OPENED = "exchange-account-opened"
    """Somebody's identity was checked; `method` and `verified_by` say how and by whom."""
    EXCHANGE_ACCOUNT_CLOSED = "exchange-account-closed"
    EXCHANGE_SIGNED_IN = "exchange-signed-in"
    EXCHANGE_SIGN_IN_FAILED = "exchange-sign-in-failed"
    EXCHANGE_NOTICE_SENT = "exchange-notice-sent"
    EXCHANGE_NOTICE_REFUSED = "exchange-notice-refused"
    """The mail server of the account's address says that there is no such mailbox, or that it takes none."""
    EXCHANGE_NOT_COLLECTED = "exchange-not-collected"
    """Not in time: `next` is the channel it takes then; empty where a person is called."""
    EXCHANGE_TAKEN = "exchange-taken"
    """A document was downloaded, or everything acknowledged, by who had signed in."""
    EXCHANGE_RETRACTED = "exchange-retracted"
    """Withdrawn by a recall: `taken` counts the documents that the recipient had by then."""
    ENDPOINT_ADDED = "endpoint-added"
    """It is told of changes from now on."""
    ENDPOINT_REMOVED = "endpoint-removed"
    ENDPOINT_REPLAYED = "endpoint-replayed"
    """A person had it told again."""
    ENDPOINT_SUSPENDED = "endpoint-suspended"
    """It kept failing, or said that it is gone."""
    TOKEN_CREATED = "token-created"  # noqa: S105
    TOKEN_REVOKED = "token-revoked"  # noqa: S105


@dataclass(frozen=True, kw_only=True)
class Event:
    """One event. `facts` hold codes, ids, figures and digests; `reason` is a person's text, sealed when stored."""

    name: EventName
    at: dt.datetime
    actor: str
    dispatch: str | None = None
    delivery: str | None = None
    attempt: str | None = None
    facts: Mapping[str, str | int | bool] = field(default_factory=dict)
    reason: bytes | None = None
    """A person's reason, sealed."""
