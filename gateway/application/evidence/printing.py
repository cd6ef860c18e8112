"""What a print and mail vendor said of an envelope, as evidence of that envelope's delivery.

The account tells of everybody's pieces. So the evidence holds what it says of this one, with the digest of the account
as it came, which the ledger has since then; the account itself where no other envelope stands on the manifest, or
everybody's evidence is asked for (ADR 52, ADR 54).
"""

import json
from collections.abc import Sequence

from gateway.application import contexts
from gateway.application.mail_room.vendor_account import read_account
from gateway.application.sealed import Vault, data_key
from gateway.domain.delivery import Attempt
from gateway.domain.digest import sha256
from gateway.domain.manifest import BatchedItem
from gateway.ports.database import Database


class PrintingMembers:
    """Makes the members of one delivery."""

    def __init__(self, *, database: Database, vault: Vault) -> None:
        self._database = database
        self._vault = vault

    def __call__(self, attempts: Sequence[Attempt], *, everybody: bool) -> dict[str, bytes]:
        """By their names; of each attempt whose envelope a vendor accounted for. Raises SetupWrong (seal.*)."""
        numbers = {one.id: one.number for one in attempts}
        with self._database.read() as tx:
            items = [one for one in tx.manifests.of_attempts(numbers).values() if one.manifest is not None]
            orders = {one.attempt: tx.print_orders.get(one.manifest or "") for one in items}
            counts = tx.manifests.count_items([one.manifest or "" for one in items])
            key = data_key(tx.registry, contexts.EVIDENCE_KEY)
        members: dict[str, bytes] = {}
        for item in items:
            order = orders[item.attempt]
            if order is None or order.account is None or order.said is None:
                continue
            context, count = contexts.print_account(order.manifest), counts[order.manifest]
            account, said = (self._vault.get(key, context, one) for one in (order.account, order.said))
            name = f"receipts/printed-{numbers[item.attempt]:02d}"
            members[f"{name}.json"] = _line(item, account, said, count)
            if everybody or count == 1:
                members[name + (".csv" if account == said else ".p7m")] = account
        return members


def _line(item: BatchedItem, account: bytes, said: bytes, count: int) -> bytes:
    _, told = read_account(said)
    line = {
        "schema": "printing/1",
        "manifest": item.manifest,
        "pieces": count,
        "place": item.place,
        "piece": item.piece,
        "events": [event.value for piece, event in told if piece == item.piece],
        "account": sha256(account),
        "signed": account != said,
    }
    return (json.dumps(line, ensure_ascii=False, indent=1) + "\n").encode()
