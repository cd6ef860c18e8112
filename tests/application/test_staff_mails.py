"""Staff are told by mail: at once of what becomes late or at risk, once a day of everything; each once, and naming
nobody."""

import datetime as dt
import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from gateway.application.telling.send_staff_mails import SendStaffMails
from gateway.application.telling.staff_mails import EVERY, LONGEST, Staff, StaffMails
from gateway.domain.delivery import AttemptResult, Delivery, DeliveryState
from gateway.domain.events import EventName
from gateway.domain.failures import NotSent, Refused
from gateway.domain.key_findings import KeyFault, KeyFinding, KeyOwner
from gateway.domain.parties import PreferredLanguage
from gateway.domain.reasons import Reason
from gateway.domain.reference import token_of
from gateway.domain.report import Finding
from gateway.ports.mails import PlainLetter, Send
from gateway.ports.staff_mails import StaffMail
from templates.staff_mail import StaffTexts
from tests.application.stage import Stage
from tests.application.test_receiving import receive
from tests.contracts.fake_channel import HANDED_OVER, FakeChannel

ONE, OTHER = "registry@tribunal.example", "duty@tribunal.example"
DAY, HOUR = dt.timedelta(days=1), dt.timedelta(hours=1)


class Postbox:
    """`PlainMailer` in memory. `answers`: instead of taking a mail."""

    def __init__(self) -> None:
        self.answers: list[AttemptResult] = []
        self.sent: list[PlainLetter] = []

    @contextmanager
    def round(self) -> Iterator[Send]:
        """See `PlainMailer`."""
        yield self._send

    def _send(self, letter: PlainLetter) -> AttemptResult:
        if self.answers:
            return self.answers.pop(0)
        self.sent.append(letter)
        return HANDED_OVER


class Office:
    """A stage, its staff and their mail. Begins on a Friday at 15:04 in Toronto."""

    def __init__(self, folder: Path, *addresses: str, language: PreferredLanguage = PreferredLanguage.EN) -> None:
        self.on, self.post = Stage(folder, FakeChannel(NotSent(reason=Reason.SMTP_TEMPORARY))), Postbox()
        self.addresses, self.texts = addresses, StaffTexts(language)

    def mails(self) -> StaffMails:
        """A scheduler's."""
        staff = Staff(
            addresses=self.addresses,
            zone=dt.timezone(dt.timedelta(hours=-5)),
            digest_hour=7,
            digest=self.texts.digest,
            news=self.texts.news,
        )
        today = lambda _, now: (now - 5 * HOUR).date()  # noqa: E731
        return StaffMails(database=self.on.database, staff=staff, today=today, clock=self.on.clock)

    def told(self, *, addresses: tuple[str, ...] | None = None) -> list[PlainLetter]:
        """What came by now that had not come before."""
        before = len(self.post.sent)
        self.mails().run_if_due()
        self.send(addresses=addresses)
        return self.post.sent[before:]

    def send(self, *, addresses: tuple[str, ...] | None = None) -> Reason | None:
        """What is owed is sent; why the mail server takes none, if so."""
        addresses = self.addresses if addresses is None else addresses
        mailer = self.post
        return SendStaffMails(database=self.on.database, mailer=mailer, addresses=addresses, clock=self.on.clock)(
            99
        ).stopped

    def rests(self) -> None:
        """Until the morning after, before the digest."""
        now = self.on.clock.now() - 5 * HOUR
        self.on.clock.at = dt.datetime.combine(now.date() + DAY, dt.time(6), dt.UTC) + 5 * HOUR


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    made = Office(tmp_path, ONE)
    yield made
    made.on.close()


def overdue(on: Stage) -> Delivery:
    """One that is not sent, whose standard is long over."""
    delivery = on.ready()
    on.clock.move(60 * DAY)
    return delivery


def test_a_digest_comes_once_a_day_from_its_hour_on_and_says_so_when_nothing_waits(office: Office) -> None:
    (digest,) = office.told()
    assert digest.subject == "Decision gateway: 0 late, 0 at risk, 0 for a person"
    office.on.clock.move(EVERY)
    assert office.told() == []
    office.rests()
    assert office.told() == []
    office.on.clock.move(HOUR)
    assert len(office.told()) == 1


def test_what_becomes_late_is_told_at_once_and_each_dispatch_once(office: Office) -> None:
    office.told()
    delivery = overdue(office.on)
    office.rests()
    (news,) = office.told()
    assert news.subject == "Decision gateway: now 1 late, 0 at risk"
    assert delivery.dispatch in news.text
    office.on.clock.move(EVERY)
    assert office.told() == []
    office.on.clock.move(HOUR)
    (digest,) = office.told()
    assert digest.subject.startswith("Decision gateway: 1 late")
    assert delivery.dispatch in digest.text


def test_what_is_owed_again_and_late_once_more_is_told_once_more(office: Office) -> None:
    office.told()
    delivery = overdue(office.on)
    office.rests()
    assert len(office.told()) == 1
    for state, told in ((DeliveryState.HANDED_OVER, 0), (DeliveryState.FAILED, 1), (DeliveryState.FAILED, 0)):
        with office.on.database.write() as tx:
            tx.deliveries.save(replace(delivery, state=state, reason=Reason.BOUNCED))
        office.on.clock.move(EVERY)
        assert len(office.told()) == told, state


def test_a_dispatch_is_told_when_it_is_at_risk_and_again_when_it_is_late(office: Office) -> None:
    office.told()
    delivery = office.on.ready()
    subjects = []
    for _ in range(60):
        office.rests()
        subjects += [one.subject for one in office.told() if delivery.dispatch in one.text]
    assert subjects == ["Decision gateway: now 0 late, 1 at risk", "Decision gateway: now 1 late, 0 at risk"]


def test_the_digest_tells_of_what_left_and_calls_a_person_and_of_what_came_back_for_one(office: Office) -> None:
    on = office.on
    delivery = on.ready()
    on.deliver()
    with on.database.write() as tx:
        left = replace(delivery, state=DeliveryState.HANDED_OVER, reason=Reason.MAIL_HELD, next_action_at=None)
        tx.deliveries.save(replace(left, fence=tx.deliveries.get(delivery.id).fence))
    receive(on, json.dumps([token_of(on.attempts(delivery.id)[-1].reference), Finding.PERSONAL_REPLY]).encode())
    (digest,) = office.told()
    lines = digest.text.splitlines()
    assert "Deliveries that have left and call a person, since their report is overdue or does not suffice: 1" in lines
    assert "What came back and waits for a person (“gateway receipts list --handling for-person”): 1" in lines
    assert f"  {delivery.dispatch}" in lines


def test_the_digest_lists_what_waits_for_a_person_keys_and_proposals_by_ids_alone(office: Office) -> None:
    delivery = office.on.planned_and_rendered()  # nobody stands in the directory
    until = office.on.clock.now() + 6 * DAY
    fault = KeyFault.EXPIRES_IN_7_DAYS
    key = KeyFinding(owner=KeyOwner.RECIPIENT, whose="counsel-7", fingerprint="ab" * 32, fault=fault, until=until)
    with office.on.database.write() as tx:
        tx.watch.replace([key])
    (digest,) = office.told()
    assert digest.subject == "Decision gateway: 0 late, 0 at risk, 1 for a person"
    lines = digest.text.splitlines()
    assert "Deliveries that wait for a person: 1" in lines
    assert f"  {delivery.dispatch}" in lines
    assert f"  recipient, counsel-7: expires within 7 days (until {until.date()})" in lines
    assert not any(name in digest.text for name in ("Alex", "Exemple", "TC6-12345", "11-2345-6789", "@"))


def test_both_languages_stand_one_below_the_other(tmp_path: Path) -> None:
    office = Office(tmp_path, ONE, language=PreferredLanguage.BOTH)
    (digest,) = office.told()
    english, french = digest.text.split("-" * 40)
    assert "How things stood on November 20, 2026 at 3:04\u202fp.m. (" in english
    assert "La situation au 20 novembre 2026 à 15\u00a0h\u00a004 (" in french
    assert " / Passerelle" in digest.subject
    office.on.close()


def test_each_address_gets_a_mail_of_its_own_and_none_is_kept_in_the_database(tmp_path: Path) -> None:
    office = Office(tmp_path, ONE, OTHER)
    assert [one.address for one in office.told()] == [ONE, OTHER]
    assert ONE.encode() not in (tmp_path / "gateway.db").read_bytes()
    office.on.close()


def test_an_address_that_was_taken_out_of_the_settings_gets_nothing_more(tmp_path: Path) -> None:
    office = Office(tmp_path, ONE, OTHER)
    assert [one.address for one in office.told(addresses=(OTHER,))] == [OTHER]
    assert not due(office)
    office.on.close()


def due(office: Office) -> bool:
    """Whether anything is owed, now or later."""
    with office.on.database.read() as tx:
        return tx.staff_mails.untold() is not None


def test_schedulers_that_look_at_the_same_moment_make_one_mail(office: Office) -> None:
    with ThreadPoolExecutor(8) as pool:
        for done in [pool.submit(office.mails().run_if_due) for _ in range(8)]:
            done.result()
    with ThreadPoolExecutor(8) as pool:
        for sent in [pool.submit(office.send) for _ in range(8)]:
            sent.result()
    assert len(office.post.sent) == 1


def test_a_mail_server_that_is_away_gets_it_later_under_the_same_id_and_not_for_ever(office: Office) -> None:
    office.post.answers = [NotSent(reason=Reason.SMTP_CONNECT)]
    assert office.told() == []
    assert office.send() is None, "nobody tries again at once"
    office.on.clock.move(dt.timedelta(minutes=3))
    office.send()
    (first,) = office.post.sent
    office.on.clock.move(DAY)
    office.post.answers = [NotSent(reason=Reason.SMTP_CONNECT)]
    assert office.told() == []
    office.on.clock.move(LONGEST)
    office.send()
    assert [one.id for one in office.post.sent] == [first.id]
    assert not due(office)


def test_an_address_that_the_mail_server_refuses_is_recorded_and_not_tried_again(office: Office) -> None:
    office.post.answers = [Refused(reason=Reason.SMTP_REFUSED)]
    assert office.told() == []
    assert not due(office)
    with office.on.database.read() as tx:
        (event,) = tx.records.events_besides(EventName.STAFF_MAIL_REFUSED)
    assert event.facts["reason"] == Reason.SMTP_REFUSED.value


def test_without_addresses_nothing_is_looked_at(tmp_path: Path) -> None:
    office = Office(tmp_path)
    overdue(office.on)
    assert office.told() == []
    with office.on.database.read() as tx:
        assert tx.watch.begun_at("staff-mails") is None
    office.on.close()


def test_what_is_remembered_is_forgotten_in_the_end(office: Office) -> None:
    office.told()
    old = StaffMail(id="old", to="x", subject="s", text="t", made_at=office.on.clock.now() - 401 * DAY, next_at=None)
    with office.on.database.write() as tx:
        tx.staff_mails.owe([old, replace(old, id="older")])
    office.on.clock.move(EVERY)
    office.told()
    with office.on.database.write() as tx:
        tx.staff_mails.owe([old])  # its id is free again
