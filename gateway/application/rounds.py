"""What is done every so often by whichever process comes first."""

import datetime as dt

from gateway.ports.database import Database


def begins_round(database: Database, name: str, *, now: dt.datetime, every: dt.timedelta) -> bool:
    """Whether a round of it begins here and now: the one before began long enough ago, and nobody else was quicker.

    It is asked each second: nothing is written until it is time.
    """
    with database.look_up() as tx:
        begun = tx.watch.begun_at(name)
    if begun is not None and now < begun + every:
        return False
    with database.write() as tx:
        return tx.watch.begin(name, now=now, every=every)
