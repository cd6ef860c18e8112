"""The console as a person of staff has set it up for themselves: lists with their filters under names of theirs, and
whether single keys act (WCAG 2.2, 2.1.4).

Nobody else sees these, and nothing about a decision depends on them: they are on no record.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from gateway.application import contexts
from gateway.application.console.work import Work
from gateway.application.sealed import DataKey, Vault, data_key
from gateway.domain.codes import Code
from gateway.domain.desk import LONGEST_NAME, MOST_VIEWS, SavedView
from gateway.domain.outcomes import Division
from gateway.domain.problem import Conflict, InputRefused, NoSuchThing
from gateway.domain.work_list import WorkList
from gateway.ports.clock import Clock
from gateway.ports.database import Database, Transaction


@dataclass(frozen=True, kw_only=True)
class NamedView:
    """A view as its person calls it."""

    view: SavedView
    name: str


class Desk:
    """Reads and writes it, of the account that asks and of no other."""

    def __init__(self, *, database: Database, vault: Vault, work: Work, clock: Clock) -> None:
        self._database = database
        self._vault = vault
        self._work = work
        self._clock = clock

    def views(self, account: str) -> Sequence[NamedView]:
        """Theirs, in the order in which they were saved."""
        with self._database.read() as tx:
            return self._named(tx, tx.desks.views(account))

    def counted(self, account: str) -> Sequence[tuple[NamedView, int]]:
        """Theirs, each with how much stands in it now."""
        views = self.views(account)
        return list(zip(views, self._work.counts_of([one.view for one in views], viewer=account), strict=True))

    def save(
        self, account: str, name: str, *, which: WorkList, division: Division | None, channel: str | None
    ) -> SavedView:
        """A view under that name.

        Raises InputRefused (request.invalid: no name, or too long a one), Conflict (view.name-taken, view.too-many).
        """
        name, view_id = _tidied(name), str(uuid.uuid4())
        with self._database.write() as tx:
            standing = tx.desks.views(account, lock=True)
            self._unlike(tx, name, standing)
            if len(standing) >= MOST_VIEWS:
                raise Conflict(Code.VIEW_TOO_MANY, most=MOST_VIEWS)
            view = SavedView(
                id=view_id,
                account=account,
                name=self._sealed(tx, view_id, name),
                which=which,
                division=division,
                channel=channel,
                made_at=self._clock.now(),
            )
            tx.desks.add_view(view)
        return view

    def rename(self, account: str, view_id: str, name: str) -> None:
        """Under another name. Raises NoSuchThing (view.unknown), and as `save`."""
        name = _tidied(name)
        with self._database.write() as tx:
            standing = tx.desks.views(account, lock=True)
            if any((one.view.id, one.name) == (view_id, name) for one in self._named(tx, standing)):
                return
            self._unlike(tx, name, [one for one in standing if one.id != view_id])
            if not tx.desks.rename_view(account, view_id, self._sealed(tx, view_id, name)):
                raise NoSuchThing(Code.VIEW_UNKNOWN)

    def remove(self, account: str, view_id: str) -> None:
        """It is gone; one that is none any more is no error."""
        with self._database.write() as tx:
            tx.desks.remove_view(account, view_id)

    def shortcuts(self, account: str) -> bool:
        """Whether single keys act for them."""
        with self._database.look_up() as tx:
            return tx.desks.shortcuts(account)

    def set_shortcuts(self, account: str, *, on: bool) -> None:
        """From now on they do, or do not."""
        with self._database.write() as tx:
            tx.desks.set_shortcuts(account, on=on)

    def _unlike(self, tx: Transaction, name: str, views: Sequence[SavedView]) -> None:
        if name.casefold() in {one.name.casefold() for one in self._named(tx, views)}:
            raise Conflict(Code.VIEW_NAME_TAKEN)

    def _named(self, tx: Transaction, views: Sequence[SavedView]) -> Sequence[NamedView]:
        key = _key(tx) if views else None
        return [
            NamedView(view=one, name=self._vault.open(key, contexts.saved_view(one.id), one.name).decode())
            for one in views
            if key is not None
        ]

    def _sealed(self, tx: Transaction, view_id: str, name: str) -> bytes:
        return self._vault.seal(_key(tx), contexts.saved_view(view_id), name.encode())


def _key(tx: Transaction) -> DataKey:
    return data_key(tx.registry, contexts.DIRECTORY_KEY)


def _tidied(name: str) -> str:
    tidy = " ".join(name.split())
    if not tidy:
        raise InputRefused(Code.REQUEST_INVALID, where="name", expected="minLength 1")
    if len(tidy) > LONGEST_NAME or not tidy.isprintable():
        raise InputRefused(Code.REQUEST_INVALID, where="name", expected=f"maxLength {LONGEST_NAME}")
    return tidy
