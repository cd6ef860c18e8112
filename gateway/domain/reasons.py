"""Why a delivery stands where it stands: stable codes a person meets in `status`, explained in the catalogues."""

from enum import StrEnum


class Reason(StrEnum):
    """A reason code, `area.what`; texts in `templates/catalogues/*/reasons.toml`."""

    # planning: nothing was sent
    NO_ELECTRONIC_CHANNEL = "plan.no-channel-yet"
    RECIPIENT_UNKNOWN = "plan.recipient-unknown"
    RECIPIENT_NOT_LISTED = "plan.recipient-not-listed"
    RECIPIENT_AMBIGUOUS = "plan.recipient-ambiguous"
    ADDRESS_UNKNOWN = "plan.address-unknown"
    KEY_MISSING = "plan.key-missing"
    ELECTRONIC_NOT_ACCEPTED = "plan.electronic-not-accepted"
    MINISTER_CONTRADICTION = "plan.minister-contradiction"
    COUNSEL_ENDED = "plan.counsel-ended"
    TRANSMISSION_BAN = "plan.transmission-ban"
    CONFIDENTIAL = "plan.confidential"
    AUDIENCE_UNCLEAR = "plan.audience-unclear"
    NO_RULE = "plan.no-rule"
    NO_SAME_DAY_WAY = "plan.no-same-day-way"
    LONG_FAX = "plan.long-fax"
    FAX_PROTECTED = "plan.fax-protected"
    ELECTRONIC_NOT_ALLOWED = "plan.electronic-not-allowed"
    DOCUMENT_MISSING = "plan.document-missing"
    NOTHING_TO_GIVE = "plan.nothing-to-give"
    RECOURSE_MISSING = "plan.recourse-missing"
    HELD_ELSEWHERE = "plan.held-elsewhere"
    STANDS_FOR_NOBODY = "plan.stands-for-nobody"
    SERVED_BEFORE = "plan.served-before"
    DOCUMENT_MEDIA_TYPE = "plan.document-media-type"

    # rendering
    RENDERING_REFUSED = "render.document-refused"
    DOCUMENT_NAMES_ANOTHER_FILE = "document.names-another-file"
    DOCUMENT_DOES_NOT_NAME_FILE = "document.does-not-name-file"
    DOCUMENT_SCAN_WITHOUT_TEXT = "document.scan-without-text"

    # keys, checked again at sending
    KEY_EXPIRED = "key.expired"
    KEY_NOT_YET_VALID = "key.not-yet-valid"
    KEY_WRONG_USE = "key.wrong-use"
    KEY_WEAK = "key.weak"
    KEY_UNREADABLE = "key.unreadable"
    KEY_REVOKED = "key.revoked"
    KEY_MISMATCH = "key.mismatch"
    KEY_GONE = "key.gone"
    KEY_WRONG_ADDRESS = "key.wrong-address"
    KEY_CHAIN_BROKEN = "key.chain-broken"
    KEY_REVOCATION_UNKNOWN = "key.revocation-unknown"
    RECIPIENT_CHANGED = "recipient.changed"
    RECIPIENT_ADDRESS_INVALID = "recipient.address-invalid"

    # the parties, asked again just before sending
    PARTIES_NOT_CONFIRMED = "sending.parties-not-confirmed"
    COUNSEL_REMOVED = "sending.counsel-removed"
    DESIGNATION_ENDED = "sending.designation-ended"
    ADDRESS_CHANGED = "sending.address-changed"
    CONSENT_WITHDRAWN = "sending.consent-withdrawn"
    PARTY_ADDED = "sending.party-added"

    # the mail server
    SMTP_CONNECT = "smtp.connect"
    SMTP_TLS = "smtp.tls"
    SMTP_AUTHENTICATION = "smtp.authentication"
    SMTP_TEMPORARY = "smtp.temporary"
    SMTP_REFUSED = "smtp.refused"
    SMTP_SENDER_REFUSED = "smtp.sender-refused"
    SMTP_CUT = "smtp.cut"
    SMTP_UNCERTAIN = "smtp.uncertain"
    MESSAGE_TOO_LARGE = "message.too-large"

    # the exchange
    EXCHANGE_NO_ACCOUNT = "exchange.no-account"
    EXCHANGE_NOT_COLLECTED = "exchange.not-collected"

    # what came back
    BOUNCED = "receipt.bounced"
    SHOWN_SENT = "receipt.shown-sent"
    RECEIPT_OVERDUE = "receipt.overdue"
    FAX_BUSY = "fax.busy"
    FAX_NO_ANSWER = "fax.no-answer"
    FAX_WRONG_MACHINE = "fax.wrong-machine"
    FAX_PARTIAL = "fax.partial"
    FAX_FAILED = "fax.failed"

    # our own side
    LEASE_LAPSED = "worker.lease-lapsed"
    STORE_UNREADABLE = "worker.store-unreadable"
    UNFORESEEN = "worker.unforeseen"
    NO_NEXT_ACTION = "worker.no-next-action"
    CHANNEL_NOT_SET_UP = "channel.not-set-up"
    CARRIER_SUSPENDED = "channel.carrier-suspended"
    ATTEMPTS_EXHAUSTED = "retry.attempts-exhausted"
    TIME_OVER = "retry.time-over"
    RESOLVED_BY_PERSON = "person.resolved"
    HELD_BY_PERSON = "person.held"
    ADDRESS_IN_DOUBT = "person.address-in-doubt"
    CANCELLED_BY_PERSON = "person.cancelled"
    REROUTED_BY_PERSON = "person.rerouted"
    RELEASED_BY_PERSON = "person.released"
    RECALLED_BY_PERSON = "person.recalled"
