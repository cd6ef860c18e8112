"""Who saw or did what: found by file, package and person, taken out as a file, and the ledger's last verification."""

import csv
import io

import pytest

from gateway.domain.accounts import AccountRole
from gateway.domain.audit import AuditAsked
from gateway.domain.events import Event, EventName
from gateway.domain.parties import Language
from templates.catalogue import has
from tests.web.console.house import House, Person

FILE = "TC6-12345"


@pytest.fixture
def erin(busy: House) -> Person:
    """Who audits."""
    return busy.sign_in(busy.person("erin", AccountRole.READER))


def rows(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))


def test_what_somebody_did_is_found_by_file_by_package_and_by_who_they_are(busy: House, erin: Person) -> None:
    alice = busy.sign_in(busy.person("alice", AccountRole.REGISTRY))
    delivery = busy.delivery()
    seen = busy.gateway.console.look_at(delivery.id, viewer="alice", reasons=False).seen
    held = busy.post(alice, f"/en/deliveries/{delivery.id}/cancel", {"reason": "secret words", "seen": seen})
    assert held.status_code == 303
    with busy.gateway.database.read() as tx:
        package = str(tx.dispatches.get(delivery.dispatch).package_id)
    link = f'href="/console/en/deliveries/{delivery.id}"'
    for asked in ({"file_number": FILE.lower()}, {"package": package}, {"actor": "alice"}):
        page = busy.post(erin, "/en/audit", asked)
        assert (page.status_code, link in page.text, "A person acted" in page.text) == (200, True, True), asked
        assert "secret words" not in page.text
    both = busy.post(erin, "/en/audit", {"file_number": FILE, "actor": "nobody-of-that-name"})
    assert "Nothing was recorded of that." in both.text
    assert FILE not in both.headers.get("location", "") + str(both.url)


def test_what_is_taken_out_is_plain_and_that_it_was_is_recorded(busy: House, erin: Person) -> None:
    with busy.gateway.database.write() as tx:
        sly = Event(name=EventName.ACCOUNT_CHANGED, at=busy.clock.at, actor="=cmd|x", facts={})
        tx.records.append(sly)
    out = busy.post(erin, "/en/audit/export", {"file_number": FILE})
    assert out.headers["content-type"] == "text/csv; charset=utf-8"
    found = rows(out.content)
    assert {"package-accepted", "person-called"} <= {one["event"] for one in found}
    assert not any("acceptance" in one["facts"] for one in found)
    with busy.gateway.database.read() as tx:
        (exported,) = tx.records.events_besides(EventName.AUDIT_EXPORTED)
    assert (exported.actor, exported.facts) == ("erin", {"by": "file", "events": len(found)})
    assert "'=cmd|x" in {one["actor"] for one in rows(busy.post(erin, "/en/audit/export").content)}


def test_pages_follow_one_another_and_a_period_is_days_at_the_office(
    busy: House, erin: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gateway.application.console.audit.PAGE", 2)
    first = busy.post(erin, "/en/audit", {"file_number": FILE})
    assert "Next page" in first.text
    with busy.gateway.database.read() as tx:
        everything = tx.records.search(AuditAsked(), 100)
    assert [one.place for one in everything] == sorted((one.place for one in everything), reverse=True)
    day = f"{busy.clock.at:%Y-%m-%d}"
    none = busy.post(erin, "/en/audit", {"file_number": FILE, "until": "2020-01-01"})
    assert "Nothing was recorded of that." in none.text
    for asked, field in (({"package": "x"}, "Package"), ({"since": day}, "File number"), ({"since": "x"}, "From")):
        wrong = busy.post(erin, "/en/audit", asked)
        assert (wrong.status_code, f"Check “{field}”" in wrong.text) == (422, True), asked


def test_everything_that_is_recorded_has_words_in_both_languages() -> None:
    without = [f"{lang} {one}" for lang in Language for one in EventName if not has("console", f"event.{one}", lang)]
    assert without == []


def test_when_the_ledger_was_last_verified_stands_there(busy: House, erin: Person) -> None:
    assert "never verified" in busy.get(erin, "/en/audit").text
    report = busy.gateway.evidence.verify_ledger()
    assert report.findings == ()
    assert "The ledger holds: last verified" in busy.get(erin, "/en/audit").text
