"""Who saw or did what: searched by file, package and person; taken out as a file, which is recorded itself."""

import csv
import io
import json
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from uuid import UUID

from gateway.application.intake.acceptance import ACCEPTANCE
from gateway.application.people.own_offices import offices_of
from gateway.application.spreadsheets import plain
from gateway.domain.audit import AuditAsked, Recorded
from gateway.domain.codes import Code
from gateway.domain.events import Event, EventName
from gateway.domain.problem import InputRefused
from gateway.ports.clock import Clock
from gateway.ports.database import Database, Transaction

PAGE = 100
MOST_EXPORTED = 20_000
_COLUMNS = ("at", "actor", "event", "dispatch", "delivery", "facts", "reason")


@dataclass(frozen=True, kw_only=True)
class AuditQuery:
    """What a person looks for: at least one of the three, or nothing for the newest of all."""

    file: str = ""
    package: str = ""
    actor: str = ""
    within: AuditAsked = field(default_factory=AuditAsked)
    """The period, and after which one the page begins."""


@dataclass(frozen=True, kw_only=True)
class AuditPage:
    """What was found, the newest first. next: where the next page begins; None on the last."""

    found: Sequence[Recorded]
    next: int | None


class Audit:
    """Reads what was recorded."""

    def __init__(self, *, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def page(self, query: AuditQuery, *, viewer: str) -> AuditPage:
        """A page. Who has offices finds what was recorded of their dispatches: what belongs to none (accounts, the
        directory, channels) is for who sees every office.

        Raises InputRefused (request.invalid: package is no id; a period alone).
        """
        found = self._found(query, PAGE + 1, viewer)
        return AuditPage(found=found[:PAGE], next=found[PAGE - 1].place if len(found) > PAGE else None)

    def export(self, query: AuditQuery, *, actor: str) -> bytes:
        """All that was found, as CSV (RFC 4180), the newest first; of very many, the newest. Raises as `page`.

        Reasons stay sealed: only that one was given is told.
        """
        found = self._found(replace(query, within=replace(query.within, before=None)), MOST_EXPORTED, actor)
        by = " ".join(name for name in ("file", "package", "actor") if getattr(query, name)) or "all"
        facts: dict[str, str | int | bool] = {"by": by, "events": len(found)}
        done = Event(name=EventName.AUDIT_EXPORTED, at=self._clock.now(), actor=actor, facts=facts)
        with self._database.write() as tx:
            tx.records.append(done)
        out = io.StringIO(newline="")
        rows = csv.writer(out)
        rows.writerow(_COLUMNS)
        rows.writerows([plain(one) for one in _row(recorded.event)] for recorded in found)
        return out.getvalue().encode("utf-8-sig")

    def _found(self, query: AuditQuery, limit: int, viewer: str) -> Sequence[Recorded]:
        named = query.file or query.package or query.actor
        if not named and (query.within.since or query.within.until):
            raise InputRefused(Code.REQUEST_INVALID, where="file_number", expected="minLength 1")
        with self._database.read() as tx:
            asked = replace(
                query.within,
                dispatches=_dispatches(tx, query),
                actor=query.actor or None,
                offices=offices_of(tx, viewer),
            )
            return tx.records.search(asked, limit)


def _dispatches(tx: Transaction, query: AuditQuery) -> tuple[str, ...] | None:
    """Those that the file and the package name; None where neither was asked for."""
    if not query.file and not query.package:
        return None
    ids = {one.id for one in tx.dispatches.of_file(query.file)} if query.file else None
    if query.package:
        try:
            package = tx.dispatches.by_package(UUID(query.package))
        except ValueError:
            raise InputRefused(Code.REQUEST_INVALID, where="package", expected="format uuid") from None
        of_package = {package.id} if package else set[str]()
        ids = of_package if ids is None else ids & of_package
    return tuple(sorted(ids or ()))


def told(event: Event) -> dict[str, str | int | bool]:
    """The facts for a person: the signed acceptance says nothing that the others do not."""
    return {name: value for name, value in event.facts.items() if name != ACCEPTANCE}


def _row(event: Event) -> Sequence[str]:
    facts = json.dumps(told(event), ensure_ascii=False) if told(event) else ""
    reason = "sealed" if event.reason is not None else ""
    about = event.dispatch or "", event.delivery or ""
    return event.at.isoformat(), event.actor, event.name.value, *about, facts, reason
