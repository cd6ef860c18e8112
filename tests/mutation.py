"""Spoilt input for readers, and how much of it: little in the suite, more where `make fuzz` says so.

`FUZZ_TIMES`: how many times as much as in the suite; `FUZZ_SEED`: from where the dice start.
"""

import os
import random

TIMES = int(os.environ.get("FUZZ_TIMES", "1"))
SEED = int(os.environ.get("FUZZ_SEED", "0"))


def times(count: int) -> int:
    """As many, or as many times as many as were asked for."""
    return count * TIMES


def dice(seed: int) -> random.Random:
    """Whose throws can be had again by the same `FUZZ_SEED`."""
    return random.Random(f"{SEED}/{seed}")


def mutated(raw: bytes, chance: random.Random) -> bytes:
    """One to four bytes changed, put in or taken out, or a stretch repeated or cut."""
    changed = bytearray(raw)
    for _ in range(chance.randint(1, 4)):
        at, what = chance.randrange(len(changed)), chance.randrange(6)
        if what <= 2:
            changed[at] = chance.choice((0, 1, 0x7F, 0x80, 0xFF, changed[at] ^ 1 << chance.randrange(8)))
        elif what == 3:
            changed[at:at] = bytes([chance.randrange(256)])
        elif what == 4:
            del changed[at : at + chance.randint(1, 8)]
        else:
            changed[at:at] = changed[at : at + chance.randint(1, 64)]
        if not changed:
            return b""
    return bytes(changed)


def mutated_text(text: str, chance: random.Random) -> str:
    """Lines lost, doubled, swapped or put elsewhere, and some of the signs in them spoilt."""
    lines = text.splitlines()
    for _ in range(chance.randint(1, 4)):
        at, other = chance.randrange(len(lines)), chance.randrange(len(lines))
        match chance.randrange(5):
            case 0 if len(lines) > 1:
                del lines[at]
            case 1:
                lines.insert(other, lines[at])
            case 2:
                lines[at], lines[other] = lines[other], lines[at]
            case 3:
                key, equals, _ = lines[at].partition("=")
                lines[at] = key + equals + lines[other].partition("=")[2]
            case _:
                lines[at] = mutated(lines[at].encode() or b" ", chance).decode("utf-8", "replace")
    return "\n".join(lines)
