"""Taking in 10,000 scans of a carrier's list, on SQLite.

Beside it: the same list read by the standard library's csv alone.
"""

import csv
import datetime as dt
import io
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from gateway.domain.parties import ChannelName
from tests.application.mail_room import MailRoomStage
from tests.channels.scan_samples import SIGNATORY, carrier_list

ITEMS = 2_000
CODES = ("0100", "0174", "0178", "1479", "1408")
"""Of each item: taken and on its way three times, held, and given to somebody who signed."""


def main() -> None:
    """In this process."""
    with tempfile.TemporaryDirectory() as folder:
        stage = MailRoomStage(Path(folder), ChannelName.REGISTERED_MAIL, "RN 10000000-10099999 CA")
        for _ in range(ITEMS // 50):
            stage.gather(50)
        pieces = [one.piece or "" for one in stage.close_items()]
        begun = stage.clock.now()
        stage.clock.move(dt.timedelta(days=3))
        moments = [(begun + dt.timedelta(hours=1 + 10 * step)).isoformat() for step in range(len(CODES))]
        rows = [
            [piece, code, at, SIGNATORY if code == CODES[-1] else ""]
            for piece in pieces
            for code, at in zip(CODES, moments, strict=True)
        ]
        raw = carrier_list(*rows)
        with _timed(f"{len(rows):,} scans of {ITEMS:,} envelopes"):
            done = stage.import_scans(raw, actor="bench")
        assert (done.new.total(), done.faulty) == (len(rows), [])
        with _timed("the same file again"):
            assert stage.import_scans(raw, actor="bench").repeats == len(rows)
        stage.close()
    with _timed("the list read by csv alone"):
        list(csv.reader(io.StringIO(raw.decode("utf-8-sig"))))


@contextmanager
def _timed(what: str) -> Iterator[None]:
    begun, work = time.perf_counter(), time.process_time()
    yield
    spent, work = time.perf_counter() - begun, time.process_time() - work
    print(f"{what}, s".ljust(60) + f"{spent:.2f}  ({work:.2f} of a core)", flush=True)
