"""Another address for one delivery than its signed package and the directory gave: on the word of two people."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from gateway.domain.package import DecisionPackage
from gateway.domain.parties import Contact, Participant


@dataclass(frozen=True, kw_only=True)
class GivenAddress:
    """How a participant is reached now: either by an entry of the directory or by a contact of their own.

    Whoever shares the envelope, as the same entry of the directory, is reached there with them.
    """

    participant: str
    recipient: str | None = None
    contact: Contact | None = None


def readdressed(package: DecisionPackage, given: Iterable[GivenAddress]) -> DecisionPackage:
    """The package with these addresses in place of those it was signed with."""
    for address in given:
        named = package.participant(address.participant)
        if named is not None:
            participants = tuple(_moved(one, named, address) for one in package.participants)
            package = replace(package, participants=participants)
    return package


def _moved(participant: Participant, named: Participant, address: GivenAddress) -> Participant:
    shares = named.recipient is not None and participant.recipient == named.recipient
    if participant.id != named.id and not shares:
        return participant
    return replace(participant, recipient=address.recipient, contact=address.contact)
