"""Joins the print and mail vendor, where one is set up."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from gateway.application.mail_room.files import ManifestFiles
from gateway.application.mail_room.taking_out import TakeOut
from gateway.application.mail_room.vendor import OrderPrinting
from gateway.application.mail_room.vendor_answers import TakeVendorAnswers
from gateway.application.mail_room.vendor_withdrawals import WithdrawFromVendor
from gateway.bootstrap.base import Base
from gateway.bootstrap.own_keys import acceptance_signer
from gateway.domain.manifest import CarriageTerms
from gateway.domain.parties import Language
from keys.certificate_files import CertificateFiles
from keys.feed_protection import FeedEnvelopes


@dataclass(frozen=True, kw_only=True)
class Printing:
    """What goes to the vendor, and what it answers."""

    order: OrderPrinting
    answers: TakeVendorAnswers


def printing(base: Base, files: ManifestFiles, take_out: TakeOut) -> Printing | None:
    """Joins it; None: we print ourselves. Raises SetupWrong (settings.invalid, seal.key-permissions)."""
    settings = base.settings.print_vendor
    if not settings.file:
        return None
    from channels.print_vendor.by_sftp import SftpPrintVendor  # loaded where there is a vendor
    from channels.print_vendor.vendor_file import read_vendor

    file = read_vendor(base.home, settings.file)
    vendor, certificate = SftpPrintVendor(file), CertificateFiles().to_der(file.certificate)
    signs = CertificateFiles().to_der(file.answers_signed_by) if file.answers_signed_by is not None else None
    protection = FeedEnvelopes(
        signer=acceptance_signer(base.own),
        check=base.trust.protector.check,
        receiver=certificate,
        acknowledger=signs or certificate,
    )
    order = OrderPrinting(
        database=base.database,
        vault=base.vault,
        files=files,
        protection=protection,
        vendor=vendor,
        language=Language(settings.language),
        clock=base.clock,
    )
    answers = TakeVendorAnswers(
        database=base.database,
        vault=base.vault,
        vendor=vendor,
        take_out=take_out,
        signed=protection if signs is not None else None,
        withdraw=WithdrawFromVendor(database=base.database, vault=base.vault, vendor=vendor, clock=base.clock),
        clock=base.clock,
    )
    return Printing(order=order, answers=answers)


def with_vendor(base: Base, terms: Mapping[str, CarriageTerms]) -> Mapping[str, CarriageTerms]:
    """The terms, with whose envelopes the vendor makes. Raises SetupWrong."""
    if not base.settings.print_vendor.file:
        return terms
    from channels.print_vendor.vendor_file import read_vendor

    channels = read_vendor(base.home, base.settings.print_vendor.file).channels
    return {name: replace(one, printed_by_vendor=name in channels) for name, one in terms.items()}
