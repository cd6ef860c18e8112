"""What every test may use. Real programs come from `tests/real`; where one is missing the test is skipped loudly,
and under REQUIRE_REAL=1 (continuous integration) a skip is a failure."""

import os
from collections.abc import Generator, Iterator

import pytest

from tests.real.postgresql import Postgresql, running_postgresql


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Turns a skip into a failure where real parts are required."""
    report = yield
    if report.skipped and os.environ.get("REQUIRE_REAL") == "1":
        report.outcome = "failed"
        report.longrepr = f"skipped under REQUIRE_REAL=1: {report.longrepr}"
    return report


@pytest.fixture(scope="session")
def postgresql() -> Iterator[Postgresql]:
    """One server for all tests that ask for it; whoever stops or fills a server starts one of their own."""
    with running_postgresql() as running:
        yield running
