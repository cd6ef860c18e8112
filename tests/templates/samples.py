"""One sample of every paper the Registry makes, in a language: for the checks and for the gallery."""

import datetime as dt
from collections.abc import Callable
from dataclasses import replace
from zoneinfo import ZoneInfo

from gateway.domain.delivery import ResultName
from gateway.domain.envelope import Envelope
from gateway.domain.outcomes import Division
from gateway.domain.package import DocumentKind, Nature
from gateway.domain.parties import ChannelName, Language, PostalAddress, PreferredLanguage, Role
from gateway.domain.receipt import Receipt, ReceiptEvent
from gateway.domain.return_code import ReturnCode
from gateway.ports.papers import Addressee
from gateway.ports.registry_papers import (
    Acknowledgement,
    BreachReport,
    Concern,
    Dossier,
    EvidenceFile,
    FaxCover,
    MailingLabel,
    Manifest,
    ManifestItem,
    NoProofExplanation,
    Officer,
    ProvidedDocument,
    Provision,
    ReceiptConfirmation,
    RecordedAttempt,
    RegistryPaper,
    ServiceStatement,
    TransmissionRecord,
)
from templates.printer import PaperPrinter
from tests.templates.cases import CLAIMANT, MINISTER, PACKAGE, WITH_RECOURSE, papers, renderer, source

_TORONTO = ZoneInfo("America/Toronto")
_DIGEST = "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
DELIVERY = "0f8b8a5e-9d0c-4a53-9d9f-5f1d3c0e9a11"
CODE = ReturnCode.of("<4f1d3c0e9a114a538b8a5e0f9d0c9d9f@tribunal.example>")
MANIFEST = "M20261123-002"
PIECE = "RN473124829CA"
_ADDRESS = PostalAddress(
    lines=("1250-74 rue Saint-Éloi",), municipality="Montréal", province="QC", postal_code="H2X 3V4", country="CA"
)
_SENDER = ("IMMIGRATION AND REFUGEE BOARD", "400-74 VICTORIA STREET", "TORONTO ON\u00a0\u00a0M5C 3C7")

_REASONS_EN = """# Reasons and Decision

## Introduction

[1] The claimant, a citizen of a country she left in 2023, claims refugee protection under sections 96 and
97(1) of the *Immigration and Refugee Protection Act*.[^1] She fears persecution by reason of her work as a journalist.

[2] For the reasons that follow, the panel finds that she is **not** a Convention refugee.

## Analysis

### Credibility

[3] Testimony given under oath is presumed to be true unless there is reason to doubt it. As the Court put it:

> When an applicant swears to the truth of certain allegations, this creates a presumption that those allegations are
> true unless there be reason to doubt their truthfulness.

[4] The claimant's account changed in three respects, set out below.

| Matter | Basis of claim form | Hearing |
|:-------|:--------------------|:--------|
| Date of the first threat | 4 March 2023 | « fin mai » |
| Number of men | two | four or five |
| Report to the police | made the next day | none |

[5] Asked to explain, she answered [« je ne m'en souviens plus »]{lang=fr}. The panel does not accept this.

1. The form was read back to her in her own language.
2. She was represented by counsel throughout.

## Conclusion

[6] The claim is rejected.

[^1]: S.C. 2001, c. 27.
"""
_REASONS_FR = """# Motifs et décision

## Introduction

[1] La demandeure d’asile, citoyenne d’un pays qu’elle a quitté en 2023, demande l’asile au titre des articles 96 et
97(1) de la *Loi sur l’immigration et la protection des réfugiés*.[^1] Elle craint d’être persécutée en raison de son
travail de journaliste.

[2] Pour les motifs qui suivent, le tribunal conclut qu’elle n’a **pas** qualité de réfugié au sens de la Convention.

## Analyse

### Crédibilité

[3] Le témoignage rendu sous serment est présumé vrai, à moins qu’il n’existe des raisons d’en douter :

> Quand un requérant jure que certaines allégations sont vraies, cela crée une présomption qu’elles le sont, à moins
> qu’il n’existe des raisons d’en douter.

[4] Le récit a changé à trois égards, exposés ci-dessous.

| Question | Formulaire | Audience |
|:---------|:-----------|:---------|
| Date de la première menace | 4 mars 2023 | « fin mai » |
| Nombre d’hommes | deux | quatre ou cinq |
| Plainte à la police | le lendemain | aucune |

[5] Priée de s’expliquer, elle a répondu [“I cannot remember any more”]{lang=en}. Le tribunal ne peut l’admettre.

1. Le formulaire lui a été relu dans sa langue.
2. Elle a été représentée par un conseil tout au long de l’instance.

## Conclusion

[6] La demande d’asile est rejetée.

[^1]: L.C. 2001, ch. 27.
"""

_INTERLOCUTORY = {
    Language.EN: """# Interlocutory Decision

[1] The claimant asks that the hearing set down for December 4, 2026, be held by videoconference.

[2] The application is allowed. The hearing is held by videoconference on the same day and at the same hour.
""",
    Language.FR: """# Décision interlocutoire

[1] La demandeure d’asile demande que l’audience prévue le 4 décembre 2026 se tienne par vidéoconférence.

[2] La demande est accueillie. L’audience se tient par vidéoconférence le même jour, à la même heure.
""",
}


def _concern(language: Language) -> Concern:
    return Concern(
        division=Division.RAD,
        office="toronto",
        zone=_TORONTO,
        files=("TC6-12345",),
        delivery=DELIVERY,
        language=language,
        made_on=dt.date(2026, 11, 24),
    )


def _provision() -> Provision:
    return Provision(
        to=Addressee(
            name="Jean Tremblay",
            organization="Tremblay Gagnon, avocats",
            lines=("1250-74 rue Saint-Éloi", "Montréal QC\u00a0\u00a0H2X 3V4"),
        ),
        role=Role.COUNSEL,
        documents=(
            ProvidedDocument(kind=DocumentKind.NOTICE, language=PreferredLanguage.FR, pages=1, digest=_DIGEST),
            ProvidedDocument(
                kind=DocumentKind.REASONS, language=PreferredLanguage.EN, pages=14, digest=_DIGEST[:-4] + "1b2c"
            ),
        ),
    )


def _at(day: int, hour: int, minute: int) -> dt.datetime:
    return dt.datetime(2026, 11, day, hour, minute, tzinfo=dt.UTC)


def _officer(language: Language) -> Officer:
    title = "Registry officer" if language is Language.EN else "agente du greffe"
    return Officer(name="Marguerite Œuvrard", title=title)


_RECEIPTS = (
    Receipt(event=ReceiptEvent.SUBMISSION_ACCEPTANCE, at=_at(23, 15, 4), source="smtp", evidence=_DIGEST),
    Receipt(event=ReceiptEvent.RELAY_TO_NON_ERDS, at=_at(23, 15, 6), source="dsn", evidence=_DIGEST),
)
_CONFIRMING = (
    _RECEIPTS[0],
    Receipt(event=ReceiptEvent.CONTENT_HANDOVER, at=_at(23, 15, 6), source="mail", evidence=_DIGEST),
)
"""A relay's report confirms nothing: the page that the recipient signed and sent back does."""


def _record(language: Language) -> TransmissionRecord:
    return TransmissionRecord(
        concern=_concern(language),
        provision=_provision(),
        attempts=(
            RecordedAttempt(channel=ChannelName.ENCRYPTED_EMAIL, started_at=_at(23, 15, 1), result=ResultName.NOT_SENT),
            RecordedAttempt(
                channel=ChannelName.ENCRYPTED_EMAIL,
                started_at=_at(23, 15, 3),
                result=ResultName.HANDED_OVER,
                reference="<4f1d3c0e9a11.0f8b8a5e@tribunal.example>",
            ),
        ),
        receipts=_RECEIPTS,
    )


def registry_papers(language: Language) -> dict[str, RegistryPaper]:
    """A value of every kind, by the name of its sample."""
    concern, provision = _concern(language), _provision()
    english = language is Language.EN
    said = "The envelope came back torn." if english else "L’enveloppe est revenue déchirée."
    return {
        "fax-cover": FaxCover(
            concern=concern, provision=provision, number="+15145550123", pages=16, code=CODE, return_to="+14165550188"
        ),
        "acknowledgement": Acknowledgement(concern=concern, provision=provision, code=CODE),
        "mailing-label": MailingLabel(
            envelope=Envelope(name="Jean Tremblay", organization="Tremblay Gagnon, avocats", address=_ADDRESS),
            sender=_SENDER,
            service=ChannelName.REGISTERED_MAIL,
            piece=PIECE,
            language=language,
            made_on=dt.date(2026, 11, 24),
        ),
        "manifest": Manifest(
            number=MANIFEST,
            carrier="Purolator",
            service=ChannelName.COURIER,
            office="toronto",
            language=language,
            closed_at=_at(23, 20, 30),
            zone=concern.zone,
            pieces=7,
            first=1,
            lines=8,
            items=tuple(
                ManifestItem(
                    piece=f"3350 0{number:019}".replace(" ", ""),
                    destination=_ADDRESS if number != 4 else None,
                    sheets=number + 2,
                )
                for number in range(1, 9)
            ),
        ),
        "statement-of-service": ServiceStatement(
            concern=concern,
            provision=provision,
            method=ChannelName.REGULAR_MAIL,
            provided_at=_at(23, 20, 30),
            place="Toronto",
            officer=_officer(language),
        ),
        "signed-statement": ServiceStatement(
            concern=concern,
            provision=provision,
            method=ChannelName.HAND_DELIVERY,
            provided_at=_at(23, 20, 30),
            place=None,
            officer=_officer(language),
            signed_at=_at(24, 14, 12),
        ),
        "explanation": NoProofExplanation(
            concern=concern,
            provision=provision,
            method=ChannelName.COURIER,
            provided_at=_at(23, 20, 30),
            explanation=f"{said}\n\n{'Nobody signed for it.' if english else 'Personne n’en a accusé réception.'}",
            officer=_officer(language),
        ),
        "confirmation-of-receipt": ReceiptConfirmation(
            concern=concern,
            provision=provision,
            method=ChannelName.ENCRYPTED_EMAIL,
            sent_at=_at(23, 15, 3),
            received_at=_at(23, 15, 6),
            reference="<4f1d3c0e9a11.0f8b8a5e@tribunal.example>",
            receipts=_CONFIRMING,
        ),
        "transmission-record": _record(language),
        "dossier": Dossier(
            record=_record(language),
            files=(
                EvidenceFile(
                    name="record.json",
                    media_type="application/json",
                    content=b'{"delivery": "0f8b8a5e"}',
                    digest=_DIGEST,
                    what="The record, for programs" if english else "Le relevé, pour les programmes",
                ),
                EvidenceFile(
                    name="dsn.eml",
                    media_type="message/rfc822",
                    content=b"From: postmaster@mail.example\r\n\r\nRelayed.\r\n",
                    digest=_DIGEST,
                    what="The relay’s report" if english else "Le rapport du relais",
                ),
            ),
        ),
        "breach-report": BreachReport(
            concern=concern,
            number="2026-041",
            discovered_at=_at(24, 14, 0),
            happened_at=_at(23, 15, 3),
            place="Toronto",
            description=said,
            data=("Name", "Unique client identifier", "Reasons for decision")
            if english
            else ("Nom", "Identificateur unique de client", "Motifs de décision"),
            persons_affected=2,
            containment="The recipient destroyed the pages." if english else "Le destinataire a détruit les pages.",
            persons_told="Both were told by telephone." if english else "Les deux ont été avisées par téléphone.",
            determined_material_at=_at(24, 18, 0),
            reported_at=None,
            officer=_officer(language),
        ),
    }


def _decision(language: Language) -> bytes:
    reasons = _REASONS_EN if language is Language.EN else _REASONS_FR
    given = papers(
        CLAIMANT,
        (source(reasons.encode(), language=language),),
        WITH_RECOURSE,
        PreferredLanguage(language.value),
    )
    return renderer().render(given).documents[0].content


def _notice_to_the_minister(language: Language) -> bytes:
    given = papers(MINISTER, language=PreferredLanguage(language.value))
    return renderer().render(given).documents[0].content


def _interlocutory_letter(language: Language) -> bytes:
    package = replace(PACKAGE, proceeding=replace(PACKAGE.proceeding, nature=Nature.INTERLOCUTORY))
    decided = source(_INTERLOCUTORY[language].encode(), language=language)
    given = papers(CLAIMANT, (decided,), package, PreferredLanguage(language.value))
    return renderer().render(given).documents[0].content


def _printed(name: str, language: Language) -> bytes:
    return PaperPrinter().draw(registry_papers(language)[name]).content


def _printing(name: str) -> Callable[[Language], bytes]:
    return lambda language: _printed(name, language)


SAMPLES: dict[str, Callable[[Language], bytes]] = {
    "decision": _decision,
    "notice-to-the-minister": _notice_to_the_minister,
    "interlocutory-letter": _interlocutory_letter,
    **{name: _printing(name) for name in registry_papers(Language.EN)},
}
"""Every paper by the name of its sample."""
