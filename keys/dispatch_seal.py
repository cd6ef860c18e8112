"""Sealing the packages that officers make in the console. See `gateway.ports.own_keys.DispatchSealer`."""

import datetime as dt
from collections.abc import Callable, Mapping, Sequence

from gateway.domain.codes import Code
from gateway.domain.own_keys import OwnKeyName
from gateway.domain.problem import SetupWrong
from keys.asice_build import build
from keys.cades import SigningKey
from keys.certificates import fingerprint
from keys.own import OwnKeys


class AsicSealer:
    """The house's `DispatchSealer`. `own` gives the keys of this moment."""

    def __init__(self, own: Callable[[], OwnKeys]) -> None:
        self._own = own

    def seal(self, decision: bytes, documents: Mapping[str, bytes], at: dt.datetime) -> bytes:
        """See `DispatchSealer`."""
        key = _of(self._own())
        key.check_time(at, where=OwnKeyName.DISPATCH_SEAL)
        return build(decision, documents, signer=key, at=at)

    def signer(self) -> tuple[str, Sequence[str]]:
        """See `DispatchSealer`."""
        own = self._own()
        return fingerprint(_of(own).certificate), [fingerprint(one) for one in own.gateway_cas]


def _of(own: OwnKeys) -> SigningKey:
    if own.dispatch_seal is None:
        raise SetupWrong(Code.KEY_MISSING, where=OwnKeyName.DISPATCH_SEAL)
    return own.dispatch_seal
