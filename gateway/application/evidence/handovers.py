"""That a carrier signed for an envelope, and certified its delivery, as evidence of that envelope's delivery.

The page that the driver signed lists everybody's envelopes. So the evidence holds its line about this one, with the
digest of the page; the page itself where no other envelope stands on it, or everybody's evidence is asked for (ADR 52).
"""

import json
from collections.abc import Sequence

from gateway.application import contexts
from gateway.application.sealed import Vault, data_key
from gateway.domain.delivery import Attempt, ResultName
from gateway.domain.manifest import BatchedItem, Manifest
from gateway.ports.database import Database

_KINDS = {
    b"%PDF-": ".pdf",
    b"\xff\xd8\xff": ".jpg",
    b"\x89PNG\r\n\x1a\n": ".png",
    b"II*\x00": ".tif",
    b"MM\x00*": ".tif",
}
PICTURES = tuple(_KINDS)
"""How the files begin in which a signed page is taken."""


class HandoverMembers:
    """Makes the members of one delivery."""

    def __init__(self, *, database: Database, vault: Vault) -> None:
        self._database = database
        self._vault = vault

    def __call__(self, attempts: Sequence[Attempt], *, everybody: bool) -> dict[str, bytes]:
        """By their names; of each attempt that a carrier took by a signed manifest. Raises SetupWrong (seal.*)."""
        taken = {one.id: one.number for one in attempts if one.result is ResultName.HANDED_OVER}
        with self._database.read() as tx:
            items = tx.manifests.of_attempts(taken)
            manifests = tx.manifests.of_numbers({one.manifest for one in items.values() if one.manifest})
            counts = tx.manifests.count_items(list(manifests))
            certificates = tx.tracked.certificates(taken)
            key = data_key(tx.registry, contexts.EVIDENCE_KEY)
        members = {
            f"receipts/certificate-{taken[attempt]:02d}.pdf": self._vault.get(key, contexts.certificate(attempt), name)
            for attempt, name in certificates.items()
        }
        for attempt, number in taken.items():
            item = items.get(attempt)
            manifest = manifests.get(item.manifest or "") if item else None
            if item is None or manifest is None or manifest.object_name is None:
                continue
            name, count = f"receipts/handover-{number:02d}", counts[manifest.number]
            members[f"{name}.json"] = _line(manifest, item, count)
            if everybody or count == 1:
                page = self._vault.get(key, contexts.manifest(manifest.number), manifest.object_name)
                members[name + (picture_ending(page) or ".bin")] = page
        return members


def _line(manifest: Manifest, item: BatchedItem, count: int) -> bytes:
    handed_over_at = manifest.handed_over_at
    told = {
        "schema": "handover/1",
        "manifest": manifest.number,
        "carrier": manifest.carrier,
        "service": manifest.channel,
        "office": manifest.office,
        "closed_at": manifest.closed_at.isoformat(),
        "pieces": count,
        "place": item.place,
        "piece": item.piece,
        "handed_over_at": handed_over_at.isoformat() if handed_over_at else None,
        "recorded_by": manifest.recorded_by,
        "signed_page": manifest.evidence,
    }
    return (json.dumps(told, ensure_ascii=False, indent=1) + "\n").encode()


def picture_ending(content: bytes) -> str | None:
    """How the name of a page or photograph ends, by what it is; None: it is neither."""
    return next((ending for start, ending in _KINDS.items() if content.startswith(start)), None)
