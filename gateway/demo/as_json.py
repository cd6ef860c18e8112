"""What the demonstration tells a program: one JSON document, without names."""

from collections.abc import Sequence

from gateway.demo import words
from gateway.demo.counsel import OPENED_WITH
from gateway.demo.forgeries import Forgery
from gateway.demo.inbox import Check
from gateway.demo.play import Outcome
from gateway.demo.results import DeliveryResult, PackageResult
from gateway.domain.digest import sha256
from gateway.domain.parties import Language
from templates.problem_document import problem_document


def document(outcome: Outcome, language: Language) -> dict[str, object]:
    """The outcome as plain values."""
    return {
        "good": outcome.good,
        "seconds": round(outcome.seconds, 3),
        "opened": outcome.opened,
        "needs_person": outcome.waiting,
        "packages": [_package(one, language) for one in outcome.packages],
        "refused": [_refused(one, language) for one in outcome.forgeries],
        "feed": {
            "told": outcome.feed.told,
            "accepted": outcome.feed.accepted,
            "rejected": outcome.feed.rejected,
            "open": outcome.feed.open,
        }
        if outcome.feed
        else None,
        "at_rest": {
            "files": outcome.at_rest.files,
            "bytes": outcome.at_rest.size,
            "words": outcome.at_rest.words,
            "found": list(outcome.at_rest.found),
        },
    }


def _package(package: PackageResult, language: Language) -> dict[str, object]:
    dispatch, decision = package.dispatch, package.written.decision
    return {
        "dispatch": dispatch.id,
        "package_id": str(dispatch.package_id),
        "division": dispatch.division.value,
        "office": dispatch.office,
        "files": list(dispatch.files),
        "accepted_at": dispatch.accepted_at.isoformat(),
        "due": dispatch.due.isoformat() if dispatch.due else None,
        "outcomes": [{"person": one.id, "code": one.outcome.code.value} for one in decision.persons],
        "decided": [{"files": files, "text": text} for files, text in words.outcomes(package, language)],
        "deliveries": [_delivery(one, language) for one in package.deliveries],
    }


def _delivery(result: DeliveryResult, language: Language) -> dict[str, object]:
    delivery, after = result.delivery, result.handed_over_after
    return {
        "delivery": delivery.id,
        "participant": delivery.participant,
        "roles": [role.value for role in delivery.roles],
        "recipient": delivery.recipient,
        "language": delivery.language.value,
        "channel": delivery.channel,
        "state": delivery.state.value,
        "reason": delivery.reason.value if delivery.reason else None,
        "reason_text": words.reason(delivery.reason, language)["meaning"] if delivery.reason else None,
        "handed_over_after": round(after.total_seconds(), 3) if after else None,
        "opened_with": result.opened_with,
        "checks": _checks(result),
        "failed": result.failed.value if result.failed else None,
        "documents": _documents(result),
    }


def _checks(result: DeliveryResult) -> Sequence[str]:
    """Those that held, of those there are: what is collected is no message."""
    asked = (Check.CAME, Check.OPENS, Check.SAME) if result.opened_with == OPENED_WITH else tuple(Check)
    return [check.value for check in asked] if result.documents else []


def _documents(result: DeliveryResult) -> Sequence[dict[str, object]]:
    return [
        {"name": one.name, "pages": one.pages, "size": len(one.content), "digest": sha256(one.content)}
        for one in result.documents
    ]


def _refused(forgery: Forgery, language: Language) -> dict[str, object]:
    refusal = forgery.refusal
    title = problem_document(refusal, language)["title"] if refusal else None
    return {"forgery": forgery.name, "code": refusal.code.value if refusal else None, "title": title}
