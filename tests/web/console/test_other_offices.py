"""Route by route: what an account of one office is answered that asks for things of another, and what lists show."""

import csv
import io
import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from shutil import copytree

import httpx
import pytest

from gateway.application.acts.acting import AskedAct
from gateway.application.evidence.export import AskedEvidence
from gateway.application.evidence.proof_drawing import Given
from gateway.domain.accounts import AccountRole
from gateway.domain.acts import Action
from gateway.domain.breach import BreachData, BreachTold
from gateway.domain.codes import Code
from gateway.domain.feed import FeedKind, FeedState, Transaction
from gateway.domain.manifest import sheet_code
from gateway.domain.outcomes import Division
from gateway.domain.problem import NotAllowed
from gateway.domain.proposals import ChangeKind, Proposal
from gateway.domain.report import Finding
from gateway.ports.incoming import Handling, Incoming
from gateway.ports.registry import Scope
from tests.channels.scan_samples import mail_room_list
from tests.e2e.world import TODAY, World
from tests.keys.pki import DAY, Authority, Order, pem, rsa_key
from tests.web.console.drafting import begun, trusted
from tests.web.console.house import House, Person
from tests.web.console.test_access import ACCESS, PLACES
from tests.web.console.test_mail_room import brought, closed, items

CODE = Code.ACCOUNT_OTHER_OFFICE.value
OURS = {"view", "passkey", "what", "recipient", "way", "channel", "which", "language"}
"""What in an address names nothing of an office: the person's own, and what all offices share."""


@dataclass
class Offices:
    """A house in which everything is Toronto's: `toni` works there, `mona` in Montréal, both in every role."""

    house: House
    toni: Person
    mona: Person
    things: dict[str, str]
    """By its name in addresses, what is Toronto's."""
    words: tuple[str, ...]
    """By which it would be known on a page."""
    file: str

    def ask(self, person: Person, method: str, path: str) -> httpx.Response:
        below = path.removeprefix("/console").format_map(PLACES | self.things)
        asked = {
            "reason": "mine",
            "seen": "0",
            "delivery": self.things["delivery"],
            "file_number": self.file,
            "number": self.file,
        }
        return self.house.post(person, below, asked) if method == "POST" else self.house.get(person, below)


def bound(house: House, name: str, office: str) -> Person:
    person = house.person(name, *AccountRole)
    with house.gateway.database.write() as tx:
        account = tx.accounts.get(name)
        assert account is not None
        tx.accounts.put(replace(account, offices=frozenset({office})))
    return house.sign_in(person)


@pytest.fixture(scope="module")
def offices(tmp_path_factory: pytest.TempPathFactory, gathered: Path, world: World) -> Iterator[Offices]:
    folder = tmp_path_factory.mktemp("offices")
    copytree(gathered, folder / "home")
    (folder / "gcms").mkdir()
    order = Order(name="GCMS", not_before=TODAY - 10 * DAY, not_after=TODAY + 100 * DAY)
    key = Authority.root().signer(replace(order, uses=("digital_signature", "key_encipherment")), rsa_key("gcms", 2048))
    (folder / "home" / "feed-receiver.pem").write_bytes(pem(key.certificate))
    replace(world, folder=folder).set("feed", folder=str(folder / "gcms"))
    house = House(folder)
    trusted(house)
    toni, mona = bound(house, "toni", "toronto"), bound(house, "mona", "montreal")
    number = closed(house, toni)
    first, second = items(house, number)
    things = {
        "delivery": first.delivery,
        "dispatch": first.dispatch,
        "number": number,
        "receipt": came_back(house, first.delivery),
        "transaction": told(house, first.dispatch),
        "proposal": proposed(house, first.delivery),
        "draft": begun(house, toni).rpartition("/")[2],
        "office": "toronto",
        "participant": "a1",
    }
    house.gateway.recalls.recall(second.dispatch, actor="toni", reason="A wrong package.")
    things["dispatch"] = second.dispatch
    reported(house, second.dispatch, second.delivery)
    words = (*(v for k, v in things.items() if k not in {"office", "participant"}), second.delivery, first.dispatch)
    with house.gateway.database.read() as tx:
        (file,) = tx.dispatches.get(first.dispatch).files
    words += (file, first.piece or "-", second.piece or "-")
    yield Offices(house, toni, mona, things, words, file)
    house.close()


def came_back(house: House, delivery: str) -> str:
    kept = house.gateway.receive.keep(b"Subject: signed\r\n\r\nx", source="mailbox")
    assert kept
    row: Incoming = replace(
        kept,
        handling=Handling.FOR_PERSON,
        finding=Finding.PAGE_RETURNED,
        delivery=delivery,
        matched_by="toni",
        next_action_at=None,
    )
    with house.gateway.database.write() as tx:
        tx.incoming.save(row)
    return kept.id


def told(house: House, dispatch: str) -> str:
    with house.gateway.database.write() as tx:
        tx.feed.add(
            Transaction(
                id="told-1",
                dispatch=dispatch,
                division=Division.RPD,
                person="p1",
                kind=FeedKind.OUTCOME,
                corrects=None,
                state=FeedState.REJECTED,
                code="E-17",
                told_for=(),
                made_at=house.clock.at,
                release_at=None,
            )
        )
    return "told-1"


def proposed(house: House, delivery: str) -> str:
    with house.gateway.database.write() as tx:
        tx.proposals.add(
            Proposal(
                id="proposal-1",
                kind=ChangeKind.DELIVERY_ADDRESS,
                subject=delivery,
                before="",
                content=b"",
                cautions=(),
                proposed_at=house.clock.at,
                proposed_by="toni",
                reason=b"",
            )
        )
    return "proposal-1"


def reported(house: House, dispatch: str, delivery: str) -> None:
    at = house.clock.at
    breach = BreachTold(
        delivery=delivery,
        discovered_at=at,
        happened_at=at,
        place="-",
        description="-",
        data=(next(iter(BreachData)),),
        affected=1,
        containment="-",
        persons_told="-",
        material_at=at,
        reported_at=None,
    )
    house.gateway.recalls.breaches.save(dispatch, breach, actor="toni", seen=0)


def names(path: str) -> set[str]:
    return set(re.findall(r"\{(\w+)\}", path))


def test_whatever_is_anothers_is_refused_route_by_route_and_nothing_of_it_shown(offices: Offices) -> None:
    asked, wrong = 0, []
    for method, path in sorted(ACCESS):
        if names(path) <= OURS:
            continue
        answered, asked = offices.ask(offices.mona, method, path), asked + 1
        if answered.status_code not in {403, 404}:
            wrong.append(f"{method} {path}: {answered.status_code}")
        own = {offices.things[one] for one in names(path) & set(offices.things)}
        wrong += [f"{method} {path} shows {one}" for one in offices.words if one not in own and one in answered.text]
        code = Code.DRAFT_UNKNOWN if "draft" in names(path) else Code.ACCOUNT_OTHER_OFFICE
        if f"<code>{code.value}</code>" not in answered.text:
            wrong.append(f"{method} {path}: not {code.value}")
    assert not wrong, "\n".join(wrong)
    assert asked > 30


def test_no_list_search_or_export_shows_what_is_anothers_and_its_own_office_finds_it(offices: Offices) -> None:
    shown, wrong = set[str](), []
    lists = [one for one in sorted(ACCESS) if names(one[1]) <= OURS and "sign-out" not in one[1]]
    for method, path in lists:
        theirs = offices.ask(offices.mona, method, path)
        wrong += [f"{method} {path} shows {one}" for one in offices.words if shows(theirs, one)]
        if method == "GET":
            shown |= {one for one in offices.words if one in offices.ask(offices.toni, method, path).text}
    for form in ({}, {"actor": "toni"}, {"file_number": offices.file}):
        for place in ("/en/audit", "/en/audit/export"):
            found = offices.house.post(offices.mona, place, form)
            assert found.status_code == 200
            wrong += [f"{place} by {form} shows {one}" for one in offices.words if shows(found, one)]
            assert offices.things["dispatch"] in offices.house.post(offices.toni, place, form).text
    assert not wrong, "\n".join(wrong)
    things = offices.things
    assert {things["number"], things["receipt"], things["proposal"], things["transaction"], things["draft"]} <= shown
    home = offices.house.gateway.console.work
    assert (home.waiting(viewer="mona").proposals, home.waiting(viewer="toni").proposals) == (0, 1)
    assert (home.waiting(viewer="mona").receipts, home.waiting(viewer="toni").receipts) == (0, 1)
    assert [len(home.waiting(viewer=one).breaches) for one in ("mona", "toni")] == [0, 1]
    people = (offices.mona, offices.toni)
    told = [offices.house.get(one, "/en/feed/report.csv").text for one in people]
    assert [sum(int(row["rejected"]) for row in csv.DictReader(io.StringIO(one))) for one in told] == [0, 1]


def shows(page: httpx.Response, word: str) -> bool:
    """Beyond what was typed into a form of it."""
    return word in re.sub(r'value="[^"]*"', "", page.text)


def test_what_no_route_names_is_bound_by_the_use_cases_too(offices: Offices) -> None:
    house, things = offices.house, offices.things
    gateway, (first, _) = house.gateway, items(house, things["number"])
    unmatched = gateway.receive.keep(b"Subject: whose\r\n\r\nx", source="mailbox")
    assert unmatched
    with gateway.database.write() as tx:
        waits = replace(unmatched, handling=Handling.FOR_PERSON, finding=Finding.PAGES_UNKNOWN, next_action_at=None)
        tx.incoming.save(waits)
    receipt, day = gateway.receive, house.clock.at.date()
    refused: Mapping[str, Callable[[], object]] = {
        "match": lambda: receipt.match(unmatched.id, first.delivery, actor="mona", reason="theirs"),
        "take back": lambda: receipt.take_back(things["receipt"], actor="mona", reason="theirs"),
        "check": lambda: gateway.mail_room.check(sheet_code(first.reference), first.piece or "", actor="mona"),
        "packet": lambda: gateway.mail_room.packet(first.delivery, actor="mona"),
        "evidence": lambda: gateway.evidence.export(first.dispatch, "a1", AskedEvidence(), actor="mona"),
        "papers": lambda: gateway.evidence.papers.make(first.dispatch, "a1", Given(), officer=None, actor="mona"),
        "retry": lambda: gateway.resolve.retry(first.dispatch, actor="mona", reason="theirs"),
        "legal hold": lambda: gateway.retention.hold(first.dispatch, actor="mona", reason="theirs"),
        "closure": lambda: gateway.calendar.close(day, "toronto", actor="mona", reason="theirs"),
        "closure of all": lambda: gateway.calendar.close(day, None, actor="mona", reason="theirs"),
        "a token, which sees all": lambda: gateway.tokens.create("x", frozenset({Scope.RESOLVE}), actor="mona"),
        "act": lambda: gateway.act(first.delivery, AskedAct(action=Action.CANCEL, reason="x"), actor="mona"),
    }
    for name, act in refused.items():
        with pytest.raises(NotAllowed) as found:
            act()
        assert found.value.code is Code.ACCOUNT_OTHER_OFFICE, name
    at = house.clock.at.isoformat()
    scans = brought(house, offices.mona, "/en/mail-room/scans", mail_room_list([first.piece or "", "inducted", at]))
    assert (scans.status_code, CODE in scans.text) == (403, True)
    assert unmatched.id in house.get(offices.mona, "/en/mail-room/receipts").text, "nobody has said whose it is"
    parties = house.post(
        offices.mona, "/en/new", {"division": "IAD", "office": "montreal", "file_number": offices.file}
    )
    draft = house.get(offices.mona, str(parties.headers["location"]).removeprefix("/console")).text
    assert "Zoé Conseil" not in draft
    assert json.dumps(first.dispatch) not in draft
