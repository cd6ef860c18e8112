"""What every `PrintOrders` keeps to."""

from dataclasses import replace

import pytest

from gateway.domain.print_order import PrintOrder, PrintState
from gateway.ports.database import Database
from gateway.ports.work import LeaseLost
from tests.contracts.manifests import a_manifest, enter, gathered, listed
from tests.contracts.samples import MINUTE, NOW


class PrintOrdersContract:
    """Subclasses bring the fixture `database`: empty, of the shape this release knows."""

    def test_one_process_at_a_time_is_given_what_is_to_be_put(self, database: Database) -> None:
        manifest = a_manifest()
        order = PrintOrder(manifest=manifest.number, state=PrintState.OPEN, next_at=NOW)
        with database.write() as tx:
            enter(tx, manifest)
            tx.print_orders.open(order)
        with database.read() as tx:
            assert not tx.print_orders.any_due(now=NOW - MINUTE)
            assert tx.print_orders.any_due(now=NOW)
            assert tx.print_orders.get(manifest.number) == order
            assert tx.print_orders.get("none") is None
        with database.write() as tx:
            mine = tx.print_orders.claim(now=NOW, lease=MINUTE)
            assert mine == replace(order, next_at=NOW + MINUTE, fence=1)
            assert tx.print_orders.claim(now=NOW, lease=MINUTE) is None
        put = replace(mine, state=PrintState.PUT, asked_at=NOW, names=("a", "b"), objects=("c",), digests=("d",))
        with database.write() as tx:
            held = tx.print_orders.get(manifest.number, lock=True)
            assert held == mine
            tx.print_orders.save(put)
        with database.write() as tx:
            assert tx.print_orders.get(manifest.number) == put
            assert tx.print_orders.unfinished(closed_before=NOW + MINUTE) == [manifest.number]
            assert tx.print_orders.unfinished(closed_before=NOW) == []
            tx.print_orders.save(replace(put, state=PrintState.ANSWERED))
            assert tx.print_orders.unfinished(closed_before=NOW + MINUTE) == []
            tx.print_orders.save(put)
            assert tx.print_orders.claim(now=NOW + 9 * MINUTE, lease=MINUTE) is None

    def test_who_had_it_before_writes_nothing_more(self, database: Database) -> None:
        manifest = a_manifest()
        with database.write() as tx:
            enter(tx, manifest)
            tx.print_orders.open(PrintOrder(manifest=manifest.number, state=PrintState.OPEN, next_at=NOW))
        with database.write() as tx:
            late = tx.print_orders.claim(now=NOW, lease=MINUTE)
        with database.write() as tx:
            mine = tx.print_orders.claim(now=NOW + MINUTE, lease=MINUTE)
        assert late is not None
        with pytest.raises(LeaseLost), database.write() as tx:
            tx.print_orders.save(replace(late, state=PrintState.MADE))
        with database.read() as tx:
            assert tx.print_orders.get(manifest.number) == mine

    def test_an_order_goes_with_its_items(self, database: Database) -> None:
        manifest = a_manifest()
        items = listed(manifest, *gathered(database, 2))
        with database.write() as tx:
            enter(tx, manifest, items)
            tx.print_orders.open(PrintOrder(manifest=manifest.number, state=PrintState.OPEN, next_at=NOW))
        with database.read() as tx:
            assert tx.manifests.items(manifest.number) == items
