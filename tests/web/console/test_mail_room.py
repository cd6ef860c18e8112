"""The mail room: a batch is closed once, printed, checked by scanner, handed over; what comes back is seen."""

import datetime as dt
import io
import re
import zipfile
from collections.abc import Sequence
from dataclasses import replace
from email.message import EmailMessage
from zoneinfo import ZoneInfo

import httpx
import pypdfium2
import sqlalchemy as sa
from pypdf import PdfWriter

from gateway.domain.accounts import AccountRole
from gateway.domain.delivery import DeliveryState
from gateway.domain.events import EventName
from gateway.domain.manifest import BatchedItem, sheet_code
from gateway.domain.parties import Language
from gateway.domain.proof import ProofKind, ProofPaper
from gateway.domain.report import Finding
from gateway.ports.incoming import BY_MAIL, Handling
from gateway.web.safety import form_token
from tests.channels.scan_samples import mail_room_list
from tests.web.console.house import STEP, House, Person, engines, hidden

BATCH = "/en/mail-room/batches/toronto/registered-mail"
CLERK = (AccountRole.REGISTRY,)
ZONE = ZoneInfo("America/Toronto")


def clerk(post: House, name: str = "alice") -> Person:
    return post.sign_in(post.person(name, *CLERK))


def closed(post: House, alice: Person) -> str:
    """The number of the manifest that they close by the page."""
    seen = hidden(post.get(alice, BATCH), "seen")
    place = post.post(alice, BATCH, {"seen": seen}).headers["location"]
    found = re.search(r"/manifests/(M[0-9-]+)\?done=closed", place)
    assert found, place
    return found[1]


def items(post: House, number: str) -> Sequence[BatchedItem]:
    with post.gateway.database.read() as tx:
        return tx.manifests.items(number)


def brought(post: House, person: Person, path: str, content: bytes, **fields: str) -> httpx.Response:
    """A form with a file."""
    told = {"form": form_token(person.session), **fields}
    files = {"file": ("scan.pdf", content, "application/octet-stream")}
    return post.browser.post(f"/console{path}", data=told, files=files, headers=person.cookie)


def came_back(post: House) -> str:
    """A message with a page in it whose code nobody could read, as it waits for a person."""
    page = io.BytesIO()
    writer = PdfWriter()
    writer.add_blank_page(612, 792)
    writer.write(page)
    message = EmailMessage()
    message["From"], message["Subject"] = "counsel@gw.test", "Signed"
    message.set_content("Signed and returned.")
    message.add_attachment(page.getvalue(), maintype="application", subtype="pdf", filename="page.pdf")
    kept = post.gateway.receive.keep(message.as_bytes(), source=BY_MAIL)
    assert kept
    waits = replace(kept, handling=Handling.FOR_PERSON, finding=Finding.PAGES_UNKNOWN, next_action_at=None)
    with post.gateway.database.write() as tx:
        tx.incoming.save(waits)
    return kept.id


def test_closing_says_first_what_will_happen_and_a_double_click_closes_once(post: House) -> None:
    alice, bob = clerk(post), clerk(post, "bob")
    room = post.get(alice, "/en/mail-room")
    assert "Close: Registered mail, Toronto" in room.text
    asked = post.get(alice, BATCH)
    assert "2 envelopes are listed on a manifest for Canada Post." in asked.text
    seen, stale = hidden(asked, "seen"), hidden(post.get(bob, BATCH), "seen")
    first, second = (post.post(alice, BATCH, {"seen": seen}) for _ in range(2))
    number = re.search(r"M[0-9]+-[0-9]+", first.headers["location"])
    assert number
    assert second.headers["location"] == f"/console/en/mail-room/manifests/{number[0]}?done=closed"
    late = post.post(bob, BATCH, {"seen": stale})
    assert late.status_code == 409
    assert f"Nothing was changed: alice closed {number[0]} first" in late.text
    page = post.get(alice, f"/en/mail-room/manifests/{number[0]}?done=closed").text
    assert "Nothing is handed over until the carrier signs" in page
    assert page.count(">Listed</td>") == 2
    assert post.get(alice, BATCH).status_code == 404, "nothing waits there any more"
    french = post.get(alice, f"/fr/mail-room/manifests/{number[0]}").text
    assert "2 sur " in french or "feuilles" in french


def test_an_unfit_envelope_is_left_out_by_its_code_and_an_unknown_code_changes_nothing(post: House) -> None:
    alice = clerk(post)
    with post.gateway.database.read() as tx:
        waiting = tx.manifests.waiting()
    wrong = post.post(alice, BATCH, {"codes": "000000000000000000000000", "reason": "torn"})
    assert wrong.status_code == 404
    assert 'id="close-codes" name="codes" rows="3" maxlength="2000" aria-invalid="true"' in wrong.text
    assert ">000000000000000000000000</textarea>" in wrong.text
    without = post.post(alice, BATCH, {"codes": waiting[0].reference})
    assert (without.status_code, "Why they are unfit” : it is missing" in without.text) == (422, False)
    assert "Check “Why they are unfit”" in without.text
    done = post.post(alice, BATCH, {"codes": f" {waiting[0].reference}\n", "reason": "torn"})
    assert done.headers["location"].endswith("done=closed&aside=1")
    assert "One delivery was set aside for a person." in post.get(alice, done.headers["location"][8:]).text


def test_what_is_printed_is_read_by_a_second_program_and_who_asked_is_recorded(post: House) -> None:
    alice = clerk(post)
    number = closed(post, alice)
    base = f"/en/mail-room/manifests/{number}/prints"
    driver = post.post(alice, f"{base}/manifest")
    assert driver.headers["content-disposition"] == f'attachment; filename="{number}.pdf"'
    assert number in pypdfium2.PdfDocument(driver.content)[0].get_textpage().get_text_bounded()
    labels = post.post(alice, f"{base}/labels")
    assert len(pypdfium2.PdfDocument(labels.content)) == 2
    whole = post.post(alice, f"{base}/all")
    assert whole.headers["content-type"] == "application/zip"
    with zipfile.ZipFile(io.BytesIO(whole.content)) as archive:
        assert archive.testzip() is None
        held = {one: archive.read(one) for one in archive.namelist()}
    assert held[f"{number}.pdf"] == driver.content
    assert held[f"{number}-labels-01.pdf"] == labels.content
    assert {f"{number}-0001.pdf", f"{number}-0002.pdf", f"{number}.csv"} < set(held)
    assert post.post(alice, f"{base}/nothing").status_code == 404
    with post.gateway.database.read() as tx:
        found = tx.records.events_besides(EventName.MANIFEST_PRINTED)
    assert [(one.actor, one.facts["what"]) for one in found] == [
        ("alice", "manifest"),
        ("alice", "labels"),
        ("alice", "all"),
    ]


def test_a_scanner_checks_envelope_after_envelope_without_any_script(post: House) -> None:
    alice = clerk(post)
    one, other = items(post, closed(post, alice))
    sheet = sheet_code(one.reference)
    ready = post.get(alice, "/en/mail-room/check").text
    assert re.search(r'<input id="sheet" [^>]*autofocus', ready)
    first = post.post(alice, "/en/mail-room/check", {"sheet": f"{sheet}\r\n"}).text
    assert re.search(r'<input id="label" [^>]*autofocus', first)
    assert hidden_in(first, "sheet") == sheet
    both = post.post(alice, "/en/mail-room/check", {"sheet": sheet, "label": str(one.piece).lower()})
    page = post.get(alice, both.headers["location"].removeprefix("/console")).text
    assert f"They belong together: manifest {one.manifest}, place {one.place}." in page
    assert re.search(r'<input id="sheet" [^>]*autofocus', page)
    swapped = post.post(alice, "/fr/mail-room/check", {"sheet": sheet, "label": other.piece or ""})
    assert swapped.status_code == 409
    assert "<strong>Arrêtez.</strong>" in swapped.text
    twice = post.post(alice, "/en/mail-room/check", {"sheet": one.reference, "label": one.piece or ""})
    assert twice.status_code == 409, "two labels are no check"
    assert post.post(alice, "/en/mail-room/check", {"sheet": "S1", "label": "y"}).status_code == 404


def hidden_in(page: str, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', page)
    assert found
    return found[1]


def test_the_signed_manifest_is_the_handover_and_a_second_click_finds_it_done(post: House) -> None:
    alice, bob = clerk(post), clerk(post, "bob")
    number = closed(post, alice)
    place = f"/en/mail-room/manifests/{number}/handover"
    assert "Check “The signed manifest”" in brought(post, alice, place, b"no picture").text
    early = brought(post, alice, place, b"%PDF-1.7 signed", at="2020-01-01T10:00")
    assert (early.status_code, "cannot be before the manifest was closed" in early.text) == (422, True)
    assert 'value="2020-01-01T10:00"' in early.text
    unread = brought(post, alice, place, b"%PDF-1.7 signed", counted="1")
    assert (unread.status_code, "No bar code of manifest" in unread.text) == (409, True)
    for _ in range(2):
        done = brought(post, alice, place, b"%PDF-1.7 signed", stated="No machine reads it; counted by me.")
        assert done.headers["location"].startswith(f"/console/en/mail-room/manifests/{number}?done=handed-over")
    late = brought(post, bob, place, b"%PDF-1.7 signed", stated="It was he.")
    assert late.status_code == 409
    assert "by alice" in late.text
    with post.gateway.database.read() as tx:
        states = {tx.deliveries.get(one.delivery).state for one in tx.manifests.items(number)}
    assert states == {DeliveryState.HANDED_OVER}
    superseded(post, alice, items(post, number)[0].delivery)


def superseded(post: House, alice: Person, delivery: str) -> None:
    """A signed paper of proof that what is known now asks for no more stands among the papers as one that does not."""
    with post.gateway.database.write() as tx:
        tx.proof.put(
            ProofPaper(
                id="old",
                delivery=delivery,
                attempt=tx.deliveries.attempts(delivery)[-1].id,
                kind=ProofKind.STATEMENT,
                language=Language.EN,
                officer="alice",
                made_at=post.clock.at,
                made_by="alice",
                given=b"",
                digest="00",
                object_name="old",
                signed_at=post.clock.at,
                signed_by="alice",
            )
        )
    page = post.get(alice, f"/en/deliveries/{delivery}").text.partition("<h2>Papers of proof</h2>")[2]
    (line,) = re.findall("<li>.*</li>", page.partition("</ul>")[0])
    assert "signed or sealed" in line
    assert "does not stand any more: what came back since took its place" in line


def test_in_a_strike_the_page_of_a_manifest_takes_off_it_what_no_driver_took_and_at_no_other_time(post: House) -> None:
    alice = clerk(post)
    number = closed(post, alice)
    page = f"/en/mail-room/manifests/{number}"
    assert "Nobody took it" not in post.get(alice, page).text
    refused = post.post(alice, f"{page}/withdraw", {"reason": "No driver came."})
    assert (refused.status_code, "is not suspended: give it to the next driver" in refused.text) == (409, True)
    post.gateway.calendar.suspend("registered-mail", None, actor="alice", reason="A strike.")
    assert "Nobody took it" in post.get(alice, page).text
    assert post.post(alice, f"{page}/withdraw", {"reason": " "}).status_code == 422
    for _ in range(2):
        done = post.post(alice, f"{page}/withdraw", {"reason": "No driver came."})
        assert done.headers["location"] == f"/console{page}?done=withdrawn"
    assert "Personne ne l’a pris" in post.get(alice, page.replace("/en/", "/fr/")).text
    assert post.get(alice, f"{page}?done=withdrawn").text.count(">Taken out: it must not leave</td>") == 2


def test_a_file_of_scans_is_taken_in_once_and_what_fits_nothing_waits_and_is_closed(post: House) -> None:
    alice = clerk(post)
    (one, _), at = items(post, closed(post, alice)), post.clock.at
    post.clock.at += STEP
    file = mail_room_list([one.piece or "", "inducted", at.isoformat()], ["RN999999999CA", "inducted", at.isoformat()])
    for counted in ("new=2&repeats=0&faulty=1", "new=0&repeats=2&faulty=1"):
        done = brought(post, alice, "/en/mail-room/scans", file)
        assert done.headers["location"] == f"/console/en/mail-room/scans?{counted}", done.text
    page = post.get(alice, "/en/mail-room/scans?new=2&repeats=0&faulty=1").text
    assert "2 scans were taken in; 0 were known before." in page
    assert "RN999999999CA" in page
    assert brought(post, alice, "/en/mail-room/scans", b"what is this").status_code == 422
    (receipt,) = post.gateway.console.mail_desk.receipts(viewer="alice")
    shown = post.get(alice, f"/en/mail-room/receipts/{receipt.id}").text
    assert "RN999999999CA" in shown
    assert post.post(alice, f"/en/mail-room/receipts/{receipt.id}/close", {"reason": " "}).status_code == 422
    ended = [post.post(alice, f"/en/mail-room/receipts/{receipt.id}/close", {"reason": "not ours"}) for _ in range(2)]
    assert [one.status_code for one in ended] == [303, 409]
    assert "dealt with" in ended[1].text


def test_a_page_that_came_back_is_drawn_here_matched_and_confirmed_by_another(post: House) -> None:
    alice, bob = clerk(post), clerk(post, "bob")
    number = closed(post, alice)
    post.clock.at += STEP
    brought(post, alice, f"/en/mail-room/manifests/{number}/handover", b"%PDF-1.7 signed", stated="Seen by me.")
    delivery, left_at = items(post, number)[0].delivery, post.clock.at
    post.clock.at += dt.timedelta(minutes=10)
    receipt = came_back(post)
    here = f"/en/mail-room/receipts/{receipt}"
    assert "Its pages" in post.get(alice, here).text
    looked = post.get(alice, f"{here}?page=1")
    assert f'<img class="page" src="/console{here}/pages/1"' in looked.text
    assert "img-src 'self'" in looked.headers["content-security-policy"]
    drawn = post.get(alice, f"{here}/pages/1")
    assert drawn.content.startswith(b"\x89PNG")
    assert "<img" not in post.get(alice, f"{here}?page=9").text
    unknown = post.post(alice, f"{here}/match", {"delivery": "nobody", "reason": "by hand"})
    assert (unknown.status_code, 'value="nobody"' in unknown.text) == (404, True)
    matched = post.post(alice, f"{here}/match", {"delivery": delivery, "reason": "by the address"})
    assert matched.headers["location"] == f"/console{here}?done=matched", matched.text
    at = f"{left_at.astimezone(ZONE):%Y-%m-%dT%H:%M}"
    own = post.post(alice, f"{here}/confirm", {"at": at, "reason": "their hand"})
    assert own.status_code == 403
    early = post.post(bob, f"{here}/confirm", {"at": "2020-01-01T10:00", "reason": "their hand"})
    assert "cannot be before the papers were sent" in early.text
    later = f"{(left_at + dt.timedelta(minutes=5)).astimezone(ZONE):%Y-%m-%dT%H:%M}"
    confirmed = post.post(bob, f"{here}/confirm", {"at": later, "reason": "their hand"})
    assert confirmed.headers.get("location") == "/console/en/mail-room/receipts?done=confirmed", confirmed.text
    with post.gateway.database.read() as tx:
        assert tx.deliveries.get(delivery).state is DeliveryState.DELIVERED


def test_mail_room_pages_ask_the_database_a_bounded_number_of_times(post: House) -> None:
    alice = clerk(post)
    number = closed(post, alice)
    asked = list[str]()
    for engine in engines(post):
        sa.event.listen(engine, "before_cursor_execute", lambda *args: asked.append(args[2]))
    most = {"": 17, f"/manifests/{number}": 13, "/check": 4, "/scans": 7, "/receipts": 7}
    for place, bound in most.items():
        asked.clear()
        assert post.get(alice, f"/en/mail-room{place}").status_code == 200
        assert len([one for one in asked if one.startswith("SELECT")]) <= bound, place
