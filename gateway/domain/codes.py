"""Every stable code, `area.what-is-wrong`. Texts stand in the catalogues; `docs/errors.md` is generated from both."""

from enum import StrEnum


class Code(StrEnum):
    """A stable code. Once published a code is never reused for something else."""

    # package: the signed container (ASiC-E with CAdES)
    PACKAGE_TOO_LARGE = "package.too-large"
    PACKAGE_NOT_ZIP = "package.not-zip"
    PACKAGE_NOT_ASIC = "package.not-asic"
    PACKAGE_TOO_MANY_MEMBERS = "package.too-many-members"
    PACKAGE_MEMBER_TOO_LARGE = "package.member-too-large"
    PACKAGE_EXPANDS_TOO_MUCH = "package.expands-too-much"
    PACKAGE_MEMBER_UNSAFE = "package.member-unsafe"
    PACKAGE_MEMBER_DUPLICATE = "package.member-duplicate"
    PACKAGE_MEMBER_MISSING = "package.member-missing"
    PACKAGE_MEMBER_UNLISTED = "package.member-unlisted"
    PACKAGE_MEMBER_UNREADABLE = "package.member-unreadable"
    PACKAGE_MANIFEST_INVALID = "package.manifest-invalid"
    PACKAGE_DIGEST_ALGORITHM = "package.digest-algorithm"
    PACKAGE_DIGEST_MISMATCH = "package.digest-mismatch"
    PACKAGE_NO_DECISION = "package.no-decision"
    PACKAGE_MEMBER_SIGNED_DOCUMENT_MISSING = "package.member-signed-document-missing"
    PACKAGE_CONFLICT = "package.conflict"

    # signature: over the manifest
    SIGNATURE_MISSING = "signature.missing"
    SIGNATURE_UNREADABLE = "signature.unreadable"
    SIGNATURE_NO_SIGNER = "signature.no-signer"
    SIGNATURE_SEVERAL_SIGNERS = "signature.several-signers"
    SIGNATURE_ATTRIBUTES = "signature.attributes"
    SIGNATURE_ALGORITHM = "signature.algorithm"
    SIGNATURE_INVALID = "signature.invalid"
    SIGNATURE_TIME_IMPLAUSIBLE = "signature.time-implausible"

    # signer: who signed, and whether they may
    SIGNER_UNKNOWN = "signer.unknown"
    SIGNER_CHAIN_INVALID = "signer.chain-invalid"
    SIGNER_EXPIRED = "signer.expired"
    SIGNER_NOT_YET_VALID = "signer.not-yet-valid"
    SIGNER_KEY_USAGE = "signer.key-usage"
    SIGNER_REVOKED = "signer.revoked"
    SIGNER_REVOCATION_UNKNOWN = "signer.revocation-unknown"
    SIGNER_NOT_FOR_DIVISION = "signer.not-for-division"

    # decision.json and what it says
    DECISION_TOO_LARGE = "decision.too-large"
    DECISION_NOT_JSON = "decision.not-json"
    DECISION_TOO_DEEP = "decision.too-deep"
    DECISION_DUPLICATE_KEY = "decision.duplicate-key"
    DECISION_UNKNOWN_FIELD = "decision.unknown-field"
    DECISION_FIELD_MISSING = "decision.field-missing"
    DECISION_VALUE_INVALID = "decision.value-invalid"
    DECISION_UNKNOWN_CODE = "decision.unknown-code"
    DECISION_OUTCOME_NOT_OF_DIVISION = "decision.outcome-not-of-division"
    DECISION_UNKNOWN_OFFICE = "decision.unknown-office"
    DECISION_DUPLICATE_ID = "decision.duplicate-id"
    DECISION_DANGLING_ID = "decision.dangling-id"
    DECISION_MISSING_DOCUMENT = "decision.missing-document"
    DECISION_UNNAMED_DOCUMENT = "decision.unnamed-document"
    DECISION_CONTRADICTION = "decision.contradiction"
    DECISION_IDENTIFIER_INVALID = "decision.identifier-invalid"

    # document: one document of a package
    DOCUMENT_UNKNOWN = "document.unknown"
    DOCUMENT_UNREADABLE = "document.unreadable"
    DOCUMENT_ENCRYPTED = "document.encrypted"
    DOCUMENT_MISSING_GLYPH = "document.missing-glyph"
    DOCUMENT_TOO_LARGE = "document.too-large"
    DOCUMENT_HIDDEN_CONTENT = "document.hidden-content"
    DOCUMENT_ACTIVE_CONTENT = "document.active-content"
    DOCUMENT_EXTERNAL_CONTENT = "document.external-content"
    DOCUMENT_NEEDS_MEMORY = "document.needs-memory"
    DOCUMENT_NEEDS_TIME = "document.needs-time"
    DOCUMENT_BREAKS_READER = "document.breaks-reader"
    READER_UNAVAILABLE = "reader.unavailable"

    # recipient: the directory
    RECIPIENT_FILE_INVALID = "recipient.file-invalid"
    RECIPIENT_UNKNOWN = "recipient.unknown"
    RECIPIENT_CHANGED_MEANWHILE = "recipient.changed-meanwhile"
    ADDRESS_EMAIL = "address.email"
    ADDRESS_FAX = "address.fax"
    ADDRESS_LINE_TOO_LONG = "address.line-too-long"
    ADDRESS_NAME_TOO_LONG = "address.name-too-long"
    ADDRESS_NUMBER_SIGN = "address.number-sign"
    ADDRESS_POSTAL_CODE = "address.postal-code"
    ADDRESS_PROVINCE = "address.province"
    RECIPIENT_ADDRESS_INVALID = "recipient.address-invalid"
    RECIPIENT_ADDRESS_STANDS = "recipient.address-stands"
    RECIPIENT_KEY_UNSAID = "recipient.key-unsaid"
    RECIPIENT_IDENTIFIER_INVALID = "recipient.identifier-invalid"

    # certificates and keys of recipients and of our own
    KEY_UNREADABLE = "key.unreadable"
    KEY_MISSING = "key.missing"
    KEY_NOT_HERE = "key.not-here"
    KEY_EXPIRED = "key.expired"
    KEY_NOT_YET_VALID = "key.not-yet-valid"
    KEY_WRONG_USE = "key.wrong-use"
    KEY_WEAK = "key.weak"
    KEY_NO_ANCHOR = "key.no-anchor"
    KEY_MISMATCH = "key.mismatch"
    KEY_REVOKED = "key.revoked"
    KEY_OPENPGP_PROGRAM = "key.openpgp-program"
    KEY_TEST_NOT_SENT = "key.test-not-sent"
    KEY_NOT_TESTED = "key.not-tested"
    KEY_TOKEN_URI = "key.token-uri"  # noqa: S105
    KEY_TOKEN_UNAVAILABLE = "key.token-unavailable"  # noqa: S105
    KEY_CRL_INVALID = "key.crl-invalid"
    KEY_PASSPHRASE = "key.passphrase"  # noqa: S105
    KEY_PINNED_ELSEWHERE = "key.pinned-elsewhere"
    KEY_WRONG_ADDRESS = "key.wrong-address"
    KEY_CHAIN_BROKEN = "key.chain-broken"
    KEY_REVOCATION_UNKNOWN = "key.revocation-unknown"
    KEY_OCSP_INVALID = "key.ocsp-invalid"
    KEY_NOT_IN_DIRECTORY = "key.not-in-directory"

    # directory: where others keep recipients' certificates
    DIRECTORY_UNAVAILABLE = "directory.unavailable"
    DIRECTORY_EXTRA_MISSING = "directory.extra-missing"

    # message: an encrypted message, as its reader opens it
    MESSAGE_UNREADABLE = "message.unreadable"
    MESSAGE_NOT_FOR_KEY = "message.not-for-key"
    MESSAGE_UNDECRYPTABLE = "message.undecryptable"

    # receipt: a signed receipt that came back
    RECEIPT_UNREADABLE = "receipt.unreadable"
    RECEIPT_NOT_FOR_MESSAGE = "receipt.not-for-message"

    # seal: storage at rest
    SEAL_BROKEN = "seal.broken"
    SEAL_KEY_UNKNOWN = "seal.key-unknown"
    SEAL_KEY_PERMISSIONS = "seal.key-permissions"
    SEAL_OBJECT_MISSING = "seal.object-missing"

    # dispatch and delivery
    RETENTION_EXPIRED = "retention.expired"
    RETENTION_EVIDENCE_EXPIRED = "retention.evidence-expired"
    RETENTION_NOT_HELD = "retention.not-held"
    DISPATCH_UNKNOWN = "dispatch.unknown"
    DISPATCH_RECALLED = "dispatch.recalled"
    DISPATCH_NOT_RECALLED = "dispatch.not-recalled"
    DISPATCH_RECALLED_MEANWHILE = "dispatch.recalled-meanwhile"
    DISPATCH_NOT_STUCK = "dispatch.not-stuck"
    BREACH_UNKNOWN = "breach.unknown"
    BREACH_CHANGED_MEANWHILE = "breach.changed-meanwhile"
    DELIVERY_UNKNOWN = "delivery.unknown"
    DELIVERY_ACTION_NOT_POSSIBLE = "delivery.action-not-possible"
    DRAFT_UNKNOWN = "draft.unknown"
    DRAFT_CHANGED_MEANWHILE = "draft.changed-meanwhile"
    VIEW_UNKNOWN = "view.unknown"
    VIEW_NAME_TAKEN = "view.name-taken"
    VIEW_TOO_MANY = "view.too-many"
    DELIVERY_CHANGED_MEANWHILE = "delivery.changed-meanwhile"
    DELIVERY_CHANNEL_FORBIDDEN = "delivery.channel-forbidden"
    DELIVERY_CHANNEL_OPEN = "delivery.channel-open"
    DELIVERY_PAPERS_NOT_MADE = "delivery.papers-not-made"
    DELIVERY_SHOWN_SENT = "delivery.shown-sent"
    DELIVERY_NOT_LISTED = "delivery.not-listed"
    DELIVERY_RECIPIENT_SHARED = "delivery.recipient-shared"
    EVIDENCE_UNREADABLE = "evidence.unreadable"
    STAMP_UNREADABLE = "stamp.unreadable"
    STAMP_REFUSED = "stamp.refused"
    STAMP_OTHER_DIGEST = "stamp.other-digest"
    STAMP_OTHER_NONCE = "stamp.other-nonce"
    STAMP_EXPIRED = "stamp.expired"
    STAMP_SIGNER_UNKNOWN = "stamp.signer-unknown"
    STAMP_UNAVAILABLE = "stamp.unavailable"
    PAPER_UNKNOWN = "paper.unknown"
    PAPER_SIGNED = "paper.signed"
    PAPER_CHANGED = "paper.changed"
    PAPER_OTHER_OFFICER = "paper.other-officer"
    PARTICIPANT_NOT_PROVIDED = "participant.not-provided"
    RECEIPT_UNKNOWN = "receipt.unknown"
    RECEIPT_NOT_OPEN = "receipt.not-open"
    RECEIPT_TOO_LARGE = "receipt.too-large"
    RECEIPT_NO_PAGE = "receipt.no-page"
    RECEIPT_OF_ANOTHER_DELIVERY = "receipt.of-another-delivery"
    RECEIPT_NOT_MATCHED = "receipt.not-matched"
    RECEIPT_OWN_MATCH = "receipt.own-match"
    RECEIPT_MUST_WAIT = "receipt.must-wait"

    # manifest: what carriers take away
    MANIFEST_UNKNOWN = "manifest.unknown"
    MANIFEST_NOTHING_GATHERED = "manifest.nothing-gathered"
    MANIFEST_HANDED_OVER = "manifest.handed-over"
    MANIFEST_NUMBERS_EXHAUSTED = "manifest.numbers-exhausted"
    MANIFEST_CODE_UNKNOWN = "manifest.code-unknown"
    MANIFEST_ENVELOPE_SWAPPED = "manifest.envelope-swapped"
    MANIFEST_ITEM_WITHDRAWN = "manifest.item-withdrawn"
    MANIFEST_ONE_SIDE = "manifest.one-side"
    MANIFEST_PAGE_OF_ANOTHER = "manifest.page-of-another"
    MANIFEST_PAGE_UNREAD = "manifest.page-unread"
    MANIFEST_COUNT_DIFFERS = "manifest.count-differs"
    MANIFEST_CARRIER_DELIVERS = "manifest.carrier-delivers"
    SCANS_FILE_UNKNOWN = "scans.file-unknown"
    SCANS_FILE_INVALID = "scans.file-invalid"

    # drop: files that other systems drop
    DROP_POISON = "drop.poison"
    DROP_UNREADABLE = "drop.unreadable"

    # intake: what waits to be worked on
    INTAKE_OVERLOADED = "intake.overloaded"

    # feed: outcomes to other case systems, and what their receiver answers
    FEED_ACKNOWLEDGEMENT_INVALID = "feed.acknowledgement-invalid"
    FEED_SIGNER = "feed.signer"
    FEED_BATCH_UNKNOWN = "feed.batch-unknown"
    FEED_OTHER_DIGEST = "feed.other-digest"
    FEED_TRANSACTION_UNKNOWN = "feed.transaction-unknown"
    FEED_CONTRADICTION = "feed.contradiction"
    FEED_RECEIVER_KEY = "feed.receiver-key"
    FEED_NOT_STAFF_WORK = "feed.not-staff-work"

    # callback: what carriers tell over HTTP
    CALLBACK_UNKNOWN = "callback.unknown"
    CALLBACK_SIGNATURE = "callback.signature"
    CALLBACK_TIME = "callback.time"
    ENDPOINT_UNKNOWN = "endpoint.unknown"
    ENDPOINT_URL = "endpoint.url"
    ENDPOINT_CALL_UNKNOWN = "endpoint.call-unknown"

    # mailbox: where things come back to
    MAILBOX_LOGIN = "mailbox.login"
    MAILBOX_FOLDER = "mailbox.folder"
    MAILBOX_UNTRUSTED = "mailbox.untrusted"
    MAILBOX_UNAVAILABLE = "mailbox.unavailable"
    MAILBOX_MESSAGE = "mailbox.message"

    # participant: somebody to be provided
    PARTICIPANT_UNKNOWN = "participant.unknown"

    # parties: what the Registry says of a file's parties
    PARTIES_INVALID = "parties.invalid"
    PARTIES_CONFLICT = "parties.conflict"

    # calendar: what staff enter about days and carriers
    CLOSURE_UNKNOWN = "closure.unknown"
    CHANNEL_SUSPENDED = "channel.suspended"
    CHANNEL_NOT_SUSPENDED = "channel.not-suspended"
    CHANNEL_PAUSED = "channel.paused"
    CHANNEL_NOT_PAUSED = "channel.not-paused"
    # account and approval: people, and what takes two of them
    ACCOUNT_UNKNOWN = "account.unknown"
    ACCOUNT_EXISTS = "account.exists"
    ACCOUNT_TOKEN_MISSING = "account.token-missing"  # noqa: S105
    ACCOUNT_TOKEN_INVALID = "account.token-invalid"  # noqa: S105
    ACCOUNT_NOT_PERMITTED = "account.not-permitted"
    ACCOUNT_OTHER_OFFICE = "account.other-office"
    ACCOUNT_NOBODY_LEFT = "account.nobody-left"
    SIGN_IN_REFUSED = "sign-in.refused"
    SIGN_IN_ENDED = "sign-in.ended"
    SIGN_IN_LINK_SPENT = "sign-in.link-spent"
    SIGN_IN_PASSWORD_WEAK = "sign-in.password-weak"  # noqa: S105
    SIGN_IN_PASSKEY_REFUSED = "sign-in.passkey-refused"
    SIGN_IN_NOT_FRESH = "sign-in.not-fresh"
    SIGN_IN_TOO_MANY = "sign-in.too-many"
    SIGN_IN_NOT_KNOWN = "sign-in.not-known"
    SIGN_IN_ANOTHER_PERSON = "sign-in.another-person"
    SIGN_IN_NO_ROLE = "sign-in.no-role"
    SIGN_IN_PASSWORDS_OFF = "sign-in.passwords-off"
    SIGN_IN_LAST_WAY = "sign-in.last-way"
    SIGN_IN_WAY_UNKNOWN = "sign-in.way-unknown"
    APPROVAL_UNKNOWN = "approval.unknown"
    APPROVAL_DECIDED = "approval.decided"
    APPROVAL_OWN = "approval.own"
    APPROVAL_OVERTAKEN = "approval.overtaken"

    # provider: who vouches for people (OpenID Connect)
    PROVIDER_REFUSED = "provider.refused"
    PROVIDER_UNAVAILABLE = "provider.unavailable"

    # exchange: where recipients collect
    EXCHANGE_ACCOUNT_UNKNOWN = "exchange.account-unknown"
    EXCHANGE_ACCOUNT_CLOSED = "exchange.account-closed"
    EXCHANGE_ADDRESS_TAKEN = "exchange.address-taken"
    EXCHANGE_NOTHING_THERE = "exchange.nothing-there"
    EXCHANGE_NOT_SET_UP = "exchange.not-set-up"
    EXCHANGE_DELEGATE_ENDED = "exchange.delegate-ended"
    EXCHANGE_IDENTITY_TAKEN = "exchange.identity-taken"
    EXCHANGE_TOO_MANY_KEYS = "exchange.too-many-keys"
    EXCHANGE_TOO_MANY_TOKENS = "exchange.too-many-tokens"
    EXCHANGE_PASSKEY_REFUSED = "exchange.passkey-refused"
    SFTP_HOST_KEY = "sftp.host-key"
    SFTP_LOGIN = "sftp.login"
    SFTP_FOLDER = "sftp.folder"
    SFTP_UNAVAILABLE = "sftp.unavailable"
    TUS_CERTIFICATE = "tus.certificate"
    TUS_LOGIN = "tus.login"
    TUS_NOT_SPOKEN = "tus.not-spoken"
    TUS_UNAVAILABLE = "tus.unavailable"
    WEBDAV_CERTIFICATE = "webdav.certificate"
    WEBDAV_FOLDER = "webdav.folder"
    WEBDAV_LOGIN = "webdav.login"
    WEBDAV_UNAVAILABLE = "webdav.unavailable"

    # token and request: the API's callers
    TOKEN_MISSING = "token.missing"  # noqa: S105
    TOKEN_INVALID = "token.invalid"  # noqa: S105
    TOKEN_SCOPE = "token.scope"  # noqa: S105
    TOKEN_UNKNOWN = "token.unknown"  # noqa: S105
    REQUEST_INVALID = "request.invalid"
    REQUEST_NOT_FOUND = "request.not-found"
    REQUEST_METHOD = "request.method-not-allowed"

    # home: the installation
    HOME_MISSING = "home.missing"
    HOME_UPGRADE_NEEDED = "home.upgrade-needed"

    # backup: the whole home out and in
    BACKUP_UNKNOWN = "backup.unknown"
    BACKUP_UNREADABLE = "backup.unreadable"
    BACKUP_DAMAGED = "backup.damaged"
    BACKUP_NEWER = "backup.newer"
    BACKUP_HOME_STANDS = "backup.home-stands"
    HOME_PORT_UNAVAILABLE = "home.port-unavailable"
    SETTINGS_INVALID = "settings.invalid"
    SETTINGS_SECRET = "settings.secret"  # noqa: S105
    RULE_INVALID = "rule.invalid"
    RULE_UNKNOWN_NAME = "rule.unknown-name"
    RULE_DUPLICATE = "rule.duplicate"
    RULE_NEVER_HOLDS = "rule.never-holds"
    RULE_CONFLICT = "rule.conflict"
    RULE_NO_DEFAULT = "rule.no-default"
    DATABASE_UNAVAILABLE = "database.unavailable"
    DATABASE_CONNECTIONS = "database.connections"
    DATABASE_ACCESS = "database.access"
    DATABASE_NOT_EMPTY = "database.not-empty"
    DATABASE_PROGRAM_MISSING = "database.program-missing"
    BROKER_UNAVAILABLE = "broker.unavailable"
    WORKER_STOPPED = "worker.stopped"
    STORAGE_FULL = "storage.full"
    STORAGE_UNAVAILABLE = "storage.unavailable"
    STORAGE_ACCESS = "storage.access"
    STORAGE_EXTRA_MISSING = "storage.extra-missing"
    FILE_UNREADABLE = "file.unreadable"
    FILE_UNWRITABLE = "file.unwritable"
    SCHEMA_UNKNOWN = "schema.unknown"
    DEMO_EXTRA_MISSING = "demo.extra-missing"
    DEFECT = "gateway.defect"
