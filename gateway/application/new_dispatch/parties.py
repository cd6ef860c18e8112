"""The parties of a file as the Registry last told them: of the newest package on it, and of what was said since."""

import datetime as dt
from collections.abc import Iterable, Sequence, Set
from dataclasses import dataclass, fields, is_dataclass, replace
from enum import Enum
from typing import Any

from gateway.domain.file_parties import PartiesMessage, PartyChange, counsel_ended, designation_ended, spoken_as_of
from gateway.domain.outcomes import MINISTER_ALWAYS_PARTY, Division
from gateway.domain.package import DecisionPackage
from gateway.domain.parties import Participant

Json = dict[str, Any]

_CARRIED = ("private_basis", "restrictions", "sensitive")
"""What holds for the file, not for one decision: an order that limits who may see what stands until it is lifted."""


@dataclass(frozen=True, kw_only=True)
class Known:
    """What is known of a file. `decision`: as decision.json would say it. `left_out`: who stands no more."""

    decision: Json
    left_out: tuple[str, ...] = ()


def of_new_file(division: Division, office: str, file: str) -> Known:
    """Of a file that nothing came about: everything is to be entered."""
    return Known(
        decision={
            "division": division.value,
            "office": office,
            "files": [{"number": file, "persons": []}],
            "persons": [],
            "private_proceeding": True,
            "classification": "protected-b",
            "minister": {"party": division in MINISTER_ALWAYS_PARTY},
            "participants": [],
        }
    )


def of_package(
    package: DecisionPackage, file: str, messages: Iterable[PartiesMessage], now: dt.datetime, today: dt.date
) -> Known:
    """Of a file with a package. package: with its parties as they stand (`FileParties.as_they_stand`). today: the
    office's day, on which counsel and designations end."""
    said = list(_said(messages, spoken_as_of(package.decision), now))
    standing = [*(_reached(one, said) for one in package.participants), *_joined(package, said)]
    kept = [one for one in standing if not _ended(one, today)]
    ids = {one.id for one in kept}
    gone = {one.id for one in standing} - ids
    interventions = [plain(one) for one in package.minister.interventions if one.counsel in ids]
    decision: Json = {
        "division": package.division.value,
        "office": package.office,
        "files": [plain(one) for one in package.files],
        "persons": [plain(replace(one, recourse=None)) | {"outcome": {}} for one in package.persons],
        "private_proceeding": package.private_proceeding,
        "classification": package.classification.value,
        "minister": {"party": package.minister.party, "interventions": interventions},
        "participants": [plain(_without(one, gone)) for one in kept],
        "decision": {"language": package.decision.language.value},
    }
    if all(one.number != file for one in package.files):
        raise LookupError(file)  # it was found by this very file
    carried = {name: plain(value) for name in _CARRIED if (value := getattr(package, name))}
    for one in carried.get("restrictions", []):
        one.pop("documents", None)  # of the earlier package; without them it covers all
    return Known(decision=decision | carried, left_out=tuple(one.id for one in standing if one.id not in ids))


def plain(value: Any) -> Any:
    """A value of the domain as JSON says it, without what is not said."""
    if is_dataclass(value) and not isinstance(value, type):
        told = {one.name: plain(getattr(value, one.name)) for one in fields(value)}
        return {name: one for name, one in told.items() if one is not None and one != []}
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, dt.datetime | dt.date):
        return value.isoformat()
    if isinstance(value, tuple | frozenset | list):
        return [plain(one) for one in value]
    return value


def _without(participant: Participant, gone: Set[str]) -> Participant:
    return replace(participant, represents=tuple(one for one in participant.represents if one not in gone))


def _said(messages: Iterable[PartiesMessage], since: dt.datetime, now: dt.datetime) -> Iterable[PartyChange]:
    counting = [one for one in messages if since <= one.effective_at <= now]
    for one in sorted(counting, key=lambda one: (one.effective_at, one.sequence, one.source)):
        yield from one.changes


def _reached(participant: Participant, said: Sequence[PartyChange]) -> Participant:
    """Where they are reached by now. The package that the officer signs is what makes it an address to send to."""
    for change in said:
        if change.participant == participant.id and (change.contact or change.recipient):
            participant = replace(participant, contact=change.contact, recipient=change.recipient)
    return participant


def _joined(package: DecisionPackage, said: Sequence[PartyChange]) -> Sequence[Participant]:
    """Those whom no package names yet. Their names were not said: the officer enters them."""
    known = {one.id for one in package.participants}
    joined: dict[str, Participant] = {}
    for change in said:
        if change.participant not in known and change.roles:
            joined[change.participant] = _new(change)
    return list(joined.values())


def _new(change: PartyChange) -> Participant:
    return Participant(
        id=change.participant,
        roles=change.roles,
        represents=change.represents,
        of_record=change.of_record,
        designation=change.designation,
        electronic=change.electronic,
        recipient=change.recipient,
        contact=change.contact,
    )


def _ended(participant: Participant, today: dt.date) -> bool:
    ended = participant.designation is not None and designation_ended(participant.designation, today)
    return ended or counsel_ended(participant, today)
