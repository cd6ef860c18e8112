"""The one door to encryption: no message is made for a key whose chain, address or revocation does not hold now."""

import datetime as dt

from gateway.domain.codes import Code
from gateway.domain.failures import Refused
from gateway.domain.parties import RecipientChannel
from gateway.domain.problem import InputRefused
from gateway.domain.reasons import Reason
from gateway.domain.trust import Revocation
from gateway.ports.channels import MessageProtector, ProtectedEntity
from gateway.ports.keys import KeyStanding
from keys.recipient_trust import RecipientTrust

REASONS = {
    Code.KEY_UNREADABLE: Reason.KEY_UNREADABLE,
    Code.KEY_EXPIRED: Reason.KEY_EXPIRED,
    Code.KEY_NOT_YET_VALID: Reason.KEY_NOT_YET_VALID,
    Code.KEY_WRONG_USE: Reason.KEY_WRONG_USE,
    Code.KEY_WEAK: Reason.KEY_WEAK,
    Code.KEY_WRONG_ADDRESS: Reason.KEY_WRONG_ADDRESS,
    Code.KEY_CHAIN_BROKEN: Reason.KEY_CHAIN_BROKEN,
    Code.KEY_REVOKED: Reason.KEY_REVOKED,
    Code.KEY_REVOCATION_UNKNOWN: Reason.KEY_REVOCATION_UNKNOWN,
}
"""Why a certificate that was good at its import is refused at sending."""


class TrustingProtector:
    """A `MessageProtector` that asks `trust` before `protector`."""

    def __init__(self, protector: MessageProtector, trust: RecipientTrust) -> None:
        self._protector = protector
        self._trust = trust

    def check(self, address: RecipientChannel, at: dt.datetime) -> Refused | None:
        """Why nothing may be encrypted for this address at `at`, or None."""
        refused = self._protector.check(address, at)
        if refused is not None:
            return refused
        standing = self.standing(address, at)
        return standing if isinstance(standing, Refused) else None

    def standing(self, address: RecipientChannel, at: dt.datetime) -> KeyStanding | Refused | None:
        """How the key of the address stands, or why it may not be used; None where the address has none. An OpenPGP key
        stands by its pin alone; whether it can be encrypted to, the protector finds out."""
        if address.public_key is not None:
            return KeyStanding(fingerprint=address.fingerprint or "", anchor=None, revocation=Revocation.NO_SOURCE)
        try:
            return self._trust.standing(address, at)
        except InputRefused as problem:
            return Refused(reason=REASONS[problem.code])

    def protect(self, entity: bytes, *, address: RecipientChannel, at: dt.datetime) -> ProtectedEntity:
        """The entity signed and encrypted. Raises InputRefused (key.*) where `check` would have found something."""
        self._trust.standing(address, at)
        return self._protector.protect(entity, address=address, at=at)
