"""The wrong paper in the right package: found before anything is rendered, held, seen by a person, released or not."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway.domain.acts import Action
from gateway.domain.codes import Code
from gateway.domain.delivery import Delivery, DeliveryState
from gateway.domain.dispatch import DispatchState, Step
from gateway.domain.naming import Identity, Naming
from gateway.domain.problem import Conflict, InputRefused, ServiceDown
from gateway.domain.reasons import Reason
from tests.application.packages import minimal
from tests.application.stage import Stage
from tests.contracts.fake_channel import FakeChannel

REASONS = "documents/reasons.pdf"
PLACE = "$.documents[0]"


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    made = Stage(tmp_path, FakeChannel())
    made.recipients()
    yield made
    made.close()


def worked(stage: Stage, dispatch_id: str | None = None, **changes: object) -> Delivery:
    """The one delivery after planning and rendering."""
    dispatch_id = dispatch_id or stage.accept(**changes).id
    for step, work in ((Step.PLAN, stage.plan), (Step.RENDER, stage.render)):
        for claimed in stage.steps.claim(step, 10):
            work(claimed)
    (delivery,) = stage.deliveries(dispatch_id)
    return delivery


@pytest.mark.parametrize(
    ("naming", "reason"),
    [
        (Naming.ANOTHER, Reason.DOCUMENT_NAMES_ANOTHER_FILE),
        (Naming.NOBODY, Reason.DOCUMENT_DOES_NOT_NAME_FILE),
    ],
)
def test_a_paper_of_another_file_holds_the_dispatch_and_says_which_it_is(
    stage: Stage, naming: Naming, reason: Reason
) -> None:
    stage.reader.says[REASONS] = naming
    delivery = worked(stage)
    assert (delivery.state, delivery.reason) == (DeliveryState.NEEDS_PERSON, reason)
    assert stage.deliver() == 0
    view = stage.views.dispatch(delivery.dispatch)
    assert view["state"] == DispatchState.NEEDS_PERSON.value
    assert view["notes"] == [{"document": PLACE, "code": reason.value}]


def test_a_person_who_has_looked_releases_it_and_it_goes_out(stage: Stage) -> None:
    stage.reader.says[REASONS] = Naming.ANOTHER
    held = worked(stage)
    released = stage.resolve(held.id, Action.RELEASE, actor="registrar", reason="the right paper: it cites another")
    assert (released.state, released.reason) == (DeliveryState.PLANNED, Reason.RELEASED_BY_PERSON)
    assert worked(stage, held.dispatch).state is DeliveryState.READY
    assert stage.deliver() == 1
    assert stage.delivery(held.id).state is DeliveryState.HANDED_OVER


def test_trying_again_does_not_release(stage: Stage) -> None:
    stage.reader.says[REASONS] = Naming.NOBODY
    held = worked(stage)
    stage.resolve(held.id, Action.RETRY, actor="registrar", reason="again")
    again = worked(stage, held.dispatch)
    assert (again.state, again.reason) == (DeliveryState.NEEDS_PERSON, Reason.DOCUMENT_DOES_NOT_NAME_FILE)
    assert stage.views.dispatch(held.dispatch)["notes"] == [{"document": PLACE, "code": "document.does-not-name-file"}]


def test_what_cannot_be_read_is_never_released(stage: Stage) -> None:
    stage.reader.says[REASONS] = InputRefused(Code.DOCUMENT_NEEDS_TIME)
    held = worked(stage)
    assert (held.state, held.reason) == (DeliveryState.NEEDS_PERSON, Reason.RENDERING_REFUSED)
    assert stage.views.dispatch(held.dispatch)["notes"] == [{"document": PLACE, "code": "document.needs-time"}]
    with pytest.raises(Conflict) as caught:
        stage.resolve(held.id, Action.RELEASE, actor="registrar", reason="it looks well")
    assert caught.value.code is Code.DELIVERY_ACTION_NOT_POSSIBLE


def test_what_rendering_finds_is_noted_with_its_place_too(stage: Stage) -> None:
    stage.renderer.fails = InputRefused(Code.DOCUMENT_ACTIVE_CONTENT, where=REASONS)
    held = worked(stage)
    assert (held.state, held.reason) == (DeliveryState.NEEDS_PERSON, Reason.RENDERING_REFUSED)
    assert stage.views.dispatch(held.dispatch)["notes"] == [{"document": PLACE, "code": "document.active-content"}]


def test_a_scan_is_said_to_be_one_and_goes_out(stage: Stage) -> None:
    stage.reader.says[REASONS] = Naming.NO_TEXT
    delivery = worked(stage)
    assert (delivery.state, delivery.reason) == (DeliveryState.READY, None)
    assert stage.views.dispatch(delivery.dispatch)["notes"] == [
        {"document": PLACE, "code": "document.scan-without-text"}
    ]


def test_a_leaflet_need_not_name_the_file_but_must_not_name_anothers(stage: Stage) -> None:
    leaflet = {
        "path": "documents/l.pdf",
        "kind": "appeal-information",
        "language": "en",
        "media_type": "application/pdf",
    }
    stage.reader.says["documents/l.pdf"] = Naming.NOBODY
    assert worked(stage, documents=[leaflet]).state is DeliveryState.READY


def test_a_reader_that_does_not_start_is_tried_again_and_blames_no_document(stage: Stage) -> None:
    stage.reader.says[REASONS] = ServiceDown(Code.READER_UNAVAILABLE)
    with pytest.raises(ServiceDown):
        worked(stage)
    assert stage.views.dispatch(stage.views.dispatches(1)[0]["dispatch"])["notes"] == []  # type: ignore[arg-type]


def test_a_document_about_one_person_must_name_that_persons_file(stage: Stage) -> None:
    two = minimal()
    persons = [two["persons"][0], two["persons"][0] | {"id": "p2", "uci": "11-2345-6790"}]
    files = [{"number": "TC6-12345", "persons": ["p1"]}, {"number": "TC6-12346", "persons": ["p2"]}]
    documents = [two["documents"][0] | {"persons": ["p2"]}]
    worked(stage, persons=persons, files=files, documents=documents)
    assert stage.reader.asked == [
        Identity(
            own_files=("TC6-12346",),
            all_files=("TC6-12345", "TC6-12346"),
            ucis=("11-2345-6789", "11-2345-6790"),
        )
    ]


def test_the_path_of_a_document_is_in_no_event(stage: Stage) -> None:
    """A sender may have put a name into it."""
    stage.reader.says[REASONS] = Naming.ANOTHER
    held = worked(stage)
    with stage.database.read() as tx:
        assert all("reasons.pdf" not in str(event.facts) for event in tx.records.events(held.dispatch))
