"""The directory and the keys: who receives often, under which key until when, and another key put in its place."""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from fastapi import Response

from gateway.application.console.directory import EntryLook, Way
from gateway.application.recipients.entry_address import addressed_ways
from gateway.application.views import View
from gateway.domain.accounts import Permission
from gateway.domain.key_findings import KeyFinding
from gateway.domain.parties import ChannelName, Recipient, RecipientChannel
from gateway.domain.pins import Pin
from gateway.domain.problem import Conflict, InputRefused, Problem
from gateway.web.console.door import Brings, Door
from gateway.web.console.visit import Fields, Visit

MOST_KEY = 262_144
"""Octets of a certificate with its chain, or of an OpenPGP key."""
_DONE = frozenset({"proposed", "applied", "address-proposed", "address-applied"})
_FILE = "file"


def add_to(door: Door) -> None:
    """Its routes."""
    door.shows("/directory", listed)
    door.shows("/directory/{recipient}", shown)
    door.does("/directory/{recipient}/key", replace_key, needs=Permission.RECIPIENTS, brings=Brings(octets=MOST_KEY))
    door.shows("/keys", keys)


def listed(at: Visit) -> Response:
    """Every entry, page by page."""
    words, page = at.words, at.console.directory.page(at.request.query_params.get("after", ""))
    rows = [
        {
            "id": one.entry.id,
            "name": one.entry.name,
            "kind": words.word("recipient-kind", one.entry.kind.value),
            "ways": ", ".join(words.word("channel", way.type) for way in one.entry.channels),
            "until": words.date(one.until.date()) if one.until else "",
            "faults": _faults(at, one.findings),
            "proposed": one.proposed,
        }
        for one in page.lines
    ]
    return at.page("directory", rows=rows, next=page.next)


def shown(at: Visit) -> Response:
    """One of them."""
    done = at.request.query_params.get("done", "")
    return _page(at, done=done if done in _DONE else "")


def replace_key(at: Visit, fields: Fields) -> Response:
    """Another certificate or OpenPGP key in place of the one that stands: proposed, where two people are there."""
    raw, fingerprint = at.files.get(_FILE, b""), "".join(fields.get("fingerprint", "").split()).replace(":", "")
    try:
        made, _ = at.gateway.keyring.pin(
            _id(at),
            raw,
            fingerprint=fingerprint or None,
            actor=at.actor,
            reason=fields.get("reason", ""),
            seen=fields.get("seen"),
        )
    except (InputRefused, Conflict) as problem:
        return _page(at, problem=problem, typed=fields)
    return at.to(f"/directory/{_id(at)}", done="applied" if made.proposal is None else "proposed")


def keys(at: Visit) -> Response:
    """The keys, what ends first comes first."""
    page = at.console.directory.keys()
    rows = [
        _key(at, one)
        | {
            "what": at.words.text(f"directory.what-{one['what']}"),
            "whose": at.words.word("own-key", one["whose"]) if one["what"] == "own" else one["whose"],
            "of": one["what"] == "recipient",
        }
        for one in page.keys
    ]
    return at.page("keys", rows=rows, whole=page.whole)


def _page(at: Visit, *, done: str = "", problem: Problem | None = None, typed: Fields | None = None) -> Response:
    words, look = at.words, at.console.directory(_id(at))
    where = _where(problem) if problem else ""
    return at.page(
        "entry",
        status=problem.http_status if problem else 200,
        **_head(at, look),
        seen=look.version,
        ways=[_way(at, look.entry, one) for one in look.ways],
        faults=_faults(at, look.findings),
        pins=[_pin(at, one) for one in reversed(look.pins)],
        said=_said(at, look),
        proposed=[
            {
                "id": one.id,
                "kind": words.word("change-kind", one.kind.value),
                "by": words.text("approvals.by", who=one.proposed_by, moment=words.moment(one.proposed_at)),
            }
            for one in look.proposed
        ],
        approving=Permission.APPROVE,
        may_replace=at.may(Permission.RECIPIENTS) and look.entry.channel(ChannelName.ENCRYPTED_EMAIL) is not None,
        done=done,
        wrong=words.wrong(problem, where, area="directory") if problem else "",
        wrong_where=where,
        typed=dict(typed or {}),
    )


def _where(problem: Problem) -> str:
    """The field that it is about: all that is wrong with a key is wrong with its file."""
    where = (problem.where or "").removeprefix("--")
    return where if where in {"reason", "fingerprint"} else _FILE


def _head(at: Visit, look: EntryLook) -> Mapping[str, Any]:
    entry, words = look.entry, at.words
    return {
        "id": entry.id,
        "name": entry.name,
        "organization": entry.organization or "",
        "kind": words.word("recipient-kind", entry.kind.value),
        "written_to": words.word("language", entry.language.value),
        "divisions": ", ".join(words.word("division.code", one) for one in sorted(entry.divisions)),
        "offices": ", ".join(words.word("office", one) for one in sorted(entry.offices)),
    }


def place_of(way: RecipientChannel) -> str:
    """Where a way leads to, on one line."""
    to = way.postal
    postal = [*to.lines, to.municipality, to.province or "", to.postal_code or ""] if to else []
    return way.address or way.account or way.number or ", ".join(filter(None, postal))


def _way(at: Visit, entry: Recipient, one: Way) -> Mapping[str, Any]:
    way = one.way
    return {
        "name": at.words.word("channel", way.type),
        "type": way.type if at.may(Permission.RECIPIENTS) and way in addressed_ways(entry) else "",
        "place": place_of(way),
        "key": _key(at, one.key) if one.key else None,
        "opened": at.words.moment(dt.datetime.fromisoformat(one.opened.at)) if one.opened else "",
    }


def _key(at: Visit, key: View) -> dict[str, Any]:
    until = str(key["not_after"]) if key["not_after"] else ""
    return {
        "fingerprint": at.words.fingerprint(key["fingerprint"]),
        "kind": key["key"],
        "until": at.words.date(dt.datetime.fromisoformat(until).date()) if until else at.words.text("directory.no-end"),
        "expired": key["expired"],
    }


def _faults(at: Visit, found: Sequence[KeyFinding]) -> Sequence[str]:
    return [at.words.word("key-fault", one.fault.value) for one in found]


def _pin(at: Visit, pin: Pin) -> Mapping[str, str]:
    words = at.words
    return {
        "fingerprint": words.fingerprint(pin.fingerprint),
        "pinned": words.text("directory.pinned", who=pin.pinned_by, moment=words.moment(pin.pinned_at)),
        "approved": words.text("directory.approved", who=pin.approved_by) if pin.approved_by else "",
        "ended": words.text("directory.ended", moment=words.moment(pin.ended_at)) if pin.ended_at else "",
    }


def _said(at: Visit, look: EntryLook) -> str:
    if look.said is None:
        return ""
    key = "directory.said-yes" if look.said.accepts else "directory.said-no"
    return at.words.text(key, moment=at.words.moment(look.said.at))


def _id(at: Visit) -> str:
    return str(at.request.path_params["recipient"])
