"""Messages about a file's parties, read strictly (`POST /files/{number}/parties`), and whom a delivery was planned for,
as it is sealed beside it."""

import datetime as dt
import json
from dataclasses import asdict
from functools import cache

from pydantic import ConfigDict, TypeAdapter, ValidationError

from gateway.application.identifiers import identifier_checks
from gateway.application.strict_format import StrictFormat
from gateway.application.strict_json import Fault, JsonRules
from gateway.domain.codes import Code
from gateway.domain.file_parties import DroppedParties, PartiesMessage, PartyChange, PlannedFor
from gateway.domain.problem import InputRefused, SetupWrong

_RULES = JsonRules(codes=dict.fromkeys(Fault, Code.PARTIES_INVALID), max_bytes=200_000)

MOST_BYTES = _RULES.max_bytes


@cache
def parties_format() -> StrictFormat[PartiesMessage]:
    """The format, built when it is first needed."""
    return StrictFormat(PartiesMessage, _RULES)


def read_parties(raw: bytes) -> PartiesMessage:
    """The message that `raw` holds. Raises InputRefused (parties.invalid) with the JSON path as `where`."""
    message = parties_format().read(raw)
    if message.previous is not None and message.previous >= message.sequence:
        raise _invalid("$.previous", f"< {message.sequence}")
    for index, change in enumerate(message.changes):
        _check_change(change, f"$.changes[{index}]")
    return message


@cache
def dropped_format() -> StrictFormat[DroppedParties]:
    """The format of a message in a file."""
    return StrictFormat(DroppedParties, _RULES)


def read_dropped(raw: bytes) -> tuple[str, bytes]:
    """The number of the file that a dropped message is about, and the message for `read_parties`.

    Raises InputRefused (parties.invalid).
    """
    dropped = dropped_format().read(raw)
    # Taken from the text, since what was read would be written with every field that was left out.
    return dropped.file, json.dumps(json.loads(raw)["message"], ensure_ascii=False).encode()


def _check_change(change: PartyChange, place: str) -> None:
    said = (change.of_record, change.designation, change.electronic, change.recipient, change.contact)
    if not any(one is not None for one in said) and not change.roles:
        raise _invalid(place, "of_record | designation | electronic | recipient | contact | roles")
    if change.recipient is not None and change.contact is not None:
        raise _invalid(place, "recipient | contact")
    contact = change.contact
    if contact is not None and (contact.unknown is None) == (not (contact.email or contact.fax or contact.postal)):
        raise _invalid(f"{place}.contact", "email, fax, postal | unknown")
    for fault in identifier_checks().contact(contact, f"{place}.contact") if contact is not None else ():
        raise _invalid(fault.where, fault.expected)


def _invalid(where: str, expected: str) -> InputRefused:
    return InputRefused(Code.PARTIES_INVALID, where=where, fault=Fault.VALUE_INVALID.value, expected=expected)


def message_to_json(message: PartiesMessage) -> bytes:
    """A message that was made here, in the form that `read_parties` takes."""
    fields = {name: value for name, value in asdict(message).items() if value is not None}
    return json.dumps(fields, default=_plain, ensure_ascii=False, separators=(",", ":")).encode()


def _plain(value: object) -> str:
    """Moments and days as RFC 3339 writes them."""
    if isinstance(value, dt.date):
        return value.isoformat()
    raise TypeError(type(value).__name__)


@cache
def _planned_adapter() -> TypeAdapter[tuple[PlannedFor]]:
    return TypeAdapter(tuple[PlannedFor], config=ConfigDict(extra="forbid", strict=True, hide_input_in_errors=True))


def planned_to_json(planned: PlannedFor) -> bytes:
    """Whom a delivery was planned for, as JSON."""
    return json.dumps(asdict(planned), default=_plain, ensure_ascii=False, separators=(",", ":")).encode()


def planned_from_json(raw: bytes) -> PlannedFor:
    """The same again. Raises SetupWrong (seal.broken) when this was never written by `planned_to_json`."""
    try:
        (planned,) = _planned_adapter().validate_json(b"[" + raw + b"]")
    except ValidationError:
        raise SetupWrong(Code.SEAL_BROKEN, where="planned") from None
    return planned
