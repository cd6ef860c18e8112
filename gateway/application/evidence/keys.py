"""The keys of evidence: a key of its own for each dispatch, and one for what came before anybody knew whose it was.

A dispatch's own is made when it is first needed, and destroyed when its evidence expires.
"""

from gateway.application import contexts
from gateway.application.sealed import DataKey, Vault, data_key
from gateway.domain.dispatch import Dispatch
from gateway.ports.database import Transaction


def own_evidence_key(tx: Transaction, vault: Vault, dispatch: Dispatch) -> DataKey | None:
    """The dispatch's own, in a transaction that writes; None once its evidence expired, and nothing is kept of it."""
    key_id = contexts.evidence_key(dispatch.id)
    if not tx.registry.has_data_key(key_id):
        if not tx.registry.has_data_key(dispatch.data_key):
            return None
        tx.registry.ensure_data_key(key_id, vault.new_key(key_id).wrapped)
    return data_key(tx.registry, key_id)


def sealing_key(tx: Transaction, key_id: str | None) -> DataKey:
    """The key that a row names; None: the key of all evidence, which earlier releases used. Raises SetupWrong
    (seal.key-unknown)."""
    return data_key(tx.registry, key_id or contexts.EVIDENCE_KEY)
