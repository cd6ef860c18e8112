"""The evidence of a delivery under a clock that the test moves: what it holds and withholds, what expiry leaves."""

import datetime as dt
import json
from collections.abc import Iterator
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import page
import pytest
from pypdf import PdfReader

from gateway.application.acts.service_record import HandService
from gateway.application.evidence.export import AskedEvidence
from gateway.application.evidence.records import read_record, transmission_record
from gateway.domain.codes import Code
from gateway.domain.delivery import Attempt, Delivery, HandedOver, ResultName
from gateway.domain.digest import sha256
from gateway.domain.events import EventName
from gateway.domain.package import DocumentKind
from gateway.domain.parties import PreferredLanguage, Protection, RecipientChannel
from gateway.domain.problem import InputRefused, NoSuchThing
from gateway.domain.reference import token_of
from gateway.domain.report import Finding, Reading, Report
from gateway.domain.trust import Revocation
from gateway.ports.keys import KeyStanding
from templates.printer import PaperPrinter
from tests.application.exchanged import ACCOUNT, Exchanged
from tests.application.exporting import exported, paper_text
from tests.application.stage import Stage
from tests.application.test_receiving import ScriptedReader
from tests.application.test_unconfirmed import REPORT, in_doubt, settle
from tests.contracts.fake_channel import FakeChannel

RETAINED = dt.timedelta(days=366 * 2 + 1)
WHY = "the Federal Court asked for all of them"


@pytest.fixture
def on(tmp_path: Path) -> Iterator[Stage]:
    stage = Stage(tmp_path, FakeChannel())
    yield stage
    stage.close()


def served(on: Stage) -> Delivery:
    """Sent, then handed over by hand as well."""
    delivery = on.ready()
    on.deliver()
    on.clock.move(dt.timedelta(minutes=1))
    told = HandService(at=on.clock.now(), place="Ottawa", handed_to="Claire Tremblay", proof=b"scan")
    on.record_service(delivery.id, told, actor="clerk", reason="she came to the counter")
    return delivery


def test_the_record_names_who_is_known_from_the_directory_alone(on: Stage) -> None:
    """The package calls the Minister's counsel by the entry's id, and nothing else."""
    delivery = served(on)
    members = exported(on, delivery.dispatch)
    for paper in ("transmission-record.pdf", "dossier.pdf"):
        assert "RecipientHearingsCBSA" in paper_text(members[paper])


def test_the_dossier_attaches_what_it_lists_byte_for_byte(on: Stage) -> None:
    members = exported(on, served(on).dispatch)
    attached = {name: parts[0] for name, parts in PdfReader(BytesIO(members["dossier.pdf"])).attachments.items()}
    expected = ["evidence.json", "ledger/events.jsonl", "receipts/attempt-01-reply.txt", "receipts/service-01.eml"]
    expected.append("sent/DIGESTS.txt")
    assert attached == {name.replace("/", "-"): members[name] for name in expected}
    shown = paper_text(members["dossier.pdf"])
    assert all(sha256(content) in shown for content in attached.values())


def test_what_came_is_named_by_what_it_is(on: Stage) -> None:
    delivery = on.ready()
    on.deliver()
    token = token_of(on.attempts(delivery.id)[-1].reference)
    reading = on.reading(ScriptedReader())
    reading._readers = dict.fromkeys(("mail", "fax"), ScriptedReader())
    for source in ("mail", "fax"):
        on.keep(json.dumps([token, Finding.RELAYED]).encode(), source=source)
    assert reading(10) == 2
    members = exported(on, delivery.dispatch)
    assert {one for one in members if one.startswith("receipts/0")} in (
        {"receipts/01.eml", "receipts/02.json"},
        {"receipts/01.json", "receipts/02.eml"},
    )


class PageReader:
    """Reads every page as one that its sender has."""

    def __init__(self, token: str) -> None:
        self._token = token

    def read(self, raw: bytes) -> Reading:
        """See `ReceiptReader`."""
        return Reading(reports=(Report(finding=Finding.RELAYED),), tokens=(self._token,))


@pytest.mark.parametrize(
    ("begins", "ending"), [(b"\xff\xd8\xff\xe0", "jpg"), (b"%PDF-1.7", "pdf"), (b"II*\x00", "tif")]
)
def test_a_photograph_that_came_without_a_message_is_named_as_one(on: Stage, begins: bytes, ending: str) -> None:
    delivery = on.ready()
    on.deliver()
    reading = on.reading(ScriptedReader())
    reading._readers = {"mail": PageReader(token_of(on.attempts(delivery.id)[-1].reference))}
    on.keep(begins + b" a page", source="mail")
    assert reading(10) == 1
    assert f"receipts/01.{ending}" in exported(on, delivery.dispatch)


@pytest.mark.parametrize(("paper", "archival"), [("transmission-record.pdf", "pdfa-2a"), ("dossier.pdf", "pdfa-3a")])
def test_sealed_papers_are_accessible_and_archival_still(on: Stage, paper: str, archival: str) -> None:
    content = exported(on, served(on).dispatch)[paper]
    for profile in ("pdfua-1", archival):
        report = page.validate_pdf_bytes(content, profile=profile)
        assert [one.rule_id for one in report.failures] == []
        assert report.rules.total > 100
    assert b"/ETSI.CAdES.detached" in content


def test_programs_read_the_same_record(on: Stage) -> None:
    delivery = served(on)
    told = json.loads(exported(on, delivery.dispatch)["evidence.json"])
    assert (told["schema"], told["dispatch"]) == ("delivery-evidence/1", delivery.dispatch)
    assert told["delivery"]["services"][-1]["method"] == "hand-delivery"


def test_events_of_the_dispatch_stand_beside_those_of_the_delivery(on: Stage) -> None:
    delivery = served(on)
    events = exported(on, delivery.dispatch)["ledger/events.jsonl"].decode().splitlines()
    told = [json.loads(json.loads(line)["event"]) for line in events]
    names = {chain: [one["name"] for one in told if one["chain"] == chain] for chain in {one["chain"] for one in told}}
    assert EventName.PACKAGE_ACCEPTED in names[delivery.dispatch]
    assert names[delivery.id][-1] == EventName.EVIDENCE_EXPORTED
    assert set(names) == {delivery.dispatch, delivery.id}


def test_each_event_leads_to_the_first_checkpoint_over_it(on: Stage) -> None:
    """A later one says less about when it was recorded."""
    delivery = served(on)
    first = exported(on, delivery.dispatch)
    on.clock.move(dt.timedelta(days=1))
    second = exported(on, delivery.dispatch)
    *earlier, last = [json.loads(line)["checkpoint"] for line in second["ledger/events.jsonl"].decode().splitlines()]
    assert set(earlier) == {last - 1}
    assert set(first) < set(second)
    for name in set(second) - set(first):
        assert name.startswith("ledger/checkpoint-")


def test_a_third_partys_channel_stands_by_its_own_name(on: Stage) -> None:
    delivery = served(on)
    with on.database.read() as tx:
        record = read_record(tx, tx.dispatches.get(delivery.dispatch), delivery)
        facts = on.facts(record.dispatch)
    pigeon: Attempt = replace(record.attempts[0], channel="carrier-pigeon")
    paper = transmission_record(replace(record, attempts=[pigeon]), facts, on.clock.now())
    assert "carrier-pigeon" in paper_text(PaperPrinter().draw(paper).content)
    assert pigeon.result is ResultName.HANDED_OVER


def test_a_document_stands_in_its_own_language(on: Stage) -> None:
    """Whatever the language of the paper that names it."""
    delivery = served(on)
    with on.database.read() as tx:
        record = read_record(tx, tx.dispatches.get(delivery.dispatch), delivery)
    french = replace(record.documents[-1], kind=DocumentKind.REASONS, language=PreferredLanguage.FR)
    paper = transmission_record(replace(record, documents=[french]), on.facts(record.dispatch), on.clock.now())
    assert "Reasonsfordecision,inFrench" in paper_text(PaperPrinter().draw(paper).content)


def test_after_expiry_it_still_proves_and_says_what_it_cannot_show(on: Stage) -> None:
    delivery = served(on)
    asked = AskedEvidence(sent_bytes=True)
    before = exported(on, delivery.dispatch, asked=asked)
    on.clock.move(RETAINED)
    assert on.retention().run(actor="archivist")
    after = exported(on, delivery.dispatch, asked=asked)
    assert set(before) - set(after) == {"sent/01.bin"}
    for name in ("sent/DIGESTS.txt", "receipts/attempt-01-reply.txt", "receipts/service-01.eml"):
        assert after[name] == before[name]
    assert after["certificates/package-signer-01.pem"] == before["certificates/package-signer-01.pem"]
    assert "RecipientHearingsCBSA" in paper_text(after["transmission-record.pdf"])
    assert "What can no longer be shown" in after["README.en.txt"].decode()
    assert "Ce qui ne peut plus être montré" in after["README.fr.txt"].decode()
    assert "no longer" not in before["README.en.txt"].decode()


def test_an_openpgp_key_that_was_used_is_there_though_the_recipient_has_another_one(on: Stage) -> None:
    """As it was handed in, and it alone."""
    used, newer = (
        RecipientChannel(
            type="encrypted-email",
            address="cbsa@gw.test",
            protection=Protection.OPENPGP,
            public_key=key,
            fingerprint=name,
        )
        for key, name in ((b"the key", "AB" * 20), (b"its successor", "CD" * 20))
    )
    on.recipients(way=used)
    delivery = on.planned_and_rendered()
    on.key_standing = KeyStanding(fingerprint="AB" * 20, anchor=None, revocation=Revocation.NO_SOURCE)
    on.deliver()
    on.recipients(way=newer)
    members = exported(on, delivery.dispatch)
    assert {name: members[name] for name in members if "recipient-" in name} == {
        "certificates/recipient-01.asc": b"the key"
    }


def test_what_the_carrier_said_when_it_was_asked_is_there(tmp_path: Path) -> None:
    """Where nobody knew whether the message was sent, its word is what the service rests on."""
    on, _, delivery = in_doubt(tmp_path, answers=[HandedOver(words="250 we have it since noon")])
    on.clock.move(REPORT)
    settle(on)
    members = exported(on, delivery.dispatch)
    assert members["receipts/asked-01.txt"] == b"250 we have it since noon"
    assert "Whatthecarriersaidwhenitwasasked" in paper_text(members["dossier.pdf"])
    on.close()


def test_what_the_exchange_saw_of_the_taking_is_there(tmp_path: Path) -> None:
    """Who, what and when, by the digests of what was left."""
    on = Exchanged(tmp_path)
    on.verified()
    delivery = on.left()
    (left,) = on.collect.all(ACCOUNT)
    content = b"".join(on.collect.document(ACCOUNT, left.entry.id, 0).parts)
    members = exported(on, delivery.dispatch)
    told = [json.loads(members[name]) for name in sorted(members) if name.startswith("receipts/taken-")]
    assert [one["act"] for one in told][-1] == "downloaded"
    assert told[-1]["document"] == sha256(content)
    on.close()


def test_everybodys_evidence_takes_a_reason(on: Stage) -> None:
    delivery = served(on)
    with pytest.raises(InputRefused) as refused:
        exported(on, delivery.dispatch, asked=AskedEvidence(everybody=" "))
    assert refused.value.code is Code.REQUEST_INVALID
    exported(on, delivery.dispatch, asked=AskedEvidence(everybody=WHY))
    with on.database.read() as tx:
        (event,) = [one for one in tx.records.events(delivery.dispatch) if one.name is EventName.EVIDENCE_EXPORTED]
    assert (event.facts["everybody"], event.actor) == (True, "clerk")
    assert event.reason is not None
    assert WHY.encode() not in event.reason


def test_a_participant_who_is_none_is_refused_and_nothing_is_recorded(on: Stage) -> None:
    delivery = served(on)
    with pytest.raises(NoSuchThing):
        exported(on, delivery.dispatch, "nobody")
    with on.database.read() as tx:
        assert EventName.EVIDENCE_EXPORTED not in {one.name for one in tx.records.events(delivery.dispatch)}
