"""One act on several deliveries: what it would do to each, then each by itself, and what came of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from gateway.application.acts.acting import AskedAct
from gateway.application.console.delivery import Look, LookAt
from gateway.domain.acts import Action
from gateway.domain.codes import Code
from gateway.domain.problem import Conflict, NoSuchThing, NotAllowed, Problem

FOR_SEVERAL = (Action.RETRY, Action.HOLD, Action.RELEASE, Action.CANCEL)
"""What needs nothing but a reason. Whatever a person must know of one delivery is told of that one."""


@dataclass(frozen=True, kw_only=True)
class Ahead:
    """A delivery, and whether the act is open to it as it stands."""

    look: Look
    possible: bool


@dataclass(frozen=True, kw_only=True)
class Came:
    """What came of one. problem: why it was not done; None where it was, now or by the click before this one."""

    delivery: str
    problem: Problem | None


class ActOnSeveral:
    """Calls the use case of each, one after the other: what is refused for one holds up no other."""

    def __init__(self, look_at: LookAt) -> None:
        self._look_at = look_at

    def ahead(self, deliveries: Sequence[str], action: Action, *, viewer: str) -> Sequence[Ahead]:
        """What it would do; what is no delivery of theirs is passed over."""
        return [
            Ahead(look=one, possible=action in one.possible) for one in self._look_at.stands(deliveries, viewer=viewer)
        ]

    def __call__(self, seen: Mapping[str, str], action: Action, *, actor: str, reason: str) -> Sequence[Came]:
        """seen: by delivery, how each stood when the person agreed.

        Raises InputRefused (request.invalid: no reason): then nothing was done.
        """
        return [self._one(delivery, shown, action, actor, reason) for delivery, shown in seen.items()]

    def _one(self, delivery: str, seen: str, action: Action, actor: str, reason: str) -> Came:
        asked = AskedAct(action=action, reason=reason)
        try:
            self._look_at.act(delivery, asked, actor=actor, seen=seen)
        except (Conflict, NoSuchThing, NotAllowed) as problem:
            done = problem.code is Code.DELIVERY_CHANGED_MEANWHILE and self._did(delivery, action, actor)
            return Came(delivery=delivery, problem=None if done else problem)
        return Came(delivery=delivery, problem=None)

    def _did(self, delivery: str, action: Action, actor: str) -> bool:
        """Whether it was this person's same act that changed it: they clicked twice."""
        last = self._look_at.stands([delivery], viewer=actor)[0].last_act
        return last is not None and (last.actor, last.facts.get("action")) == (actor, action.value)
