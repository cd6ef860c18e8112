"""Joins the morning's report of the outcome feed: CSV and a page."""

import csv
import datetime as dt
import io
from collections.abc import Sequence

from gateway.application.dates.office_dates import zone_of
from gateway.application.feed.morning import MorningReport
from gateway.application.feed.round import Timetable
from gateway.application.feed.standing import FeedStanding, ReportRow, as_rows
from gateway.bootstrap.base import Base
from gateway.store.report_files import keep_report
from templates.feed_report import feed_report


def morning_report(base: Base, standing: FeedStanding) -> MorningReport:
    """Written under `[feed] reports`."""
    settings = base.settings.feed
    folder = base.home / settings.reports

    def write(at: dt.datetime, report: Sequence[ReportRow]) -> None:
        rows, name = list(as_rows(report)), f"feed-{at.date().isoformat()}"
        table = io.StringIO()
        writer = csv.DictWriter(table, fieldnames=list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
        keep_report(folder, f"{name}.csv", table.getvalue().encode())
        keep_report(folder, f"{name}.html", feed_report(at, rows).encode())

    timetable = Timetable(zone=zone_of(base.settings.gateway.office), hour=settings.report_hour, near_real_time=False)
    return MorningReport(database=base.database, standing=standing, write=write, timetable=timetable, clock=base.clock)
