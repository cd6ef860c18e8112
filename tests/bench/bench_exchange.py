"""The exchange: memory while a document of 500 MB streams down, 200 clients at once, pages at 100,000 conversations."""

import asyncio
import datetime as dt
import hashlib
import json
import secrets
import statistics
import tempfile
import time
from pathlib import Path

import aiohttp

from gateway.application import contexts
from gateway.application.exchange.leave import PART
from gateway.application.exchange.secrets import digest
from gateway.application.sealed import DataKey
from gateway.bootstrap import Gateway, open_gateway
from gateway.domain.delivery import Delivery, DeliveryState
from gateway.domain.dispatch import Step
from gateway.domain.exchange import Conversation, Entry, ExchangeAccount, LeftDocument
from gateway.domain.outcomes import Division
from gateway.domain.parties import Language
from gateway.domain.signing_in import Session
from gateway.ports.database import Transaction
from gateway.web.exchange.cookies import SESSION
from tests.contracts.samples import a_delivery, a_dispatch, an_attempt, name
from tests.e2e.world import World
from tests.real import ports
from tests.real.serving import Server, serving

CLIENTS, SMALL, LARGE = 200, 200_000, 500_000_000
CONVERSATIONS, OF_ONE, BATCH, LOOKS = 100_000, 1_000, 10_000, 60
NOW = dt.datetime.now(dt.UTC)
LARGE_HOLDER, BUSY = "holder-large", "holder-busy"


def main() -> None:
    """Prints the figures."""
    with tempfile.TemporaryDirectory() as folder:
        port = ports.free_port()
        server: dict[str, object] = {"host": "127.0.0.1", "port": ports.free_port(), "tls": "none"}
        server |= {"sender": "registry@gw.test"}
        world = World(folder=Path(folder), mail=server).make()
        table = server | {"url": f"http://127.0.0.1:{port}/exchange"}
        settings = world.home / "gateway.toml"
        lines = [f"{key} = {json.dumps(value)}" for key, value in table.items()]
        settings.write_text("\n".join([settings.read_text(), "[channels.secure-upload]", *lines, ""]))
        gateway = open_gateway(world.home)
        try:
            sessions = Filling(gateway).fill()
        finally:
            gateway.close()
        with serving(world, Path(folder) / "serve.log", port=port) as running:
            asyncio.run(_measure(running, sessions))


class Filling:
    """Fills the store as leaving would, without the steps before it."""

    def __init__(self, gateway: Gateway) -> None:
        self._database, self._vault = gateway.database, gateway.vault
        self._dispatch = a_dispatch(step=Step.DONE, next_action_at=None)
        self._key = self._vault.new_key("exchange-bench")

    def fill(self) -> dict[str, str]:
        """The secret of each holder's session."""
        package = self._vault.new_key(self._dispatch.data_key)
        with self._database.write() as tx:
            for key in (package, self._key):
                tx.registry.add_data_key(key.id, key.wrapped)
            tx.dispatches.add(self._dispatch)
        clients = [f"client-{number}" for number in range(CLIENTS)]
        sessions = {}
        for holder, size in [*((one, SMALL) for one in clients), (LARGE_HOLDER, LARGE)]:
            with self._database.write() as tx:
                sessions[holder] = self._holder(tx, holder)
                self._left(tx, holder, size)
        with self._database.write() as tx:
            sessions[BUSY] = self._holder(tx, BUSY)
        start = time.perf_counter()
        for first in range(0, CONVERSATIONS, BATCH):
            with self._database.write() as tx:
                for number in range(first, first + BATCH):
                    self._conversation(tx, number)
        print(f"{CONVERSATIONS:,} conversations filled in {time.perf_counter() - start:.0f} s")
        return sessions

    def _holder(self, tx: Transaction, holder: str) -> str:
        secret = secrets.token_urlsafe(32)
        tx.exchange.put_account(
            ExchangeAccount(
                name=holder,
                address_digest=hashlib.sha256(holder.encode()).hexdigest(),
                address=b"sealed",
                language=Language.EN,
                code_hash="none",
                verified_by="bench",
                verified_at=NOW,
                method="bench",
            )
        )
        tx.exchange.add_session(Session(digest=digest(secret), account=holder, begun_at=NOW, seen_at=NOW))
        return secret

    def _left(self, tx: Transaction, holder: str, size: int) -> None:
        delivery: Delivery = a_delivery(
            self._dispatch.id,
            plan=("secure-upload",),
            state=DeliveryState.HANDED_OVER,
            next_action_at=NOW + dt.timedelta(days=5),
        )
        attempt = an_attempt(delivery)
        tx.deliveries.add(delivery)
        tx.deliveries.add_attempt(attempt)
        entry_id = name().replace("-", "")
        document = self._document(self._key, contexts.left(entry_id, 0), size)
        conversation = self._opened(tx, holder, holder)
        tx.exchange.add_entry(
            Entry(
                id=entry_id,
                conversation=conversation,
                account=holder,
                dispatch=self._dispatch.id,
                delivery=delivery.id,
                attempt=attempt.id,
                left_at=NOW,
                documents=(document,),
            )
        )

    def _document(self, key: DataKey, context: str, size: int) -> LeftDocument:
        part, parts, whole = secrets.token_bytes(min(PART, size)), [], hashlib.sha256()
        for number in range(-(-size // PART)):
            parts.append(self._vault.put(key, f"{context}/{number}", part))
            whole.update(part)
        return LeftDocument(
            name="papers.pdf",
            media_type="application/pdf",
            digest=f"sha256:{whole.hexdigest()}",
            size=size,
            parts=tuple(parts),
        )

    def _opened(self, tx: Transaction, holder: str, file: str) -> str:
        opened = Conversation(
            id=name(), account=holder, division=Division.RPD, files=(file,), data_key=self._key.id, opened_at=NOW
        )
        tx.exchange.add_conversation(opened)
        return opened.id

    def _conversation(self, tx: Transaction, number: int) -> None:
        holder = BUSY if number % (CONVERSATIONS // OF_ONE) == 0 else f"other-{number % 997}"
        nothing = LeftDocument(name="a.pdf", media_type="application/pdf", digest="sha256:0", size=1, parts=())
        tx.exchange.add_entry(
            Entry(
                id=name(),
                conversation=self._opened(tx, holder, f"TC6-{number:05}"),
                account=holder,
                dispatch=self._dispatch.id,
                delivery="none",
                attempt="none",
                left_at=NOW,
                documents=(nothing,),
                listed=frozenset({holder}),
            )
        )


async def _measure(server: Server, sessions: dict[str, str]) -> None:
    connector = aiohttp.TCPConnector(limit=0)
    async with aiohttp.ClientSession(server.url, connector=connector, timeout=aiohttp.ClientTimeout(300)) as client:
        for holder, what in (("client-0", "of 1 conversation"), (BUSY, f"of {OF_ONE:,} conversations")):
            await _list(client, sessions[holder])
            took = [await _list(client, sessions[holder]) for _ in range(LOOKS)]
            middle, most = statistics.median(took) * 1000, max(took) * 1000
            print(f"list {what:<24} {middle:6.1f} ms in the middle, {most:6.1f} ms at most")
        before = _memory(server, "VmRSS")
        Path(f"/proc/{server.process.pid}/clear_refs").write_text("5")  # the peak is counted from here
        start = time.perf_counter()
        assert await _collect(client, sessions[LARGE_HOLDER]) == LARGE
        took_one, peak = time.perf_counter() - start, _memory(server, "VmHWM")
        print(f"{LARGE / 1e6:.0f} MB in {took_one:.1f} s; memory {before:.0f} MB before, {peak:.0f} MB at most")
        start = time.perf_counter()
        taken = await asyncio.gather(*(_collect(client, sessions[f"client-{one}"]) for one in range(CLIENTS)))
        took_all = time.perf_counter() - start
        assert taken == [SMALL] * CLIENTS
        print(f"{CLIENTS} clients list and download {SMALL // 1000} kB each in {took_all:.1f} s")


async def _list(client: aiohttp.ClientSession, secret: str) -> float:
    start = time.perf_counter()
    async with client.get("/exchange/en", headers=_as_who(secret)) as answer:
        page = await answer.text()
    assert "/papers/" in page
    return time.perf_counter() - start


async def _collect(client: aiohttp.ClientSession, secret: str) -> int:
    """The bytes that came of the one document."""
    async with client.get("/exchange/en", headers=_as_who(secret)) as answer:
        page = await answer.text()
    entry = page.partition("/papers/")[2].partition("/")[0]
    came = 0
    async with client.get(f"/exchange/en/papers/{entry}/0", headers=_as_who(secret)) as answer:
        assert answer.status == 200
        async for part in answer.content.iter_chunked(65_536):
            came += len(part)
    return came


def _as_who(secret: str) -> dict[str, str]:
    return {"Cookie": f"{SESSION.name}={secret}"}


def _memory(server: Server, field: str) -> float:
    """In MB."""
    status = Path(f"/proc/{server.process.pid}/status").read_text()
    (line,) = [one for one in status.splitlines() if one.startswith(field)]
    return int(line.split()[1]) / 1024


if __name__ == "__main__":
    main()
