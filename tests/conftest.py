"""What every test may use. Real programs come from `tests/real`; where one is missing the test is skipped loudly,
and under REQUIRE_REAL=1 (continuous integration) a skip is a failure."""

import os
import sys
from collections.abc import Generator, Iterator

import pytest
from hypothesis import settings

from tests.real import left_open
from tests.real.postgresql import Postgresql, running_postgresql

if "FUZZ_TIMES" not in os.environ:  # `make fuzz-readers` goes further each time; here each run is given the same
    settings.register_profile("the-same-each-time", derandomize=True, database=None)
    settings.load_profile("the-same-each-time")

left_open.watch()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Turns a skip into a failure where real parts are required."""
    report = yield
    if report.skipped and os.environ.get("REQUIRE_REAL") == "1":
        report.outcome = "failed"
        report.longrepr = f"skipped under REQUIRE_REAL=1: {report.longrepr}"
    return report


@pytest.hookimpl(trylast=True)
def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Names a failure at once: a run that is cut off never comes to its summary."""
    if report.failed and "PYTEST_XDIST_WORKER" not in os.environ:
        print(f"\nfailed: {report.nodeid} ({report.when})", file=sys.__stderr__, flush=True)


def pytest_unconfigure() -> None:
    """Names those that left something open; said at the end, when nobody catches what is said."""
    for test in left_open.left_by:
        print(f"\na connection to PostgreSQL was left open by {test}", file=sys.__stderr__, flush=True)


LONG = (
    "test_a_year",
    "test_feed_quarter",
    "test_report_order",
    "test_a_month_of_mail",
    "test_mail_room_at_random",
    "test_kill_",
    "test_rotation",
    "test_engine",
    "test_three_days_without_mail",
    "test_codes_that_come_back",
    "test_exchange",
)
"""Files whose few tests take minutes, by how their names begin."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The long files first: a file is one process's, and one that begins last is waited for by itself."""
    items.sort(key=lambda item: not item.path.name.startswith(LONG))


@pytest.fixture(scope="session")
def postgresql() -> Iterator[Postgresql]:
    """One server for all tests that ask for it; whoever stops or fills a server starts one of their own."""
    with running_postgresql() as running:
        yield running
