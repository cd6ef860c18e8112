"""What evidence tells of a dispatch beyond its rows: from its package, or from what remains of an expired one."""

from collections.abc import Callable

from gateway.application.addressees import addressee_of
from gateway.application.casework import Case, OpenCase
from gateway.application.directory import RecipientDirectory
from gateway.application.file_parties import FileParties
from gateway.application.remains import ProofFacts, View, expiry_of, open_remains
from gateway.application.sealed import Vault
from gateway.domain.audience import persons_of
from gateway.domain.case_facts import PERSON_ROLES
from gateway.domain.delivery import Delivery
from gateway.domain.dispatch import Dispatch
from gateway.ports.database import Database
from gateway.ports.packages import PackageVerifier
from gateway.ports.papers import Addressee


class GatherFacts:
    """Gathers them; an expired package gives what was gathered of it at the last."""

    def __init__(
        self,
        *,
        database: Database,
        vault: Vault,
        open_case: OpenCase,
        verifier: PackageVerifier,
        parties: FileParties,
        directory: RecipientDirectory,
        status: Callable[[str], View],
    ) -> None:
        """status: a dispatch as the interface shows it."""
        self._database = database
        self._vault = vault
        self._open_case = open_case
        self._verifier = verifier
        self._parties = parties
        self._directory = directory
        self._status = status

    def __call__(self, dispatch: Dispatch) -> ProofFacts:
        """The facts. Raises SetupWrong (seal.*)."""
        with self._database.read() as tx:
            expired = expiry_of(tx, dispatch)
            deliveries = tx.deliveries.of_dispatch(dispatch.id)
        if expired is not None:
            return open_remains(self._vault, expired)
        case = self._open_case(dispatch)
        return ProofFacts(
            status=self._status(dispatch.id),
            addressees={one.id: self._addressee(case, one) for one in deliveries},
            certificates=tuple(self._verifier.certificates(case.raw)),
        )

    def _addressee(self, case: Case, delivery: Delivery) -> Addressee:
        """As the papers were made for, if they were made; the directory's entry as it stands."""
        made_for = self._parties.made_for(delivery, case.key)
        person = made_for.participant if made_for else case.decision.participant(delivery.participant)
        own = person is not None and bool(PERSON_ROLES & set(person.roles))
        persons = persons_of(case.decision, person) if person is not None and own else ()
        return addressee_of(person, self._directory.get(delivery.recipient), persons)
