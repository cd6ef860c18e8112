"""What must hold of every plan, said again without the engine's own shortcuts."""

from collections.abc import Mapping, Sequence
from dataclasses import fields
from functools import cache

from gateway.domain.audience import persons_of
from gateway.domain.case_facts import PERSON_ROLES
from gateway.domain.outcomes import Division
from gateway.domain.package import DecisionPackage, Document, RestrictionKind
from gateway.domain.parties import Participant, Role
from gateway.domain.provision import Provision
from gateway.domain.routing import PlannedDelivery
from gateway.domain.rules.conditions import Condition
from gateway.domain.rules.facts import Facts
from gateway.domain.rules.rule import Rule, Standing
from gateway.domain.ways import Envelope, Opened, ways_to
from tests.routing.generator import CHANNELS, Drawn

ELECTRONIC = frozenset({"encrypted-email", "secure-upload"})
RECEIVES_FOR = PERSON_ROLES | {Role.COUNSEL, Role.DESIGNATED_REPRESENTATIVE}


def check(drawn: Drawn, plans: Sequence[PlannedDelivery]) -> None:
    """Raises AssertionError at the first invariant that a plan breaks."""
    for one in plans:
        _check_whole(drawn, one)
        _check_rules(drawn, one)
        _check_audience(drawn.package, one.provision)
        _check_protection(drawn.package, one)
    _check_required(drawn, plans)


def check_raised(before: Sequence[PlannedDelivery], after: Sequence[PlannedDelivery]) -> None:
    """A higher protection adds no channel to anybody's plan."""
    had = {one.participant.id: set(one.channels) for one in before}
    for one in after:
        assert set(one.channels) <= had[one.participant.id], "a higher protection opened a channel"


def _check_whole(drawn: Drawn, one: PlannedDelivery) -> None:
    if one.to_send:
        assert bool(one.channels) != (one.reason is not None), "neither a way nor a reason, or both"
        assert (one.because is not None) == (one.reason is not None), "a reason without its rule"
    else:
        assert not one.channels, "something is sent to who does not receive"
    assert set(one.channels) <= set(drawn.means.channels), "a channel that is not set up"
    assert not drawn.means.suspended & set(one.channels), "a carrier that stands still is given something"
    assert len(set(one.channels)) == len(one.channels)


def _check_rules(drawn: Drawn, one: PlannedDelivery) -> None:
    """No plan holds, and nobody may ask for, a channel that a rule closes or that no order offers."""
    rules, settings = drawn.book.rules, drawn.book.settings
    pages = drawn.means.load(one.provision.documents).pages
    may_take = [name for name in CHANNELS if name in one.channels or (one.to_send and one.may_take(name))]
    for fact in one.provision.facts:
        facts = fact._replace(pages=pages)
        if may_take:
            closed = {name for gate in rules.gate if holds(gate, facts, settings) for name in gate.channels}
            orders = [order for order in rules.order if holds(order, facts, settings)]
            offered = {name for order in orders for name in order.channels}
            on_request = {name for order in orders for name in order.by_person}
            assert not closed & set(may_take), "a way is open that a rule closes"
            assert offered | on_request >= set(may_take), "a way is open that no rule offers"
            assert offered >= set(one.channels), "a way is planned that is taken on request alone"
        _check_override(drawn, one, facts)
        if one.to_send and one.reason is None:
            assert not any(holds(ask, facts, settings) for ask in rules.ask), "a rule calls a person, and it is sent"


def _check_override(drawn: Drawn, one: PlannedDelivery, facts: Facts) -> None:
    """Whatever two people approve, a way opens only where every rule that closes it grants that."""
    gates = [gate for gate in drawn.book.rules.gate if holds(gate, facts, drawn.book.settings)]
    strict = {name for gate in gates if gate.override is None for name in gate.channels}
    assert not any(one.may_override(name) for name in strict), "an override that no rule grants"
    if not one.verdicts:
        return
    envelope = Envelope(
        participant=one.participant,
        recipient=one.recipient,
        facts=one.provision.facts,
        load=drawn.means.load(one.provision.documents),
    )
    everything = frozenset(gate.id for gate in drawn.book.rules.gate)
    closed = {name for gate in gates for name in gate.channels}
    for name in closed & set(drawn.means.channels):
        opened = Opened(channel=name, gates=everything)
        taken = set(ways_to(envelope, drawn.book, drawn.means, opened).channels)
        assert not taken & strict, "a closed way was opened"
        assert not (taken & closed) - {name}, "another way was opened than the one that two people opened"


def _check_audience(package: DecisionPackage, provision: Provision) -> None:
    members = [package.participant(name) or provision.participant for name in provision.members]
    for document in provision.documents:
        assert any(_may_see(package, document, member) for member in members), "a document outside its audience"


def _may_see(package: DecisionPackage, document: Document, member: Participant) -> bool:
    named = not document.recipients or member.id in document.recipients
    persons = {one.id for one in persons_of(package, member)}
    return named and (not document.persons or bool(persons & set(document.persons)))


def _check_protection(package: DecisionPackage, one: PlannedDelivery) -> None:
    """The memo and the Board's pages, said outright: whatever staff ask, these stay off electronic ways."""
    kinds = {restriction.kind for restriction in package.restrictions}
    confidential = package.sensitive or RestrictionKind.CONFIDENTIALITY_ORDER in kinds
    barred = package.division in {Division.ID, Division.IAD} and (confidential or package.private_proceeding)
    barred = barred or (package.division is Division.IAD and RestrictionKind.PUBLICATION_BAN in kinds)
    members = [package.participant(name) for name in one.provision.members]
    electronic = [member.electronic for member in members if member is not None and member.electronic is not None]
    kept_off = one.provision.standing is not Standing.NOT_PROVIDED and len(electronic) == len(members)
    refused = kept_off and all(not said.accepts or said.withdrawn_at is not None for said in electronic)
    if barred or refused:
        assert not any(one.may_take(name) for name in ELECTRONIC), "an electronic way for what is kept off it"
    if RestrictionKind.TRANSMISSION_BAN in kinds:
        assert not one.channels, "a ban on transmission was passed over"


def _check_required(drawn: Drawn, plans: Sequence[PlannedDelivery]) -> None:
    """Everybody whom a rule names is in a plan, in a person's queue, or was handed it."""
    package, case = drawn.package, drawn.case().case
    there = [one for one in plans if one.provision.standing in {Standing.SERVED, Standing.ASK}]
    assert all(one.channels or one.reason or one.provision.handed_over for one in there)
    for rule in drawn.book.rules.required:
        if not holds(rule, case, drawn.book.settings):
            continue
        if rule.each == "package":
            assert any(rule.role in one.participant.roles for one in there), f"{rule.role} was forgotten"
        elif rule.each == "person":
            reached = {
                person.id
                for one in there
                if RECEIVES_FOR & set(one.participant.roles)
                for person in persons_of(package, one.participant)
            }
            assert reached >= {person.id for person in package.persons}, "a person was forgotten"
        else:
            known = {name for one in plans for name in one.provision.members}
            known |= {one.participant.recipient or "" for one in plans}
            assert all(one.participant in known or one.recipient in known for one in drawn.served_before)


def holds(rule: Rule, facts: Facts, settings: Mapping[str, str]) -> bool:
    """Whether the rule's condition and setting hold, field by field."""
    asked, over = _asked(rule)
    if any(getattr(facts, name) not in values for name, values in asked):
        return False
    standing = not rule.setting or any(f"{name}={value}" in rule.setting for name, value in settings.items())
    return standing and (over is None or facts.pages > over)


@cache
def _asked(rule: Rule) -> tuple[tuple[tuple[str, tuple[object, ...]], ...], int | None]:
    """What the rule asks for, as its file says it."""
    named = {one.name: getattr(rule.when, one.name) for one in fields(Condition)}
    over = named.pop("pages_over")
    asked = {
        name: value if isinstance(value, tuple) else (value,) for name, value in named.items() if value is not None
    }
    return tuple(asked.items()), over
