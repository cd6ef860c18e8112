"""One `MessageProtector` out of one for each protection: the address says which."""

import datetime as dt
from collections.abc import Mapping

from gateway.domain.codes import Code
from gateway.domain.failures import Refused
from gateway.domain.parties import Protection, RecipientChannel
from gateway.domain.problem import InputRefused
from gateway.domain.reasons import Reason
from gateway.ports.channels import MessageProtector, ProtectedEntity


class JoinedProtector:
    """The house's `MessageProtector` for every protection that there is one for."""

    def __init__(self, protectors: Mapping[Protection, MessageProtector]) -> None:
        self._protectors = protectors

    def check(self, address: RecipientChannel, at: dt.datetime) -> Refused | None:
        """What that protection's own finds; key.gone where the address names none."""
        protector = self._of(address)
        return Refused(reason=Reason.KEY_GONE) if protector is None else protector.check(address, at)

    def protect(self, entity: bytes, *, address: RecipientChannel, at: dt.datetime) -> ProtectedEntity:
        """See `MessageProtector`. Raises InputRefused (key.missing) where the address names no protection."""
        protector = self._of(address)
        if protector is None:
            raise InputRefused(Code.KEY_MISSING)
        return protector.protect(entity, address=address, at=at)

    def _of(self, address: RecipientChannel) -> MessageProtector | None:
        return None if address.protection is None else self._protectors.get(address.protection)
