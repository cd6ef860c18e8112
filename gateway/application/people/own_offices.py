"""An account with offices sees and acts on what is theirs, and nothing else; one without sees all.

Whoever is no account (a system by its token, the gateway itself, who reads on the machine) is bound by no office. The
use cases ask, not pages.
"""

from gateway.application.rules import offices
from gateway.domain.codes import Code
from gateway.domain.dispatch import Dispatch
from gateway.domain.problem import NotAllowed
from gateway.ports.database import Database, Transaction


def offices_of(tx: Transaction, actor: str | None) -> frozenset[str] | None:
    """The offices whose matters the actor sees; None: of every one."""
    account = tx.accounts.get(actor) if actor is not None else None
    return account.offices or None if account is not None else None


def check_office(tx: Transaction, office: str, actor: str | None) -> None:
    """Raises NotAllowed (account.other-office) where what belongs to that office is not the actor's to see."""
    offices = offices_of(tx, actor)
    if offices is not None and office not in offices:
        raise NotAllowed(Code.ACCOUNT_OTHER_OFFICE, account=actor or "", office=office)


def check_every_office(tx: Transaction, actor: str | None) -> None:
    """What concerns every office is for who is bound to none. Raises as `check_office`."""
    for office in sorted(offices()):
        check_office(tx, office, actor)


def check_dispatch(tx: Transaction, dispatch: Dispatch, actor: str | None) -> Dispatch:
    """The dispatch. Raises as `check_office`."""
    check_office(tx, dispatch.office, actor)
    return dispatch


def check_delivery(tx: Transaction, delivery_id: str, actor: str | None) -> Dispatch:
    """The dispatch of that delivery. Raises NoSuchThing (delivery.unknown), NotAllowed (account.other-office)."""
    return check_dispatch(tx, tx.dispatches.get(tx.deliveries.get(delivery_id).dispatch), actor)


class OwnOffices:
    """The same for who has no transaction."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def check(self, delivery_id: str, actor: str) -> None:
        """Raises NoSuchThing (delivery.unknown), NotAllowed (account.other-office)."""
        with self._database.look_up() as tx:
            check_delivery(tx, delivery_id, actor)
