"""The gateway's own keys by name."""

from enum import StrEnum


class OwnKeyName(StrEnum):
    """What can be rotated by itself."""

    KEY_ENCRYPTION = "kek"
    """Wraps the data keys that seal the store."""
    PACKAGE_ACCEPTANCE = "package-acceptance"
    """Signs the acceptance that a submitter gets for a package."""
    DISPATCH_SEAL = "dispatch-seal"
    """Seals the packages that officers make in the console, each on the word of one who is signed in."""
    MAIL_SIGNING = "mail-signing"
    """Signs S/MIME messages."""
    EVIDENCE_SIGNING = "evidence-signing"
    """Signs what is given to a court."""
    OPENPGP_SIGNING = "openpgp-signing"
    """Signs OpenPGP messages."""
    MAIL_CA = "mail-ca"
    """The authority of the key that signs S/MIME: recipients pin it."""
    GATEWAY_CA = "gateway-ca"
    """The authority of the keys that sign acceptances and evidence and seal: submitters and courts pin it."""


AUTHORITIES = frozenset({OwnKeyName.MAIL_CA, OwnKeyName.GATEWAY_CA})
"""What others pin, and must be given anew after a rotation."""
