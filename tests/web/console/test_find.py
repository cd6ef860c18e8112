"""Finding what was sent: by file number however it is typed, by an id, of one's own offices alone."""

import re

from gateway.domain.accounts import AccountRole
from tests.web.console.house import House
from tests.web.console.test_offices import clerk

FILE = "TC6-12345"


def test_what_was_accepted_is_found_by_its_file_or_an_id_and_leads_to_each_delivery_and_to_the_recall(
    busy: House,
) -> None:
    alice, delivery = busy.sign_in(busy.person("alice", AccountRole.REGISTRY)), busy.delivery()
    with busy.gateway.database.read() as tx:
        package = str(tx.dispatches.get(delivery.dispatch).package_id)
        deliveries = {one.id for one in tx.deliveries.of_dispatch(delivery.dispatch)}
    for number in (f"  {FILE.lower()} ", package, delivery.dispatch, delivery.id):
        page = busy.post(alice, "/fr/find", {"number": number})
        assert page.status_code == 200
        assert set(re.findall(r"/fr/deliveries/([0-9a-f-]+)", page.text)) == deliveries, number
        assert f"/fr/dispatches/{delivery.dispatch}/recall" in page.text
    assert 'href="/console/en/find"' in page.text, "a file number stands in no address, of the other language neither"
    reader = busy.sign_in(busy.person("erin", AccountRole.READER))
    assert "/recall" not in busy.post(reader, "/en/find", {"number": FILE}).text


def test_nothing_typed_nothing_found_and_what_is_of_another_office_are_told(busy: House) -> None:
    alice = busy.sign_in(busy.person("alice", AccountRole.REGISTRY))
    empty = busy.post(alice, "/en/find", {"number": "  "})
    assert (empty.status_code, "Check “File number”" in empty.text) == (422, True)
    nothing = busy.post(alice, "/en/find", {"number": "<XX9-00000>"})
    assert "Nothing was accepted under that number" in nothing.text
    assert 'value="&lt;XX9-00000&gt;"' in nothing.text, "what was typed is kept"
    olga = clerk(busy, "olga", "vancouver")
    for number in (FILE, busy.delivery().id):
        assert "Nothing was accepted under that number" in busy.post(olga, "/en/find", {"number": number}).text
