"""What follows from an address that two people gave a delivery, wherever the delivery is worked on."""

from collections.abc import Sequence

from gateway.application import contexts
from gateway.application.kept_json import from_kept
from gateway.application.sealed import DataKey, Vault
from gateway.domain.delivery import Attempt
from gateway.domain.given_address import GivenAddress
from gateway.ports.addresses import StoredAddress
from gateway.ports.database import Transaction


def open_addresses(vault: Vault, key: DataKey, stored: Sequence[StoredAddress]) -> list[GivenAddress]:
    """The addresses again. Raises SetupWrong (seal.broken)."""
    opened = (vault.open(key, contexts.given_address(one.delivery), one.sealed) for one in stored)
    return [from_kept(GivenAddress, raw, where="given-address") for raw in opened]


def went_elsewhere(tx: Transaction, attempt: Attempt) -> bool:
    """Whether the attempt went to an address that the delivery no longer has: what comes back on it is kept, and says
    nothing of the delivery as it stands."""
    return sent_before(attempt, tx.addresses.of_deliveries([attempt.delivery]).get(attempt.delivery))


def sent_before(attempt: Attempt, given: StoredAddress | None) -> bool:
    """Whether the attempt was made before its delivery was given that address."""
    return given is not None and attempt.fence <= given.fence
