"""What operators are given holds: alerts and dashboard over figures that there are, a runbook for each alert in both
languages, and units that systemd takes."""

import json
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from markdown_it import MarkdownIt
from prometheus_client.metrics_core import Metric

from gateway.worker.figures import OWN
from tests.real import need

ROOT = Path(__file__).parents[2]
_RULES: Any = yaml.safe_load((ROOT / "deploy/prometheus/alerts.yml").read_text())  # type: ignore[no-untyped-call]
ALERTS = _RULES["groups"][0]["rules"]
DASHBOARD = json.loads((ROOT / "deploy/grafana/decision-gateway.json").read_text())
UNITS = sorted((ROOT / "deploy/systemd").glob("*.service")) + sorted((ROOT / "deploy/systemd").glob("*.timer"))
FIGURES = (ROOT / "gateway/worker/figures.py").read_text()


def given() -> set[str]:
    """The names of all series: those counted here with their endings, and those read from the database."""
    counted: set[str] = set()
    for metric in OWN.collect():
        assert isinstance(metric, Metric)
        endings = {"counter": ["_total"], "histogram": ["_bucket", "_sum", "_count"]}.get(metric.type, [""])
        counted |= {metric.name + ending for ending in endings}
    return counted | set(re.findall(r'"(gateway_[a-z_]+)"', FIGURES))


def asked(expression: str) -> set[str]:
    return set(re.findall(r"gateway_[a-z_]+", expression))


@pytest.mark.parametrize("rule", ALERTS, ids=lambda rule: rule["alert"])
def test_an_alert_asks_for_figures_that_there_are_and_has_its_runbook(rule: dict[str, str]) -> None:
    assert asked(rule["expr"])
    assert asked(rule["expr"]) <= given()
    for page in ("docs/operations.md", "docs/fr/exploitation.md"):
        assert f"\n### {rule['alert']}\n" in (ROOT / page).read_text(), page


def test_no_runbook_is_for_an_alert_that_is_no_more() -> None:
    names = {rule["alert"] for rule in ALERTS}
    for page in ("docs/operations.md", "docs/fr/exploitation.md"):
        assert set(re.findall(r"^### (Gateway\w+)$", (ROOT / page).read_text(), re.M)) == names


def test_the_dashboard_shows_figures_that_there_are() -> None:
    expressions = [target["expr"] for panel in DASHBOARD["panels"] for target in panel["targets"]]
    assert len(expressions) > len(DASHBOARD["panels"])
    for expression in expressions:
        assert asked(expression)
        assert asked(expression) <= given(), expression


@pytest.mark.real
@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_systemd_takes_the_unit(unit: Path, tmp_path: Path) -> None:
    analyze = need.program("systemd-analyze", "systemd")
    for each in UNITS:
        (tmp_path / each.name).write_text(each.read_text().replace("/opt/decision-gateway/bin/gateway", "/bin/true"))
    command = [analyze, "verify", "--man=no", "--recursive-errors=no", str(tmp_path / unit.name)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    said = [line for line in done.stderr.splitlines() if str(tmp_path) in line]
    assert (done.returncode, said) == (0, [])


def test_the_commands_of_both_runbooks_are_the_same() -> None:
    english, french = ((ROOT / page).read_text() for page in ("docs/operations.md", "docs/fr/exploitation.md"))
    asked = [re.findall(r"`gateway\s([a-z]+(?: [a-z]+)?)", " ".join(page.split())) for page in (english, french)]
    given_by_hand = [_in_blocks(page) for page in (english, french)]
    assert len(given_by_hand[0]) > 20
    assert (asked[0], given_by_hand[0]) == (asked[1], given_by_hand[1])


def _in_blocks(page: str) -> list[str]:
    """The lines that a reader sees as code, but those that end in a remark."""
    blocks = [one.content for one in MarkdownIt().parse(page) if one.type in {"fence", "code_block"}]
    return [line for block in blocks for line in block.splitlines() if not line.startswith("gateway keys")]
