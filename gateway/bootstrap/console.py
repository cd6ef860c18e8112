"""Joins the staff's console."""

from dataclasses import dataclass

from gateway.application.acting import Act
from gateway.application.console.audit import Audit
from gateway.application.console.bulk import ActOnSeveral
from gateway.application.console.channels import ChannelDesk
from gateway.application.console.delivery import LookAt
from gateway.application.console.directory import LookIntoDirectory
from gateway.application.console.figures import Figures
from gateway.application.console.mail_desk import MailDesk
from gateway.application.console.set_up import SetUpSignIn
from gateway.application.console.sign_in import ConsoleSignIn, Lasts
from gateway.application.console.work import Work
from gateway.application.exchange.consents import SaidByRecipients
from gateway.application.receive import Receive
from gateway.application.route import Route
from gateway.application.router import Router
from gateway.application.submit import Submit
from gateway.bootstrap.base import Base
from gateway.bootstrap.mail_room import MailRoom
from gateway.bootstrap.new_dispatch import NewDispatch, new_dispatch
from gateway.bootstrap.own_keys import key_tests
from gateway.settings import Settings
from keys.one_time_codes import Totp
from keys.passwords import Argon2Passwords


@dataclass(frozen=True, kw_only=True)
class Console:
    """The console of one home. address: where browsers find it, without a path."""

    sign_in: ConsoleSignIn
    set_up: SetUpSignIn
    work: Work
    look_at: LookAt
    act_on_several: ActOnSeveral
    mail_desk: MailDesk
    channels: ChannelDesk
    figures: Figures
    audit: Audit
    directory: LookIntoDirectory
    new_dispatch: NewDispatch
    address: str

    @property
    def secure(self) -> bool:
        """Whether browsers reach it by https."""
        return self.address.startswith("https:")


def console(
    base: Base, act: Act, *, route: Route, room: MailRoom, receive: Receive, submit: Submit, router: Router
) -> Console:
    """The console, which every home has."""
    passwords, codes = Argon2Passwords(), Totp(base.settings.gateway.organization)
    database, vault, clock, settings = base.database, base.vault, base.clock, base.settings.console
    look_at = LookAt(database=database, vault=vault, explain=route.dispatch, act=act, clock=clock)
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
        work=Work(database=database, today=base.dates.today, office=base.settings.gateway.office, clock=clock),
        look_at=look_at,
        act_on_several=ActOnSeveral(look_at),
        channels=ChannelDesk(database=database, set_up=base.channels.keys(), clock=clock),
        mail_desk=MailDesk(database=database, files=room.files, draw=receive.draw, raw=receive.read.raw, clock=clock),
        set_up=SetUpSignIn(database=database, vault=vault, passwords=passwords, codes=codes, clock=clock),
        new_dispatch=new_dispatch(base, submit, router),
        address=_address(base.settings),
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


def _address(settings: Settings) -> str:
    host = f"[{settings.web.host}]" if ":" in settings.web.host else settings.web.host
    return settings.console.url or f"http://{host}:{settings.web.port}"
