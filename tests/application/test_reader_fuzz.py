"""Whatever stands in a rule file or a message of another system is read or refused, and never breaks its reader."""

import json
from collections.abc import Callable

import pytest

from gateway.application.feed.feed_json import acknowledgement_format
from gateway.application.files.parties_json import read_dropped
from gateway.application.intake.decision_json import read_decision
from gateway.application.rule_files import FILES, RuleFile, read_book
from gateway.application.rules import rule_text
from gateway.domain.problem import InputRefused, SetupWrong
from tests.application.packages import full, members_of, raw
from tests.mutation import dice, mutated, mutated_text, times

PARTIES = {
    "file": "TC6-12345",
    "message": {
        "schema": "file-parties/1",
        "division": "RPD",
        "sequence": 3,
        "previous": 2,
        "effective_at": "2026-11-27T12:00:00-05:00",
        "source": "NOVA",
        "changes": [
            {"participant": "c1", "of_record": {"removal": "by-client"}},
            {"participant": "c2", "roles": ["counsel"], "represents": ["p1"], "contact": {"email": "c2@mail.example"}},
        ],
    },
}
ANSWER = {
    "schema": "outcome-acknowledgement/1",
    "batch": "6c1d0c0e-5f0e-4a53-9d9f-5f1d3c0e9a11",
    "digest": f"sha256:{'0' * 64}",
    "lines": [
        {"transaction": "0b9f1f0a-7a0e-4d0f-8f0e-2f6f0f9d1c22", "result": "rejected", "code": "E-17"},
        {"transaction": "0b9f1f0a-7a0e-4d0f-8f0e-2f6f0f9d1c23", "result": "accepted"},
    ],
}
READERS: dict[str, tuple[bytes, Callable[[bytes], object]]] = {
    "decision.json": (raw(full()), lambda content: read_decision(content, members_of(full()))),
    "parties": (json.dumps(PARTIES).encode(), read_dropped),
    "acknowledgement": (json.dumps(ANSWER).encode(), acknowledgement_format().read),
}


@pytest.mark.parametrize("name", READERS)
def test_a_mutated_message_is_read_or_refused(name: str) -> None:
    content, read = READERS[name]
    read(content)
    chance, refusals, count = dice(len(name)), 0, times(1500)
    for _ in range(count):
        try:
            read(mutated(content, chance))
        except InputRefused:
            refusals += 1
    assert refusals > count * 0.3


@pytest.mark.parametrize("name", FILES)
def test_a_registry_s_own_rule_file_is_read_or_refused_with_its_place(name: str) -> None:
    """The Board's own files, spoilt, as an overlay of theirs."""
    text, chance, refused = rule_text(name), dice(len(name)), list[SetupWrong]()
    for _ in range(times(25)):
        own = [RuleFile(name=one, text=rule_text(one)) for one in FILES]
        try:
            read_book(own, RuleFile(name="own.toml", text=mutated_text(text, chance)))
        except SetupWrong as wrong:
            refused.append(wrong)
    assert refused
    assert all(one.where for one in refused)
