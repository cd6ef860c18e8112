"""The arithmetic and the plots of `make month`, and its mix, on figures made here: no server is started."""

import math
import re
from collections import Counter
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import pytest

from gateway.application.intake.decision_json import read_decision
from gateway.domain.outcomes import Division
from tests.application.packages import members_of, raw
from tests.month import plots
from tests.month.measured import Measured, Rows, Sample, percentile, rates
from tests.month.mix import PATH, apportioned, read_mix
from tests.month.packages import decision_of
from tests.month.report import write_report


def look(at: float, submitted: int, ended: int, open_: int, accepted: int) -> Sample:
    return Sample(
        at=at,
        submitted=submitted,
        dispatches={"plan": 3, "done": submitted - 3} if open_ else {"done": submitted},
        deliveries={"handed-over": ended, "ready": open_},
        transactions={"accepted": accepted, "waiting": 20 - accepted},
        processor={"web": at / 10, "worker": 5 + at},
        resident={"web": 100.0, "worker": 120.0 + at},
    )


RUN = Measured(
    packages=10,
    expected_transactions=20,
    samples=[look(1, 5, 2, 8, 0), look(3, 10, 10, 10, 5), look(5, 10, 20, 0, 10), look(7, 10, 20, 0, 20)],
    taken_in=3.0,
    put_off=2,
    latency={"submit": [float(one) for one in range(1, 101)], "plan": []},
    by_channel={("encrypted-email", "handed-over", ""): 18, ("fax", "needs-person", "fax.too-long"): 2},
    driver=1.0,
    load=(0.1, 2.0),
    machine="2 cores <of & mine>",
)


@pytest.mark.parametrize(("part", "expected"), [(0.5, 50.0), (0.99, 99.0), (1, 100.0), (0, 1.0)])
def test_a_percentile_is_one_of_the_values(part: float, expected: float) -> None:
    assert percentile([float(one) for one in range(100, 0, -1)], part) == expected


def test_a_percentile_of_few_and_of_none() -> None:
    assert percentile([7.0], 0.99) == 7.0
    assert percentile([1.0, 2.0], 0.5) == 1.0
    assert math.isnan(percentile([], 0.5))


def test_rates_are_what_was_added_a_second() -> None:
    assert rates([(0, 0), (2, 10), (2, 11), (4, 10)]) == [(2, 5), (4, -0.5)]


def test_a_run_ends_with_its_last_delivery_and_its_last_acknowledgement() -> None:
    assert (RUN.took, RUN.told, RUN.deliveries) == (5, 7, 20)
    assert RUN.used() == pytest.approx({"web": 0.6, "worker": 6.0})
    first = RUN.samples[0]
    assert (first.waiting, first.open, first.ended, first.untold) == (3, 8, 2, 20)


@pytest.mark.parametrize(
    ("number", "above"), [(0, 1), (0.3, 0.4), (1, 1), (1.1, 2), (3, 4), (5, 10), (10, 10), (161, 200)]
)
def test_an_axis_ends_at_a_round_number(number: float, above: float) -> None:
    assert plots.round_up(number) == pytest.approx(above)


def test_the_report_and_each_plot_that_it_shows(tmp_path: Path) -> None:
    rows = [Rows(count=10_000, pages=40, processor=2.0), Rows(count=1_000_000, pages=50, processor=2.1)]
    path = write_report(replace(RUN, rows=rows), read_mix(), tmp_path / "month")
    text = path.read_text("utf-8")
    assert "10 packages, 20 deliveries, 20 interface transactions" in text
    assert "**4.0 deliveries a second**" in text
    assert "| submit | from the call to the answer | 100 | 50.0 | 99.0 | 100.0 |" in text
    assert "| plan | from accepted to planned, waiting included | 0 | nan | nan | nan |" in text
    assert "| fax | needs-person | fax.too-long | 2 |" in text
    assert "| worker | 6.0 | 300.0 |" in text
    assert "| all | 6.6 | 330.0 |" in text
    assert "| the driver, beside them | 1.0 | 50.0 |" in text
    assert "| deliveries not at their end | 10 |" in text
    assert "| worker | 121 | 127 |" in text
    assert "| 1,000,000 | 50 | 2.10 | 1.05 |" in text
    shown = re.findall(r"\((\w+\.svg)\)", text)
    assert sorted(shown) == sorted(one.name for one in path.parent.glob("*.svg"))
    for name in shown:
        drawn = ElementTree.parse(path.parent / name).getroot()
        assert drawn.find("{*}title") is not None, name
        assert "nan" not in (path.parent / name).read_text(), name


def test_a_line_lies_within_its_frame_and_its_names_are_escaped() -> None:
    drawn = plots.lines("Two & more", "MB", {"a<b": [(0, 0), (10, 50), (20, 100)], "c": [(0, 100)]})
    root = ElementTree.fromstring(drawn)
    first, _ = root.findall("{*}polyline")
    assert first.get("points") == "64.0,266.0 317.0,150.0 570.0,34.0"
    assert [one.text for one in root.findall("{*}text")][-2:] == ["a<b", "c"]


def test_the_longest_bar_fills_the_width_and_the_others_are_in_proportion() -> None:
    root = ElementTree.fromstring(plots.bars("Latency", "ms", {"a": (50, 200), "b": (10, 100)}))
    assert [one.get("width") for one in root.findall("{*}rect")][1:] == ["390.0", "97.5", "195.0", "19.5"]


def test_the_month_is_the_memos_and_a_hundredth_of_it_a_hundredth() -> None:
    mix = read_mix()
    for part, many in ((1.0, 10_000), (0.01, 100)):
        cases = mix.cases(part)
        assert len(cases) == many
        assert sum(one.transactions for one in cases) == many * 5 // 2
        assert Counter(one.division for one in cases)[Division.RPD] == many * 6 // 10
        assert sum(one.language == "fr" for one in cases) == many // 4
    assert mix.cases(0.01) == mix.cases(0.01)


def test_each_package_is_one_that_the_gateway_takes() -> None:
    """One of each kind: division, language and way."""
    kinds = {(one.division, one.language, one.way): one for one in read_mix().cases()}
    assert len(kinds) == 24
    for case in kinds.values():
        decision = decision_of(case)
        package = read_decision(raw(decision), members_of(decision))
        assert (package.division, len(package.persons), len(package.participants)) == (case.division, case.persons, 2)


def test_shares_become_whole_numbers_that_add_up() -> None:
    assert apportioned({"a": 0.5, "b": 0.3, "c": 0.2}, 7) == {"a": 4, "b": 2, "c": 1}
    assert apportioned({"a": 0.1, "b": 0.2, "c": 0.7}, 10) == {"a": 1, "b": 2, "c": 7}


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ("en = 0.75", "en = 0.74", "languages"),
        ('source = "Assumed."\n', "", "languages"),
        ("[pages]", "[sides]", "sides"),
        ("ID = 0.1, ", "IX = 0.1, ", "division"),
    ],
)
def test_a_mix_that_does_not_add_up_is_refused(tmp_path: Path, before: str, after: str, said: str) -> None:
    path = tmp_path / "mix.toml"
    path.write_text(PATH.read_text("utf-8").replace(before, after, 1), "utf-8")
    with pytest.raises(ValueError, match=said):
        read_mix(path)
