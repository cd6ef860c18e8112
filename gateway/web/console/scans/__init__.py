"""Scans in: a file of what a scanner or a carrier read is taken in, and what fits nothing waits here for a person."""

from collections.abc import Sequence

from fastapi import Response

from gateway.application.mail_room.scans import MOST_OCTETS
from gateway.domain.accounts import Permission
from gateway.domain.codes import Code
from gateway.domain.problem import InputRefused, Problem
from gateway.domain.work_list import WorkList
from gateway.ports.scans import ScanRecord
from gateway.web.console.door import Brings, Door
from gateway.web.console.visit import Fields, Visit
from gateway.web.console.words import Words

_COUNTED = ("new", "repeats", "faulty")
_MOST_DIGITS = 7
_SHOWN = 10
"""Of what came back, beside the link to all of it."""


def add_to(door: Door) -> None:
    """Its routes."""
    door.shows("/mail-room/scans", shown)
    door.does("/mail-room/scans", taken, needs=Permission.RESOLVE, brings=Brings(octets=MOST_OCTETS))


def shown(at: Visit) -> Response:
    """The form, what came of the file before, and the scans that fit nothing."""
    told = {name: at.request.query_params.get(name, "") for name in _COUNTED}
    known = all(one.isascii() and one.isdecimal() and len(one) <= _MOST_DIGITS for one in told.values())
    return _page(at, done={name: int(one) for name, one in told.items()} if known else None)


def taken(at: Visit, _fields: Fields) -> Response:
    """The file is taken in; the same once more changes nothing."""
    raw = at.files.get("file")
    if not raw:
        return _page(at, problem=InputRefused(Code.REQUEST_INVALID, where="file", expected="minLength 1"))
    try:
        done = at.gateway.mail_room.scans(raw, actor=at.actor)
    except InputRefused as problem:
        return _page(at, problem=problem)
    counts = {"new": done.new.total(), "repeats": done.repeats, "faulty": len(done.faulty)}
    return at.to("/mail-room/scans", **{name: str(count) for name, count in counts.items()})


def _page(at: Visit, *, done: dict[str, int] | None = None, problem: Problem | None = None) -> Response:
    return at.page(
        "scans",
        status=problem.http_status if problem else 200,
        done=done,
        returned=_came_back(at) if done else [],
        may_act=at.may(Permission.RESOLVE),
        scans=scan_lines(at.words, at.console.mail_desk.faulty_scans(viewer=at.actor)),
        wrong=at.words.wrong(problem, "file", area="scans") if problem else "",
        wrong_where="file",
        typed={},
    )


def _came_back(at: Visit) -> list[dict[str, str]]:
    """What of the mail came back and waits, the first due first: what the file just told is most likely among it."""
    page = at.console.work.page(WorkList.CAME_BACK, viewer=at.actor, division=None, channel=None, after=None)
    return [
        {
            "id": row.delivery.id,
            "files": ", ".join(row.files),
            "roles": ", ".join(at.words.word("role", one.value) for one in row.delivery.roles),
        }
        for row, _ in page.rows[:_SHOWN]
    ]


def scan_lines(words: Words, scans: Sequence[ScanRecord]) -> list[dict[str, str]]:
    """Scans in words: codes, numbers and moments."""
    return [
        {
            "item": one.item,
            "at": words.moment(one.at),
            "meaning": words.word("scan-meaning", one.meaning.value),
            "source": one.source,
            "code": one.code,
            "delivery": one.delivery or "",
            "fault": words.word("scan-fault", one.fault.value) if one.fault else "",
        }
        for one in scans
    ]
