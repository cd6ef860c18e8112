"""A house on PostgreSQL among many rows, and every page of its console."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from gateway.application import contexts
from gateway.application.recipients.recipient_json import recipient_to_json
from gateway.application.sealed import data_key
from gateway.domain.accounts import AccountRole
from gateway.domain.work_list import WorkList
from gateway.ports.registry import SealedRecipient
from gateway.worker.embedded import work
from tests.e2e import built
from tests.e2e.world import EC, TODAY, World
from tests.keys.pki import DAY, Authority, Order, pem, rsa_key
from tests.real.postgresql import Postgresql
from tests.web.console.crowd import Crowd
from tests.web.console.house import House, Person

MAIL = {"host": "127.0.0.1", "port": 2525, "tls": "none", "sender": "registry@gw.test"}
ENTRIES = 500
FILE = "TC8-0000100"


@contextmanager
def crowded(folder: Path, server: Postgresql, count: int) -> Iterator[House]:
    """A home with a feed and one package whose every delivery waits for a person, among that many deliveries."""
    world = World(folder=folder, mail=MAIL, database=server.options(server.create(empty=True))).make()
    (folder / "gcms").mkdir()
    order = Order(name="GCMS", not_before=TODAY - 10 * DAY, not_after=TODAY + 100 * DAY)
    key = Authority.root().signer(replace(order, uses=("digital_signature", "key_encipherment")), rsa_key("gcms", 2048))
    (world.home / "feed-receiver.pem").write_bytes(pem(key.certificate))
    world.set("feed", folder=str(folder / "gcms"))
    house = House(folder)
    try:
        banned = built.package(world, restrictions=[{"kind": "transmission-ban"}])
        house.gateway.submit.accept(banned, submitted_by="test")
        work(house.gateway, until_idle=True, max_seconds=None)
        _entries(house)
        Crowd(house.gateway.database, count).fill()  # type: ignore[arg-type]
        counted(house)
        yield house
    finally:
        house.close()


def counted(house: House) -> None:
    """What the maintenance counts every five minutes."""
    feed = house.gateway.case_systems.feed
    assert feed is not None
    house.gateway.console.figures.counting.count_now()
    feed.standing.counting.count_now()


def _entries(house: House) -> None:
    """A directory of a tribunal: the one entry many times over, each with its own id."""
    gateway = house.gateway
    entry = gateway.directory.known(EC)
    with gateway.database.write() as tx:
        key = data_key(tx.registry, contexts.DIRECTORY_KEY)
        for number in range(ENTRIES):
            name = f"entry-{number:05}"
            kept = recipient_to_json(replace(entry, id=name))
            sealed = gateway.vault.seal(key, contexts.recipient(name), kept)
            tx.registry.put_recipient(
                SealedRecipient(
                    id=name,
                    kind=entry.kind,
                    divisions=entry.divisions,
                    offices=entry.offices,
                    sealed=sealed,
                    changed_at=house.clock.now(),
                    changed_by="test",
                )
            )


def everybody(house: House) -> Person:
    """Who may see every page."""
    return house.sign_in(house.person("alice", *AccountRole))


def pages(house: House) -> Mapping[str, tuple[str, Mapping[str, str] | None]]:
    """Every page that one may look at, by its name: its address below the language, and what a form posts to it."""
    with house.gateway.database.read() as tx:
        real = tx.dispatches.of_file("TC6-12345")[0].id
        delivery = tx.deliveries.of_dispatch(real)[0].id
        manifest = tx.manifests.newest(1)[0].number
    lists = {f"list {one.value}": f"/lists/{one.value}" for one in WorkList}
    narrowed = {
        "list failed, RPD": "/lists/failed?division=RPD",
        "list needs-person, fax": "/lists/needs-person?channel=fax",
        "list late, RPD by e-mail": "/lists/late?division=RPD&channel=encrypted-email",
        "list at-risk, page 2": f"/lists/at-risk?after={house.clock.now().date().isoformat()}.1",
        "list overdue, RAD": "/lists/overdue?division=RAD",
    }
    places = {
        "home": "",
        "counts": "/counts",
        **lists,
        **narrowed,
        "delivery": f"/deliveries/{delivery}",
        "delivery of long ago": "/deliveries/z1000",
        "recall": f"/dispatches/{real}/recall",
        "breach": f"/dispatches/{real}/breach",
        "new": "/new",
        "approvals": "/approvals",
        "mail room": "/mail-room",
        "manifest": f"/mail-room/manifests/{manifest}",
        "batch": "/mail-room/batches/toronto/registered-mail",
        "check": "/mail-room/check",
        "scans": "/mail-room/scans",
        "receipts": "/mail-room/receipts",
        "channels": "/channels",
        "channel": "/channels/registered-mail",
        "directory": "/directory",
        "entry": f"/directory/{EC}",
        "address": f"/directory/{EC}/ways/encrypted-email",
        "keys": "/keys",
        "figures": "/figures",
        "feed": "/feed",
        "feed as CSV": "/feed/report.csv",
        "audit": "/audit",
    }
    searched = {
        "audit of a file": {"file_number": FILE},
        "audit of a person": {"actor": "bob"},
        "audit of a person long ago": {"actor": "bob", "until": "2025-01-31"},
    }
    found: dict[str, tuple[str, Mapping[str, str] | None]] = {"find": ("/find", {"number": FILE})}
    return (
        {name: (place, None) for name, place in places.items()}
        | found
        | {name: ("/audit", fields) for name, fields in searched.items()}
    )
