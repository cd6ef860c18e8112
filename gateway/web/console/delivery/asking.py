"""What a form of a delivery asks for, tidied before the eyes: addresses and numbers are pasted as they come."""

import datetime as dt
import json
import re
from collections.abc import Mapping

from gateway.application.acts.acting import AskedAct
from gateway.domain.acts import Action
from gateway.domain.codes import Code
from gateway.domain.problem import InputRefused, Problem
from gateway.web.console.moments import moment_of

Fields = Mapping[str, str]
PROOF = "file"
"""The field of the file that proves what a person tells."""
_FIELD_OF = {"handed-to": "handed_to"}
"""Names that a problem uses for fields, and the fields."""
_POSTAL = ("lines", "municipality", "province", "postal_code", "country")
_CANADIAN = re.compile(r"^[A-Z]\d[A-Z]\d[A-Z]\d$")
_TEN_DIGITS = 10


def tidied(fields: Fields) -> Fields:
    """The fields without what pasting brings with it: spaces about them, signs within a number, small letters."""
    tidy = {name: value.replace("\r\n", "\n").strip() for name, value in fields.items()}
    if tidy.get("fax"):
        tidy["fax"] = _number(tidy["fax"])
    if tidy.get("postal_code"):
        tidy["postal_code"] = _postal_code(tidy["postal_code"])
    for name in ("province", "country"):
        if tidy.get(name):
            tidy[name] = tidy[name].upper()
    return tidy


def asked_of(action: Action, fields: Fields, files: Mapping[str, bytes], zone: dt.tzinfo) -> AskedAct:
    """The act. What is left empty is not said. zone: of the office, on whose clock a moment is told.

    Raises InputRefused (request.invalid: what a proof needs is missing, or `at` is no moment).
    """
    if action is Action.RECORD_SERVICE or fields.get("conversation") is not None:
        return _proved(action, fields, files, zone)
    return AskedAct(
        action=action,
        reason=fields.get("reason", ""),
        channel=fields.get("channel") or None if action is Action.REROUTE else None,
        override=True if action is Action.REROUTE and fields.get("override") else None,
        recipient=fields.get("recipient") or None,
        contact=contact_of(fields),
    )


def _proved(action: Action, fields: Fields, files: Mapping[str, bytes], zone: dt.tzinfo) -> AskedAct:
    needed = [one for one in ("channel", "at", "place", "handed_to", "conversation") if one in fields]
    for name in needed:
        if not fields[name]:
            raise InputRefused(Code.REQUEST_INVALID, where=name, expected="minLength 1")
    if not files.get(PROOF):
        raise InputRefused(Code.REQUEST_INVALID, where=PROOF, expected="minLength 1")
    return AskedAct(
        action=action,
        reason=fields.get("reason", ""),
        channel=fields.get("channel"),
        at=moment_of(fields["at"], zone, field="at") if "at" in fields else None,
        place=fields.get("place"),
        handed_to=fields.get("handed_to"),
        conversation=fields.get("conversation"),
        proof=files[PROOF],
    )


def where_of(problem: Problem) -> str:
    """The field that a problem is about; empty where it is about the whole."""
    named = (problem.where or "").removeprefix("--").rpartition("$.")[2].rpartition(".")[2].partition("[")[0]
    return _FIELD_OF.get(named, named)


def contact_of(fields: Fields) -> bytes | None:
    """The address that was typed, as JSON in the form of a package's `contact`; None where nothing was."""
    contact: dict[str, object] = {name: fields[name] for name in ("email", "fax") if fields.get(name)}
    postal: dict[str, object] = {name: fields[name] for name in _POSTAL if fields.get(name)}
    if set(postal) - {"country"}:
        lines = str(postal.get("lines", ""))
        contact["postal"] = {"country": "CA"} | postal | {"lines": [one for one in lines.split("\n") if one.strip()]}
    return json.dumps(contact).encode() if contact else None


def _number(text: str) -> str:
    """E.164, of a number as it is written in North America."""
    digits = re.sub(r"[\s().\-]", "", text)
    return f"+1{digits}" if digits.isdecimal() and len(digits) == _TEN_DIGITS else digits


def _postal_code(text: str) -> str:
    code = text.upper().replace(" ", "").replace("-", "")
    return f"{code[:3]} {code[3:]}" if _CANADIAN.match(code) else text.upper()
