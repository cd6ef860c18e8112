"""What stands on the envelope of a delivery, asked anew whenever it is needed."""

from gateway.application.casework import OpenCase
from gateway.application.files.file_parties import FileParties
from gateway.application.planning.addressees import addressee_of
from gateway.application.recipients.directory import RecipientDirectory
from gateway.application.sealed import DataKey
from gateway.domain.audience import persons_of
from gateway.domain.delivery import Delivery
from gateway.domain.dispatch import Dispatch
from gateway.domain.envelope import Envelope
from gateway.domain.parties import RecipientChannel


class Envelopes:
    """Names whom the papers were made for; who is named nowhere goes by the persons they stand for."""

    def __init__(self, *, directory: RecipientDirectory, parties: FileParties, open_case: OpenCase) -> None:
        self._directory = directory
        self._parties = parties
        self._open_case = open_case

    def __call__(self, dispatch: Dispatch, delivery: Delivery, way: RecipientChannel, key: DataKey) -> Envelope | None:
        """None where the way has no postal address. Raises SetupWrong (seal.*)."""
        if way.postal is None:
            return None
        planned = self._parties.made_for(delivery, key)
        participant = planned.participant if planned else None
        to = addressee_of(participant, self._directory.get(delivery.recipient))
        if participant is not None and not (to.name or to.organization or to.attention):
            persons = persons_of(self._open_case(dispatch).decision, participant)
            to = addressee_of(participant, None, persons)
        return Envelope(address=way.postal, name=to.name, organization=to.organization, attention=to.attention)
