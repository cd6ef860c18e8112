"""Another address for an entry of the directory: what stands beside what shall, the key at the new address, and what is
still to be sent to it. A second person approves."""

from collections.abc import Mapping, Sequence
from typing import Any

from fastapi import Response

from gateway.application.acts.contact_json import read_contact
from gateway.application.people.approvals import Outcome
from gateway.application.recipients.entry_address import MOST_BORNE_ON, AddressLook, SaidKey
from gateway.domain.accounts import Permission
from gateway.domain.delivery import DeliveryState
from gateway.domain.parties import Contact, PostalAddress, RecipientChannel
from gateway.domain.problem import Conflict, InputRefused, Problem
from gateway.domain.work_list import WorkRow
from gateway.web.console.delivery.asking import contact_of, tidied, where_of
from gateway.web.console.directory import MOST_KEY, place_of
from gateway.web.console.door import Brings, Door
from gateway.web.console.visit import Fields, Visit

_FILE, _PRINT = "file", "fingerprint"
_POSTAL = ("lines", "municipality", "province", "postal_code", "country")
_KEYS = frozenset({_FILE, _PRINT})
_S = DeliveryState
_BECOMES = {
    _S.BATCHED: "address.batched",
    _S.SENDING: "address.left",
    _S.UNCONFIRMED: "address.left",
    _S.AWAITING_PERSON: "address.clerk",
    _S.HELD: "address.held",
    _S.NEEDS_PERSON: "address.decide",
    _S.FAILED: "address.decide",
}
"""What becomes of a delivery that is still to be sent; all others go by themselves."""


def add_to(door: Door) -> None:
    """Its routes."""
    door.shows("/directory/{recipient}/ways/{way}", shown, needs=Permission.RECIPIENTS)
    brings = Brings(octets=MOST_KEY)
    door.does("/directory/{recipient}/ways/{way}", change, needs=Permission.RECIPIENTS, brings=brings)


def shown(at: Visit) -> Response:
    """The way as it stands, and the form."""
    return _page(at, {})


def change(at: Visit, fields: Fields) -> Response:
    """The address is proposed, or changed where there is no second person yet."""
    typed = tidied(fields)
    said = SaidKey(raw=at.files.get(_FILE) or None, fingerprint=typed.get(_PRINT) or None)
    try:
        made = at.console.entry_address(
            *_named(at),
            _contact(typed),
            key=said,
            actor=at.actor,
            reason=typed.get("reason", ""),
            seen=typed.get("seen"),
        )
    except (InputRefused, Conflict) as problem:
        return _page(at, typed, problem)
    done = "applied" if made.outcome is Outcome.APPLIED else "proposed"
    return at.to(f"/directory/{_named(at)[0]}", done=f"address-{done}")


def _contact(typed: Fields) -> Contact:
    """What was typed; that nothing was is for who knows what the way needs."""
    raw = contact_of(typed)
    return Contact() if raw is None else read_contact(raw)


def _page(at: Visit, typed: Fields, problem: Problem | None = None) -> Response:
    look, words = _look(at), at.words
    asks = _asks(look.way)
    where = _field(at, problem, asks) if problem else ""
    return at.page(
        "address",
        status=problem.http_status if problem else 200,
        id=look.entry.id,
        name=look.entry.name,
        way=look.way.type,
        channel=words.word("channel", look.way.type),
        stands=place_of(look.way),
        together=[words.word("channel", one) for one in look.together if one != look.way.type],
        key=_key(at, look.way),
        asks=asks,
        seen=typed.get("seen") or look.version,
        waiting=[_row(at, one) for one in look.waiting[:MOST_BORNE_ON]],
        more=len(look.waiting) > MOST_BORNE_ON,
        wrong=words.wrong(problem, where) if problem else "",
        wrong_where=where,
        typed=dict(typed) or _standing(look.way.postal),
    )


def _look(at: Visit) -> AddressLook:
    return at.console.entry_address.look(*_named(at), viewer=at.actor)


def _named(at: Visit) -> tuple[str, str]:
    return str(at.request.path_params["recipient"]), str(at.request.path_params["way"])


def _asks(way: RecipientChannel) -> Sequence[str]:
    """The fields of its address."""
    if way.address is not None:
        return ("email",)
    return ("fax",) if way.number is not None else _POSTAL


def _field(at: Visit, problem: Problem, asks: Sequence[str]) -> str:
    """The field that it is about; empty where it is about the whole, as where somebody else was quicker."""
    where = where_of(problem)
    if where in {*asks, *_KEYS, "reason"}:
        return where
    if str(problem.code).startswith("key."):
        return _FILE if at.files.get(_FILE) else _PRINT
    return "" if isinstance(problem, Conflict) else asks[0]


def _key(at: Visit, way: RecipientChannel) -> str:
    """The fingerprint of the key that stands; empty where the way has none."""
    key = at.gateway.keyring.key(way)
    return at.words.fingerprint(key["fingerprint"]) if key else ""


def _standing(postal: PostalAddress | None) -> Mapping[str, str]:
    """A postal address as its fields hold it, to be changed; a mail address or a number is typed anew."""
    if postal is None:
        return {}
    told = {name: getattr(postal, name) or "" for name in _POSTAL if name != "lines"}
    return told | {"lines": "\n".join(postal.lines)}


def _row(at: Visit, one: WorkRow) -> Mapping[str, Any]:
    delivery, words = one.delivery, at.words
    return {
        "id": delivery.id,
        "files": ", ".join(one.files),
        "state": words.word("delivery-state", delivery.state.value),
        "channel": words.word("channel", delivery.channel) if delivery.channel else "",
        "due": words.date(delivery.due) if delivery.due else "",
        "becomes": words.text(_BECOMES.get(delivery.state, "address.goes")),
    }
