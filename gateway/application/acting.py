"""Whatever a person does with a delivery (INTERFACE.md, `gateway resolve`), asked the same way by every door."""

import datetime as dt
from dataclasses import dataclass

from gateway.application.reroute import Reroute
from gateway.application.resolve import Resolve
from gateway.application.service_record import HandService, RecordService
from gateway.domain.acts import Action
from gateway.domain.codes import Code
from gateway.domain.delivery import Delivery
from gateway.domain.problem import InputRefused


@dataclass(frozen=True, kw_only=True)
class AskedAct:
    """What is asked for. channel: of a reroute. at, place, handed_to, proof: of a service by hand."""

    action: Action
    reason: str
    channel: str | None = None
    at: dt.datetime | None = None
    place: str | None = None
    handed_to: str | None = None
    proof: bytes | None = None


class Act:
    """Does what is asked, if all is said that it needs and nothing else."""

    def __init__(self, *, resolve: Resolve, reroute: Reroute, record_service: RecordService) -> None:
        self._resolve = resolve
        self._reroute = reroute
        self._record_service = record_service

    def __call__(self, delivery_id: str, asked: AskedAct, *, actor: str) -> Delivery:
        """The delivery after the act.

        Raises InputRefused (request.invalid: something is missing, or does not belong to the act), and what
        `Resolve`, `Reroute` and `RecordService` raise.
        """
        if asked.action is Action.REROUTE and asked.channel is not None:
            _only(asked, {"channel"})
            return self._reroute(delivery_id, asked.channel, actor=actor, reason=asked.reason)
        if asked.action is Action.RECORD_SERVICE and (service := _service(asked)) is not None:
            _only(asked, {"at", "place", "handed_to", "proof"})
            return self._record_service(delivery_id, service, actor=actor, reason=asked.reason)
        needed = _NEEDED.get(asked.action)
        if needed is not None:
            raise InputRefused(Code.REQUEST_INVALID, where=asked.action.value, expected=needed)
        _only(asked, set())
        return self._resolve(delivery_id, asked.action, actor=actor, reason=asked.reason)


_NEEDED = {Action.REROUTE: "channel", Action.RECORD_SERVICE: "at, place, handed-to, file"}
_OPTIONAL = ("channel", "at", "place", "handed_to", "proof")


def _only(asked: AskedAct, belongs: set[str]) -> None:
    for name in _OPTIONAL:
        if name not in belongs and getattr(asked, name) is not None:
            raise InputRefused(Code.REQUEST_INVALID, where=name, expected=asked.action.value)


def _service(asked: AskedAct) -> HandService | None:
    """None where something is not said."""
    if asked.at is None or asked.place is None or asked.handed_to is None or asked.proof is None:
        return None
    return HandService(at=asked.at, place=asked.place, handed_to=asked.handed_to, proof=asked.proof)
