"""New dispatch: an officer without a case system prepares a package, sees who would get what, and signs it."""

import datetime as dt
from typing import Any, cast

from fastapi import Response

from gateway.application.new_dispatch.drafts import Prepared
from gateway.application.new_dispatch.sign import WouldGet
from gateway.application.rules import offices
from gateway.domain.accounts import Permission
from gateway.domain.codes import Code
from gateway.domain.outcomes import MINISTER_ALWAYS_PARTY, Division
from gateway.domain.problem import Conflict, InputRefused, NoSuchThing, Problem
from gateway.web.console.door import Brings, Door
from gateway.web.console.new_dispatch.asking import decision_of, field_of
from gateway.web.console.new_dispatch.looks import choices, documents, names_of, parties, plan, typed_of, wrong_of
from gateway.web.console.visit import Fields, Visit
from gateway.web.safety import guard

MOST_DROPPED = 50_000_000
"""Octets of the PDFs that one form brings."""
_MOST_OFFERED = 500
"""Entries of the directory that are offered while one is typed."""
_MOST_FILES, _MOST_FIELDS, _MOST_DIGITS = 20, 800, 3
_TO_MAKE = 1
"""The version that a draft is begun with: nothing of it was entered yet, so that nothing is wrong yet."""


def add_to(door: Door) -> None:
    """Its routes."""
    needs = Permission.SUBMIT
    door.shows("/new", started, needs=needs)
    door.does("/new", begin, needs=needs)
    door.shows("/new/{draft}", shown, needs=needs)
    door.does(
        "/new/{draft}", save, needs=needs, brings=Brings(octets=MOST_DROPPED, files=_MOST_FILES, fields=_MOST_FIELDS)
    )
    door.does("/new/{draft}/papers/{participant}", papers, needs=needs)
    door.does("/new/{draft}/papers/{participant}/{place}", paper, needs=needs)
    door.does("/new/{draft}/signature", sign, needs=needs)
    door.shows("/new/{draft}/signed", signed, needs=needs)
    door.does("/new/{draft}/removal", discard, needs=needs)


def started(at: Visit) -> Response:
    """Where a dispatch is begun, and the officer's own drafts."""
    return _start(at)


def begin(at: Visit, fields: Fields) -> Response:
    """A draft with the file's parties."""
    seal = at.console.new_dispatch.sign.seal()
    file = " ".join(fields.get("file_number", "").upper().split())
    wrong = ""
    if fields.get("division") not in seal.divisions:
        wrong = "division"
    elif fields.get("office") not in offices():
        wrong = "office"
    elif not 4 <= len(file) <= 32 or not all(one.isalnum() or one in " ()-" for one in file):  # noqa: PLR2004  (as the format has it)
        wrong = "file_number"
    if wrong:
        return _start(at, typed=fields, wrong=wrong)
    draft = at.console.new_dispatch.drafts.begin(Division(fields["division"]), fields["office"], file, actor=at.actor)
    return at.to(f"/new/{draft}")


def _start(at: Visit, *, typed: Fields | None = None, wrong: str = "") -> Response:
    new, words = at.console.new_dispatch, at.words
    seal = new.sign.seal()
    drafts = [
        {"id": one.draft.id, "file": one.file, "moment": words.moment(one.draft.changed_at)}
        for one in new.drafts.of(at.actor)
    ]
    return at.page(
        "new",
        status=422 if wrong else 200,
        divisions=[(one.value, words.word("division.name", one)) for one in Division if one in seal.divisions],
        offices=[(one, words.word("office", one)) for one in offices()],
        typed=dict(typed) if typed is not None else {"office": at.gateway.settings.gateway.office},
        wrong=words.text("act.wrong-field", field=words.text(f"new.{wrong}")) if wrong else "",
        wrong_where=wrong,
        drafts=drafts,
        seal=seal.fingerprint,
        removed=at.request.query_params.get("done") == "removed",
    )


def shown(at: Visit) -> Response:
    """The draft as it stands; once something was entered, with who would get what or what is missing."""
    return _page(at, _mine(at), done="saved" if at.request.query_params.get("done") == "saved" else "")


def save(at: Visit, fields: Fields) -> Response:
    """What was entered is kept, whole or not."""
    drafts, prepared, seen = at.console.new_dispatch.drafts, _mine(at), _seen(fields)
    try:
        decision = decision_of(fields, prepared.decision, at.words.zone)
        drafts.save(_id(at), decision, at.dropped, actor=at.actor, seen=seen)
    except (InputRefused, Conflict) as problem:
        return _page(at, prepared, problem=problem, typed=fields)
    return at.to(f"/new/{_id(at)}", done="saved")


def papers(at: Visit, _fields: Fields) -> Response:
    """What a participant would get, paper by paper."""
    prepared, participant = _mine(at), str(at.request.path_params["participant"])
    made = at.console.new_dispatch.sign.papers(prepared, participant)
    shown = [
        {"place": place, "name": one.name, "pages": at.words.number(one.pages) if one.pages else ""}
        for place, one in enumerate(made, start=1)
    ]
    return at.page("papers", draft=_id(at), participant=participant, papers=shown)


def paper(at: Visit, _fields: Fields) -> Response:
    """One of them."""
    place = str(at.request.path_params["place"])
    made = at.console.new_dispatch.sign.papers(_mine(at), str(at.request.path_params["participant"]))
    if not place.isdecimal() or len(place) > _MOST_DIGITS or not 0 < int(place) <= len(made):
        raise NoSuchThing(Code.REQUEST_NOT_FOUND)
    one = made[int(place) - 1]
    headers = {"Content-Disposition": 'attachment; filename="paper.pdf"'}
    return guard(Response(one.content, headers=headers, media_type=one.media_type), secure=at.console.secure)


def sign(at: Visit, fields: Fields) -> Response:
    """The gateway's seal, on the officer's word. Signed twice, it is one dispatch."""
    assert at.account is not None  # noqa: S101  (the door lets nobody else through)
    word = at.console.sign_in.word_of(at.account, at.secret)
    try:
        at.console.new_dispatch.sign.sign(_id(at), seen=_seen(fields), word=word)
    except (InputRefused, Conflict) as problem:
        return _page(at, _mine(at), problem=problem)
    return at.to(f"/new/{_id(at)}/signed")


def signed(at: Visit) -> Response:
    """What was signed, on whose word, and what becomes of it."""
    words = at.words
    dispatch = at.console.new_dispatch.sign.dispatch_of(_id(at), actor=at.actor)
    view = cast("dict[str, Any]", at.gateway.views.dispatch(dispatch.id))
    return at.page(
        "signed",
        dispatch=dispatch.id,
        files=", ".join(dispatch.files),
        signer=words.fingerprint(dispatch.signer),
        who=view["sealed"]["on_word_of"],
        moment=words.moment(dispatch.accepted_at),
        deliveries=[
            {
                "id": one["delivery"],
                "roles": ", ".join(words.word("role", role) for role in one["roles"]),
                "state": words.word("delivery-state", one["state"]),
            }
            for one in view["deliveries"]
        ],
    )


def discard(at: Visit, _fields: Fields) -> Response:
    """The draft and all that it holds is removed."""
    at.console.new_dispatch.drafts.discard(_id(at), actor=at.actor)
    return at.to("/new", done="removed")


def _page(
    at: Visit, prepared: Prepared, *, done: str = "", problem: Problem | None = None, typed: Fields | None = None
) -> Response:
    words, decision = at.words, prepared.decision
    division, would, status = Division(decision["division"]), None, problem.http_status if problem else 200
    if problem is None and prepared.draft.version > _TO_MAKE:
        would, problem = _would(at, prepared)
    where = _where(problem) if problem else ""
    told = dict(typed) if typed is not None else typed_of(decision, words.zone)
    return at.page(
        "draft",
        status=status,
        draft=_id(at),
        file=prepared.file,
        division=words.word("division.name", division),
        office=words.word("office", decision["office"]),
        taken_from=prepared.taken_from,
        left_out=prepared.left_out,
        seen=prepared.draft.version,
        choices=choices(words, division, told.get("type", "")),
        always_a_party=division in MINISTER_ALWAYS_PARTY,
        persons=[(number, one["id"]) for number, one in enumerate(decision["persons"], start=1)],
        names=names_of(decision["persons"]),
        parties=parties(at.words, prepared),
        documents=documents(words, prepared, would.naming if would else {}),
        recipients=at.gateway.directory.ids_serving(division, decision["office"], _MOST_OFFERED),
        plan=plan(words, prepared, would) if would else [],
        due=words.date(_day(would)) if would else "",
        typed=told,
        done=done,
        wrong=wrong_of(words, problem, where) if problem else "",
        wrong_where=where,
    )


def _would(at: Visit, prepared: Prepared) -> tuple[WouldGet | None, Problem | None]:
    """Who would get what, or why nobody can say yet."""
    try:
        return at.console.new_dispatch.sign.would_get(prepared), None
    except InputRefused as problem:
        return None, problem


def _day(would: WouldGet) -> dt.date:
    return dt.date.fromisoformat(str(would.plan["due"]))


def _where(problem: Problem) -> str:
    if problem.code is Code.PACKAGE_MEMBER_SIGNED_DOCUMENT_MISSING:
        return "file"
    where = problem.where or ""
    return "file" if where.startswith("documents/") else field_of(where) if where.startswith("$") else where


def _mine(at: Visit) -> Prepared:
    return at.console.new_dispatch.drafts.look(_id(at), actor=at.actor)


def _seen(fields: Fields) -> int:
    seen = fields.get("seen", "")
    return int(seen) if seen.isascii() and seen.isdecimal() and len(seen) < 10 else -1  # noqa: PLR2004  (no version is as long)


def _id(at: Visit) -> str:
    return str(at.request.path_params["draft"])
