"""What another system drops as a file: taken in as over the API, with one answer beside each.

The order makes it safe to be killed anywhere: what is in the file is kept, then answered, and only then the file goes.
What was kept once is known by its own number: a file that is taken again changes nothing and is answered as a repeat.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from gateway.domain.codes import Code
from gateway.domain.problem import Conflict, InputRefused, NoSuchThing, Overloaded, Problem
from gateway.ports.drop_folder import DropFolder, Dropped

MOST_TRIES = 3
"""A file at which the work broke off that often is set aside: it may be what breaks it."""
MOST_PROBLEMS = 3
"""Files of one look with which something of ours is wrong: then it is not the files."""
_REFUSALS = (InputRefused, Conflict, NoSuchThing)

Answer = Mapping[str, object]


@dataclass(frozen=True, kw_only=True)
class Kind:
    """What is done with files of one ending. limit: octets."""

    ending: str
    limit: int
    too_large: Code
    take: Callable[[bytes], Answer]


@dataclass(frozen=True, kw_only=True)
class DropRound:
    """What one look came to."""

    accepted: int = 0
    refused: int = 0

    @property
    def done(self) -> int:
        """Both together."""
        return self.accepted + self.refused


class DropIntake:
    """Looks into one drop folder. refusal: a problem as the answer's reader is told it."""

    def __init__(self, folder: DropFolder, kinds: tuple[Kind, ...], *, refusal: Callable[[Problem], Answer]) -> None:
        self._folder = folder
        self._kinds = kinds
        self._refusal = refusal

    def __call__(self, limit: int) -> DropRound:
        """Deals with at most so many files. Raises ServiceDown, SetupWrong: what could not be dealt with is given back,
        and held up none of the others unless that happened again and again."""
        came_to, met, waiting = DropRound(), list[Problem](), list(self._folder.take(limit))
        while waiting and len(met) < MOST_PROBLEMS:
            try:
                accepted = self._one(waiting.pop(0))
            except Overloaded:
                break  # they lie where they were dropped until there is room
            except Problem as problem:
                met.append(problem)
                continue
            if accepted:
                came_to = replace(came_to, accepted=came_to.accepted + 1)
            else:
                came_to = replace(came_to, refused=came_to.refused + 1)
        for dropped in waiting:
            self._folder.give_back(dropped)
        if met:
            raise met[0]
        return came_to

    def refused(self) -> int:
        """How many files were set aside and nobody took away. Raises ServiceDown, SetupWrong."""
        return self._folder.refused()

    def _one(self, dropped: Dropped) -> bool:
        """Whether it was accepted."""
        try:
            answer = self._take(dropped)
        except _REFUSALS as refused:
            self._answer(dropped, "refused", self._refusal(refused))
            self._folder.set_aside(dropped)
            return False
        except Problem:
            self._folder.give_back(dropped)
            raise
        self._answer(dropped, "accepted", answer)
        self._folder.let_go(dropped)
        return True

    def _take(self, dropped: Dropped) -> Answer:
        if dropped.tries > MOST_TRIES:
            raise InputRefused(Code.DROP_POISON, tries=MOST_TRIES)
        (kind,) = [one for one in self._kinds if dropped.name.endswith(one.ending)]
        raw = self._folder.read(dropped, kind.limit)
        if len(raw) > kind.limit:
            raise InputRefused(kind.too_large, limit=kind.limit)
        return kind.take(raw)

    def _answer(self, dropped: Dropped, outcome: str, answer: Answer) -> None:
        content = json.dumps({"dropped": dropped.name, **answer}, ensure_ascii=False, indent=1)
        self._folder.answer(dropped, outcome, content.encode())
