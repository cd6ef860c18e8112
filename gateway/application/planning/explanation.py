"""A plan with its reasons as plain values: for each participant the channels in order, and the rule behind each choice.

Sources and explanations stand in both languages, as the rule files have them; whoever shows them chooses.
"""

import datetime as dt
from collections.abc import Sequence

from gateway.application.views import View
from gateway.domain.package import DecisionPackage, Document, DocumentKind
from gateway.domain.provision import Provision
from gateway.domain.routing import PlannedDelivery
from gateway.domain.rules.rule import AnyRule, Bilingual, EnclosureRule, GateRule
from gateway.domain.ways import Verdict


def explained(decision: DecisionPackage, plans: Sequence[PlannedDelivery], due: dt.date) -> View:
    """The whole plan of a package, due by that day. It names participants by their ids, never by their names."""
    return {
        "package_id": str(decision.package_id),
        "division": decision.division.value,
        "office": decision.office,
        "files": [file.number for file in decision.files],
        "private_proceeding": decision.private_proceeding,
        "sensitive": decision.sensitive,
        "restrictions": [one.kind.value for one in decision.restrictions],
        "classification": decision.classification.value,
        "minister_party": decision.minister.party,
        "due": due.isoformat(),
        "participants": [_participant(one) for one in plans],
    }


def _participant(planned: PlannedDelivery) -> View:
    provision = planned.provision
    return {
        "participant": provision.participant.id,
        "members": list(provision.members),
        "roles": [role.value for role in provision.participant.roles],
        "represents": list(provision.participant.represents),
        "listed": provision.listed,
        "recipient": planned.recipient.id if planned.recipient else None,
        "address_from": _address_from(planned),
        "language": planned.language.value,
        "standing": provision.standing.value,
        "handed_over": provision.handed_over,
        "rules": [_rule(one) for one in provision.rules],
        "documents": _documents(provision),
        "plan": list(planned.channels),
        "channels": [_verdict(one) for one in planned.verdicts],
        "reason": planned.reason.value if planned.reason else None,
        "because": _rule(planned.because) if planned.because else None,
    }


def _address_from(planned: PlannedDelivery) -> str | None:
    """Where the address stands: the directory, or the contact that the signed package gives."""
    if planned.recipient is not None:
        return "directory"
    contact = planned.participant.contact
    return None if contact is None or contact.unknown else "package"


def _documents(provision: Provision) -> list[View]:
    """What is given, a notice of ours first, each with the rule that gives it."""
    rules = dict(provision.enclosures)
    ours: list[View] = []
    if provision.notice:
        kind = DocumentKind.NOTICE
        ours.append({"path": None, "kind": kind.value, "language": None, "version": "full", "rule": _rule(rules[kind])})
    return ours + [_document(one, rules[one.kind]) for one in provision.documents]


def _document(document: Document, rule: EnclosureRule) -> View:
    return {
        "path": document.path,
        "kind": document.kind.value,
        "language": document.language.value,
        "version": document.version,
        "rule": _rule(rule),
    }


def _verdict(verdict: Verdict) -> View:
    return {
        "channel": verdict.channel,
        "taken": verdict.taken,
        "offered": verdict.offered,
        "on_request": verdict.on_request,
        "reason": verdict.reason.value if verdict.reason else None,
        "size": verdict.size,
        "limit": verdict.limit,
        "rule": _rule(verdict.rule),
        "override": [_override(gate) for gate in verdict.gates] if verdict.may_override else None,
    }


def _override(gate: GateRule) -> View:
    """By which rule two people together may open the way."""
    if gate.override is None:
        raise LookupError(gate.id)  # asked only where each of them grants one
    granted = gate.override
    return {"id": gate.id, "source": _both(granted.source), "explanation": _both(granted.explanation)}


def _rule(rule: AnyRule) -> View:
    return {"id": rule.id, "source": _both(rule.source), "explanation": _both(rule.explanation)}


def _both(text: Bilingual) -> View:
    return {"en": text.en, "fr": text.fr}
