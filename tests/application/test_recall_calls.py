"""That recipients of what a recall could not reach were called."""

from collections.abc import Iterator
from pathlib import Path
from typing import cast

import pytest

from gateway.application.recalls.recall_calls import RecordRecallCall
from gateway.domain.codes import Code
from gateway.domain.problem import InputRefused, NoSuchThing
from tests.application.exchanged import Exchanged

WHY = "sent to the wrong counsel"


@pytest.fixture
def on(tmp_path: Path) -> Iterator[Exchanged]:
    stage = Exchanged(tmp_path)
    stage.verified()
    yield stage
    stage.close()


def test_that_the_recipient_was_called_is_recorded_with_their_answer_sealed_and_changes_nothing(on: Exchanged) -> None:
    delivery = on.left()
    called = RecordRecallCall(database=on.database, vault=on.vault, clock=on.clock)
    with pytest.raises(NoSuchThing) as raised:
        called(delivery.dispatch, delivery.id, actor="bob", answer="deleted unread")
    assert raised.value.code is Code.DISPATCH_NOT_RECALLED
    on.recall(delivery.dispatch, actor="alice", reason=WHY)
    before = on.delivery(delivery.id)
    for bad, code in ((("none", "deleted"), Code.DELIVERY_UNKNOWN), ((delivery.id, " "), Code.REQUEST_INVALID)):
        with pytest.raises((NoSuchThing, InputRefused)) as refused:
            called(delivery.dispatch, bad[0], actor="bob", answer=bad[1])
        assert refused.value.code is code
    called(delivery.dispatch, delivery.id, actor="bob", answer="deleted unread")
    called(delivery.dispatch, delivery.id, actor="bob", answer="confirmed in writing")
    (row,) = cast("list[dict[str, object]]", on.report(delivery.dispatch, viewer=None)["deliveries"])
    assert row["called"] == [{"at": on.clock.now().isoformat(), "by": "bob"}] * 2
    assert on.delivery(delivery.id) == before
    assert b"deleted unread" not in (on.folder / "gateway.db").read_bytes()
