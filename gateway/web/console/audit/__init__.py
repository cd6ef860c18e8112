"""Audit: who saw or did what. What is looked for is posted: a file number stands in no address."""

import datetime as dt

from fastapi import Response

from gateway.application.console.audit import AuditPage, AuditQuery, told
from gateway.domain.accounts import Permission
from gateway.domain.audit import AuditAsked, Recorded
from gateway.domain.codes import Code
from gateway.domain.problem import InputRefused
from gateway.web.console.door import Door
from gateway.web.console.visit import Fields, Visit
from gateway.web.safety import guard

_MOST_DIGITS = 15
_NOTHING = AuditPage(found=(), next=None)


def add_to(door: Door) -> None:
    """Its routes."""
    door.shows("/audit", shown, needs=Permission.AUDIT)
    door.does("/audit", searched, needs=Permission.AUDIT)
    door.does("/audit/export", export, needs=Permission.AUDIT)


def shown(at: Visit) -> Response:
    """The newest of all."""
    return _page(at, {}, at.console.audit.page(AuditQuery(), viewer=at.actor))


def searched(at: Visit, fields: Fields) -> Response:
    """What was looked for."""
    try:
        return _page(at, fields, at.console.audit.page(_query(at, fields), viewer=at.actor))
    except InputRefused as problem:
        return _page(at, fields, _NOTHING, problem)


def export(at: Visit, fields: Fields) -> Response:
    """The same as a file; that it was taken out is recorded."""
    try:
        content = at.console.audit.export(_query(at, fields), actor=at.actor)
    except InputRefused as problem:
        return _page(at, fields, _NOTHING, problem)
    headers = {"Content-Disposition": 'attachment; filename="audit.csv"'}
    response = Response(content, headers=headers, media_type="text/csv; charset=utf-8")
    return guard(response, secure=at.console.secure)


def _page(at: Visit, fields: Fields, page: AuditPage, problem: InputRefused | None = None) -> Response:
    words, last = at.words, at.gateway.evidence.verify_ledger.last()
    return at.page(
        "audit",
        status=problem.http_status if problem else 200,
        typed=dict(fields),
        lines=[_line(at, one) for one in page.found],
        next=page.next,
        wrong=words.wrong(problem, problem.where or "", area="audit") if problem else "",
        wrong_where=(problem.where or "") if problem else "",
        verified=words.moment(last.at) if last else "",
        faults=int(last.facts["findings"]) if last else 0,
        events=words.number(int(last.facts["events"])) if last else "",
    )


def _line(at: Visit, one: Recorded) -> dict[str, object]:
    event = one.event
    return {
        "moment": at.words.moment(event.at),
        "iso": event.at.isoformat(),
        "who": event.actor,
        "what": at.words.event(event.name.value),
        "delivery": event.delivery or "",
        "dispatch": event.dispatch or "",
        "facts": [event.name.value, *(f"{name}: {value}" for name, value in told(event).items())],
        "reason": event.reason is not None,
    }


def _query(at: Visit, fields: Fields) -> AuditQuery:
    before = fields.get("before", "")
    until = _day(fields, "until", at.words.zone)
    within = AuditAsked(
        since=_day(fields, "since", at.words.zone),
        until=until + dt.timedelta(days=1) if until else None,
        before=int(before) if before.isascii() and before.isdecimal() and len(before) <= _MOST_DIGITS else None,
    )
    return AuditQuery(
        file=" ".join(fields.get("file_number", "").upper().split()),
        package=fields.get("package", "").strip(),
        actor=fields.get("actor", "").strip(),
        within=within,
    )


def _day(fields: Fields, name: str, zone: dt.tzinfo) -> dt.datetime | None:
    """The beginning of that day at the office. Raises InputRefused (request.invalid)."""
    text = fields.get(name, "").strip()
    if not text:
        return None
    try:
        return dt.datetime.combine(dt.date.fromisoformat(text), dt.time(), zone)
    except ValueError:
        raise InputRefused(Code.REQUEST_INVALID, where=name, expected="format date") from None
