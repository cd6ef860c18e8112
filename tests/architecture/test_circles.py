"""No module imports, by whatever way, one that imports it: each can be read, and loaded, before what builds on it."""

from graphlib import CycleError, TopologicalSorter

import grimp
import pytest

from tests.architecture.test_house import CODE


def test_no_modules_import_each_other_in_a_circle() -> None:
    """Imports within a function count too, and those that are for types alone: they only hide a circle."""
    graph = grimp.build_graph(*CODE, cache_dir=None)
    try:
        order = [
            *TopologicalSorter(
                {one: graph.find_modules_directly_imported_by(one) for one in graph.modules}
            ).static_order()
        ]
    except CycleError as circle:
        pytest.fail(" → ".join(circle.args[1]))
    assert order.index("gateway.bootstrap.servers_afar") < order.index("gateway.bootstrap.servers")
