"""The page before the papers that asks to be signed and sent back, made for each attempt: the cover of a fax, the
acknowledgement of a packet that is handed over."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from gateway.application.casework import Case, OpenCase
from gateway.application.dates.office_dates import today_at, zone_of
from gateway.application.identifiers import check_fax_number
from gateway.application.recipients.directory import RecipientDirectory
from gateway.domain.case_facts import PERSON_ROLES
from gateway.domain.delivery import Delivery
from gateway.domain.digest import sha256
from gateway.domain.package import DocumentKind
from gateway.domain.parties import ChannelName, Language, Participant, PreferredLanguage, RecipientChannel
from gateway.domain.return_code import ReturnCode
from gateway.ports.clock import Clock
from gateway.ports.database import Database
from gateway.ports.papers import Addressee, RenderedDocument
from gateway.ports.registry_papers import (
    Acknowledgement,
    Concern,
    DrawnPaper,
    FaxCover,
    ProvidedDocument,
    Provision,
    RegistryPrinter,
)


class FirstPages:
    """Asked just before sending, so that the number is that of the moment."""

    def __init__(
        self,
        *,
        database: Database,
        open_case: OpenCase,
        directory: RecipientDirectory,
        printer: RegistryPrinter,
        clock: Clock,
        fax_numbers: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        """fax_numbers: by office, where what is signed is faxed back to."""
        self._fax_numbers = fax_numbers
        self._database = database
        self._open_case = open_case
        self._directory = directory
        self._printer = printer
        self._clock = clock

    def page(
        self, delivery: Delivery, way: RecipientChannel, documents: Sequence[RenderedDocument], code: ReturnCode
    ) -> DrawnPaper | None:
        """The page, with the code by which it is known when it comes back; None for other channels, and for a number
        that no fax can reach. Raises InputRefused (document.missing-glyph), SetupWrong (seal.*)."""
        if way.type == ChannelName.HAND_DELIVERY:
            return self._printer.draw(self._acknowledgement(delivery, documents, code))
        number = way.number
        if way.type != ChannelName.FAX or number is None:
            return None
        try:
            check_fax_number(number)
        except ValueError:
            return None
        return self._printer.draw(self._cover(delivery, number, documents, code))

    def _cover(
        self, delivery: Delivery, number: str, documents: Sequence[RenderedDocument], code: ReturnCode
    ) -> FaxCover:
        """It lies open on a machine: nobody whom the case is about is named."""
        case = self._case(delivery)
        participant = _participant(case, delivery)
        to = self._addressee(delivery, participant)
        if PERSON_ROLES & {*participant.roles, *delivery.roles}:
            to = Addressee(name=None)
        pages = 1 + sum(one.pages or 1 for one in documents)
        concern, provision = self._concern(case, delivery), _provision(delivery, to, documents)
        return FaxCover(
            concern=concern,
            provision=provision,
            number=number,
            pages=pages,
            code=code,
            return_to=self._fax_numbers.get(concern.office),
        )

    def _acknowledgement(
        self, delivery: Delivery, documents: Sequence[RenderedDocument], code: ReturnCode
    ) -> Acknowledgement:
        """Whoever hands it over must know to whom."""
        case = self._case(delivery)
        to = self._addressee(delivery, _participant(case, delivery))
        return Acknowledgement(
            concern=self._concern(case, delivery), provision=_provision(delivery, to, documents), code=code
        )

    def _concern(self, case: Case, delivery: Delivery) -> Concern:
        return Concern(
            division=case.decision.division,
            office=case.decision.office,
            zone=zone_of(case.decision.office),
            files=tuple(case.dispatch.files),
            delivery=delivery.id,
            language=_language(delivery, case),
            made_on=today_at(case.decision.office, self._clock.now()),
        )

    def _case(self, delivery: Delivery) -> Case:
        with self._database.look_up() as tx:
            dispatch = tx.dispatches.get(delivery.dispatch)
        return self._open_case(dispatch)

    def _addressee(self, delivery: Delivery, participant: Participant) -> Addressee:
        recipient = self._directory.get(delivery.recipient)
        if recipient is not None:
            return Addressee(name=recipient.name, organization=recipient.organization)
        return Addressee(name=participant.name, organization=participant.organization)


def _participant(case: Case, delivery: Delivery) -> Participant:
    return next(one for one in case.decision.participants if one.id == delivery.participant)


def _language(delivery: Delivery, case: Case) -> Language:
    if delivery.language is PreferredLanguage.BOTH:
        return Language(case.decision.decision.language)
    return Language(delivery.language.value)


def _provision(delivery: Delivery, to: Addressee, documents: Sequence[RenderedDocument]) -> Provision:
    return Provision(to=to, role=delivery.roles[0], documents=tuple(map(_provided, documents)))


def _provided(document: RenderedDocument) -> ProvidedDocument:
    return ProvidedDocument(
        kind=document.kind or DocumentKind.OTHER,
        language=document.language,
        pages=document.pages,
        digest=sha256(document.content),
    )
