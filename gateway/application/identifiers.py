"""The checks of identifiers, with their forms from `gateway/rules` and the numbering plans from `phonenumbers`."""

from functools import cache

from gateway.application.rules import read_rules, rule_text
from gateway.domain.identifiers import IdentifierChecks, Identifiers

_NORTH_AMERICA = 1


@cache
def identifier_checks() -> IdentifierChecks:
    """The checks, made when first needed."""
    name = "identifiers.toml"
    return IdentifierChecks(read_rules(name, rule_text(name), Identifiers), check_fax_number)


def check_fax_number(number: str) -> None:
    """A number in E.164 that a call can reach, without an extension. Raises ValueError.

    Ranges abroad are opened faster than a library is renewed: there a possible length is enough.
    """
    import phonenumbers  # a process that never sees a fax number does without every country's numbering plan

    try:
        parsed = phonenumbers.parse(number, None)
    except phonenumbers.NumberParseException:
        raise ValueError("no telephone number") from None
    if parsed.extension or phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164) != number:
        raise ValueError("not in E.164, or with an extension")
    at_home = parsed.country_code == _NORTH_AMERICA
    if not (phonenumbers.is_valid_number(parsed) if at_home else phonenumbers.is_possible_number(parsed)):
        raise ValueError("no number of its numbering plan")
