"""What stands on a notice that anybody may read: the recipient's reference, where it tells of nobody and nothing."""

import json
from dataclasses import replace

import pytest

from gateway.application.intake.decision_json import read_decision
from gateway.domain.entry_note import neutral_reference
from gateway.domain.package import DecisionPackage
from tests.application.packages import minimal


@pytest.fixture(scope="module")
def package() -> DecisionPackage:
    fields = minimal()
    read = read_decision(json.dumps(fields).encode(), {one["path"]: b"" for one in fields["documents"]})
    person = replace(read.persons[0], given_name="Léa", family_name="Exemple Tremblay", uci="11-2345-6789")
    return replace(read, persons=(person,))


@pytest.mark.parametrize("reference", ["2026-114", "M/2026/0007", "LEAF-9", "file 12"])
def test_a_reference_that_tells_nothing_stands(package: DecisionPackage, reference: str) -> None:
    assert neutral_reference(reference, package) == reference


@pytest.mark.parametrize(
    "reference",
    ["Tremblay 2026", "2026_TREMBLAY", "lea-7", "LÉA", "re TC6-12345", "tc612345", "1123456789", "Exemple/3"],
)
def test_a_reference_that_names_a_person_or_a_file_stays_out(package: DecisionPackage, reference: str) -> None:
    assert neutral_reference(reference, package) is None


def test_no_reference_is_none(package: DecisionPackage) -> None:
    assert neutral_reference(None, package) is None
