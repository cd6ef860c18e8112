"""Whom papers address: the participant as the package names them, completed from the recipient directory."""

from collections.abc import Sequence

from gateway.domain.envelope import postal_code_of
from gateway.domain.package import Person
from gateway.domain.parties import Participant, PostalAddress, Recipient
from gateway.ports.papers import Addressee


def addressee_of(
    participant: Participant | None, recipient: Recipient | None, persons: Sequence[Person] = ()
) -> Addressee:
    """The addressee. persons: those the participant stands for, who lend their names where nobody else is named.

    What was planned from the directory alone has no participant.
    """
    name = (participant.name if participant else None) or (recipient.name if recipient else None)
    organization = participant.organization if participant else None
    postal = participant.contact.postal if participant and participant.contact else None
    return Addressee(
        name=name or ", ".join(_full_name(one) for one in persons) or None,
        organization=organization or (recipient.organization if recipient else None),
        attention=participant.attention if participant else None,
        lines=_lines(postal) if postal else (),
        reference=participant.reference if participant else None,
    )


def _full_name(person: Person) -> str:
    return " ".join(part for part in (person.given_name, person.family_name) if part)


def _lines(postal: PostalAddress) -> tuple[str, ...]:
    place = " ".join(part for part in (postal.municipality, postal.province, postal_code_of(postal)) if part)
    return (*postal.lines, place)
