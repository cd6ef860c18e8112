"""What result mails of fax services say."""

import pytest

from channels.encrypted_email.receipts.reader import MailReader
from channels.fax.results import FaxResultReader
from gateway.application.returns.first_that_reads import FirstThatReads
from gateway.domain.addresses import MailAddress
from gateway.domain.bearing import after_report
from gateway.domain.delivery import Delivery, DeliveryState
from gateway.domain.parties import PreferredLanguage, Role
from gateway.domain.reasons import Reason
from gateway.domain.report import EVENT_OF, FOR_A_PERSON, Finding
from gateway.domain.service import RECEIVED
from tests.channels.fax_samples import SERVICE, TOKEN, interfax, two_mails

READER = FaxResultReader(MailAddress.parse(SERVICE))

RESULTS = [
    (interfax(), Finding.FAX_SENT),
    (interfax(csid="QUACK LAW"), Finding.FAX_SENT),
    (interfax(csid=""), Finding.FAX_SENT),
    (interfax(csid="+1 514 555 0199"), Finding.FAX_WRONG_MACHINE),
    (interfax(pages=2), Finding.FAX_PARTIAL),
    (interfax(pages=""), Finding.FAX_PARTIAL),
    (interfax(pages=4), Finding.FAX_PAGES_EXCEED),
    (interfax(status="Busy", pages=0), Finding.FAX_BUSY),
    (interfax(status="No answer", pages=0), Finding.FAX_NO_ANSWER),
    (interfax(status="6999", pages=0), Finding.FAX_FAILED),
    (interfax(status="6999", pages=1), Finding.FAX_PARTIAL),
    (interfax(dialled="16135559999", csid="16135559999"), Finding.FAX_WRONG_MACHINE),
    (interfax(dialled="16135559999", csid="", pages=1, status="6999"), Finding.FAX_WRONG_MACHINE),
    (interfax(dialled="16135559999", status="Busy", pages=0), Finding.FAX_BUSY),
    (interfax(dialled="", csid=""), Finding.FAX_SENT),
    (interfax(dialled="16135559999", csid="", subject=f"{TOKEN} 3"), Finding.FAX_SENT),  # sent before there was a check
    (two_mails("Accepted", dialled="+1 613 555 9999"), Finding.FAX_WRONG_MACHINE),
    (two_mails("Accepted"), Finding.FAX_ACCEPTED),
    (two_mails("Success", pages=3), Finding.FAX_SENT),
    (two_mails("Success", pages=2), Finding.FAX_PARTIAL),
    (two_mails("Busy"), Finding.FAX_BUSY),
    (two_mails("What?"), Finding.FAX_FAILED),
]


@pytest.mark.parametrize(("raw", "finding"), RESULTS)
def test_each_end_of_a_fax_is_a_finding_of_its_own(raw: bytes, finding: Finding) -> None:
    reading = READER.read(raw)
    assert [one.finding for one in reading.reports] == [finding]
    assert reading.tokens == (TOKEN,)


@pytest.mark.parametrize(
    "raw",
    [
        interfax(subject="hello"),
        interfax(subject=f"{TOKEN}"),
        interfax().replace(SERVICE.encode(), b"else@fax.test"),
        interfax().replace(b"text/plain", b"text/html"),
        b"",
    ],
)
def test_what_is_no_result_of_the_service_is_left_to_the_reader_of_mail(raw: bytes) -> None:
    assert READER.read(raw).reports[0].finding is Finding.UNREADABLE
    assert FirstThatReads([READER, MailReader()]).read(raw) == MailReader().read(raw)


def _delivery(state: DeliveryState) -> Delivery:
    return Delivery(
        id="d",
        dispatch="x",
        participant="p",
        roles=(Role.COUNSEL,),
        recipient=None,
        language=PreferredLanguage.EN,
        state=state,
        reason=None,
        plan=("fax",),
    )


@pytest.mark.parametrize(
    ("finding", "reason"),
    [
        (Finding.FAX_BUSY, Reason.FAX_BUSY),
        (Finding.FAX_NO_ANSWER, Reason.FAX_NO_ANSWER),
        (Finding.FAX_WRONG_MACHINE, Reason.FAX_WRONG_MACHINE),
        (Finding.FAX_PARTIAL, Reason.FAX_PARTIAL),
        (Finding.FAX_FAILED, Reason.FAX_FAILED),
    ],
)
def test_each_failure_ends_the_delivery_for_its_own_reason_and_calls_a_person(finding: Finding, reason: Reason) -> None:
    after = after_report(_delivery(DeliveryState.HANDED_OVER), finding)
    assert (after.state, after.reason) == (DeliveryState.FAILED, reason)
    assert finding in FOR_A_PERSON


def test_only_the_final_report_is_a_confirmation_of_receipt() -> None:
    received = {finding for finding in Finding if finding.startswith("fax") and EVENT_OF.get(finding) in RECEIVED}
    assert received == {Finding.FAX_SENT}


def test_acceptance_and_success_leave_a_fax_handed_over_and_too_many_pages_call_a_person() -> None:
    handed = _delivery(DeliveryState.HANDED_OVER)
    for finding in (Finding.FAX_ACCEPTED, Finding.FAX_SENT, Finding.FAX_PAGES_EXCEED):
        assert after_report(handed, finding) == handed
    assert Finding.FAX_PAGES_EXCEED in FOR_A_PERSON
    late = after_report(_delivery(DeliveryState.UNCONFIRMED), Finding.FAX_ACCEPTED)
    assert late.state is DeliveryState.HANDED_OVER
