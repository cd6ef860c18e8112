"""Joins the staff's console."""

from dataclasses import dataclass
from functools import cache

from gateway.application.acts.acting import Act
from gateway.application.console.audit import Audit
from gateway.application.console.bulk import ActOnSeveral
from gateway.application.console.channels import ChannelDesk
from gateway.application.console.delivery import LookAt
from gateway.application.console.desk import Desk
from gateway.application.console.directory import LookIntoDirectory
from gateway.application.console.figures import Figures
from gateway.application.console.find import Find
from gateway.application.console.forget_news import ForgetNews
from gateway.application.console.mail_desk import MailDesk
from gateway.application.console.passkeys import StaffPasskeys
from gateway.application.console.provider import StaffByProvider
from gateway.application.console.set_up import SetUpSignIn
from gateway.application.console.set_up_passkey import SetUpPasskey
from gateway.application.console.sign_in import ConsoleSignIn, Lasts
from gateway.application.console.sign_in_ways import SignInWays
from gateway.application.console.tries import SignInTries
from gateway.application.console.work import Work
from gateway.application.exchange.consents import SaidByRecipients
from gateway.application.intake.submit import Submit
from gateway.application.planning.route import Route
from gateway.application.planning.router import Router
from gateway.application.recipients.entry_address import ChangeEntryAddress
from gateway.application.returns.receive import Receive
from gateway.bootstrap.base import Base
from gateway.bootstrap.mail_room import MailRoom
from gateway.bootstrap.new_dispatch import NewDispatch, new_dispatch
from gateway.bootstrap.own_keys import key_tests
from gateway.bootstrap.providers import staff_by_provider
from gateway.domain.codes import Code
from gateway.domain.passkeys import has_name
from gateway.domain.problem import SetupWrong
from gateway.ports.passkeys import PasskeyCeremony
from gateway.settings import Settings
from keys.one_time_codes import Totp
from keys.passwords import Argon2Passwords


@dataclass(frozen=True, kw_only=True)
class Console:
    """The console of one home. address: where browsers find it, without a path."""

    sign_in: ConsoleSignIn
    set_up: SetUpSignIn
    sign_in_ways: SignInWays
    passkeys: StaffPasskeys | None
    """None where the console has no name that they can be bound to."""
    set_up_passkey: SetUpPasskey | None
    """The same."""
    provider: StaffByProvider | None
    """None where the settings name nobody who vouches for staff."""
    passwords: bool
    """Whether password and codes sign anybody in."""
    tries: SignInTries
    forget_news: ForgetNews
    work: Work
    find: Find
    desk: Desk
    look_at: LookAt
    act_on_several: ActOnSeveral
    mail_desk: MailDesk
    channels: ChannelDesk
    figures: Figures
    audit: Audit
    directory: LookIntoDirectory
    entry_address: ChangeEntryAddress
    new_dispatch: NewDispatch
    address: str

    @property
    def secure(self) -> bool:
        """Whether browsers reach it by https."""
        return self.address.startswith("https:")


def console(
    base: Base, act: Act, *, route: Route, room: MailRoom, receive: Receive, submit: Submit, router: Router
) -> Console:
    """The console, which every home has. Raises SetupWrong (settings.invalid)."""
    database, vault, clock, settings = base.database, base.vault, base.clock, base.settings.console
    passwords = Argon2Passwords() if settings.passwords else None
    codes = Totp(base.settings.gateway.organization)
    provider = staff_by_provider(base, _address(base.settings))
    if provider is None and not settings.passwords:  # nobody could sign in for a first time
        raise SetupWrong(Code.SETTINGS_INVALID, where="console.passwords")
    work = Work(database=database, today=base.dates.today, office=base.settings.gateway.office, clock=clock)
    look_at = LookAt(database=database, vault=vault, explain=route.dispatch, act=act, clock=clock)
    set_up = SetUpSignIn(database=database, vault=vault, passwords=passwords, codes=codes, clock=clock)
    passkeys = _passkeys(base)
    return Console(
        sign_in=ConsoleSignIn(
            database=database,
            vault=vault,
            passwords=passwords,
            codes=codes,
            lasts=Lasts(idle=settings.idle, longest=settings.longest),
            clock=clock,
        ),
        figures=Figures(database=database, today=base.dates.today, office=base.settings.gateway.office, clock=clock),
        audit=Audit(database=database, clock=clock),
        directory=_directory(base),
        entry_address=base.trust.entry_address,
        work=work,
        find=Find(database),
        desk=Desk(database=database, vault=vault, work=work, clock=clock),
        look_at=look_at,
        act_on_several=ActOnSeveral(look_at),
        channels=ChannelDesk(database=database, set_up=base.channels.keys(), clock=clock),
        mail_desk=MailDesk(database=database, files=room.files, draw=receive.draw, raw=receive.read.raw, clock=clock),
        set_up=set_up,
        set_up_passkey=_set_up_passkey(base, set_up, passkeys),
        sign_in_ways=_sign_in_ways(base, provider),
        passkeys=passkeys,
        provider=provider,
        passwords=settings.passwords,
        tries=SignInTries(database=database, clock=clock),
        forget_news=ForgetNews(database=database, clock=clock),
        new_dispatch=new_dispatch(base, submit, router),
        address=_address(base.settings),
    )


def _sign_in_ways(base: Base, provider: StaffByProvider | None) -> SignInWays:
    return SignInWays(
        database=base.database,
        approvals=base.trust.approvals,
        clock=base.clock,
        passwords=base.settings.console.passwords,
        provider=provider is not None,
    )


def _directory(base: Base) -> LookIntoDirectory:
    trust = base.trust
    return LookIntoDirectory(
        directory=trust.directory,
        keyring=trust.keyring,
        approvals=trust.approvals,
        found=trust.key_watch.last,
        opened=key_tests(trust.directory, base.channels, base.database, base.clock).confirmed,
        said=SaidByRecipients(database=base.database, directory=trust.directory),
    )


def _set_up_passkey(base: Base, set_up: SetUpSignIn, passkeys: StaffPasskeys | None) -> SetUpPasskey | None:
    if passkeys is None:
        return None
    return SetUpPasskey(set_up=set_up, passkeys=passkeys, database=base.database, clock=base.clock)


def _passkeys(base: Base) -> StaffPasskeys | None:
    address = _address(base.settings)
    if not has_name(address):
        return None

    @cache
    def ceremony() -> PasskeyCeremony:
        from keys.passkeys import WebAuthnCeremony

        organization = base.settings.gateway.organization
        return WebAuthnCeremony(address, organization, whose="staff account", refused=Code.SIGN_IN_PASSKEY_REFUSED)

    return StaffPasskeys(ceremony=ceremony, database=base.database, vault=base.vault, clock=base.clock)


def _address(settings: Settings) -> str:
    host = f"[{settings.web.host}]" if ":" in settings.web.host else settings.web.host
    return settings.console.url or f"http://{host}:{settings.web.port}"
