"""What `gateway doctor` looks at and what it can find, by name."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from gateway.domain.problem import Problem
from gateway.domain.rules.rule import RiskSetting


class Name(StrEnum):
    """What is looked at."""

    HOME = "home"
    KEYS = "keys"
    VAULT = "vault"
    SPACE = "space"
    TRUST = "trust"
    CHANNELS = "channels"
    RULES = "rules"
    PAUSES = "pauses"
    DESTINATIONS = "destinations"
    RECIPIENTS = "recipients"
    DIRECTORY = "directory"
    STEPS = "steps"
    WORK = "work"
    RECEIPTS = "receipts"
    BROKER = "broker"
    WAITING = "waiting"
    MAILBOXES = "mailboxes"
    EXCHANGES = "exchanges"
    PROVIDERS = "providers"
    SIGN_IN = "sign-in"
    ENDPOINTS = "endpoints"
    LEDGER = "ledger"
    STAMPS = "stamps"
    BACKUP = "backup"
    MAIL_ROOM = "mail-room"
    CARRIER_SERVICE = "carrier-service"
    PRINT_VENDOR = "print-vendor"
    DROP = "drop"
    FEED = "feed"
    ACCOUNTS = "accounts"
    TRACES = "traces"


class Finding(StrEnum):
    """How it stands."""

    GOOD = "good"
    WARNING = "warning"
    WRONG = "wrong"


class Detail(StrEnum):
    """What was found, and what to do about it: the names of texts."""

    KEYS_INSIDE_HOME = "keys-inside-home"
    OWN_EXPIRED = "own-expired"
    OWN_EXPIRING = "own-expiring"
    SPACE = "space"
    NO_ANCHOR = "no-anchor"
    NO_CHANNEL = "no-channel"
    UNDECIDED = "undecided"
    PAUSED = "paused"
    UNANSWERED = "unanswered"
    EXPIRED = "expired"
    KEYS_WANTING = "keys-wanting"
    LIST_STALE = "list-stale"
    STUCK = "stuck"
    LATE = "late"
    LYING = "lying"
    NOT_GIVEN_OUT = "not-given-out"
    UNSEEN = "unseen"
    NO_PROXIES = "no-proxies"
    NEEDS_PERSON = "needs-person"
    CAME_BACK = "came-back"
    SUSPENDED = "suspended"
    UNTOLD = "untold"
    LEDGER_ALONE = "ledger-alone"
    UNSTAMPED = "unstamped"
    NO_BACKUP = "no-backup"
    OLD_BACKUP = "old-backup"
    IN_BATCH = "in-batch"
    NOT_SIGNED = "not-signed"
    CARRIER_AWAY = "carrier-away"
    CARRIER_UNTOLD = "carrier-untold"
    VENDOR_SILENT = "vendor-silent"
    STAFF_UNTOLD = "staff-untold"
    MAILS_UNTOLD = "mails-untold"
    DROP_REFUSED = "drop-refused"
    FEED_UNANSWERED = "feed-unanswered"
    FEED_WORK = "feed-work"
    BOOTSTRAP = "bootstrap"
    APPROVALS_WAIT = "approvals-wait"
    TRACES_EXTRA = "traces-extra"


@dataclass(frozen=True, kw_only=True)
class Check:
    """One thing looked at. `detail` with its facts, or the problem that was met, says what to do.

    undecided: settings of the rules that an officer has still to decide, each to be told with its guidance.
    """

    name: Name
    finding: Finding = Finding.GOOD
    detail: Detail | None = None
    facts: Mapping[str, str | int] = field(default_factory=dict)
    problem: Problem | None = None
    undecided: Sequence[RiskSetting] = ()
