"""The lines of transactions as the ledger keeps them: each sealed under the key of its package."""

import datetime as dt
import uuid
from dataclasses import replace

from gateway.application import contexts
from gateway.application.feed.codes import Codes
from gateway.application.feed.feed_json import line_of, outcome_format
from gateway.application.sealed import DataKey, Vault
from gateway.domain.feed import FeedKind, FeedState, OutcomeLine, Transaction, retold


class Lines:
    """Opens and seals them. codes: the receiver's words as they are set now."""

    def __init__(self, vault: Vault, codes: Codes) -> None:
        self._vault = vault
        self._codes = codes

    def read(self, key: DataKey, one: Transaction) -> OutcomeLine | None:
        """None of a person without a UCI: there is none to tell. Raises as `Vault.open` does."""
        raw = self._vault.open(key, contexts.feed_line(one.id), one.sealed)
        return outcome_format().read(raw) if raw else None

    def sealed(self, key: DataKey, number: uuid.UUID, line: OutcomeLine | None) -> bytes:
        """For the transaction of that number."""
        return self._vault.seal(key, contexts.feed_line(str(number)), b"" if line is None else line_of(line))

    def anew(self, line: OutcomeLine, number: uuid.UUID, *, kind: FeedKind, corrects: str | None) -> OutcomeLine:
        """The outcome told again, by the code that the table has for it now: it may have been rejected for the one it
        had."""
        again = retold(line, number, kind=kind, corrects=corrects)
        return replace(again, gcms_code=self._codes[line.division, line.outcome])

    def withdrawal(self, held: Transaction, key: DataKey, *, at: dt.datetime, release_at: dt.datetime) -> Transaction:
        """Of what the receiver has, in the words it has it in; key: of its package."""
        number, line, kind = uuid.uuid4(), self.read(key, held), FeedKind.WITHDRAWAL
        withdrawn = None if line is None else retold(line, number, kind=kind, corrects=held.id)
        return replace(
            held,
            id=str(number),
            kind=kind,
            corrects=held.id,
            state=FeedState.WAITING,
            code=None,
            made_at=at,
            release_at=release_at,
            batch=None,
            place=None,
            sealed=self.sealed(key, number, withdrawn),
            replaces=None,
        )
