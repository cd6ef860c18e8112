"""Random cases from a seed: packages as strange as the format allows, a directory, and channels that are set up.

The same code draws from a plain seeded generator (`make fuzz`) and from Hypothesis, which can shrink what it drew.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace
from random import Random
from typing import Literal, TypeVar, get_args
from uuid import UUID

from gateway.application.rule_files import board_rules
from gateway.domain.case_facts import CaseFacts, ServedBefore
from gateway.domain.outcomes import OUTCOMES_OF, Division
from gateway.domain.package import (
    AlreadyProvided,
    CaseFile,
    Classification,
    Decision,
    DecisionPackage,
    Detained,
    Document,
    DocumentKind,
    Heard,
    Intervention,
    Member,
    Minister,
    Nature,
    Outcome,
    Person,
    Proceeding,
    Recourse,
    Relation,
    RelationKind,
    RemovalOrder,
    RemovalOrderAction,
    RemovalOrderKind,
    Restriction,
    RestrictionKind,
)
from gateway.domain.package_checks import PROCEEDINGS_OF
from gateway.domain.parties import (
    MAX_MESSAGE_BYTES,
    ChannelName,
    Contact,
    Designation,
    Electronic,
    Language,
    Ministry,
    OfRecord,
    Participant,
    PostalAddress,
    PreferredLanguage,
    Protection,
    Recipient,
    RecipientChannel,
    RecipientKind,
    Removal,
    Role,
)
from gateway.domain.reasons import Reason
from gateway.domain.routing import Directory, PlannedDelivery, plan
from gateway.domain.rules.book import RuleBook
from gateway.domain.ways import DocumentSize, Means, WayLimits

T = TypeVar("T")

TODAY = dt.date(2026, 11, 20)
SIGNED = dt.datetime(2026, 11, 19, 20, 0, tzinfo=dt.UTC)
CHANNELS = tuple(one.value for one in ChannelName if one is not ChannelName.OUTCOME_FEED)
POSTAL = PostalAddress(
    lines=("1 Example St",), municipality="Toronto", province="ON", postal_code="M5V 3L9", country="CA"
)
POSTALS = (POSTAL, POSTAL, POSTAL, replace(POSTAL, lines=("1 Example St #2",)))
"""The post does not carry one of them."""
FORUMS = get_args(Literal["RAD", "IAD", "FC", "none"])
MODES = get_args(Literal["in-person", "videoconference", "telephone", "in-writing"])
PERSON_ROLE = {
    Division.RPD: (Role.CLAIMANT, Role.PROTECTED_PERSON),
    Division.RAD: (Role.APPELLANT, Role.RESPONDENT),
    Division.ID: (Role.PERSON_CONCERNED,),
    Division.IAD: (Role.APPELLANT, Role.RESPONDENT),
}
ENTRIES = ("m-1", "m-2", "s-1", "c-1", "c-2", "c-3", "d-1", "u-1", "gone")
"""Directory ids that packages name; `gone` is not there."""
KINDS = {
    "m": RecipientKind.MINISTER_COUNSEL,
    "s": RecipientKind.SORTING_CENTRE,
    "c": RecipientKind.COUNSEL,
    "d": RecipientKind.DIVISION,
    "u": RecipientKind.UNHCR,
}


@dataclass(frozen=True, kw_only=True)
class Drawn:
    """A case with everything the planner asks."""

    package: DecisionPackage
    directory: Directory
    means: Means
    served_before: tuple[ServedBefore, ...] = ()
    book: RuleBook

    def case(self) -> CaseFacts:
        """The facts of the case."""
        return CaseFacts(
            package=self.package,
            book=self.book,
            today=TODAY,
            organizations=self.directory.organizations(self.package),
            served_before=self.served_before,
        )

    def plans(self) -> tuple[PlannedDelivery, ...]:
        """The plan."""
        return plan(self.case(), self.directory, self.means)


class Draw:
    """Draws values; `rarely` is one in eight."""

    def __init__(self, random: Random) -> None:
        self._random = random

    def one(self, values: Sequence[T]) -> T:
        """One of them."""
        return values[self._random.randrange(len(values))]

    def some(self, values: Sequence[T]) -> tuple[T, ...]:
        """Any of them, in order."""
        mask = self._random.randrange(1 << len(values))
        return tuple(value for place, value in enumerate(values) if mask >> place & 1)

    def number(self, least: int, most: int) -> int:
        """A number between both."""
        return self._random.randrange(least, most + 1)

    def often(self) -> bool:
        """True three times in four."""
        return self._random.randrange(4) > 0

    def rarely(self) -> bool:
        """True one time in eight."""
        return self._random.randrange(8) == 0


def draw(random: Random, book: RuleBook | None = None) -> Drawn:
    """A case."""
    by = Draw(random)
    package = _package(by)
    sizes = {
        one.path: DocumentSize(bytes=by.one((2_000, 400_000, 5_000_000)), pages=by.one((None, 3, 20, 21)))
        for one in package.documents
    }
    limits = {name: WayLimits(max_bytes=by.one((10_000_000, 1_000_000)), growth=2.6) for name in by.some(CHANNELS)}
    fault = Reason.KEY_EXPIRED if by.rarely() else None
    suspended = frozenset(by.some(CHANNELS)) if by.rarely() else frozenset()
    before: tuple[ServedBefore, ...] = ()
    if package.relation is not None and not by.often():
        before = (ServedBefore(participant="earlier", roles=(Role.COUNSEL,), recipient=by.one(("c-3", None))),)
    return Drawn(
        package=package,
        directory=_directory(by),
        means=Means(channels=limits, key_fault=lambda _: fault, suspended=suspended, sizes=sizes),
        served_before=before,
        book=book or board_rules(),
    )


def _directory(by: Draw) -> Directory:
    entries = {name: _entry(by, name) for name in ENTRIES[:-1]}

    def of_kind(kind: RecipientKind) -> list[Recipient]:
        return [entry for entry in entries.values() if entry.kind is kind]

    return Directory(by_id=entries, of_kind=of_kind)


def _entry(by: Draw, name: str) -> Recipient:
    certificate = None if by.rarely() else b"der"
    limit = 800_000 if by.rarely() else MAX_MESSAGE_BYTES
    return Recipient(
        id=name,
        name=name,
        kind=KINDS[name[0]],
        organization=by.one((None, "CBSA", "IRCC")) if name[0] == "m" else None,
        language=PreferredLanguage.BOTH,
        channels=tuple(_way(channel, certificate, limit, by.one(POSTALS)) for channel in by.some(CHANNELS)),
        divisions=frozenset({Division.RPD, Division.RAD}) if by.rarely() else frozenset(),
    )


def _way(channel: str, certificate: bytes | None, limit: int, postal: PostalAddress) -> RecipientChannel:
    return RecipientChannel(
        type=channel,
        address="a@b.example",
        protection=Protection.SMIME,
        certificate=certificate,
        max_message_bytes=limit,
        postal=postal,
    )


def _package(by: Draw) -> DecisionPackage:
    division = by.one(tuple(Division))
    persons = tuple(_person(by, division, f"p{number}") for number in range(by.number(1, 3)))
    minister = by.often() if division in {Division.ID, Division.IAD} else not by.often()
    participants = _participants(by, division, persons, minister)
    interventions = tuple(
        Intervention(organization=by.one(tuple(Ministry)), counsel=one.id)
        for one in participants
        if minister and Role.MINISTER_COUNSEL in one.roles and by.often()
    )
    names = tuple(one.id for one in participants)
    documents = tuple(_document(by, number, persons, names) for number in range(by.number(0, 4)))
    return DecisionPackage(
        schema="decision-package/1",
        package_id=UUID(int=1),
        division=division,
        office="toronto",
        files=(CaseFile(number="TC6-12345", persons=tuple(one.id for one in persons)),),
        proceeding=Proceeding(
            type=by.one(sorted(PROCEEDINGS_OF[division])),
            nature=Nature.INTERLOCUTORY if by.rarely() else Nature.FINAL,
        ),
        persons=persons,
        decision=_decision(by, division),
        private_proceeding=by.often() if division in {Division.RPD, Division.RAD} else by.rarely(),
        classification=by.one(tuple(Classification)),
        minister=Minister(party=minister, present_at_decision=by.one((None, True, False)), interventions=interventions),
        participants=participants,
        documents=documents,
        relation=Relation(kind=by.one(tuple(RelationKind)), of=UUID(int=2)) if by.rarely() else None,
        restrictions=(Restriction(kind=by.one(tuple(RestrictionKind))),) if by.rarely() else (),
        sensitive=by.rarely(),
        already_provided=_handed_over(by, names, documents),
    )


def _person(by: Draw, division: Division, name: str) -> Person:
    order = None
    if not by.often():
        order = RemovalOrder(kind=by.one(tuple(RemovalOrderKind)), action=by.one(tuple(RemovalOrderAction)))
    return Person(
        id=name,
        family_name="X",
        outcome=Outcome(code=by.one(sorted(OUTCOMES_OF[division])), removal_order=order),
        detained=Detained(facility="jail-1") if by.rarely() else None,
        recourse=Recourse(forum=by.one(FORUMS)) if by.often() else None,
    )


def _decision(by: Draw, division: Division) -> Decision:
    heard = (Heard(date=TODAY, mode=by.one(MODES)),) if by.often() else ()
    return Decision(
        form="written" if division is Division.RAD else by.one(("oral", "written")),
        signed_at=SIGNED,
        language=by.one(tuple(Language)),
        members=(Member(name="M"),),
        reasons=by.one(("with-notice", "with-notice", "on-request", "to-follow")),
        heard=heard,
    )


def _participants(by: Draw, division: Division, persons: Sequence[Person], minister: bool) -> tuple[Participant, ...]:
    ids = tuple(one.id for one in persons)
    found = [
        _one(by, f"a{place}", (by.one(PERSON_ROLE[division]),), (name,)) for place, name in enumerate(ids) if by.often()
    ]
    if by.often():
        found.append(_one(by, "c1", (Role.COUNSEL,), ids if by.often() else ids[:1]))
    if by.rarely():
        found.append(_one(by, "c2", (Role.COUNSEL, Role.DESIGNATED_REPRESENTATIVE), ids[-1:]))
    if by.rarely():
        found.append(_one(by, "r1", (Role.DESIGNATED_REPRESENTATIVE,), by.some(ids)))
    if by.often() is minister:
        found.append(_one(by, "m1", (Role.MINISTER_COUNSEL,), ()))
    if by.rarely():
        found.append(_one(by, "m2", (Role.MINISTER_COUNSEL,), ()))
    if by.rarely():
        found.append(_one(by, "s1", (Role.SORTING_CENTRE,), ()))
    if by.rarely():
        others = (Role.UNHCR, Role.INTERESTED_PERSON, Role.DIVISION, *Role)
        found.append(_one(by, "x1", (by.one(others),), ids[:1]))
    return tuple(found) or (_one(by, "c1", (Role.COUNSEL,), ids),)


def _one(by: Draw, name: str, roles: tuple[Role, ...], represents: tuple[str, ...]) -> Participant:
    recipient = by.one(ENTRIES) if by.often() else None
    plain = Participant(
        id=name,
        roles=roles,
        represents=represents,
        language=by.one((None, PreferredLanguage.EN, PreferredLanguage.FR)),
        made_submissions=by.one((None, True, False)),
        fax_over_20_pages_consent=by.one((None, True, False)),
        recipient=recipient,
        contact=None if recipient else _contact(by),
    )
    if by.often():
        return plain
    return replace(
        plain,
        electronic=Electronic(accepts=by.often(), withdrawn_at=SIGNED if by.rarely() else None),
        of_record=OfRecord(until=by.one((None, dt.date(2026, 11, 1), TODAY)), removal=by.one((None, *Removal))),
        designation=Designation(basis="minor", ends=by.one((None, dt.date(2026, 11, 1), dt.date(2027, 1, 1)))),
    )


def _contact(by: Draw) -> Contact:
    if by.rarely():
        return Contact(unknown=True)
    return Contact(
        postal=by.one(POSTALS) if by.often() else None,
        fax="+14165550123" if by.often() else None,
        email="a@b.example",
    )


def _document(by: Draw, number: int, persons: Sequence[Person], participants: Sequence[str]) -> Document:
    return Document(
        path=f"documents/{number}.pdf",
        kind=by.one((DocumentKind.REASONS, DocumentKind.REASONS, *DocumentKind)),
        language=Language.EN,
        media_type="application/pdf",
        persons=() if by.often() else by.some([one.id for one in persons]),
        recipients=() if by.often() else by.some(participants),
        version=by.one(("full", "full", "full", "redacted", "non-disclosure")) if by.rarely() else "full",
    )


def _handed_over(by: Draw, names: Sequence[str], documents: Sequence[Document]) -> tuple[AlreadyProvided, ...]:
    if not documents or not by.rarely():
        return ()
    paths = tuple(one.path for one in documents)
    return (
        AlreadyProvided(
            participant=by.one(names), documents=by.some(paths) or paths, by="A member", at=SIGNED, place="Toronto"
        ),
    )


def raised(drawn: Drawn, random: Random) -> Drawn:
    """The same case under a higher protection."""
    by, package = Draw(random), drawn.package
    order = Restriction(kind=RestrictionKind.CONFIDENTIALITY_ORDER)
    ban = Restriction(kind=RestrictionKind.PUBLICATION_BAN)
    refused = tuple(replace(one, electronic=Electronic(accepts=False)) for one in package.participants)
    higher = by.one(
        (
            replace(package, private_proceeding=True),
            replace(package, sensitive=True),
            replace(package, restrictions=(*package.restrictions, order)),
            replace(package, restrictions=(*package.restrictions, ban)),
            replace(package, classification=Classification.PROTECTED_B),
            replace(package, participants=refused),
        )
    )
    return replace(drawn, package=higher)
