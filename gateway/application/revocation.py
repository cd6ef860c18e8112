"""Published revocation status: held in memory, kept in the database, asked for when neither is fresh.

A source that did not answer is not asked again for a while, so that one dead host does not cost every sending its
time limit. What is kept is kept for good: it is the evidence of each acceptance and each sending that relied on it.
"""

import datetime as dt
from collections.abc import Callable, Sequence

from gateway.application import contexts
from gateway.application.sealed import Vault, data_key
from gateway.domain.digest import sha256
from gateway.domain.problem import InputRefused
from gateway.domain.trust import PublishedStatus, StatusKind, StatusSource
from gateway.ports.clock import Clock
from gateway.ports.database import Database, Transaction
from gateway.ports.revocation import GIVEN, StatusFetcher, StatusRecord

REST = dt.timedelta(minutes=5)
"""How long a source that did not answer is left alone."""

AHEAD = dt.timedelta(hours=6)
"""How long before its end a list or response is renewed, so that sendings find a fresh one."""

Read = Callable[[StatusSource, bytes], PublishedStatus]


class StatusKeeper:
    """See `PublishedResponses`. `read` tells how long an answer may be used, and refuses what is none."""

    def __init__(self, *, database: Database, vault: Vault, fetch: StatusFetcher, read: Read, clock: Clock) -> None:
        self._database = database
        self._vault = vault
        self._fetch = fetch
        self._read = read
        self._clock = clock
        self._held: dict[str, PublishedStatus] = {}
        self._silent: dict[str, dt.datetime] = {}

    def responses(self, sources: Sequence[StatusSource], *, at: dt.datetime) -> Sequence[tuple[StatusKind, bytes]]:
        """See `PublishedResponses`: the held, kept or fetched answer of each source."""
        wanted = [one for one in sources if not self._is_fresh(one, at) and self._may_ask(one)]
        if wanted:
            self._ask(wanted)
        return [(one.kind, self._held[one.key].content) for one in sources if one.key in self._held]

    def renew(self) -> int:
        """Asks again for what ends soon; how many answered. For the watch that runs by itself."""
        with self._database.read() as tx:
            ending = tx.status.ending(before=self._clock.now() + AHEAD)
        sources = [StatusSource(kind=one.kind, url=one.url, request=one.request, subject=one.subject) for one in ending]
        return self._ask([one for one in sources if self._may_ask(one)])

    def keep(self, tx: Transaction, responses: Sequence[bytes], issuers: Sequence[bytes]) -> None:
        """Keeps what was relied on, in the transaction that records it; what was fetched is kept already."""
        at = self._clock.now()
        tx.status.keep_issuers(issuers)
        for content in responses:
            if tx.status.by_digest(sha256(content)) is None:
                source = StatusSource(kind=StatusKind.CRL, url=GIVEN)
                tx.status.keep(self._record(tx, source, PublishedStatus(content=content, since=at, fresh_until=at)))

    def _is_fresh(self, source: StatusSource, at: dt.datetime) -> bool:
        held = self._held.get(source.key)
        if held is None or held.fresh_until < at:
            held = self._kept(source) or held
            if held is not None:
                self._held[source.key] = held
        return held is not None and held.fresh_until >= at

    def _may_ask(self, source: StatusSource) -> bool:
        silent = self._silent.get(source.key)
        return silent is None or self._clock.now() >= silent + REST

    def _kept(self, source: StatusSource) -> PublishedStatus | None:
        with self._database.look_up() as tx:
            record = tx.status.newest(source.key)
            if record is None:
                return None
            key = data_key(tx.registry, contexts.DIRECTORY_KEY)
            content = self._vault.open(key, contexts.status(record.digest), record.sealed)
        return PublishedStatus(content=content, since=record.fetched_at, fresh_until=record.fresh_until)

    def _ask(self, sources: Sequence[StatusSource]) -> int:
        answers = self._fetch(sources) if sources else {}
        good: list[tuple[StatusSource, PublishedStatus]] = []
        for source in sources:
            try:
                good.append((source, self._read(source, answers[source])))
            except (KeyError, InputRefused):
                self._silent[source.key] = self._clock.now()
        if good:
            with self._database.write() as tx:
                for source, status in good:
                    tx.status.keep(self._record(tx, source, status))
        for source, status in good:
            self._held[source.key] = status
            self._silent.pop(source.key, None)
        return len(good)

    def _record(self, tx: Transaction, source: StatusSource, status: PublishedStatus) -> StatusRecord:
        digest = sha256(status.content)
        key = data_key(tx.registry, contexts.DIRECTORY_KEY)
        return StatusRecord(
            source=source.key,
            kind=source.kind,
            url=source.url,
            request=source.request,
            subject=source.subject,
            digest=digest,
            fetched_at=self._clock.now(),
            fresh_until=status.fresh_until,
            sealed=self._vault.seal(key, contexts.status(digest), status.content),
        )
