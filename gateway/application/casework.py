"""An accepted package, opened again for the work on it."""

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from gateway.application import contexts
from gateway.application.intake.submit import ReadDecision
from gateway.application.recipients.addressed import open_addresses
from gateway.application.sealed import DataKey, Vault, package_key
from gateway.domain.dispatch import Dispatch
from gateway.domain.given_address import readdressed
from gateway.domain.package import DECISION, DecisionPackage
from gateway.ports.database import Database
from gateway.ports.packages import PackageVerifier


@dataclass(frozen=True, kw_only=True)
class Case:
    """A dispatch with its decision, the members of its package, and its data key."""

    dispatch: Dispatch
    decision: DecisionPackage
    members: Mapping[str, bytes]
    key: DataKey
    raw: bytes = field(repr=False)
    """The package as it came."""
    addressed: Mapping[str, dt.datetime] = field(default_factory=dict)
    """When two people gave a delivery the address that the decision names here."""


class OpenCase:
    """Opens accepted packages."""

    def __init__(
        self,
        *,
        database: Database,
        vault: Vault,
        verifier: PackageVerifier,
        read: ReadDecision,
        stands: Callable[[DecisionPackage], DecisionPackage],
    ) -> None:
        """stands: the package with its parties as the Registry last told them."""
        self._stands = stands
        self._database = database
        self._vault = vault
        self._verifier = verifier
        self._read = read

    def __call__(self, dispatch: Dispatch) -> Case:
        """The case. Raises SetupWrong (seal.*) when what is kept cannot be opened."""
        with self._database.look_up() as tx:
            key = package_key(tx.registry, dispatch)
            given = () if dispatch.is_untouched else tx.addresses.of_dispatch(dispatch.id)
        raw = self._vault.get(key, contexts.PACKAGE, dispatch.object_name)
        members = self._verifier.unpack(raw)
        decision = self._stands(self._read(members[DECISION], members))
        return Case(
            dispatch=dispatch,
            decision=readdressed(decision, open_addresses(self._vault, key, given)),
            members=members,
            key=key,
            raw=raw,
            addressed={one.delivery: one.given_at for one in given},
        )
