"""What the page of a delivery shows, in the words of a language."""

from collections.abc import Mapping, Sequence
from typing import Any, cast

from gateway.application.console.delivery import Look
from gateway.application.evidence.proof_papers import ListedPaper
from gateway.domain.acts import Action
from gateway.domain.delivery import DeliveryState
from gateway.domain.events import Event
from gateway.domain.officers_word import word_in
from gateway.domain.parties import ChannelName
from gateway.web.console.words import Words

Shown = Mapping[str, Any]
_ADDRESS = frozenset({Action.CORRECT_ADDRESS, Action.RE_SERVE})
_ENTRY = frozenset({Action.REPLACE_RECIPIENT, Action.RE_SERVE})
_BY_HAND = ("at", "place", "handed_to", "file")
_TOLD = ("at", "told_by", "file")
_UPLOADED = ("conversation", "file")
"""What each act with a proof asks for, in the order of its form."""
_WORDS = {
    "channel": "channel",
    "result": "attempt-result",
    "event": "receipt-event",
    "from": "delivery-state",
    "to": "delivery-state",
}
"""Facts of events that are codes, and the words they have."""


def head(words: Words, look: Look) -> Shown:
    """What it is, where it stands, what is wrong and what to do next."""
    delivery, dispatch = look.delivery, look.dispatch
    reason = delivery.reason.value if delivery.reason else None
    state = f"state.{delivery.state.value}"
    return {
        "id": delivery.id,
        "dispatch": dispatch.id,
        "files": ", ".join(dispatch.files),
        "division": words.word("division.code", dispatch.division.value),
        "participant": delivery.participant,
        "roles": ", ".join(words.word("role", one.value) for one in delivery.roles),
        "state": words.word("delivery-state", delivery.state.value),
        "channel": words.word("channel", delivery.channel) if delivery.channel else "",
        "due": words.date(delivery.due) if delivery.due else "",
        "meaning": words.reason(reason, "meaning") if reason else words.text(f"{state}.meaning"),
        "next": words.reason(reason, "action") if reason else words.text(f"{state}.action"),
    }


def time_line(words: Words, look: Look) -> Sequence[Shown]:
    """Everything that happened, oldest first."""
    return [_line(words, one, look.reasons.get(place, "")) for place, one in enumerate(look.events)]


def _line(words: Words, event: Event, reason: str) -> Shown:
    facts = [
        f"{words.text(f'fact.{name}')} {words.word(kind, event.facts[name])}"
        for name, kind in _WORDS.items()
        if event.facts.get(name)
    ]
    word = word_in(event.facts)
    if word is not None:
        facts += [f"{words.text('fact.sealed')} {word.officer}"]
        facts += [f"{words.text('fact.signed-in')} {words.moment(word.signed_in_at)}"]
    action = event.facts.get("action")
    code = event.facts.get("reason")
    return {
        "moment": words.moment(event.at),
        "iso": event.at.isoformat(),
        "what": words.act(action) if action else words.event(event.name.value),
        "who": event.actor,
        "facts": facts,
        "meaning": words.reason(code, "meaning") if code and words.has_reason(code) else "",
        "reason": reason,
    }


def proof_papers(words: Words, papers: Sequence[ListedPaper]) -> Sequence[Shown]:
    """The papers of proof, and which of them stand."""
    return [
        {
            "kind": words.word("proof-paper", one.paper.kind.value),
            "when": words.text("delivery.proof-draft", moment=words.moment(one.paper.made_at))
            if one.paper.signed_at is None
            else words.text("delivery.proof-signed", moment=words.moment(one.paper.signed_at)),
            "stands": one.stands,
        }
        for one in papers
    ]


def route(words: Words, look: Look) -> Shown | None:
    """Each way with the rule that opens or closes it, and its source; None where the package is no longer kept."""
    if look.route is None:
        return None
    channels = cast("Sequence[Mapping[str, Any]]", look.route["channels"])
    return {
        "plan": [words.word("channel", one) for one in look.delivery.plan],
        "ways": [way(words, one) for one in channels],
        "because": _because(words, look.route["because"]),
    }


def _because(words: Words, rule: object) -> Shown | None:
    """The rule that calls a person, where one does."""
    if not isinstance(rule, dict):
        return None
    language = words.language.value
    return {"rule": rule["explanation"][language], "source": rule["source"][language]}


def way(words: Words, verdict: Mapping[str, Any]) -> Shown:
    """A way with the rule that opens or closes it."""
    rule, reason = verdict["rule"], verdict["reason"]
    return {
        "code": verdict["channel"],
        "name": words.word("channel", verdict["channel"]),
        "open": verdict["taken"],
        "why": words.reason(reason, "meaning") if reason and words.has_reason(reason) else "",
        "rule": rule["explanation"][words.language.value],
        "source": rule["source"][words.language.value],
        "override": bool(verdict["override"]),
    }


def acts(words: Words, look: Look) -> Sequence[Shown]:
    """The acts that are possible now, each with what its form asks for."""
    return [card for one in look.possible for card in _cards(words, look, one)]


def _cards(words: Words, look: Look, action: Action) -> Sequence[Shown]:
    """The forms of an act: what was provided by hand is told in another way than what a recipient says they have."""
    awaited = look.delivery.state is DeliveryState.AWAITING_PERSON
    match action:
        case Action.RECORD_SERVICE:
            told = _left_by(words, look)
            by_hand = _card(words, action, asks=_BY_HAND)
            return [by_hand, _card(words, action, "record-receipt", asks=_TOLD, told=told)] if told else [by_hand]
        case Action.CONFIRM_SENT if awaited and look.delivery.channel == ChannelName.HAND_DELIVERY:
            return []  # handing over is recorded with its proof
        case Action.CONFIRM_SENT if awaited:
            return [_card(words, action, "confirm-upload", asks=_UPLOADED)]
        case Action.REROUTE:
            ways = route(words, look)
            return [_card(words, action) | {"channels": ways["ways"] if ways else []}]
        case _:
            return [_card(words, action)]


def _card(
    words: Words, action: Action, name: str | None = None, *, asks: Sequence[str] = (), told: Sequence[Shown] = ()
) -> dict[str, Any]:
    """name: of the form; the act's own where it has only one. told: ways by which a recipient may have it."""
    name = name or action.value
    return {
        "code": action.value,
        "name": name,
        "title": words.text(f"act.{name}.title"),
        "hint": words.text(f"act.{name}.hint"),
        "channels": [],
        "address": action in _ADDRESS,
        "entry": action in _ENTRY,
        "asks": asks,
        "told": told,
    }


def _left_by(words: Words, look: Look) -> Sequence[Shown]:
    """The ways by which it left, or may have, but by hand: that is recorded as what it is."""
    ways = dict.fromkeys(one.channel for one in look.attempts if one.may_have_left)
    return [{"code": one, "name": words.word("channel", one)} for one in ways if one != ChannelName.HAND_DELIVERY]
