"""Joins what recalls dispatches."""

from dataclasses import dataclass

from gateway.application.breaches import ReportBreaches
from gateway.application.recalls.recall import Recall
from gateway.application.recalls.recall_calls import RecordRecallCall
from gateway.application.recalls.recall_report import RecallReports
from gateway.bootstrap.base import Base
from templates.printer import PaperPrinter


@dataclass(frozen=True, kw_only=True)
class Recalls:
    """Recalling, and what it came to."""

    recall: Recall
    called: RecordRecallCall
    report: RecallReports
    breaches: ReportBreaches


def recalls(base: Base) -> Recalls:
    return Recalls(
        recall=Recall(database=base.database, vault=base.vault, clock=base.clock),
        called=RecordRecallCall(database=base.database, vault=base.vault, clock=base.clock),
        report=RecallReports(database=base.database),
        breaches=ReportBreaches(database=base.database, vault=base.vault, printer=PaperPrinter(), clock=base.clock),
    )
