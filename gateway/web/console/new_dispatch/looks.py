"""What a draft shows: the fields of its form, what may be chosen in them, and who would get what."""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, cast

from gateway.application.new_dispatch.drafts import Prepared
from gateway.application.new_dispatch.sign import WouldGet
from gateway.domain.codes import Code
from gateway.domain.naming import Naming
from gateway.domain.outcomes import OUTCOMES_OF, Division
from gateway.domain.package import (
    Classification,
    DocumentKind,
    Nature,
    RemovalOrderAction,
    RemovalOrderKind,
    RestrictionKind,
)
from gateway.domain.package_checks import PROCEEDINGS_OF
from gateway.domain.parties import Language, PreferredLanguage, Role
from gateway.domain.problem import Problem
from gateway.web.console.delivery.looks import way
from gateway.web.console.moments import written
from gateway.web.console.words import Words
from templates.words import capitalized

Shown = Mapping[str, Any]
Choices = Sequence[tuple[str, str]]
_PLAIN = frozenset({Code.DECISION_FIELD_MISSING, Code.DECISION_VALUE_INVALID, Code.DECISION_UNKNOWN_CODE})
_PLAIN |= {Code.DECISION_IDENTIFIER_INVALID, Code.REQUEST_INVALID, Code.DECISION_OUTCOME_NOT_OF_DIVISION}
_MODES = ("in-person", "videoconference", "telephone", "in-writing")
_BASES = ("166(b)", "166(c)", "166(c.1)", "iad-93")


def typed_of(decision: Shown, zone: dt.tzinfo) -> dict[str, str]:
    """The fields of the form that would tell the decision. zone: of the office."""
    told, heard = decision.get("decision", {}), decision.get("decision", {}).get("heard", [{}])[0]
    proceeding = decision.get("proceeding", {})
    typed: dict[str, object] = {
        "type": proceeding.get("type"),
        "nature": proceeding.get("nature"),
        "form_of": told.get("form"),
        "signed_at": _local(told.get("signed_at"), zone),
        "rendered_at": _local(told.get("rendered_at"), zone),
        "language": told.get("language"),
        "members": "\n".join(one["name"] for one in told.get("members", [])),
        "reasons": told.get("reasons"),
        "heard_date": heard.get("date"),
        "heard_mode": heard.get("mode"),
        "private_proceeding": decision.get("private_proceeding"),
        "private_basis": decision.get("private_basis"),
        "classification": decision.get("classification"),
        "sensitive": decision.get("sensitive"),
        "minister": decision["minister"]["party"],
        **{f"restriction-{one['kind']}": True for one in decision.get("restrictions", [])},
    }
    for number, one in enumerate(decision["persons"], start=1):
        typed |= {f"person-{number}-{name}": value for name, value in _person(one).items()}
    for number, one in enumerate(decision["participants"], start=1):
        typed |= {f"party-{number}-{name}": value for name, value in _party(one).items()}
    for number, one in enumerate(decision["documents"], start=1):
        typed |= {f"document-{number}-{name}": one.get(name) for name in ("kind", "language")}
    return {name: "yes" if value is True else str(value) for name, value in typed.items() if value}


def _person(one: Shown) -> dict[str, object]:
    order = one["outcome"].get("removal_order", {})
    return {name: one.get(name) for name in ("family_name", "given_name", "uci", "location")} | {
        "outcome": one["outcome"].get("code"),
        "order_kind": order.get("kind"),
        "order_action": order.get("action"),
        "provisions": "; ".join(order.get("provisions", [])),
        "facility": one.get("detained", {}).get("facility"),
        "forum": one.get("recourse", {}).get("forum"),
    }


def _party(one: Shown) -> dict[str, object]:
    contact, electronic = one.get("contact", {}), one.get("electronic", {})
    postal = contact.get("postal", {})
    return (
        {name: one.get(name) for name in ("name", "organization", "language", "recipient")}
        | {name: contact.get(name) for name in ("email", "fax", "unknown")}
        | {name: postal.get(name) for name in ("municipality", "province", "postal_code", "country")}
        | {"lines": "\n".join(postal.get("lines", [])), "role": one["roles"][0]}
        | {"accepts": electronic.get("accepts"), "consent": electronic.get("consent")}
        | {f"for-{name}": True for name in one.get("represents", [])}
    )


def _local(moment: str | None, zone: dt.tzinfo) -> str:
    """As the field of a moment has it; what was typed and is none stays."""
    if not moment:
        return ""
    try:
        return written(dt.datetime.fromisoformat(moment), zone)
    except ValueError:
        return moment


def choices(words: Words, division: Division, proceeding: str) -> Mapping[str, Choices]:
    """What may be chosen in each field."""
    return {
        "type": _words(words, "proceeding", sorted(PROCEEDINGS_OF[division])),
        "nature": _texts(words, "nature", Nature),
        "form": _texts(words, "form", ("written", "oral")),
        "language": _words(words, "language", Language),
        "party_language": _words(words, "language", PreferredLanguage),
        "reasons": _texts(words, "reasons", ("with-notice", "on-request", "to-follow")),
        "heard_mode": _texts(words, "mode", _MODES),
        "private_basis": [(one, one) for one in _BASES],
        "classification": _texts(words, "classification", Classification),
        "restriction": _texts(words, "restriction", RestrictionKind),
        "location": _texts(words, "location", ("in-canada", "abroad", "unknown")),
        "outcome": [
            (one.value, _outcome(words, division, one.value, proceeding)) for one in sorted(OUTCOMES_OF[division])
        ],
        "order_kind": _texts(words, "order", RemovalOrderKind),
        "order_action": _texts(words, "action", RemovalOrderAction),
        "forum": _texts(words, "forum", ("RAD", "IAD", "FC", "none")),
        "role": [(one, capitalized(word)) for one, word in _words(words, "role", Role)],
        "kind": _words(words, "document", DocumentKind),
    }


def _words(words: Words, kind: str, codes: Iterable[str]) -> Choices:
    return [(str(one), words.word(kind, one)) for one in codes]


def _texts(words: Words, kind: str, codes: Iterable[str]) -> Choices:
    return [(str(one), words.text(f"new-choice.{kind}.{one}")) for one in codes]


def _outcome(words: Words, division: Division, code: str, proceeding: str) -> str:
    """What the outcome says in a proceeding of that type, or in any."""
    said = (words.word(f"outcome.{division}", f"{code}{end}") for end in ("", f".{proceeding}", ".any"))
    return next((one for one in said if not one.startswith(code)), code)


def wrong_of(words: Words, problem: Problem, field: str) -> str:
    """What is wrong with the field of the form."""
    name = field.rpartition("-")[2]
    name = {"postal": "lines", "minister": "minister"}.get(name, name)
    if problem.code in _PLAIN and words.has(f"new.{name}"):
        return words.text("act.wrong-field", field=words.text(f"new.{name}"))
    return words.told(problem)[1]


def names_of(persons: Sequence[Shown]) -> Mapping[str, str]:
    """Each person's name by id, where it was entered."""
    named = [one for one in persons if "family_name" in one]
    return {one["id"]: " ".join(filter(None, (one.get("given_name"), one["family_name"]))) for one in named}


def parties(words: Words, prepared: Prepared) -> Sequence[str]:
    """Each party by its role and a name to know it by."""
    told = ((one["roles"][0], one.get("name") or one.get("recipient")) for one in prepared.decision["participants"])
    return [" · ".join(filter(None, (capitalized(words.word("role", role)), name))) for role, name in told]


def documents(words: Words, prepared: Prepared, naming: Mapping[str, Naming]) -> Sequence[Shown]:
    """Each PDF by number, with what its text says of its file where that is in doubt."""
    dropped = {one.path: one for one in prepared.dropped}
    return [
        {
            "number": number,
            "pages": words.number(dropped[one["path"]].pages),
            "kilobytes": words.number(-(-dropped[one["path"]].size // 1000)),
            "doubt": _doubt(words, naming.get(one["path"], Naming.OURS)),
        }
        for number, one in enumerate(prepared.decision["documents"], start=1)
    ]


def _doubt(words: Words, naming: Naming) -> str:
    return "" if naming is Naming.OURS else words.text(f"new-choice.naming.{naming.value}")


def plan(words: Words, prepared: Prepared, would: WouldGet) -> Sequence[Shown]:
    """Who would get what, by which ways in which order, and why."""
    names = {str(one["id"]): one.get("name") or "" for one in prepared.decision["participants"]}
    planned = cast("Sequence[Mapping[str, Any]]", would.plan["participants"])
    return [_planned(words, one, names) for one in planned]


def _planned(words: Words, one: Shown, names: Mapping[str, str]) -> Shown:
    reason, language = one["reason"], words.language.value
    because = one["because"]["explanation"][language] if one["because"] else ""
    return {
        "participant": one["participant"],
        "name": names.get(one["participant"]) or one["recipient"] or "",
        "roles": capitalized(", ".join(words.word("role", role) for role in one["roles"])),
        "documents": [words.word("document", paper["kind"]) for paper in one["documents"]],
        "ways": [words.word("channel", name) for name in one["plan"]],
        "why": [{"rule": rule["explanation"][language], "source": rule["source"][language]} for rule in one["rules"]],
        "rules": [way(words, verdict) for verdict in one["channels"]],
        "reason": (words.reason(reason, "meaning") if reason and words.has_reason(reason) else "") or because,
        "gets": bool(one["documents"]) and not one["handed_over"],
    }
