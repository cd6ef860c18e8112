"""What waits for a second person: what stands and what shall stand side by side, to approve or to refuse."""

from collections.abc import Sequence

from fastapi import Response

from gateway.application.recipients.proposal_views import differences
from gateway.application.views import View
from gateway.domain.accounts import Permission
from gateway.domain.problem import Conflict, InputRefused, NotAllowed, Problem
from gateway.domain.proposals import ABOUT_A_DELIVERY, ChangeKind, Proposal
from gateway.web.console.door import Door
from gateway.web.console.visit import Fields, Visit
from templates.words import capitalized

_WORDS = {"channel": "channel", "kind": "recipient-kind", "divisions": "division.code", "offices": "office"}
"""Fields whose values are codes, and the words for these."""
_KEYS = frozenset({"certificate", "public_key", "crls", "intermediates", "signer", "fingerprint"})
"""Fields that are shown by a fingerprint, with what kind of key it is after it."""
_BY_FINGERPRINT = frozenset({ChangeKind.ANCHOR, ChangeKind.RECIPIENT_ANCHOR})
"""Changes whose subject is a fingerprint."""
_DONE = frozenset({"approved", "refused", "proposed"})


def add_to(door: Door) -> None:
    """Its routes."""
    door.shows("/approvals", listed)
    door.shows("/approvals/{proposal}", shown, needs=Permission.APPROVE)
    door.does("/approvals/{proposal}/approval", approve, needs=Permission.APPROVE)
    door.does("/approvals/{proposal}/refusal", refuse, needs=Permission.APPROVE)


def listed(at: Visit) -> Response:
    """All that wait, oldest first."""
    waiting = at.gateway.approvals.waiting(viewer=at.actor)
    files = at.gateway.approvals.files_of(waiting)
    proposals = [_line(at, one) | {"about": _about(one, files.get(one.id, ()))} for one in waiting]
    done = at.request.query_params.get("done", "")
    return at.page("approvals", approving=Permission.APPROVE, proposals=proposals, done=done if done in _DONE else "")


def shown(at: Visit) -> Response:
    """One of them."""
    return _page(at, at.request.path_params["proposal"])


def approve(at: Visit, fields: Fields) -> Response:
    """The change is made."""
    return _decide(at, fields, approved=True)


def refuse(at: Visit, fields: Fields) -> Response:
    """The change is not made."""
    return _decide(at, fields, approved=False)


def _decide(at: Visit, fields: Fields, *, approved: bool) -> Response:
    proposal, reason = at.request.path_params["proposal"], fields.get("reason", "")
    approvals = at.gateway.approvals
    try:
        (approvals.approve if approved else approvals.refuse)(proposal, actor=at.actor, reason=reason)
    except (InputRefused, NotAllowed, Conflict) as problem:
        return _page(at, proposal, problem=problem, typed=reason)
    return at.to("/approvals", done="approved" if approved else "refused")


def _page(at: Visit, proposal_id: str, *, problem: Problem | None = None, typed: str = "") -> Response:
    proposal, standing, content, reason = at.gateway.approvals.look(proposal_id, viewer=at.actor)
    changes = differences(standing, content, at.gateway.keyring.certificate)
    return at.page(
        "approval",
        status=problem.http_status if problem else 200,
        proposal=_line(at, proposal) | {"open": proposal.decided_at is None},
        decided=_decided(at, proposal),
        reason=reason,
        changes=[_change(at, one) for one in changes],
        wrong=at.words.told(problem)[1] if problem else "",
        typed=typed,
        own=proposal.proposed_by == at.actor,
        cautions=[at.words.word("caution", one.value) for one in proposal.cautions],
    )


def _change(at: Visit, change: View) -> dict[str, str]:
    """A field in words, with what stands and what shall."""
    path = str(change["field"])
    before, after = (_shown(at, path, change[one]) for one in ("before", "after"))
    return {"field": _field(at, path), "before": before, "after": after}


def _field(at: Visit, path: str) -> str:
    """What the field is called where it is asked for, and of which way it is; one that nobody is asked for by its
    name in the file."""
    *above, name = path.split(".")
    key = next((one for one in (f"field.{name}", f"act.{name}") if at.words.has(one)), None)
    if key is None:
        return path
    way = above[1] if len(above) > 1 and above[0] == "channels" else ""
    return f"{at.words.text(key)} · {at.words.word('channel', way)}" if way else at.words.text(key)


def _shown(at: Visit, path: str, value: object) -> str:
    """A value of a field; of several, each."""
    if isinstance(value, list):
        return ", ".join(_shown(at, path, one) for one in value)
    if value is None:
        return "–"
    name = path.rpartition(".")[2]
    if name == "action" and at.words.has(f"act.{value}.title"):
        return at.words.text(f"act.{value}.title")
    if name in _KEYS:
        print_of, _, rest = str(value).partition(" ")
        return f"{at.words.fingerprint(print_of)} {rest}".rstrip()
    kind = _WORDS.get(name)
    return at.words.word(kind, value) if kind else str(value)


def _about(proposal: Proposal, files: Sequence[str]) -> str:
    """What tells it from others of its kind; of an authority its page shows the fingerprint."""
    return ", ".join(files) or ("" if proposal.kind in _BY_FINGERPRINT else proposal.subject)


def _line(at: Visit, proposal: Proposal) -> dict[str, object]:
    return {
        "id": proposal.id,
        "kind": capitalized(at.words.word("change-kind", proposal.kind.value)),
        "delivery": proposal.subject if proposal.kind in ABOUT_A_DELIVERY else "",
        "by": proposal.proposed_by,
        "at": at.words.moment(proposal.proposed_at),
    }


def _decided(at: Visit, proposal: Proposal) -> str:
    if proposal.decided_at is None or proposal.decided_by is None:
        return ""
    return at.words.text(
        "approvals.decided",
        state=at.words.word("proposal-state", proposal.state.value),
        who=proposal.decided_by,
        moment=at.words.moment(proposal.decided_at),
    )
