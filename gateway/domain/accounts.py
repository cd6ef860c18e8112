"""Who works with the gateway, and what each may do. From the second account on, one proposes and another approves."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

ACCOUNT_NAME = r"^[a-z][a-z0-9._-]{1,31}$"
"""Names stand in events and on papers: plain, and the same however they are typed."""

SECOND = 2
"""The account, counted as made, from which on changes need a second person. Disabled ones count: a person who
disables everybody else does not act alone again."""


SYSTEM = "token:"
"""What the name of an actor begins with that came by a system's token."""


def person_of(actor: str) -> str:
    """Who acted: whom a system's token vouches for is the same person as the account of that name."""
    return actor.split(":", 2)[-1].strip().casefold() if actor.startswith(SYSTEM) else actor


def token_of(actor: str) -> str:
    """The id of the token that an act came by; empty for who acted without one."""
    return actor.removeprefix(SYSTEM).split(":", 1)[0] if actor.startswith(SYSTEM) else ""


class Permission(StrEnum):
    """What an act needs."""

    SUBMIT = "submit"
    """Take packages in."""
    RESOLVE = "resolve"
    """Settle what waits for a person."""
    RECALL = "recall"
    """Stop what has not left of a package, and withdraw what lies in the exchange."""
    CALENDAR = "calendar"
    """Enter closures and suspensions."""
    RETENTION = "retention"
    """Destroy what has been kept long enough, and hold it."""
    RECIPIENTS = "recipients"
    """Propose addresses and keys of recipients."""
    TRUST = "trust"
    """Propose anchors."""
    ACCOUNTS = "accounts"
    """Propose accounts, and disable them."""
    TOKENS = "tokens"
    """Make and revoke API tokens."""
    BACKUP = "backup"
    """Take the home out, its keys sealed for a custodian."""
    DISCLOSE = "disclose"
    """Give out evidence with every party's address in it."""
    AUDIT = "audit"
    """See who saw or did what."""
    APPROVE = "approve"
    """Approve or refuse what another proposed."""


class AccountRole(StrEnum):
    """What a person is here; one may be several."""

    ADMINISTRATOR = "administrator"
    REGISTRY = "registry"
    APPROVER = "approver"
    READER = "reader"
    """Sees, also what others saw and did, and does nothing."""


MAY: Mapping[AccountRole, frozenset[Permission]] = {
    AccountRole.ADMINISTRATOR: frozenset(
        {Permission.TRUST, Permission.ACCOUNTS, Permission.TOKENS, Permission.RECIPIENTS, Permission.BACKUP}
        | {Permission.AUDIT}
    ),
    AccountRole.REGISTRY: frozenset(
        {
            Permission.SUBMIT,
            Permission.RESOLVE,
            Permission.RECALL,
            Permission.CALENDAR,
            Permission.RETENTION,
            Permission.RECIPIENTS,
        }
    ),
    AccountRole.APPROVER: frozenset({Permission.APPROVE, Permission.DISCLOSE, Permission.RECALL, Permission.AUDIT}),
    AccountRole.READER: frozenset({Permission.AUDIT}),
}


class AccountStanding(StrEnum):
    """How an account stands before who reviews it."""

    IN_USE = "in-use"
    DORMANT = "dormant"
    """It may be used, and was not for too long."""
    DISABLED = "disabled"


class SignInWay(StrEnum):
    """What signs an account in to the console."""

    PASSWORD = "password"  # noqa: S105
    """With a one-time code."""
    PASSKEY = "passkey"
    PROVIDER = "provider"


@dataclass(frozen=True, kw_only=True)
class Account:
    """A person's account. Of the token only the SHA-256 is kept, in lower-case hex."""

    name: str
    roles: frozenset[AccountRole]
    secret_digest: str = field(repr=False)
    created_at: dt.datetime
    created_by: str
    disabled_at: dt.datetime | None = None
    offices: frozenset[str] = frozenset()
    """Whose matters the person sees and acts on; none named: every office's."""

    def may(self, permission: Permission) -> bool:
        """Whether one of the roles allows it; a disabled account may nothing."""
        return self.disabled_at is None and any(permission in MAY[role] for role in self.roles)
