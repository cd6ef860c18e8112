"""What both tests of this folder share: many packages, and what the record says afterwards."""

import json
from collections import Counter
from collections.abc import Sequence

from gateway.bootstrap import open_gateway
from gateway.domain.delivery import ResultName
from keys.asice_build import build
from tests.e2e.built import signer_of
from tests.e2e.world import EC, TODAY, World


def packages(world: World, count: int, *, counsel: Sequence[str] = (EC,)) -> list[bytes]:
    """Many packages from one: the decision's id and file number changed, signed anew. counsel: whom the directory
    knows, in turns."""
    decision_file = world.decision(world.folder / "sources/many", participants=_participants())
    decision = json.loads(decision_file.read_text())
    documents = {f"documents/{path.name}": path.read_bytes() for path in (decision_file.parent / "documents").iterdir()}
    signer = signer_of(world)
    made = []
    for number in range(count):
        decision["package_id"] = f"6c1d0c0e-5f0e-4a53-9d9f-{number:012x}"
        decision["files"][0]["number"] = f"TC6-{number:05d}"
        decision["participants"][-1]["recipient"] = counsel[number % len(counsel)]
        made.append(build(json.dumps(decision).encode(), documents, signer=signer, at=TODAY))
    return made


def _participants() -> list[dict[str, object]]:
    return [
        {"id": "m1", "roles": ["minister-counsel"], "recipient": "cbsa-hearings-gta"},
        {"id": "c1", "roles": ["counsel"], "represents": ["p1"], "recipient": EC},
    ]


def ever_unconfirmed(world: World) -> set[str]:
    """Message-IDs of attempts that were recorded as maybe sent."""
    gateway = open_gateway(world.home)
    with gateway.database.read() as tx:
        deliveries = tx.deliveries.find(state=None, channel=None, limit=100_000)
        attempts = tx.deliveries.attempts_of([one.id for one in deliveries])
    gateway.close()
    tried = [attempt for of_one in attempts.values() for attempt in of_one]
    return {attempt.reference for attempt in tried if attempt.result is ResultName.MAYBE_SENT}


def counts(world: World) -> Counter[str]:
    """Deliveries by state, those of packages that are not planned yet left out."""
    gateway = open_gateway(world.home)
    with gateway.database.read() as tx:
        found = Counter({state.value: count for state, count in tx.deliveries.count_by_state().items() if count})
    gateway.close()
    return found
