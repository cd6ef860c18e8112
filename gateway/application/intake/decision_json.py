"""`decision.json` version 1, read strictly (INTERFACE.md).

The format's single source are the dataclasses of `gateway.domain.package` and `gateway.domain.parties`.
A refusal names its place as a JSON path from the root: `$.persons[0].outcome.code`. A key that is no plain
identifier is written `?`. Of several faults the first is told: those of form before those between the parts.
"""

from collections.abc import Collection
from functools import cache

from gateway.application.identifiers import identifier_checks
from gateway.application.rules import offices as known_offices
from gateway.application.strict_format import StrictFormat
from gateway.application.strict_json import Fault, JsonRules
from gateway.domain.codes import Code
from gateway.domain.package import DecisionPackage
from gateway.domain.package_checks import check_package
from gateway.domain.problem import InputRefused

_RULES = JsonRules(
    codes={
        Fault.TOO_LARGE: Code.DECISION_TOO_LARGE,
        Fault.NOT_JSON: Code.DECISION_NOT_JSON,
        Fault.TOO_DEEP: Code.DECISION_TOO_DEEP,
        Fault.DUPLICATE_KEY: Code.DECISION_DUPLICATE_KEY,
        Fault.UNKNOWN_FIELD: Code.DECISION_UNKNOWN_FIELD,
        Fault.FIELD_MISSING: Code.DECISION_FIELD_MISSING,
        Fault.VALUE_INVALID: Code.DECISION_VALUE_INVALID,
        Fault.UNKNOWN_CODE: Code.DECISION_UNKNOWN_CODE,
    },
    multiline=frozenset({("relation", "note", "en"), ("relation", "note", "fr")}),
)


@cache
def decision_format() -> StrictFormat[DecisionPackage]:
    """The format, built when it is first needed."""
    return StrictFormat(DecisionPackage, _RULES)


def read_decision(raw: bytes, members: Collection[str], *, offices: Collection[str] | None = None) -> DecisionPackage:
    """The case data that `raw` holds.

    members: names of the package's members outside META-INF, `decision.json` itself among them or not.
    offices: ids of the known offices; by default those of `gateway/rules/offices.toml`.
    Raises InputRefused with a `decision.*` code or package.member-signed-document-missing.
    """
    package = decision_format().read(raw)
    check_package(package, members=members, offices=known_offices() if offices is None else offices)
    for fault in identifier_checks().package(package):
        raise InputRefused(Code.DECISION_IDENTIFIER_INVALID, where=fault.where, expected=fault.expected)
    return package
