"""Draws the Registry's own papers: which module sets which value."""

from gateway.ports.registry_papers import (
    Acknowledgement,
    BreachReport,
    Dossier,
    DrawnPaper,
    FaxCover,
    MailingLabel,
    MailingLabels,
    Manifest,
    NoProofExplanation,
    ReceiptConfirmation,
    RegistryPaper,
    ServiceStatement,
    TransmissionRecord,
)
from templates.acknowledgement import acknowledgement
from templates.breach_report import breach_report
from templates.fax_cover import fax_cover
from templates.label import mailing_labels
from templates.manifest import manifest
from templates.pdf.document import Paper
from templates.service_papers import confirmation, explanation, statement
from templates.transmission_record import dossier, record


class PaperPrinter:
    """Implements `gateway.ports.registry_papers.RegistryPrinter`."""

    def draw(self, paper: RegistryPaper) -> DrawnPaper:
        """The paper as PDF; the same value gives the same bytes. Raises InputRefused (document.missing-glyph)."""
        drawn = _drawn(paper)
        return DrawnPaper(content=drawn.content, pages=drawn.pages)


def _drawn(paper: RegistryPaper) -> Paper:  # noqa: PLR0911
    match paper:
        case FaxCover():
            return fax_cover(paper)
        case Acknowledgement():
            return acknowledgement(paper)
        case MailingLabel():
            return mailing_labels((paper,))
        case MailingLabels():
            return mailing_labels(paper.labels)
        case Manifest():
            return manifest(paper)
        case ServiceStatement():
            return statement(paper)
        case NoProofExplanation():
            return explanation(paper)
        case ReceiptConfirmation():
            return confirmation(paper)
        case TransmissionRecord():
            return record(paper)
        case Dossier():
            return dossier(paper)
        case BreachReport():
            return breach_report(paper)
