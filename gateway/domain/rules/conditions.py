"""Conditions over facts, as rule files write them, and what can be said of them without any case at hand."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from itertools import product

from gateway.domain.outcomes import OUTCOMES_OF, Division, OutcomeCode
from gateway.domain.package import Classification, Nature, ProceedingType
from gateway.domain.package_checks import PROCEEDINGS_OF
from gateway.domain.parties import Role
from gateway.domain.rules.facts import Consent, Facts, Form, Later, Order, ReasonsGiven, RecourseSet, Sitting

LISTED = {"min_length": 1}
"""A list that names no value could never hold."""


@dataclass(frozen=True, kw_only=True)
class Condition:
    """Holds when every fact it names has one of the values it lists. See `Facts` for each."""

    division: tuple[Division, ...] | None = field(default=None, metadata=LISTED)
    proceeding: tuple[ProceedingType, ...] | None = field(default=None, metadata=LISTED)
    nature: tuple[Nature, ...] | None = field(default=None, metadata=LISTED)
    relation: tuple[Later, ...] | None = field(default=None, metadata=LISTED)
    form: tuple[Form, ...] | None = field(default=None, metadata=LISTED)
    sitting: tuple[Sitting, ...] | None = field(default=None, metadata=LISTED)
    reasons: tuple[ReasonsGiven, ...] | None = field(default=None, metadata=LISTED)
    classification: tuple[Classification, ...] | None = field(default=None, metadata=LISTED)
    private: bool | None = None
    sensitive: bool | None = None
    confidentiality_order: bool | None = None
    publication_ban: bool | None = None
    transmission_ban: bool | None = None
    audience_clear: bool | None = None
    minister_party: bool | None = None
    minister_absent: bool | None = None
    minister_agrees: bool | None = None
    role: tuple[Role, ...] | None = field(default=None, metadata=LISTED)
    stands_for_somebody: bool | None = None
    of_record: bool | None = None
    represented: bool | None = None
    designated: bool | None = None
    designation_ended: bool | None = None
    submissions: bool | None = None
    held_elsewhere: bool | None = None
    electronic: tuple[Consent, ...] | None = field(default=None, metadata=LISTED)
    long_fax_consent: bool | None = None
    outcome: tuple[OutcomeCode, ...] | None = field(default=None, metadata=LISTED)
    removal_order: tuple[Order, ...] | None = field(default=None, metadata=LISTED)
    recourse: tuple[RecourseSet, ...] | None = field(default=None, metadata=LISTED)
    pages_over: int | None = field(default=None, metadata={"ge": 0, "le": 10_000})
    """More pages than this in the longest document."""


Box = Mapping[str, frozenset[object]]
"""A condition as the values it allows, by fact; what is absent is free."""

_PLACES = {name: place for place, name in enumerate(Facts._fields)}
_OF_ROLE: Mapping[str, tuple[object, frozenset[Role]]] = {
    "of_record": (False, frozenset({Role.COUNSEL})),
    "designation_ended": (True, frozenset({Role.DESIGNATED_REPRESENTATIVE})),
    "submissions": (True, frozenset({Role.UNHCR, Role.INTERESTED_PERSON})),
    "held_elsewhere": (
        True,
        frozenset({Role.CLAIMANT, Role.PROTECTED_PERSON, Role.APPELLANT, Role.RESPONDENT, Role.PERSON_CONCERNED}),
    ),
}
"""Facts that only some roles can have so."""


def box_of(condition: Condition) -> Box:
    """What the condition allows; `pages_over` apart."""
    found: dict[str, frozenset[object]] = {}
    for one in fields(condition):
        value = getattr(condition, one.name)
        if value is not None and one.name != "pages_over":
            found[one.name] = frozenset(value) if isinstance(value, tuple) else frozenset({value})
    return found


def test_of(condition: Condition) -> Callable[[Facts], bool]:
    """The condition as a function of facts."""
    wanted = [(_PLACES[name], values) for name, values in box_of(condition).items()]
    over = condition.pages_over

    def holds(facts: Facts) -> bool:
        for place, values in wanted:
            if facts[place] not in values:
                return False
        return over is None or facts.pages > over

    return holds


def both(one: Box, other: Box) -> Box:
    """What both allow; a fact whose values have nothing in common gets none."""
    return {
        name: one[name] & other[name] if name in one and name in other else one.get(name, other.get(name, frozenset()))
        for name in {**one, **other}
    }


def possible(box: Box) -> bool:
    """Whether any case could be so: what a division hears and can decide, and what a role can be, included."""
    if not all(box.values()):
        return False
    return any(
        _heard(box, division) and _of_role(box, role)
        for division, role in product(box.get("division", Division), box.get("role", Role))
        if isinstance(division, Division) and isinstance(role, Role)
    )


def _heard(box: Box, division: Division) -> bool:
    proceedings, outcomes = PROCEEDINGS_OF[division], OUTCOMES_OF[division]
    return bool(proceedings & box.get("proceeding", frozenset(proceedings)) and outcomes & box.get("outcome", outcomes))


def _of_role(box: Box, role: Role) -> bool:
    return all(role in roles or box.get(name) != frozenset({special}) for name, (special, roles) in _OF_ROLE.items())


def covers(wide: Condition, narrow: Condition) -> bool:
    """Whether `wide` holds wherever `narrow` does."""
    if wide.pages_over is not None and (narrow.pages_over is None or narrow.pages_over < wide.pages_over):
        return False
    narrow_box = box_of(narrow)
    return all(name in narrow_box and narrow_box[name] <= values for name, values in box_of(wide).items())
