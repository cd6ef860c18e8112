"""What the registry sets up: whose packages are taken, and who may call the API."""

import datetime as dt
import hashlib
import secrets
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field

from gateway.application.kept_json import from_kept, to_kept
from gateway.application.lately import Lately
from gateway.application.people.approvals import Act, Change
from gateway.application.people.own_offices import check_every_office
from gateway.domain.codes import Code
from gateway.domain.events import Event, EventName
from gateway.domain.problem import NotAllowed, NotAuthenticated
from gateway.domain.proposals import ChangeKind
from gateway.domain.trust import TrustedAnchor
from gateway.ports.clock import Clock
from gateway.ports.database import Database, Transaction
from gateway.ports.registry import Scope, StoredAnchor, Token

TOKEN_PREFIX = "dgw_"  # noqa: S105  (makes a leaked token recognisable to scanners)


class TrustAnchors:
    """Whose packages are taken."""

    def __init__(self, *, database: Database) -> None:
        self._database = database

    def all(self) -> Sequence[StoredAnchor]:
        """Every trusted anchor."""
        with self._database.read() as tx:
            return tx.registry.anchors()

    @staticmethod
    def changes(anchors: Sequence[TrustedAnchor]) -> list[Change]:
        """The anchors as changes for `Approvals`; lists and intermediates given before are replaced."""
        return [Change(kind=ChangeKind.ANCHOR, subject=_subject(anchor), content=to_kept(anchor)) for anchor in anchors]

    def standing(self, tx: Transaction, subject: str) -> bytes | None:
        """The anchor's kept form. See `Applies`."""
        found = (one.anchor for one in tx.registry.anchors() if _subject(one.anchor) == subject)
        return next((to_kept(anchor) for anchor in found), None)

    def check(self, tx: Transaction, change: Change) -> None:
        """Nothing stands against an anchor that could be read."""

    def apply(self, tx: Transaction, change: Change, act: Act) -> None:
        """Trusts the anchor from now on. See `Applies`."""
        anchor = from_kept(TrustedAnchor, change.content, where="anchor")
        tx.registry.put_anchor(StoredAnchor(anchor=anchor, trusted_at=act.at, trusted_by=act.actor))
        facts = act.facts | {
            "anchor": anchor.fingerprint,
            "signer": anchor.signer or "",
            "divisions": " ".join(sorted(anchor.divisions)),
            "lists": len(anchor.crls),
        }
        tx.records.append(
            Event(name=EventName.ANCHOR_TRUSTED, at=act.at, actor=act.actor, facts=facts, reason=act.reason)
        )


class RecipientAnchors:
    """Under whose word recipients' certificates are judged. Knows changes of them (`Applies`)."""

    def __init__(self, *, database: Database) -> None:
        self._database = database
        self._changed = Lately(self._changed_at)
        self._read_at: dt.datetime | None = None
        self._held: Sequence[TrustedAnchor] = ()

    def all(self) -> Sequence[StoredAnchor]:
        """Every anchor for recipients."""
        with self._database.read() as tx:
            return tx.registry.recipient_anchors()

    def now(self) -> Sequence[TrustedAnchor]:
        """The anchors as they stand, read anew only when they were changed: asked for before every sending."""
        changed = self._changed()
        if changed != self._read_at:
            with self._database.look_up() as tx:
                self._held = tuple(one.anchor for one in tx.registry.recipient_anchors())
            self._read_at = changed
        return self._held

    def _changed_at(self) -> dt.datetime | None:
        with self._database.look_up() as tx:
            return tx.registry.recipient_anchors_changed()

    @staticmethod
    def changes(anchors: Sequence[TrustedAnchor]) -> list[Change]:
        """The anchors as changes for `Approvals`."""
        kind = ChangeKind.RECIPIENT_ANCHOR
        return [Change(kind=kind, subject=anchor.fingerprint, content=to_kept(anchor)) for anchor in anchors]

    def standing(self, tx: Transaction, subject: str) -> bytes | None:
        """The anchor's kept form. See `Applies`."""
        found = (one.anchor for one in tx.registry.recipient_anchors() if one.anchor.fingerprint == subject)
        return next((to_kept(anchor) for anchor in found), None)

    def check(self, tx: Transaction, change: Change) -> None:
        """Nothing stands against an anchor that could be read."""

    def apply(self, tx: Transaction, change: Change, act: Act) -> None:
        """Trusts the anchor from now on. See `Applies`."""
        anchor = from_kept(TrustedAnchor, change.content, where="anchor")
        tx.registry.put_recipient_anchor(StoredAnchor(anchor=anchor, trusted_at=act.at, trusted_by=act.actor))
        self._changed.forget()
        facts = act.facts | {"anchor": anchor.fingerprint, "lists": len(anchor.crls)}
        name = EventName.RECIPIENT_ANCHOR_TRUSTED
        tx.records.append(Event(name=name, at=act.at, actor=act.actor, facts=facts, reason=act.reason))


def _subject(anchor: TrustedAnchor) -> str:
    return anchor.fingerprint if anchor.signer is None else f"{anchor.fingerprint}/{anchor.signer}"


@dataclass(frozen=True, kw_only=True)
class NewToken:
    """A token just made. `secret` is shown once and kept nowhere."""

    token: Token
    secret: str = field(repr=False)


class Tokens:
    """API tokens: 256 random bits, of which only the SHA-256 is kept."""

    def __init__(self, *, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def create(self, name: str, scopes: frozenset[Scope], *, actor: str) -> NewToken:
        """A new token. It sees what every office has: who is bound to some makes none.

        Raises NotAllowed (account.other-office).
        """
        secret = TOKEN_PREFIX + secrets.token_urlsafe(32)
        now = self._clock.now()
        token = Token(
            id=str(uuid.uuid4()),
            name=name,
            secret_digest=_digest(secret),
            scopes=scopes,
            created_at=now,
            created_by=actor,
        )
        facts = {"token": token.id, "scopes": " ".join(sorted(scopes))}
        with self._database.write() as tx:
            check_every_office(tx, actor)
            tx.registry.add_token(token)
            tx.records.append(Event(name=EventName.TOKEN_CREATED, at=now, actor=actor, facts=facts))
        return NewToken(token=token, secret=secret)

    def all(self) -> Sequence[Token]:
        """Every token, revoked ones included."""
        with self._database.read() as tx:
            return tx.registry.tokens()

    def revoke(self, token_id: str, *, actor: str) -> None:
        """The token is worth nothing from now on. Raises NoSuchThing (token.unknown)."""
        now = self._clock.now()
        with self._database.write() as tx:
            tx.registry.revoke_token(token_id, now)
            tx.records.append(Event(name=EventName.TOKEN_REVOKED, at=now, actor=actor, facts={"token": token_id}))

    def caller(self, secret: str | None, scope: Scope) -> Token:
        """Who asks. Raises NotAuthenticated (token.missing, token.invalid), NotAllowed (token.scope)."""
        if not secret:
            raise NotAuthenticated(Code.TOKEN_MISSING)
        with self._database.look_up() as tx:
            token = tx.registry.token_by_digest(_digest(secret))
        if token is None or _revoked(token, self._clock.now()):
            raise NotAuthenticated(Code.TOKEN_INVALID)
        if scope not in token.scopes:
            raise NotAllowed(Code.TOKEN_SCOPE, scope=scope.value)
        return token


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def _revoked(token: Token, now: dt.datetime) -> bool:
    return token.revoked_at is not None and token.revoked_at <= now
