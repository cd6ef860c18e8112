"""Signing small documents: package acceptances and evidence. See `gateway.ports.own_keys.DocumentSigner`."""

import datetime as dt
from collections.abc import Callable

from gateway.domain.own_keys import OwnKeyName
from keys import cades
from keys.cades import SigningKey


class CadesSigner:
    """The house's `DocumentSigner`. `signer` gives the key of that name that signs now."""

    def __init__(self, name: OwnKeyName, signer: Callable[[], SigningKey]) -> None:
        self._name = name
        self._signer = signer

    def sign(self, content: bytes, at: dt.datetime) -> bytes:
        """The content and its signature in one; `openssl cms -verify` gives it out."""
        signer = self._signer()
        signer.check_time(at, where=self._name)
        return cades.sign(content, signer=signer, at=at, detached=False)
