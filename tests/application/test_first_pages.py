"""The page before a fax says where the signed acknowledgement is sent back to."""

import uuid
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from gateway.application.papers.first_pages import FirstPages
from gateway.domain.parties import RecipientChannel
from gateway.domain.return_code import ReturnCode
from templates.printer import PaperPrinter
from tests.application.exporting import paper_text
from tests.application.stage import Stage
from tests.contracts.fake_channel import FakeChannel


@pytest.fixture
def on(tmp_path: Path) -> Iterator[Stage]:
    stage = Stage(tmp_path, FakeChannel())
    yield stage
    stage.close()


def cover(on: Stage, fax_numbers: Mapping[str, str]) -> str:
    """The words of the cover of a delivery that the office at Toronto faxes."""
    delivery = on.ready(package_id=str(uuid.uuid4()))
    pages = FirstPages(
        database=on.database,
        open_case=on.open_case,
        directory=on.directory,
        printer=PaperPrinter(),
        clock=on.clock,
        fax_numbers=fax_numbers,
    )
    drawn = pages.page(delivery, RecipientChannel(type="fax", number="+15145550123"), (), ReturnCode.of(delivery.id))
    assert drawn is not None
    return paper_text(drawn.content)


def test_the_offices_own_fax_number_stands_on_it_and_no_other(on: Stage) -> None:
    numbers = {"toronto": "+14165550188", "montreal": "+15145550177"}
    assert "416-555-0188" in cover(on, numbers)
    assert "514-555-0177" not in cover(on, numbers)


def test_where_the_office_has_none_no_number_is_named(on: Stage) -> None:
    shown = cover(on, {"montreal": "+15145550177"})
    assert "sendthispagebacktotheRegistry" in shown
    assert "514-555-0177" not in shown
