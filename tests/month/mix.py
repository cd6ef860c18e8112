"""The month's mix: shares read strictly, and the packages that they make, the same ones each time."""

import random
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gateway.domain.outcomes import Division

PATH = Path(__file__).parent / "mix.toml"
WITH_AN_INTERFACE = (Division.RPD, Division.RAD)


@dataclass(frozen=True, kw_only=True)
class Case:
    """One package. way: the channel of counsel; pages: of reasons."""

    number: int
    division: Division
    language: str
    way: str
    pages: int
    persons: int

    @property
    def transactions(self) -> int:
        """How many go through the interface for it: one a person, where the division has one."""
        return self.persons if self.division in WITH_AN_INTERFACE else 0


@dataclass(frozen=True, kw_only=True)
class Mix:
    """Shares of one, by name. sources: where each table comes from."""

    packages: int
    transactions: int
    seed: int
    divisions: Mapping[str, float]
    languages: Mapping[str, float]
    ways: Mapping[str, Mapping[str, float]]
    pages: Mapping[str, float]
    persons: Mapping[str, float]
    sources: Mapping[str, str]

    def cases(self, part: float = 1.0) -> list[Case]:
        """That part of the month, shuffled, with the same shares."""
        dice = random.Random(self.seed)
        count = max(1, round(self.packages * part))
        divisions = _shuffled(self.divisions, count, dice)
        languages = iter(_shuffled(self.languages, count, dice))
        pages = iter(_shuffled(self.pages, count, dice))
        ways = {name: self._of(divisions, name, shares, dice) for name, shares in self.ways.items()}
        with_an_interface = sum(name in WITH_AN_INTERFACE for name in divisions)
        persons = iter(_shuffled(self.persons, with_an_interface, dice))
        return [
            Case(
                number=number,
                division=Division(name),
                language=next(languages),
                way=next(ways[name]),
                pages=int(next(pages)),
                persons=int(next(persons)) if name in WITH_AN_INTERFACE else 1,
            )
            for number, name in enumerate(divisions)
        ]

    @staticmethod
    def _of(divisions: Sequence[str], name: str, shares: Mapping[str, float], dice: random.Random) -> Iterator[str]:
        return iter(_shuffled(shares, divisions.count(name), dice))


def read_mix(path: Path = PATH) -> Mix:
    """The mix of a file. Raises ValueError for shares not of one, a table without a source or unknown names."""
    raw = tomllib.loads(path.read_text("utf-8"))
    month, ways = raw.pop("month"), raw.pop("ways")
    seed = raw.pop("seed")
    if unknown := raw.keys() ^ {"divisions", "languages", "pages", "persons"}:
        raise ValueError(f"{path.name}: unknown or missing: {sorted(unknown)}")
    tables: dict[str, dict[str, Any]] = raw | {f"ways.{name}": table for name, table in ways.items()}
    for name, table in tables.items():
        if table.keys() != {"source", "shares"} or abs(sum(table["shares"].values()) - 1) > 1e-9:
            raise ValueError(f"{path.name}: [{name}] wants a source, and shares of one")
    if raw["divisions"]["shares"].keys() != ways.keys():
        raise ValueError(f"{path.name}: each division wants its ways")
    return Mix(
        packages=month["packages"],
        transactions=month["transactions"],
        seed=seed,
        ways={name: table["shares"] for name, table in ways.items()},
        sources={name: table["source"] for name, table in {"month": month, **tables}.items()},
        **{name: table["shares"] for name, table in raw.items()},
    )


def apportioned(shares: Mapping[str, float], count: int) -> dict[str, int]:
    """Whole numbers that add up to the count, by largest remainders."""
    exact = {name: share * count for name, share in shares.items()}
    whole = {name: int(number + 1e-9) for name, number in exact.items()}
    by_rest = sorted(exact, key=lambda name: whole[name] - exact[name])
    for name in by_rest[: count - sum(whole.values())]:
        whole[name] += 1
    return whole


def _shuffled(shares: Mapping[str, float], count: int, dice: random.Random) -> list[str]:
    made = [name for name, number in apportioned(shares, count).items() for _ in range(number)]
    dice.shuffle(made)
    return made
