"""`make month`: the month, or the part of it that `MONTH` says, and a report in build/month.

`MONTH=0.01`: a hundredth. `MONTH_TIMES="1 10 100"`: how many times the month's rows the database is measured among
afterwards; empty: not at all.
"""

import os
import tempfile
from dataclasses import replace
from pathlib import Path

from tests.e2e.built import signer_of
from tests.month.drive import drive, progress
from tests.month.house import house
from tests.month.measured import Rows
from tests.month.mix import read_mix
from tests.month.packages import write_packages
from tests.month.report import write_report
from tests.month.rows import measure_rows

FOLDER = Path("build/month")


def main() -> None:
    """Runs it, tells how it goes, writes the report."""
    part = float(os.environ.get("MONTH", "1"))
    times = [int(one) for one in os.environ.get("MONTH_TIMES", "1 10 100").split()]
    mix = read_mix()
    cases = mix.cases(part)
    with tempfile.TemporaryDirectory(prefix="gw-month-") as name, house(Path(name)) as standing:
        print(f"{len(cases):,} packages are made", flush=True)
        packages = write_packages(cases, Path(name) / "packages", signer_of(standing.world))
        run = drive(standing, cases, packages, progress(len(cases)))
    path = write_report(run, mix, FOLDER)  # before what may take long
    print(f"\n{path}", flush=True)
    if times:
        run = replace(run, rows=measure_rows(mix.packages, _tell, times))
        path = write_report(run, mix, FOLDER)
    print(path.read_text("utf-8").partition("## The mix")[0])


def _tell(rows: Rows) -> None:
    print(f"among {rows.count:,} rows: {rows.pages} pages a claim, {rows.processor:.2f} ms a delivery", flush=True)


if __name__ == "__main__":
    main()
