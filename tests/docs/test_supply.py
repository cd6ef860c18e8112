"""What is shipped is written down: the bill of materials names each package of the lock file, by version and digest."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PINNED = re.compile(r"^([a-z0-9][a-z0-9.-]*)(?:\[[a-z,]+\])?==([^ ;\\]+)", re.MULTILINE)


@pytest.mark.slow
def test_the_bill_of_materials_names_each_package_of_the_lock_file_with_its_digests(tmp_path: Path) -> None:
    """As `make sbom` makes it, valid by the CycloneDX schema."""
    made = tmp_path / "sbom.json"
    command = ["-m", "cyclonedx_py", "requirements", "requirements.lock", "--pyproject", "pyproject.toml", "--validate"]
    subprocess.run([sys.executable, *command, "-o", made], cwd=ROOT, check=True, capture_output=True)
    bill = json.loads(made.read_text())
    assert (bill["bomFormat"], bill["metadata"]["component"]["name"]) == ("CycloneDX", "decision-gateway")
    named = {(one["name"], one["version"]) for one in bill["components"]}
    assert named == set(PINNED.findall((ROOT / "requirements.lock").read_text()))
    for one in bill["components"]:
        digests = [each for place in one["externalReferences"] for each in place.get("hashes", ())]
        assert {each["alg"] for each in digests} == {"SHA-256"}, one["name"]
        assert one["purl"].startswith("pkg:pypi/")


def test_the_lock_files_hold_a_digest_of_each_package_and_no_address() -> None:
    for name in ("requirements.lock", "requirements-dev.lock"):
        text = (ROOT / name).read_text()
        assert "://" not in text
        for entry in re.split(r"\n(?=[a-z0-9])", text):
            assert not PINNED.match(entry) or "--hash=sha256:" in entry
