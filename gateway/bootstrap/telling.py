"""Joins what tells others: systems of what changes, staff of what waits."""

from collections.abc import Sequence
from dataclasses import dataclass

from channels.encrypted_email.settings import EncryptedEmailSettings
from channels.mail.mailer import SmtpMailer
from gateway.application.dates.office_dates import zone_of
from gateway.application.rules import call_policy
from gateway.application.telling.endpoints import Endpoints
from gateway.application.telling.make_calls import MakeCalls
from gateway.application.telling.notices import StaffNotices
from gateway.application.telling.send_staff_mails import SendStaffMails
from gateway.application.telling.staff_mails import Staff, StaffMails
from gateway.bootstrap.base import Base
from gateway.domain.calls import CallFault
from gateway.domain.codes import Code
from gateway.domain.parties import ChannelName, PreferredLanguage
from gateway.domain.problem import SetupWrong
from gateway.ports.calls import Caller, Request
from gateway.settings import Settings
from templates.staff_mail import StaffTexts


@dataclass(frozen=True, kw_only=True)
class Telling:
    """What tells others."""

    endpoints: Endpoints
    calls: MakeCalls
    notices: StaffNotices
    staff_mails: StaffMails
    send_staff_mails: SendStaffMails | None
    """None where the settings name nobody."""


def telling(base: Base) -> Telling:
    database, vault, clock, policy = base.database, base.vault, base.clock, call_policy()
    lease = base.settings.work.lease + base.settings.endpoints.time_limit
    return Telling(
        notices=StaffNotices(
            database=database, office=base.settings.gateway.office, today=base.dates.today, clock=clock
        ),
        staff_mails=StaffMails(database=database, staff=_staff(base.settings), today=base.dates.today, clock=clock),
        send_staff_mails=_send_staff_mails(base),
        endpoints=Endpoints(database=database, vault=vault, policy=policy, clock=clock),
        calls=MakeCalls(database=database, vault=vault, caller=_caller(base), policy=policy, lease=lease, clock=clock),
    )


def _staff(settings: Settings) -> Staff:
    texts = StaffTexts(PreferredLanguage(settings.notices.language))
    return Staff(
        addresses=settings.notices.addresses,
        zone=zone_of(settings.gateway.office),
        digest_hour=settings.notices.digest_hour,
        digest=texts.digest,
        news=texts.news,
    )


def _send_staff_mails(base: Base) -> SendStaffMails | None:
    """Raises SetupWrong (settings.invalid) where there is no mail server to send by."""
    addresses = base.settings.notices.addresses
    if not addresses:
        return None
    table = base.settings.channels.get(ChannelName.ENCRYPTED_EMAIL.value)
    if table is None:
        raise SetupWrong(Code.SETTINGS_INVALID, where="notices.to")
    settings = EncryptedEmailSettings.read(table)
    mailer = SmtpMailer(settings.server(base.home), settings.sender)
    return SendStaffMails(database=base.database, mailer=mailer, addresses=addresses, clock=base.clock)


def _caller(base: Base) -> Caller:
    settings = base.settings.endpoints

    def call(requests: Sequence[Request]) -> Sequence[CallFault | None]:
        from channels.http.caller import HttpCaller  # with its HTTP client, which only those need who call

        return HttpCaller(time_limit=settings.time_limit, private=settings.private_networks)(requests)

    return call
