"""The example of a third party's channel, installed outside the tree as they would, and used by a home."""

import json
import os
import shutil
import subprocess
import sysconfig
from pathlib import Path

import pytest

from gateway.domain.reasons import Reason
from tests.application.packages import minimal
from tests.unit.routed import EVERY, book, entry, package, planned

ROOT = Path(__file__).resolve().parents[2]
ORDER = """
[[order]]
id = "rpd-ways-minister-counsel"
when = { division = ["RPD"], role = ["minister-counsel"] }
channels = ["pigeon", "encrypted-email"]
source = { en = "test", fr = "essai" }
explanation = { en = "Pigeons first.", fr = "Les pigeons d’abord." }
"""


def run(*command: str | Path, **variables: str) -> str:
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("GATEWAY_", "PYTHON"))}
    done = subprocess.run(list(map(str, command)), env=clean | variables, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def theirs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Their folder, with an environment in which the gateway is installed and then their package. The gateway's own
    packages are lent to it, since nothing is to be fetched."""
    folder = tmp_path_factory.mktemp("theirs") / "pigeon-channel"
    shutil.copytree(ROOT / "examples/pigeon-channel", folder)
    ours = Path(sysconfig.get_path("purelib"))
    uv = Path(sysconfig.get_path("scripts")) / "uv"
    run(uv, "venv", "-q", "--python", Path(sysconfig.get_path("scripts")) / "python", folder / "env")
    (site,) = (folder / "env/lib").glob("python*/site-packages")
    (site / "gateway-lent.pth").write_text(f"{ROOT}\n{ours}\n")
    run(uv, "pip", "install", "-q", "--offline", "--no-deps", folder, VIRTUAL_ENV=str(folder / "env"))
    return folder


def python(theirs: Path, *arguments: str | Path) -> str:
    return run(theirs / "env/bin/python", *arguments)


@pytest.mark.slow
def test_it_keeps_the_contract_and_its_own_tests_pass(theirs: Path) -> None:
    said = python(theirs, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--rootdir", theirs, theirs / "tests")
    assert " passed" in said
    assert "failed" not in said


@pytest.mark.slow
def test_a_home_offers_its_settings_and_lists_it_once_they_stand(theirs: Path) -> None:
    gateway = ("-c", "from gateway.cli.main import main; main()", "--home", theirs / "home")
    python(theirs, *gateway, "init")
    written = theirs / "home/gateway.toml"
    text = written.read_text()
    assert "# [channels.pigeon]\n# The loft.\n" in text
    written.write_text(text + '\n[channels.pigeon]\nhost = "127.0.0.1"\n')
    assert '"channel": "pigeon",\n      "set_up": true' in python(theirs, *gateway, "channels", "list", "--json")
    way = {"type": "pigeon", "account": "cage7"}
    one = {"id": "loft-friend", "name": "Friend", "kind": "other", "language": "en", "channels": [way]}
    (theirs / "directory.json").write_text(json.dumps({"recipients": [one]}))
    python(theirs, *gateway, "recipients", "import", theirs / "directory.json")
    assert "pigeon" in python(theirs, *gateway, "recipients", "show", "loft-friend", "--json")


def test_a_registry_s_own_rules_open_the_way() -> None:
    every = (*EVERY, "pigeon")
    minister = entry("cbsa-hearings-gta", channels=every)
    one = [each for each in minimal()["participants"] if each["id"] == "m1"]
    of = package(participants=one)
    assert "pigeon" not in planned(of, minister, channels=every)["m1"].channels
    opened = planned(of, minister, channels=every, rules=book(overlay=ORDER))["m1"]
    assert opened.channels == ("pigeon", "encrypted-email")


def test_one_that_seals_is_passed_over_where_it_has_no_key_as_e_mail_is() -> None:
    every = (*EVERY, "pigeon")
    theirs = entry("cbsa-hearings-gta", channels=every, certificate=None)
    one = [each for each in minimal()["participants"] if each["id"] == "m1"]
    of, rules = package(participants=one), book(overlay=ORDER)
    assert planned(of, theirs, channels=every, rules=rules)["m1"].channels == ("pigeon",), "it seals nothing"
    without = planned(of, theirs, channels=every, rules=rules, sealing=["pigeon"])["m1"]
    assert (without.channels, without.reason) == ((), Reason.KEY_MISSING)
    assert {each.rule.id for each in without.verdicts if each.channel == "pigeon"} == {"key-missing"}
    keyed = entry("cbsa-hearings-gta", channels=every)
    unfit = planned(of, keyed, channels=every, rules=rules, sealing=["pigeon"], key_fault=Reason.KEY_EXPIRED)["m1"]
    assert {each.reason for each in unfit.verdicts if each.channel == "pigeon"} == {Reason.KEY_EXPIRED}
