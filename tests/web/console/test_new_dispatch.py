"""A new dispatch: prefilled from the file's parties, examined, shown, and signed by the seal on an officer's word."""

import datetime as dt
import io
import json
import re
import subprocess
import uuid
import zipfile
from pathlib import Path

import pytest

from gateway.application import contexts
from gateway.application.evidence.export import AskedEvidence
from gateway.application.files.file_parties import FileParties
from gateway.application.sealed import DataKey
from gateway.domain.accounts import AccountRole
from gateway.domain.events import EventName
from gateway.domain.officers_word import word_in
from gateway.domain.outcomes import Division
from gateway.worker.embedded import work
from tests.e2e.world import World
from tests.web.console.drafting import FILE, begun, pdf, saved, trusted, whole
from tests.web.console.house import House, Person, hidden

REASONS = pdf(f"File {FILE}", "Reasons")


@pytest.fixture
def seal(busy: House) -> str:
    return trusted(busy)


@pytest.fixture
def alice(busy: House, seal: str) -> Person:
    return busy.sign_in(busy.person("alice", AccountRole.REGISTRY))


def said(busy: House, parties: FileParties, **change: object) -> None:
    """A message of the Registry about the file, after the package was signed."""
    message = {
        "schema": "file-parties/1",
        "division": "RPD",
        "sequence": 1,
        "effective_at": (busy.clock.at - dt.timedelta(hours=1)).isoformat(),
        "source": "NOVA",
        "changes": [change],
    }
    parties.receive(FILE, json.dumps(message).encode(), actor="nova")


def fields_of(text: str) -> dict[str, str]:
    """What stands in the fields of a page."""
    lines = dict(re.findall(r'<input id="[^"]+" name="([^"]+)"(?: type="[a-z-]+")? value="([^"]*)"', text))
    areas = dict(re.findall(r'<textarea id="[^"]+" name="([^"]+)"[^>]*>([^<]*)</textarea>', text))
    chosen = dict(
        re.findall(r'<select id="[^"]+" name="([^"]+)"[^>]*>(?:(?!</select>).)*?value="([^"]+)" selected', text, re.S)
    )
    ticked = dict.fromkeys(re.findall(r'type="checkbox" id="[^"]+" name="([^"]+)" value="yes" checked', text), "yes")
    return lines | areas | chosen | ticked


def beside(text: str, field: str) -> str:
    """What is said beside the field."""
    found = re.search(rf'<p class="wrong" id="{field}-wrong" role="alert">([^<]*)</p>', text)
    return found[1] if found else ""


def drafted(busy: House, alice: Person, *papers: bytes, **changed: str) -> str:
    """A draft that is whole, but for what is changed; where it is."""
    place = begun(busy, alice)
    page = busy.get(alice, place)
    entered = fields_of(page.text) | whole(page)
    outcomes = {name: "rejected" for name in entered if re.fullmatch(r"person-\d-family_name", name) and entered[name]}
    outcomes = {name.replace("family_name", "outcome"): value for name, value in outcomes.items()}
    assert saved(busy, alice, place, entered | outcomes, *(papers or [REASONS])).status_code == 303
    page = busy.get(alice, place)
    kinds = dict.fromkeys(re.findall(r'name="(document-\d-kind)"', page.text), "reasons")
    again = fields_of(page.text) | whole(page) | kinds | changed
    assert saved(busy, alice, place, again).status_code == 303
    return place


def test_a_double_click_begins_one_draft(busy: House, alice: Person) -> None:
    first = begun(busy, alice)
    assert begun(busy, alice) == first
    saved(busy, alice, first, fields_of(busy.get(alice, first).text) | {"seen": hidden(busy.get(alice, first), "seen")})
    assert begun(busy, alice) != first


def test_without_a_trusted_seal_nothing_is_begun_and_what_an_administrator_needs_stands_there(busy: House) -> None:
    alice = busy.sign_in(busy.person("alice", AccountRole.REGISTRY))
    page = busy.get(alice, "/en/new")
    seal = busy.gateway.console.new_dispatch.sign.seal().fingerprint
    assert " ".join(re.findall("....", seal)) in page.text
    assert "gateway keys" not in page.text
    refused = busy.post(alice, "/en/new", {"division": "RPD", "office": "toronto", "file_number": FILE})
    assert refused.status_code == 422


def test_the_parties_come_as_the_registry_last_told_them_and_that_they_were_read_is_recorded(
    busy: House, alice: Person
) -> None:
    said(busy, busy.gateway.parties, participant="c1", of_record={"removal": "by-client"})
    place = begun(busy, alice)
    page = busy.get(alice, place)
    typed = fields_of(page.text)
    with busy.gateway.database.read() as tx:
        (dispatch,) = tx.dispatches.of_file(FILE, division=Division.RPD)
        (read,) = [one for one in tx.records.events(dispatch.id) if one.name is EventName.FILE_PARTIES_READ]
    assert (read.actor, read.facts) == ("alice", {"division": "RPD", "file": FILE})
    assert "Left out, since they no longer stand: c1." in page.text
    assert "c1" not in {value for name, value in typed.items() if name.endswith("recipient")}
    assert typed["person-1-family_name"]
    assert "person-1-outcome" not in typed  # what was decided before says nothing of now
    other = busy.sign_in(busy.person("bob", AccountRole.REGISTRY))
    assert busy.get(other, place).status_code == 404


def test_a_file_that_nothing_came_about_is_entered_whole(busy: House, alice: Person) -> None:
    place = begun(busy, alice, file_number="TC6-77777")
    page = busy.get(alice, place)
    assert "Nothing came about this file yet" in page.text
    told = whole(page) | {
        "person-1-family_name": "Exemple",
        "person-1-outcome": "accepted",
        "person-1-location": "in-canada",
    }
    assert saved(busy, alice, place, told, pdf("File TC6-77777")).status_code == 303
    page = busy.get(alice, place)
    assert beside(page.text, "party-1-role") == "Check “Role”: it is missing, or it cannot be used."
    party = {
        "party-1-role": "claimant",
        "party-1-name": "Exemple",
        "party-1-for-p1": "yes",
        "party-1-lines": "1 rue Neuve",
        "party-1-municipality": "Toronto",
        "party-1-province": "on",
        "party-1-postal_code": "m5v3l9",
    }
    assert saved(busy, alice, place, fields_of(page.text) | whole(page) | party).status_code == 303
    page = busy.get(alice, place)
    assert beside(page.text, "document-1-kind") == "Check “Kind”: it is missing, or it cannot be used."
    kind = {"document-1-kind": "reasons"}
    assert saved(busy, alice, place, fields_of(page.text) | whole(page) | kind).status_code == 303
    page = busy.get(alice, place)
    typed = fields_of(page.text)
    assert (typed["party-1-postal_code"], typed["party-1-province"]) == ("M5V 3L9", "ON")
    assert "Who would get what" in page.text
    assert "Sign and dispatch" in page.text


def test_what_is_wrong_stands_beside_its_field_and_what_was_typed_stays(busy: House, alice: Person) -> None:
    place = begun(busy, alice)
    page = busy.get(alice, place)
    assert saved(busy, alice, place, fields_of(page.text) | whole(page, signed_at="", members="")).status_code == 303
    page = busy.get(alice, f"{place.replace('/en/', '/fr/')}")
    assert "Who would get what" not in page.text
    assert re.search(r'id="[a-z0-9_-]+-wrong" role="alert">Vérifiez', page.text)
    active = pdf("x").replace(b"/Type /Catalog", b"/OpenAction << /S /JavaScript /JS (1) >> /Type /Catalog")
    refused = saved(busy, alice, place, fields_of(page.text) | {"seen": hidden(page, "seen"), "type": "vacate"}, active)
    assert refused.status_code == 422
    assert 'id="file-wrong" role="alert"' in refused.text
    assert '<option value="vacate" selected>' in refused.text
    stale = saved(busy, alice, place, fields_of(page.text) | {"seen": "1", "type": "vacate"})
    assert (stale.status_code, "You changed this draft elsewhere" in stale.text) == (409, True)


def test_a_paper_of_another_file_is_doubted_before_anybody_signs(busy: House, alice: Person) -> None:
    place = drafted(busy, alice, pdf("File TC7-99999"))
    assert "names another file" in busy.get(alice, place).text


def test_each_sees_what_a_participant_would_get_before_signing(busy: House, alice: Person) -> None:
    place = drafted(busy, alice)
    page = busy.get(alice, place)
    (first, *_) = re.findall(rf'action="/console{place}/papers/([^"]+)"', page.text)
    listed = busy.post(alice, f"{place}/papers/{first}")
    assert (listed.status_code, f"{place}/papers/{first}/1" in listed.text) == (200, True)
    paper = busy.post(alice, f"{place}/papers/{first}/1")
    assert (paper.headers["content-type"], paper.content[:5]) == ("application/pdf", b"%PDF-")
    assert busy.post(alice, f"{place}/papers/{first}/99").status_code == 404


@pytest.mark.real
def test_the_seal_is_a_true_signature_taken_in_once_and_says_on_whose_word(
    busy: House, alice: Person, seal: str, tmp_path: Path, world: World
) -> None:
    place = drafted(busy, alice)
    page = busy.get(alice, place)
    fields = {"seen": hidden(page, "seen")}
    assert busy.post(alice, f"{place}/signature", {"seen": "1"}).status_code == 409
    for _ in range(2):
        done = busy.post(alice, f"{place}/signature", fields)
        assert done.headers["location"] == f"/console{place}/signed"
    draft = uuid.UUID(place.rsplit("/", 1)[1])
    with busy.gateway.database.read() as tx:
        dispatch = tx.dispatches.by_package(draft)
        assert dispatch is not None
        events = tx.records.events(dispatch.id)
        assert tx.drafts.get(str(draft)) is None
        assert not tx.registry.has_data_key(f"draft/{draft}")
    (accepted,) = [one for one in events if one.name is EventName.PACKAGE_ACCEPTED]
    word = word_in(accepted.facts)
    assert word is not None
    assert (dispatch.signer, dispatch.submitted_by, accepted.actor, word.officer) == (seal, "alice", "alice", "alice")
    assert word.signed_in_at == busy.clock.at
    assert busy.gateway.views.dispatch(dispatch.id)["sealed"] == {
        "on_word_of": "alice",
        "signed_in_at": busy.clock.at.isoformat(),
        "signed_in_with": "password-and-code",
    }
    work(busy.gateway, until_idle=True, max_seconds=None)
    signed = busy.get(alice, f"{place}/signed")
    assert "Signed on the word of alice" in signed.text
    (first, *_) = re.findall(r'href="/console(/en/deliveries/[^"]+)"', signed.text)
    assert "Sealed by the gateway on the word of alice" in busy.get(alice, first).text
    checked_by_openssl(busy, dispatch.id, tmp_path, world)
    whose = busy.gateway.views.dispatch(dispatch.id)["deliveries"]
    assert isinstance(whose, list)
    given = busy.gateway.evidence.export(dispatch.id, whose[0]["participant"], AskedEvidence(), actor="alice")
    with zipfile.ZipFile(io.BytesIO(given)) as opened:
        (told,) = [json.loads(opened.read(one)) for one in opened.namelist() if one.endswith("evidence.json")]
    assert told["sealed"]["on_word_of"] == "alice"


def checked_by_openssl(busy: House, dispatch_id: str, folder: Path, world: World) -> None:
    """Stock tools find it signed under the gateway's authority, over the manifest of its members."""
    with busy.gateway.database.read() as tx:
        dispatch = tx.dispatches.get(dispatch_id)
        key = tx.registry.data_key(dispatch.data_key)
    raw = busy.gateway.vault.get(DataKey(id=dispatch.data_key, wrapped=key), contexts.PACKAGE, dispatch.object_name)
    package = folder / "sealed.asice"
    package.write_bytes(raw)
    with zipfile.ZipFile(package) as opened:
        for name in ("META-INF/signature.p7s", "META-INF/ASiCManifest.xml"):
            opened.extract(name, folder)
    asked: list[str | Path] = [
        "-in",
        folder / "META-INF/signature.p7s",
        "-content",
        folder / "META-INF/ASiCManifest.xml",
    ]
    asked += ["-CAfile", world.folder / "keys" / "gateway-ca.pem", "-out", folder / "out", "-purpose", "any"]
    how = ["openssl", "cms", "-verify", "-cades", "-binary", "-inform", "DER"]
    done = subprocess.run([*how, *asked], capture_output=True, check=False)
    assert done.returncode == 0, done.stderr


def test_a_draft_is_removed_with_all_that_it_holds(busy: House, alice: Person) -> None:
    place = drafted(busy, alice)
    draft = place.rsplit("/", 1)[1]
    with busy.gateway.database.read() as tx:
        kept = tx.drafts.get(draft)
    assert kept is not None
    assert len(kept.objects) == 1
    assert busy.post(alice, f"{place}/removal").headers["location"] == "/console/en/new?done=removed"
    with busy.gateway.database.read() as tx:
        assert (tx.drafts.get(draft), tx.registry.has_data_key(f"draft/{draft}")) == (None, False)
    assert busy.get(alice, place).status_code == 404


def test_a_draft_that_nobody_touched_for_a_month_is_gone(busy: House, alice: Person) -> None:
    first = begun(busy, alice)
    busy.clock.at += dt.timedelta(days=31)
    busy.sign_in(alice)
    begun(busy, alice)
    assert busy.get(alice, first).status_code == 404
