"""What failed on its way goes by hand: a person asks for that, and its packet is printed with the page to be signed."""

from pathlib import Path

import pytest

from gateway.application.acts.service_record import HandService
from gateway.application.papers.first_pages import FirstPages
from gateway.application.papers.packets import PrintPacket
from gateway.domain.codes import Code
from gateway.domain.delivery import DeliveryState, ResultName
from gateway.domain.digest import sha256
from gateway.domain.events import EventName
from gateway.domain.failures import Refused
from gateway.domain.problem import Conflict, InputRefused
from gateway.domain.reasons import Reason
from gateway.domain.reference import SendingToken
from gateway.domain.return_code import ReturnCode
from templates.printer import PaperPrinter
from tests.application.exporting import paper_text
from tests.application.stage import Stage, stage_rules
from tests.channels.mailing import by_hand
from tests.contracts.fake_channel import FakeChannel

HAND = "hand-delivery"
WHY = "The fax machine was given up; the bailiff goes there."
ON_REQUEST = """
[[order]]
id = "by-hand-on-request"
when = { role = ["claimant"] }
channels = ["fax"]
by_person = ["hand-delivery"]
source = { en = "test", fr = "essai" }
explanation = { en = "Test.", fr = "Essai." }
"""
CLAIMANT = {"id": "a1", "roles": ["claimant"], "represents": ["p1"], "contact": {"fax": "+14165550123"}}


def with_first_pages(on: Stage) -> None:
    """Attempts are made with the page to be signed, drawn as it will be printed."""
    pages = FirstPages(
        database=on.database, open_case=on.open_case, directory=on.directory, printer=PaperPrinter(), clock=on.clock
    )
    on.make._cover = pages.page


def test_what_failed_is_printed_for_the_bailiff_and_its_service_is_that_of_the_packet(tmp_path: Path) -> None:
    fax = FakeChannel(Refused(reason=Reason.FAX_FAILED), name="fax")
    on = Stage(tmp_path, fax, by_hand(), rules=stage_rules(ON_REQUEST))
    with_first_pages(on)
    delivery = on.planned_and_rendered(participants=[CLAIMANT])
    assert delivery.plan == ("fax",)
    on.deliver()
    assert (on.delivery(delivery.id).state, len(fax.sent)) == (DeliveryState.FAILED, 1)
    packet = PrintPacket(database=on.database, vault=on.vault, clock=on.clock)
    with pytest.raises(Conflict) as nothing:
        packet(delivery.id, actor="clerk")
    assert nothing.value.code is Code.DELIVERY_ACTION_NOT_POSSIBLE

    on.reroute(delivery.id, HAND, actor="clerk", reason=WHY)
    on.deliver()
    waits = on.delivery(delivery.id)
    assert (waits.state, waits.channel, waits.reason) == (DeliveryState.AWAITING_PERSON, HAND, None)
    printed = packet(delivery.id, actor="clerk")
    assert packet(delivery.id, actor="clerk") == printed, "the same bytes each time"
    by_fax, by_clerk = on.attempts(delivery.id)
    assert (by_clerk.result, by_clerk.sent_digest) == (ResultName.GIVEN_TO_PERSON, sha256(printed))
    page, papers = printed.split(b"\n%PDF-stand-in", 1)
    assert papers == b" for a1"
    token = str(SendingToken.of(by_clerk.reference, by_clerk.number))
    with on.database.read() as tx:
        assert tx.return_codes.find(ReturnCode.of(token)) == token
        names = [one.name for one in tx.records.events(delivery.dispatch)]
    assert names.count(EventName.PACKET_PRINTED) == 2
    assert "TC6-12345" in paper_text(page)

    told = HandService(at=on.clock.now(), place="Ottawa", handed_to="Claire Tremblay", proof=b"%PDF signed")
    on.record_service(delivery.id, told, actor="clerk", reason=WHY)
    after = on.delivery(delivery.id)
    assert (after.state, after.settled) == (DeliveryState.DELIVERED, True)
    assert [(one.channel, one.result) for one in on.attempts(delivery.id)] == [
        ("fax", by_fax.result),
        (HAND, ResultName.HANDED_OVER),
    ]
    on.close()


MINISTER = """
[[order]]
id = "minister-by-hand-on-request"
when = { role = ["minister-counsel"] }
channels = ["encrypted-email"]
by_person = ["hand-delivery"]
source = { en = "test", fr = "essai" }
explanation = { en = "Test.", fr = "Essai." }
"""


def test_an_entry_that_names_no_way_by_hand_is_handed_it_once_a_person_asks_and_never_by_a_plan(tmp_path: Path) -> None:
    on = Stage(tmp_path, FakeChannel(Refused(reason=Reason.SMTP_REFUSED)), by_hand(), rules=stage_rules(MINISTER))
    with_first_pages(on)
    delivery = on.ready()
    assert delivery.plan == ("encrypted-email",)
    on.deliver()
    assert on.delivery(delivery.id).state is DeliveryState.FAILED
    with pytest.raises(InputRefused) as unexplained:
        on.reroute(delivery.id, HAND, actor="clerk", reason=" ")
    assert unexplained.value.code is Code.REQUEST_INVALID
    on.reroute(delivery.id, HAND, actor="clerk", reason="Their counsel waits in the hearing room.")
    on.deliver()
    waits = on.delivery(delivery.id)
    assert (waits.state, waits.channel, waits.reason) == (DeliveryState.AWAITING_PERSON, HAND, None)
    page = PrintPacket(database=on.database, vault=on.vault, clock=on.clock)(delivery.id, actor="clerk")
    assert "Hearings" in paper_text(page.split(b"\n%PDF-stand-in", 1)[0])
    told = HandService(at=on.clock.now(), place="Room 3", handed_to="Their counsel", proof=b"%PDF signed")
    on.record_service(delivery.id, told, actor="clerk", reason="Handed over in the hearing room.")
    assert on.delivery(delivery.id).state is DeliveryState.DELIVERED
    on.close()


def test_where_the_rules_name_no_service_by_hand_nobody_can_ask_for_it(tmp_path: Path) -> None:
    on = Stage(tmp_path, FakeChannel(Refused(reason=Reason.SMTP_REFUSED)), by_hand())
    delivery = on.ready()
    on.deliver()
    with pytest.raises(Conflict) as forbidden:
        on.reroute(delivery.id, HAND, actor="clerk", reason=WHY)
    assert forbidden.value.code is Code.DELIVERY_CHANNEL_FORBIDDEN
    on.close()
