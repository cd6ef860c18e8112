"""What comes back from carriers and recipients: read from raw messages, before it is tied to a delivery.

Each finding is worth exactly what its sender can know. A mail system's word is a relay, never a delivery to a person;
a disposition notification tells that somebody's program displayed something; neither is signed by anyone. A receipt
that the recipient's own key signed is worth more than both.
"""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from gateway.domain.receipt import ReceiptEvent
from gateway.domain.return_code import ReturnCode


class Finding(StrEnum):
    """What one part of a message says about one recipient."""

    RELAYED = "relayed"
    """On its way beyond what reports back (RFC 3464 §2.3.3, `relayed`, `expanded`)."""
    IN_MAILBOX = "in-mailbox"
    """The last mail system put it where the recipient's mail is (RFC 3464, `delivered`)."""
    DELAYED = "delayed"
    """Still tried; nothing has ended (RFC 3464, `delayed`)."""
    FAILED = "failed"
    """It did not reach the mailbox and is no longer tried (RFC 3464, `failed`, or a bounce in prose)."""
    DISPLAYED = "displayed"
    """A program of the recipient's displayed it (RFC 8098 §3.2.6.2)."""
    DISCARDED = "discarded"
    """A program of the recipient's removed or refused it, seen or unseen (RFC 8098, `deleted`, `failed`, `denied`)."""
    SIGNED = "signed"
    """A signed receipt (RFC 2634 §2) for this very message, by the key that is pinned to its recipient: they opened it,
    and proved who they are."""
    SIGNED_UNPROVEN = "signed-unproven"
    """A signed receipt for no message of ours, or by a key that is not the recipient's: it proves nothing."""
    PROCESSED = "processed"
    """A program of the recipient's did something with it, which need not have been shown (RFC 8098)."""
    AUTOMATIC_REPLY = "automatic-reply"
    """An absence notice and its like (RFC 3834): it tells nothing of this message's fate."""
    PERSONAL_REPLY = "personal-reply"
    """A person wrote: for a person to read."""
    FAX_ACCEPTED = "fax-accepted"
    """The fax service took it; nothing has ended."""
    FAX_SENT = "fax-sent"
    """The service's final report: the machine which was called took all pages. That is a confirmation of receipt (RAD
    r.34(1)); of any person it says nothing, and the delivery stays handed over."""
    FAX_BUSY = "fax-busy"
    FAX_NO_ANSWER = "fax-no-answer"
    FAX_WRONG_MACHINE = "fax-wrong-machine"
    """The machine that took it calls itself by another number (CSID) than was dialled."""
    FAX_PARTIAL = "fax-partial"
    """Fewer pages went than were sent."""
    FAX_FAILED = "fax-failed"
    """Given up, for another reason or none that is known."""
    FAX_PAGES_EXCEED = "fax-pages-exceed"
    """The service reports more pages than were sent: whose fax that was is for a person to find out."""
    LEFT = "left"
    """A file says that the recipient's server keeps what was uploaded, whole."""
    TAKEN = "taken"
    """A file in the recipient's own account, which the server's pinned key stands for, says that they took it."""
    OTHER_CONTENT = "other-content"
    """It says so of other bytes than were sent, or for an upload of another account."""
    MAIL_NOTED = "mail-noted"
    """The carrier wrote something of it and did not see it."""
    MAIL_INDUCTED = "mail-inducted"
    """The carrier scanned it when it took it."""
    MAIL_IN_TRANSIT = "mail-in-transit"
    """On its way, or scanned with a code that says nothing known."""
    MAIL_ATTEMPTED = "mail-attempted"
    """Nobody took it at the door."""
    MAIL_HELD = "mail-held"
    """It lies at a counter until it is called for; then it comes back."""
    MAIL_RETURNED = "mail-returned"
    MAIL_REFUSED = "mail-refused"
    """The recipient did not take it."""
    MAIL_UNDELIVERABLE = "mail-undeliverable"
    """There is no such address, or nobody of that name at it."""
    MAIL_DELIVERED = "mail-delivered"
    """The carrier left it, and nobody signed."""
    MAIL_SIGNED = "mail-signed"
    """The carrier gave it to somebody who signed, whose name stands with it: a confirmation of receipt, and no word on
    whether that was the recipient."""
    SCANS_UNMATCHED = "scans-unmatched"
    """A file of scans, some of which fit nothing: they wait for a person."""
    PRINT_WITHDRAWN = "print-withdrawn"
    """An envelope was taken out of its manifest when the print and mail vendor had it already."""
    RECALL_UNREACHED = "recall-unreached"
    """A recall could not take it back: its recipient is to be called."""
    FORMER_HAS_IT = "former-has-it"
    """It lies, or was taken, where the delivery went before its address changed: perhaps with somebody else."""
    ENTRY_BROKEN = "entry-broken"
    """What lies in the exchange cannot be opened, so that its recipient cannot take it."""
    PAGE_RETURNED = "page-returned"
    """A page came back that bears the code of a sending. Whether it is signed, and by whom, a person sees."""
    PAGES_UNKNOWN = "pages-unknown"
    """Pages came back, and no code of ours can be read on them, or one that was never printed."""
    PAGES_OF_SEVERAL = "pages-of-several"
    """Pages with the codes of several sendings came back in one message: each is evidence of its own."""
    UNREADABLE = "unreadable"
    """Kept, but beyond what is read."""


EVENT_OF: Mapping[Finding, ReceiptEvent] = {
    Finding.RELAYED: ReceiptEvent.RELAY_TO_NON_ERDS,
    Finding.IN_MAILBOX: ReceiptEvent.RELAY_TO_NON_ERDS,
    Finding.FAILED: ReceiptEvent.RELAY_TO_NON_ERDS_FAILURE,
    Finding.DISPLAYED: ReceiptEvent.CONTENT_ACCESS_TRACKING,
    Finding.FAX_ACCEPTED: ReceiptEvent.RELAY_TO_NON_ERDS,
    Finding.FAX_SENT: ReceiptEvent.CONTENT_CONSIGNMENT,
    Finding.FAX_BUSY: ReceiptEvent.RELAY_TO_NON_ERDS_FAILURE,
    Finding.FAX_NO_ANSWER: ReceiptEvent.RELAY_TO_NON_ERDS_FAILURE,
    Finding.FAX_WRONG_MACHINE: ReceiptEvent.RELAY_TO_NON_ERDS_FAILURE,
    Finding.FAX_PARTIAL: ReceiptEvent.RELAY_TO_NON_ERDS_FAILURE,
    Finding.FAX_FAILED: ReceiptEvent.RELAY_TO_NON_ERDS_FAILURE,
    Finding.MAIL_INDUCTED: ReceiptEvent.RELAY_TO_NON_ERDS,
    Finding.MAIL_ATTEMPTED: ReceiptEvent.RELAY_TO_NON_ERDS,
    Finding.MAIL_HELD: ReceiptEvent.RELAY_TO_NON_ERDS,
    Finding.MAIL_RETURNED: ReceiptEvent.RELAY_TO_NON_ERDS_FAILURE,
    Finding.MAIL_REFUSED: ReceiptEvent.RELAY_TO_NON_ERDS_FAILURE,
    Finding.MAIL_UNDELIVERABLE: ReceiptEvent.RELAY_TO_NON_ERDS_FAILURE,
    Finding.MAIL_DELIVERED: ReceiptEvent.RELAY_TO_NON_ERDS,
    Finding.MAIL_SIGNED: ReceiptEvent.CONTENT_CONSIGNMENT,
    Finding.SIGNED: ReceiptEvent.CONTENT_HANDOVER,
    Finding.LEFT: ReceiptEvent.CONTENT_CONSIGNMENT,
    Finding.TAKEN: ReceiptEvent.CONTENT_HANDOVER,
}
"""The ETSI EN 319 522-1 event that a finding is evidence of. What is not here is kept, and is evidence of nothing."""

FOR_A_PERSON = frozenset(
    {
        Finding.FAILED,
        Finding.DISCARDED,
        Finding.SIGNED_UNPROVEN,
        Finding.PERSONAL_REPLY,
        Finding.UNREADABLE,
        Finding.FAX_BUSY,
        Finding.FAX_NO_ANSWER,
        Finding.FAX_WRONG_MACHINE,
        Finding.FAX_PARTIAL,
        Finding.FAX_FAILED,
        Finding.FAX_PAGES_EXCEED,
        Finding.OTHER_CONTENT,
        Finding.MAIL_HELD,
        Finding.MAIL_RETURNED,
        Finding.MAIL_REFUSED,
        Finding.MAIL_UNDELIVERABLE,
        Finding.MAIL_DELIVERED,
        Finding.SCANS_UNMATCHED,
        Finding.PRINT_WITHDRAWN,
        Finding.RECALL_UNREACHED,
        Finding.FORMER_HAS_IT,
        Finding.ENTRY_BROKEN,
        Finding.PAGE_RETURNED,
        Finding.PAGES_UNKNOWN,
        Finding.PAGES_OF_SEVERAL,
    }
)
"""Findings that somebody has to look at, tied to a delivery or not."""


@dataclass(frozen=True, kw_only=True)
class Report:
    """One finding. `status`: the enhanced code (RFC 3463), where one was given. `at`: when its sender says it happened;
    they may say anything, so it decides nothing but since when, between sending and report, the recipient has it.
    `words`: theirs, which may hold addresses and names; the raw bytes alone keep them."""

    finding: Finding
    status: str = ""
    at: dt.datetime | None = None
    words: str = ""


@dataclass(frozen=True, kw_only=True)
class Reading:
    """A raw message as read. `tokens`: the references of ours that it gives back, the most telling first.

    signed: a signed receipt as it came, of which nothing was verified yet. code: what stands on a page that came back,
    of which nobody has looked yet whose it is.
    """

    reports: tuple[Report, ...]
    tokens: tuple[str, ...] = ()
    signed: bytes | None = None
    code: ReturnCode | None = None
