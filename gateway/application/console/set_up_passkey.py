"""A passkey as the first way in, in place of a password and a device for codes: by the same link and the same token."""

from gateway.application.console.passkeys import StaffPasskeys
from gateway.application.console.set_up import SetUpSignIn
from gateway.application.exchange.secrets import digest
from gateway.application.people.challenges import Asked
from gateway.domain.codes import Code
from gateway.domain.console import SignInNews, StaffPasskey
from gateway.domain.events import Event, EventName
from gateway.domain.problem import NoSuchThing
from gateway.ports.clock import Clock
from gateway.ports.database import Database


class SetUpPasskey:
    """What the link leads to beside a password. The authenticator verifies its person: two factors in one."""

    def __init__(self, *, set_up: SetUpSignIn, passkeys: StaffPasskeys, database: Database, clock: Clock) -> None:
        self._set_up = set_up
        self._passkeys = passkeys
        self._database = database
        self._clock = clock

    def ask(self, link_secret: str) -> Asked:
        """What a browser is asked. It tells nothing of the account's other passkeys: the link alone proves nobody.

        Raises NoSuchThing (sign-in.link-spent), Conflict (sign-in.passwords-off).
        """
        return self._passkeys.to_register(self._set_up.account_of(link_secret), known=())

    def finish(self, link_secret: str, *, token: str, ticket: str, answer: str, name: str) -> StaffPasskey:
        """From now on it signs the account in; every session the account had ends, and the link opens nothing more.

        Raises NoSuchThing (sign-in.link-spent, account.unknown), NotAuthenticated (account.token-invalid),
        InputRefused (request.invalid: no name; sign-in.passkey-refused), Conflict (sign-in.passwords-off).
        """
        link, account = self._set_up.proven(link_secret, token)
        challenge, passkey = self._passkeys.made(account.name, ticket=ticket, answer=answer, name=name)
        now = self._clock.now()
        with self._database.write() as tx:
            tx.accounts.get(account.name, lock=True)
            if not tx.console.use_link(link.digest, now):
                raise NoSuchThing(Code.SIGN_IN_LINK_SPENT)
            self._passkeys.put(tx, challenge, passkey)
            tx.console.end_sessions(account.name, now)
            tx.console.tell(SignInNews(account=account.name, name=EventName.CONSOLE_SIGN_IN_SET, at=now))
            facts = {"account": account.name, "passkey": digest(passkey.id)}
            tx.records.append(Event(name=EventName.CONSOLE_SIGN_IN_SET, at=now, actor=account.name, facts=facts))
        return passkey
