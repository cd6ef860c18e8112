"""The code on an acknowledgement is found again after two fax machines, however the page was laid into them.

A few pages of each kind here; `make fax-codes` sends a thousand. FAX_PAGES: how many of each kind.
"""

import os
import random
import uuid
from collections import Counter

import pytest

from gateway.domain.return_code import ReturnCode
from gateway.ports.fax import FaxResolution
from templates.foreign.codes import codes
from tests.templates.fax_pages import FAULTS, came_back, cover

PAGES = int(os.environ.get("FAX_PAGES", "2"))
ENOUGH = 0.99


def ours(texts: list[str]) -> set[ReturnCode]:
    found = set()
    for text in texts:
        try:
            found.add(ReturnCode.parse(text))
        except ValueError:
            continue
    return found


def seen(code: ReturnCode, found: set[ReturnCode]) -> str:
    if found == {code}:
        return "matched"
    return "another's" if found else "for a person"


@pytest.mark.timeout(3600)
@pytest.mark.parametrize("resolution", list(FaxResolution))
@pytest.mark.parametrize("kind", FAULTS)
def test_a_page_that_comes_back_names_its_sending_and_never_another(kind: str, resolution: FaxResolution) -> None:
    chance = random.Random(f"{kind} {resolution}")
    became: Counter[str] = Counter()
    for _ in range(PAGES):
        code = ReturnCode.of(f"<{uuid.UUID(int=chance.getrandbits(128)).hex}@tribunal.example>")
        page = came_back(code, resolution, FAULTS[kind], chance)
        became[seen(code, ours(codes(page)))] += 1
    print(f"{resolution} {kind}: {dict(became)} of {PAGES}")
    assert became["another's"] == 0
    assert became["matched"] >= ENOUGH * PAGES


def test_a_page_that_comes_back_as_pdf_names_its_sending() -> None:
    code = ReturnCode.of("<0f@tribunal.example>")
    assert ours(codes(cover(code))) == {code}
