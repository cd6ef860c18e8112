"""The outcome feed's page: the reconciliation, what is not answered, and what staff do with what was rejected."""

import csv
import io
import re

import pytest

from gateway.domain.accounts import AccountRole
from tests.web.console.feeding import Told, answered
from tests.web.console.house import House, Person


def recounted(told: Told) -> None:
    """The maintenance counted again."""
    feed = told.house.gateway.case_systems.feed
    assert feed is not None
    feed.standing.counting.count_now()


@pytest.fixture
def rita(told: Told) -> Person:
    return told.house.sign_in(told.house.person("rita", AccountRole.REGISTRY))


def test_staff_see_the_reconciliation_and_tell_again_or_give_up_what_was_rejected(told: Told, rita: Person) -> None:
    house = told.house
    page = house.get(rita, "/en/feed").text
    line = '<th scope="row">{}</th><td data-of="{}">0</td><td data-of="{}">1</td>'
    assert line.format("Sent, not answered", "RAD", "RPD") in page
    assert "Batch 1: lines: 1, last put" in page
    assert "Nothing waits for a person." in page
    assert re.search(r'<p class="hint">Counted [A-Z][a-z]+ \d+, \d{4}, ', page), "how old the figures are"
    answered(told)
    (rejected,) = told.work()
    page = house.get(rita, "/en/feed").text
    assert "Every batch was answered in full." in page
    assert '<td data-of="Code given by GCMS">E-17</td>' in page
    for nothing in ("", "  "):
        refused = house.post(rita, f"/en/feed/{rejected}/again", {"reason": nothing})
        assert (refused.status_code, told.work()) == (422, [rejected])
        assert 'id="reason-1-wrong" role="alert">Check “Your reason”' in refused.text
        assert 'aria-describedby="reason-1-wrong"' in refused.text
    asked = house.post(rita, f"/en/feed/{rejected}/again", {"reason": "The table of codes was mended"})
    assert (asked.status_code, asked.headers["location"]) == (303, "/console/en/feed?done=again")
    assert told.work() == []
    told.further()
    answered(told)
    (again,) = told.work()
    assert house.post(rita, f"/fr/feed/{again}/give-up", {"reason": "Inconnu du SMGC"}).status_code == 303
    assert house.post(rita, f"/fr/feed/{again}/again", {"reason": "Encore"}).status_code == 409
    recounted(told)
    french = house.get(rita, "/fr/feed?done=given-up").text
    assert "personne n’en sera informé" in french
    assert line.format("Abandonnées", "SAR", "SPR") in french
    with house.gateway.database.read() as tx:
        acts = [one.actor for one in tx.records.events(tx.feed.get(again).dispatch) if one.reason is not None]  # type: ignore[union-attr]
    assert acts == ["rita", "rita"], "each act has its name"


def test_the_table_is_that_of_the_command_and_who_reads_only_is_offered_no_act(told: Told) -> None:
    answered(told)
    reader = told.house.sign_in(told.house.person("rob", AccountRole.READER))
    page = told.house.get(reader, "/en/feed").text
    assert "E-17" in page
    assert "/again" not in page
    table = told.house.get(reader, "/en/feed/report.csv")
    assert table.headers["content-type"].startswith("text/csv")
    assert [(one["division"], one["rejected"]) for one in csv.DictReader(io.StringIO(table.text))] == [
        ("RAD", "0"),
        ("RPD", "1"),
    ]


def test_a_home_without_a_feed_says_so(house: House) -> None:
    reader = house.sign_in(house.person("rob", AccountRole.READER))
    assert "No outcome feed is set up here" in house.get(reader, "/en/feed").text
    assert "/en/feed" not in house.get(reader, "/en").text
