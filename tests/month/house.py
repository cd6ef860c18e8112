"""The distributed engine as processes on this machine, with every channel that the month's mix uses."""

import json
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives.serialization import Encoding

from keys.cades import SigningKey
from tests.bench.bench_engine import CORES, roots
from tests.e2e.world import TODAY, World, _order
from tests.keys.pki import DAY, Authority, Order, ca_order, pem, rsa_key
from tests.month.packages import EXCHANGE_COUNSEL
from tests.real.case_system import CaseSystem
from tests.real.engine import engine
from tests.real.postfix import Postfix, running_postfix
from tests.real.postgresql import Postgresql, running_postgresql
from tests.real.redis import Redis, running_redis
from tests.real.serving import Server

SERVICE = "gw.test"
"""The domain of the fax service, which takes everything and answers nothing."""
_RETURN = ["Immigration and Refugee Board", "1 Example Street", "Toronto ON  M5V 3L9"]


@dataclass(frozen=True, kw_only=True)
class House:
    """What runs. database: its name at the server. pids: the first process of each part."""

    world: World
    server: Server
    gcms: CaseSystem
    postgresql: Postgresql
    database: str
    pids: Mapping[str, int]


@contextmanager
def house(folder: Path) -> Iterator[House]:
    """The whole, started and ready."""
    with ExitStack() as stack:
        # What arrived is what the record says it is here: `make chaos` holds messages against packages.
        postfix = stack.enter_context(running_postfix())
        postgresql = stack.enter_context(running_postgresql())
        redis = stack.enter_context(running_redis())
        database = postgresql.create(empty=True)
        world, gcms = _world(folder, postfix, postgresql.options(database), redis)
        parts = stack.enter_context(engine(world))
        server = parts.web()
        parts.worker("--processes", str(CORES))
        parts.start("scheduler").wait_until(status="ready")
        yield House(
            world=world,
            server=server,
            gcms=gcms,
            postgresql=postgresql,
            database=database,
            pids=roots(parts, postfix, postgresql, redis),
        )


def _world(
    folder: Path, postfix: Postfix, database: Mapping[str, str | Path], redis: Redis
) -> tuple[World, CaseSystem]:
    mail: dict[str, object] = {"host": "127.0.0.1", "port": postfix.port, "tls": "starttls", "ca": str(postfix.ca)}
    mail |= {"server_name": "mx.gw.test", "sender": "registry@gw.test"}
    world = World(
        folder=folder, mail=mail, database=database, settings=f'broker = "{redis.url}"', variables=redis.variables
    ).make()
    tables: dict[str, dict[str, object]] = {
        "secure-upload": mail | {"url": "http://localhost:8443/exchange"},
        "fax": mail | {"service": SERVICE, "results_from": f"results@{SERVICE}"},
        "registered-mail": {"carrier": "Canada Post", "cut_off": "23:59", "ranges": ["RN 10000000-10099999 CA"]},
    }
    settings = world.home / "gateway.toml"
    text = [settings.read_text()]
    for name, table in tables.items():
        text += [f"[channels.{name}]", *(f"{key} = {json.dumps(value)}" for key, value in table.items())]
    text.append(f"return_to = {{ toronto = {json.dumps(_RETURN)} }}")  # of the last table
    settings.write_text("\n".join([*text, ""]))
    _more_recipients(world)
    return world, _case_system(world)


def _more_recipients(world: World) -> None:
    """Counsel with an account at the exchange, and the RPD, which is told of every decision of the RAD."""
    way = {"type": "secure-upload", "account": EXCHANGE_COUNSEL}
    entry = {"id": EXCHANGE_COUNSEL, "name": "C. Conseil", "kind": "counsel", "language": "en", "channels": [way]}
    root = Authority.root(_order(ca_order("RPD Root")))
    certificate = root.issue(_order(Order(name="RPD", uses=("key_encipherment",))), rsa_key("rpd", 2048))
    (world.folder / "rpd.der").write_bytes(certificate.public_bytes(Encoding.DER))
    mail = {"type": "encrypted-email", "address": "rpd@gw.test", "protection": "smime", "certificate": "rpd.der"}
    rpd = {"id": "rpd-registry", "name": "RPD", "kind": "division", "language": "en", "channels": [mail]}
    directory = world.folder / "more.json"
    directory.write_text(json.dumps({"recipients": [entry, rpd]}))
    world.run("recipients", "import", directory)
    checked = ("--language", "en", "--method", "video call, LSO card")
    world.json("exchange", "verify", EXCHANGE_COUNSEL, "--address", "counsel@gw.test", *checked)


def _case_system(world: World) -> CaseSystem:
    """The other case system, which takes every outcome at once."""
    order = Order(
        name="GCMS",
        uses=("digital_signature", "key_encipherment"),
        not_before=TODAY - 10 * DAY,
        not_after=TODAY + 100 * DAY,
    )
    key: SigningKey = Authority.root().signer(order, rsa_key("gcms", 2048))
    (world.home / "feed-receiver.pem").write_bytes(pem(key.certificate))
    folder = world.folder / "gcms"
    folder.mkdir()
    world.set("feed", folder=str(folder), near_real_time=True)
    return CaseSystem(folder=folder, key=key)
