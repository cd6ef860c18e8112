"""What the form of a draft says, as decision.json says it; what is wrong with it is for its strict reader to say."""

import datetime as dt
import re
from collections.abc import Iterator, Mapping
from typing import Any

from gateway.domain.outcomes import MINISTER_ALWAYS_PARTY, Division
from gateway.domain.package import RestrictionKind
from gateway.domain.problem import InputRefused
from gateway.web.console.delivery.asking import tidied
from gateway.web.console.moments import moment_of

Fields = Mapping[str, str]
Json = dict[str, Any]
_POSTAL = ("lines", "municipality", "province", "postal_code", "country")
_LIST = re.compile(r"[,;\s]+")
_PROVISIONS = re.compile(r"[;\n]+")


def decision_of(fields: Fields, base: Json, zone: dt.tzinfo) -> Json:
    """The decision as the form tells it; what the form does not ask stays as it is in `base`. zone: of the office."""
    persons = [*_persons(fields, base["persons"])]
    ids = [str(one["id"]) for one in persons]
    participants = [*_participants(fields, base["participants"], ids)]
    known = {str(one["id"]) for one in participants}
    told = {
        "files": _files(base, ids),
        "proceeding": _said(type=fields.get("type"), nature=fields.get("nature")),
        "persons": persons,
        "decision": _decision(fields, zone),
        "private_proceeding": "private_proceeding" in fields,
        "private_basis": fields.get("private_basis") or None,
        "classification": fields.get("classification"),
        "sensitive": "sensitive" in fields,
        "minister": _minister(fields, base, known),
        "restrictions": _restrictions(fields, base),
        "participants": participants,
        "documents": [*_documents(fields, base["documents"])],
    }
    return {name: value for name, value in (base | told).items() if value is not None}


def _said(**told: object) -> Json:
    """Without what is left empty."""
    return {name: value for name, value in told.items() if value not in (None, "", [], {})}


def _moment(text: str, zone: dt.tzinfo) -> str:
    """As RFC 3339 writes it; what is none stays as it was typed, and is refused in its place."""
    try:
        return moment_of(text, zone, field="").isoformat()
    except InputRefused:
        return text


def _decision(fields: Fields, zone: dt.tzinfo) -> Json:
    members = [{"name": one.strip()} for one in fields.get("members", "").splitlines() if one.strip()]
    rendered, heard = fields.get("rendered_at", ""), fields.get("heard_date", "").strip()
    return _said(
        form=fields.get("form_of"),
        signed_at=_moment(fields.get("signed_at", ""), zone) if fields.get("signed_at") else "",
        rendered_at=_moment(rendered, zone) if rendered else "",
        language=fields.get("language"),
        members=members,
        reasons=fields.get("reasons"),
        heard=[_said(date=heard, mode=fields.get("heard_mode"))] if heard else [],
    )


def _minister(fields: Fields, base: Json, known: set[str]) -> Json:
    before = base["minister"]
    interventions = [one for one in before.get("interventions", []) if one["counsel"] in known]
    party = Division(base["division"]) in MINISTER_ALWAYS_PARTY or "minister" in fields
    return {"party": party} | _said(interventions=interventions)


def _restrictions(fields: Fields, base: Json) -> list[Json]:
    """Those that stood keep when they were ordered."""
    before = {one["kind"]: one for one in base.get("restrictions", [])}
    return [
        before.get(kind.value, {"kind": kind.value})
        for kind in RestrictionKind
        if f"restriction-{kind.value}" in fields
    ]


def _files(base: Json, ids: list[str]) -> list[Json]:
    """Each with those of its persons who are left; who is new joins the first."""
    placed = {one for file in base["files"] for one in file["persons"]}
    files = [file | {"persons": [one for one in file["persons"] if one in ids]} for file in base["files"]]
    files[0]["persons"] += [one for one in ids if one not in placed]
    return [one for place, one in enumerate(files) if one["persons"] or place == 0]


def _rows(fields: Fields, kind: str, before: list[Json], new: str) -> Iterator[tuple[Json, Fields]]:
    """Each row that stands with its fields, and one more where its field `new` is filled in."""
    for number, one in enumerate([*before, {}], start=1):
        start = f"{kind}-{number}-"
        told = {name.removeprefix(start): value for name, value in fields.items() if name.startswith(start)}
        if "out" not in told and (one or told.get(new, "").strip()):
            yield one, tidied(told)


def _persons(fields: Fields, before: list[Json]) -> Iterator[Json]:
    free = _free("p", before)
    for one, told in _rows(fields, "person", before, "family_name"):
        order = _said(
            kind=told.get("order_kind"),
            action=told.get("order_action"),
            provisions=[part.strip() for part in _PROVISIONS.split(told.get("provisions", "")) if part.strip()],
        )
        facility, forum = told.get("facility", ""), told.get("forum", "")
        yield _said(
            id=one.get("id") or next(free),
            family_name=told.get("family_name"),
            given_name=told.get("given_name"),
            uci=told.get("uci"),
            location=told.get("location"),
            detained={"facility": facility} if facility else {},
            recourse={"forum": forum} if forum else {},
        ) | {"outcome": _said(code=told.get("outcome"), removal_order=order)}


def _participants(fields: Fields, before: list[Json], persons: list[str]) -> Iterator[Json]:
    free, others = _free("n", before), {str(one["id"]) for one in before}
    for one, told in _rows(fields, "party", before, "role"):
        kept = [name for name in one.get("represents", []) if name in others and name not in persons]
        role = told.get("role")
        roles = one["roles"] if one and role == one["roles"][0] else [role]
        asked = ("name", "organization", "language", "recipient", "contact", "electronic", "represents", "roles")
        yield {name: value for name, value in one.items() if name not in asked} | _said(
            id=one.get("id") or next(free),
            roles=roles,
            name=told.get("name"),
            organization=told.get("organization"),
            language=told.get("language"),
            represents=[*(name for name in persons if f"for-{name}" in told), *kept],
            electronic=_electronic(told, one.get("electronic")),
            recipient=told.get("recipient"),
            contact=_contact(told),
        )


def _electronic(told: Fields, before: Json | None) -> Json:
    """What they said before stays, but where the officer tells otherwise."""
    accepts, consent = "accepts" in told, told.get("consent", "")
    if before is not None and (before["accepts"], before.get("consent", "")) == (accepts, consent):
        return before
    return {"accepts": accepts} | _said(consent=consent)


def _contact(told: Fields) -> Json:
    """An address, or the word that none is known where no entry of the directory is named."""
    postal = _said(**{name: told.get(name, "") for name in _POSTAL})
    postal = postal if set(postal) - {"country"} else {}
    if postal:
        lines = [one.strip() for one in str(postal.get("lines", "")).splitlines() if one.strip()]
        postal = {"country": "CA"} | postal | ({"lines": lines} if lines else {})
    contact = _said(email=told.get("email"), fax=told.get("fax"), postal=postal)
    return {"unknown": True} if not contact and "unknown" in told else contact


def _documents(fields: Fields, before: list[Json]) -> Iterator[Json]:
    for one, told in _rows(fields, "document", before, "kind"):
        if one:
            yield one | _said(kind=told.get("kind"), language=told.get("language"))


def _free(start: str, before: list[Json]) -> Iterator[str]:
    """Ids that nobody has."""
    taken = {str(one["id"]) for one in before}
    return (name for number in range(1, len(taken) + 1000) if (name := f"{start}{number}") not in taken)


_ROWS = {"persons": "person", "participants": "party", "documents": "document"}
_PLACE = re.compile(r"^\$\.(persons|participants|documents)(?:\[(\d+)\])?\.?(.*)$")
_FIELD_OF = {
    "outcome": "outcome",
    "outcome.code": "outcome",
    "outcome.removal_order.kind": "order_kind",
    "outcome.removal_order.action": "order_action",
    "outcome.removal_order.provisions": "provisions",
    "recourse.forum": "forum",
    "detained.facility": "facility",
    "roles": "role",
    "electronic.consent": "consent",
    "": "recipient",
}


def field_of(where: str) -> str:
    """The field of the form that a place in decision.json is told by; empty where there is none."""
    row = _PLACE.match(where)
    if row is not None:
        kind, place, rest = row.groups()
        if place is None:
            return {"persons": "person-1-family_name", "participants": "party-1-role"}.get(kind, "file")
        plain = re.sub(r"\[\d+\]", "", rest)
        last = _FIELD_OF.get(plain, plain.removeprefix("contact.").removeprefix("postal.") or "recipient")
        return f"{_ROWS[kind]}-{int(place) + 1}-{last}"
    plain = re.sub(r"\[\d+\]", "", where.removeprefix("$.")).removeprefix("proceeding.").removeprefix("decision.")
    if plain.startswith("heard"):
        return "heard_mode" if plain.endswith("mode") else "heard_date"
    first = plain.partition(".")[0]
    return "form_of" if first == "form" else first
