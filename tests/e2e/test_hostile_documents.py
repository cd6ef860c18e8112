"""Every hostile PDF goes through submission and work: no crash, nothing active left, and what is refused is with a
person. Another reader than ours says so: pypdf; and qpdf, unpacked."""

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from pypdf.generic import DictionaryObject, NameObject, StreamObject

from gateway.application import contexts
from gateway.application.sealed import data_key
from gateway.domain.reasons import Reason
from tests.e2e import built
from tests.e2e.standing import ALONE, Standing, standing
from tests.e2e.world import World
from tests.real import need
from tests.templates import hostile_corpus
from tests.templates.hostile_corpus import HARMLESS, REFUSED, STRIPPED, TRACES
from tests.templates.other_reader import objects_in, unpacked

pytestmark = pytest.mark.slow

KINDS = ("reasons", "order")
ACTIVE = re.compile(
    rb"/(JavaScript|JS|Launch|AA|OpenAction|EmbeddedFiles?|SubmitForm|ImportData|GoToR|GoToE|Rendition|RichMedia\w*|"
    rb"FileAttachment|Movie|Sound|Screen|3D|PieceInfo|AF|Collection|Named|Hide|XFA|EF|Filespec)\b"
)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> World:
    mail = {"host": "127.0.0.1", "port": 9, "tls": "none", "sender": "registry@gw.test"}
    return World(folder=tmp_path_factory.mktemp("hostile"), mail=mail, settings='document_time = "3s"').make()


@pytest.fixture
def home(made: World, tmp_path: Path) -> Iterator[Standing]:
    with standing(made, tmp_path) as opened:
        yield opened


def submit(home: Standing, kind: str, content: bytes) -> str:
    """A package with this PDF, and reasons as text where it is none; its dispatch."""
    path, text = f"documents/{kind}.pdf", "documents/reasons.md"
    documents = [{"path": path, "kind": kind, "language": "en", "media_type": "application/pdf"}]
    held = {path: content}
    if kind != "reasons":
        documents.append({"path": text, "kind": "reasons", "language": "en", "media_type": "text/markdown"})
        held[text] = built.REASONS
    raw = built.with_documents(home.made, held, **ALONE, documents=documents)
    return home.gateway.submit.accept(raw, submitted_by="test").dispatch.id


def sealed_papers(home: Standing, dispatch: str) -> list[bytes]:
    """The PDFs that are ready to go out, as they are kept."""
    with home.gateway.database.read() as tx:
        key = data_key(tx.registry, tx.dispatches.get(dispatch).data_key)
        kept = [
            (delivery.id, record.object_name)
            for delivery in tx.deliveries.of_dispatch(dispatch)
            for record in tx.records.documents(delivery.id)
            if record.media_type == "application/pdf"
        ]
    vault = home.gateway.vault
    return [vault.get(key, contexts.papers(delivery), name) for delivery, name in kept]


def found_by_pypdf(content: bytes) -> set[str]:
    """The keys and names of the file that could act, carry or fetch anything."""
    found: set[str] = set()
    for one in objects_in(content):
        if isinstance(one, StreamObject):
            found |= {"/F"} & one.keys()
        if isinstance(one, DictionaryObject):
            found |= {str(key) for key in one if ACTIVE.fullmatch(key.encode())}
        elif isinstance(one, NameObject) and ACTIVE.fullmatch(one.encode()):
            found.add(str(one))
    return found


def test_reasons_lose_all_that_acts_and_still_go_out(home: Standing) -> None:
    given = {**STRIPPED, **HARMLESS}
    dispatches = {name: submit(home, "reasons", content) for name, content in given.items()}
    home.prepare()
    for name, dispatch in dispatches.items():
        assert home.only(dispatch)["state"] == "ready", name
        (paper,) = sealed_papers(home, dispatch)
        assert found_by_pypdf(paper) == set(), name
        assert not [trace for trace in TRACES if trace in unpacked(paper)], name


def test_a_signed_document_that_acts_is_refused_and_one_that_does_not_travels_as_it_came(home: Standing) -> None:
    acting = {name: submit(home, "order", content) for name, content in STRIPPED.items()}
    quiet = {name: submit(home, "order", content) for name, content in HARMLESS.items()}
    home.prepare()
    for name, dispatch in acting.items():
        assert (home.only(dispatch)["state"], home.only(dispatch)["reason"]) == (
            "needs-person",
            Reason.RENDERING_REFUSED.value,
        ), name
        assert sealed_papers(home, dispatch) == [], name
    for name, dispatch in quiet.items():
        assert home.only(dispatch)["state"] == "ready", name
        assert HARMLESS[name] in sealed_papers(home, dispatch), name


@pytest.mark.parametrize("kind", KINDS)
def test_what_cannot_be_read_is_with_a_person_and_nothing_of_it_is_kept_to_send(home: Standing, kind: str) -> None:
    dispatches = {name: submit(home, kind, content) for name, (content, _) in REFUSED.items()}
    assert home.work()["deliver"] == 0
    for name, dispatch in dispatches.items():
        delivery, notes = home.only(dispatch), home.gateway.views.dispatch(dispatch)["notes"]
        assert delivery["state"] == "needs-person", name
        assert sealed_papers(home, dispatch) == [], name
        if delivery["reason"] == Reason.RENDERING_REFUSED.value and notes:
            codes = {code.value for code in REFUSED[name][1]}
            assert {one["code"] for one in notes} <= codes | {"document.scan-without-text"}, name  # type: ignore[attr-defined]


def test_good_papers_go_their_way_beside_the_hostile_ones(home: Standing) -> None:
    hostile = submit(home, "reasons", hostile_corpus.REFUSED["forms within forms"][0])
    good = home.submit()
    home.prepare()
    assert home.only(hostile)["state"] == "needs-person"
    assert home.only(good)["state"] == "ready"


@pytest.mark.real
def test_qpdf_finds_them_sound_and_nothing_active_in_them_unpacked(home: Standing, tmp_path: Path) -> None:
    qpdf = need.program("qpdf", "qpdf")
    dispatches = {name: submit(home, "reasons", content) for name, content in STRIPPED.items()}
    home.prepare()
    for name, dispatch in dispatches.items():
        (paper,) = sealed_papers(home, dispatch)
        (tmp_path / "in.pdf").write_bytes(paper)
        command: list[str | Path] = [qpdf, "--qdf", "--object-streams=disable"]
        unpacked = subprocess.run(
            [*command, tmp_path / "in.pdf", tmp_path / "out.pdf"], capture_output=True, text=True, check=False
        )
        assert (unpacked.returncode, unpacked.stderr) == (0, ""), name
        assert not ACTIVE.search((tmp_path / "out.pdf").read_bytes()), name
