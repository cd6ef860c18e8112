"""Staff's systems are told at once of what is late or stopped: in codes and ids, and once a day of the same matter."""

import datetime as dt
import json
from pathlib import Path

from gateway.application.notices import EVERY, StaffNotices
from gateway.domain.calls import Subject
from gateway.domain.urgency import Urgency
from gateway.ports.registry import ChannelPause
from tests.application.stage import Stage
from tests.contracts.calls import stored

DAY = dt.timedelta(days=1)
LEASE = dt.timedelta(minutes=1)


def test_what_is_late_paused_or_suspended_is_told_once_a_day(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    staff = stored(stage.database, subject=Subject.STAFF)
    silent = stored(stage.database, suspended_at=stage.clock.now())
    until = stage.clock.now() + 2 * DAY
    with stage.database.write() as tx:
        pause = ChannelPause(channel="fax", since=stage.clock.now(), until=until, reason="credentials")
        tx.registry.pause_channel(pause)
    owed = {Urgency.ON_TIME: 4, Urgency.AT_RISK: 0, Urgency.LATE: 3}
    notices = StaffNotices(database=stage.database, owed=lambda: owed, clock=stage.clock)

    def told() -> dict[str, dict[str, object]]:
        notices.run_if_due()
        with stage.database.write() as tx:
            calls = tx.calls.claim(staff.id, now=stage.clock.now(), lease=9 * DAY, limit=99)
        bodies = [json.loads(one.body) for one in calls]
        return {body["type"]: body["data"] for body in bodies}

    assert told() == {
        "staff.deliveries_late": {"count": 3},
        "staff.channel_paused": {"channel": "fax", "reason": "credentials"},
        "staff.endpoint_suspended": {"endpoint": silent.id, "fault": None},
    }
    stage.clock.move(EVERY)
    owed[Urgency.AT_RISK] = 1
    assert told() == {"staff.deliveries_at_risk": {"count": 1}}
    stage.clock.move(DAY)
    assert len(told()) == 4
    stage.close()
