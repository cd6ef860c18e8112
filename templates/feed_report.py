"""The morning's reconciliation of the outcome feed as a page, in both official languages one below the other."""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from html import escape

from gateway.domain.feed import REPORT_FIGURES
from gateway.domain.parties import Language
from templates.catalogue import text

_STYLE = (
    "body{font:15px/1.4 system-ui,sans-serif;margin:2rem auto;max-width:76rem;padding:0 1rem}h1{font-size:1.4rem}"
    "table{font-size:.85rem;border-collapse:collapse;margin:1rem 0 2.5rem;width:100%}"
    "th,td{border-bottom:1px solid #888;padding:.3rem .4rem;text-align:right}"
    "th:first-child,td:first-child{text-align:left}thead th{vertical-align:bottom}"
)

Row = Mapping[str, object]


def feed_report(at: dt.datetime, rows: Sequence[Row]) -> str:
    """HTML. rows: by division, the figures by their names, `oldest` a moment in RFC 3339 or None."""
    parts = "".join(_part(language, at, rows) for language in (Language.EN, Language.FR))
    title = escape(" / ".join(text("staff", "feed-report.title", one, day=_day(at)) for one in Language))
    return (
        f'<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8"><title>{title}</title>'
        f"<style>{_STYLE}</style></head><body>{parts}</body></html>\n"
    )


def _part(language: Language, at: dt.datetime, rows: Sequence[Row]) -> str:
    title = escape(text("staff", "feed-report.title", language, day=_day(at)))
    lead = escape(text("staff", "feed-report.lead", language, time=at.isoformat(" ", "minutes")))
    names = [one.replace("_", "-") for one in ("division", *REPORT_FIGURES, "oldest")]
    columns = [escape(text("staff", f"feed-report.column.{one}", language)) for one in names]
    heads = "".join(f'<th scope="col">{one}</th>' for one in columns)
    body = "".join(f"<tr>{''.join(_cells(language, row))}</tr>" for row in rows)
    return (
        f'<main lang="{language.value}"><h1>{title}</h1><p>{lead}</p>'
        f"<table><thead><tr>{heads}</tr></thead><tbody>{body}</tbody></table></main>"
    )


def _cells(language: Language, row: Row) -> Iterator[str]:
    division = text("words", f"division.name.{row['division']}", language)
    yield f'<th scope="row">{escape(division)}</th>'
    yield from (f"<td>{escape(str(row[name]))}</td>" for name in REPORT_FIGURES)
    oldest = dt.datetime.fromisoformat(str(row["oldest"])).date().isoformat() if row["oldest"] else "–"
    yield f"<td>{escape(oldest)}</td>"


def _day(at: dt.datetime) -> str:
    return at.date().isoformat()
