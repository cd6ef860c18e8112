"""A change of an address, a key, an anchor or an account that one person proposes and another approves."""

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum


class ChangeKind(StrEnum):
    """What is changed."""

    RECIPIENT = "recipient"
    ANCHOR = "anchor"
    RECIPIENT_ANCHOR = "recipient-anchor"
    ACCOUNT = "account"
    EXCHANGE_ACCOUNT = "exchange-account"
    """Whose papers may be collected by whom: an identity that was checked."""
    OWN_KEY = "own-key"
    """A key that its recipient put forward themselves."""
    OVERRIDE = "override"
    """By which closed way one delivery goes, where every rule that closes it grants that two people may open it."""
    DELIVERY_ADDRESS = "delivery-address"
    """Where one delivery goes."""


ABOUT_A_DELIVERY = frozenset({ChangeKind.OVERRIDE, ChangeKind.DELIVERY_ADDRESS})
"""What is kept as long as the delivery's package, and no longer."""

NEVER_ALONE = frozenset({ChangeKind.OVERRIDE, ChangeKind.OWN_KEY})
"""What waits for a second person even before there is one (DESIGN.md, promise 3)."""

FROM_OUTSIDE = frozenset({ChangeKind.OWN_KEY})
"""What nobody of the Registry proposed: two of its people approve it, one after the other."""


class ProposalState(StrEnum):
    """How a proposal stands."""

    OPEN = "open"
    APPROVED = "approved"
    REFUSED = "refused"
    OVERTAKEN = "overtaken"
    """What it was to change had been changed otherwise before it was approved."""


class Caution(StrEnum):
    """What the one who approves should look at twice."""

    NEW_ADDRESS = "new-address"
    """A known recipient gets an address, account or number that was not theirs before."""
    NEW_KEY = "new-key"
    """A known recipient gets another key."""
    KEPT_KEY = "kept-key"
    """The e-mail address is another and the key is not: it was verified for the former address."""
    ANOTHERS = "anothers"
    """Another entry has that address, account or number too."""
    LOOK_ALIKE = "look-alike"
    """The address can be taken for that of another entry."""
    MIXED_SCRIPTS = "mixed-scripts"
    """A name in the address's domain mixes alphabets."""
    OWN_KEY = "own-key"
    """The recipient put it forward in the exchange: whoever took over their account could have."""
    NO_ADDRESS_IN_CERTIFICATE = "no-address-in-certificate"
    """The certificate names no e-mail address, so that the approval alone ties it to the recipient."""


@dataclass(frozen=True, kw_only=True)
class Proposal:
    """One proposal. `subject`: the recipient's id, the anchor's fingerprint (and signer), or the account's name.

    `before`: the digest of what stood when it was proposed, empty where nothing did. `content`: what shall
    stand, sealed, as are both reasons.
    """

    id: str
    kind: ChangeKind
    subject: str
    before: str
    content: bytes
    cautions: tuple[Caution, ...]
    proposed_at: dt.datetime
    proposed_by: str
    reason: bytes
    state: ProposalState = ProposalState.OPEN
    seconded_by: str | None = None
    """Who approved it first, where two must."""
    decided_at: dt.datetime | None = None
    decided_by: str | None = None
    decision: bytes | None = None
    """Why it was approved or refused, sealed."""
