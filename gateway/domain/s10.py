"""Numbers of registered items (UPU S10): two letters, eight digits, a check digit, and the country: `RN473124829CA`."""

import re
from dataclasses import dataclass
from typing import Self

_WEIGHTS = (8, 6, 4, 2, 3, 5, 9, 7)
_MODULUS = 11
_RANGE = re.compile(r"(R[A-Z]) ([0-9]{8})-([0-9]{8}) ([A-Z]{2})")


def check_digit(serial: int) -> int:
    """Of the eight digits of a serial number."""
    digits = f"{serial:08d}"
    rest = sum(weight * int(digit) for weight, digit in zip(_WEIGHTS, digits, strict=True)) % _MODULUS
    return {10: 0, 11: 5}.get(_MODULUS - rest, _MODULUS - rest)


@dataclass(frozen=True, kw_only=True)
class NumberRange:
    """Serial numbers that the post assigned to us, `first` to `last`."""

    service: str
    first: int
    last: int
    country: str

    @classmethod
    def parse(cls, text: str) -> Self:
        """`RN 47312000-47312999 CA`. Raises ValueError."""
        found = _RANGE.fullmatch(text)
        if found is None or int(found[2]) > int(found[3]):
            raise ValueError("no range of item numbers")
        return cls(service=found[1], first=int(found[2]), last=int(found[3]), country=found[4])

    def __len__(self) -> int:
        return self.last - self.first + 1

    def __str__(self) -> str:
        return f"{self.service} {self.first:08d}-{self.last:08d} {self.country}"

    def number(self, place: int) -> str:
        """The number at that place of the range, from 0; after the last comes the first again."""
        serial = self.first + place % len(self)
        return f"{self.service}{serial:08d}{check_digit(serial)}{self.country}"
