"""Signed papers: PAdES-B (ETSI EN 319 142-1), by whatever key is the evidence key at that moment."""

import datetime as dt
from collections.abc import Callable

from gateway.domain.own_keys import OwnKeyName
from keys.cades import SigningKey


class PadesSigner:
    """Implements `gateway.ports.papers.PaperSigner` with the evidence key of this moment."""

    def __init__(self, key: Callable[[], SigningKey]) -> None:
        self._key = key

    def sign(self, content: bytes, *, field_words: str, at: dt.datetime, officer: str | None = None) -> bytes:
        """See `PaperSigner`."""
        from keys.pades_writing import sign_paper  # 16 MB of libraries, which a process that signs no paper is spared

        key = self._key()
        key.check_time(at, where=OwnKeyName.EVIDENCE_SIGNING)
        return sign_paper(content, key, field_words=field_words, at=at, officer=officer)
