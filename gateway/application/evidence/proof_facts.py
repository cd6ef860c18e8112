"""What evidence tells of a dispatch beyond its rows: from its package, or from what remains of an expired one."""

from collections.abc import Callable

from gateway.application.casework import Case, OpenCase
from gateway.application.files.file_parties import FileParties
from gateway.application.planning.addressees import addressee_of
from gateway.application.recipients.directory import RecipientDirectory
from gateway.application.retention.remains import ProofFacts, View, expiry_of, open_remains
from gateway.application.sealed import Vault
from gateway.domain.audience import persons_of
from gateway.domain.case_facts import PERSON_ROLES
from gateway.domain.delivery import Delivery
from gateway.domain.dispatch import Dispatch
from gateway.domain.file_parties import PlannedFor
from gateway.ports.database import Database
from gateway.ports.former_papers import FormerPapers
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
            former = {one.id: tx.former_papers.of_delivery(one.id) for one in deliveries}
        if expired is not None:
            return open_remains(self._vault, expired)
        case = self._open_case(dispatch)
        return ProofFacts(
            status=self._status(dispatch.id),
            addressees={one.id: self._addressee(case, one) for one in deliveries},
            former={
                one.id: tuple(self._former(case, one, papers) for papers in former[one.id])
                for one in deliveries
                if former[one.id]
            },
            certificates=tuple(self._verifier.certificates(case.raw)),
        )

    def _addressee(self, case: Case, delivery: Delivery) -> Addressee:
        """As the papers were made for, if they were made; the directory's entry as it stands."""
        made_for = self._parties.made_for(delivery, case.key)
        return self._named(case, delivery, delivery.recipient, made_for)

    def _former(self, case: Case, delivery: Delivery, papers: FormerPapers) -> Addressee:
        made_for = self._parties.was_made_for(delivery, papers.planned_for, case.key)
        return self._named(case, delivery, made_for.participant.recipient if made_for else None, made_for)

    def _named(self, case: Case, delivery: Delivery, recipient: str | None, made_for: PlannedFor | None) -> Addressee:
        person = made_for.participant if made_for else case.decision.participant(delivery.participant)
        own = person is not None and bool(PERSON_ROLES & set(person.roles))
        persons = persons_of(case.decision, person) if person is not None and own else ()
        return addressee_of(person, self._directory.get(recipient), persons)
