"""What an officer prepares: begun from the file's parties, sealed, seen by nobody else, removed in its time."""

import datetime as dt
import json
import uuid
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from typing import Any

from gateway.application import contexts
from gateway.application.casework import OpenCase
from gateway.application.files.file_parties import FileParties
from gateway.application.new_dispatch.parties import Known, of_new_file, of_package
from gateway.application.people.own_offices import check_office, offices_of
from gateway.application.sealed import DataKey, Vault, data_key
from gateway.domain.codes import Code
from gateway.domain.digest import sha256
from gateway.domain.dispatch import Dispatch, Step
from gateway.domain.draft import KEPT, Draft
from gateway.domain.events import Event, EventName
from gateway.domain.outcomes import Division
from gateway.domain.problem import Conflict, InputRefused, NoSuchThing, Problem, located
from gateway.ports.clock import Clock
from gateway.ports.database import Database, Transaction

Json = dict[str, Any]
MOST_DOCUMENTS = 20
_STUCK = frozenset({Step.RECALLED, Step.STUCK})
"""Dispatches whose package may be a wrong one: nothing is taken from them."""


@dataclass(frozen=True, kw_only=True)
class Dropped:
    """A PDF of a draft. `path`: its place in the package, which tells nothing of it."""

    path: str
    object_name: str
    size: int
    pages: int
    digest: str


@dataclass(frozen=True, kw_only=True)
class Prepared:
    """A draft, opened. `file`: the number it was begun with; `taken_from`: when the package that its parties were taken
    from was accepted; `left_out`: parties who stand no more."""

    draft: Draft
    file: str
    decision: Json
    dropped: tuple[Dropped, ...] = ()
    taken_from: str | None = None
    left_out: tuple[str, ...] = ()


class Drafts:
    """Drafts of officers. count_pages: reads a PDF in a confined process; raises InputRefused (document.*)."""

    def __init__(
        self,
        *,
        database: Database,
        vault: Vault,
        parties: FileParties,
        open_case: OpenCase,
        count_pages: Callable[[bytes, str], int],
        today: Callable[[str, dt.datetime], dt.date],
        clock: Clock,
    ) -> None:
        self._database = database
        self._vault = vault
        self._parties = parties
        self._open_case = open_case
        self._count_pages = count_pages
        self._today = today
        self._clock = clock

    def begin(self, division: Division, office: str, file: str, *, actor: str) -> str:
        """A draft with the file's parties, if anything is known of them; that they were read is recorded. Who begins
        the same again, by a double click, gets the one that they began, as long as they entered nothing.

        Raises NotAllowed (account.other-office).
        """
        self.forget_untouched()
        with self._database.look_up() as tx:
            check_office(tx, office, actor)
        draft_id, now = str(uuid.uuid4()), self._clock.now()
        dispatch, known = self._known(division, office, file, actor)
        key = self._vault.new_key(contexts.draft(draft_id))
        draft = Draft(id=draft_id, account=actor, version=1, begun_at=now, changed_at=now, objects=(), content=b"")
        prepared = Prepared(
            draft=draft,
            file=file,
            decision={"schema": "decision-package/1", "package_id": draft_id, "documents": []} | known.decision,
            taken_from=dispatch.accepted_at.isoformat() if dispatch else None,
            left_out=known.left_out,
        )
        facts = {"division": division.value, "file": file}
        read = Event(
            name=EventName.FILE_PARTIES_READ,
            at=now,
            actor=actor,
            dispatch=dispatch.id if dispatch else None,
            facts=facts,
        )
        with self._database.write() as tx:
            tx.accounts.get(actor, lock=True)
            if (begun := self._begun(tx, prepared)) is not None:
                return begun.id
            tx.registry.add_data_key(key.id, key.wrapped)
            tx.drafts.put(self._sealed(prepared, key))
            tx.records.append(read)
        return draft_id

    def _begun(self, tx: Transaction, anew: Prepared) -> Draft | None:
        """The draft of the same person that is the same, nothing entered yet."""
        fresh = [one for one in tx.drafts.of_account(anew.draft.account) if one.version == anew.draft.version]
        return next((one for one in fresh if _what(self._opened(tx, one)) == _what(anew)), None)

    def of(self, actor: str) -> Sequence[Prepared]:
        """The officer's own, the last changed first."""
        with self._database.read() as tx:
            return [self._opened(tx, one) for one in tx.drafts.of_account(actor)]

    def look(self, draft_id: str, *, actor: str) -> Prepared:
        """One of the officer's own. Raises NoSuchThing (draft.unknown)."""
        with self._database.read() as tx:
            return self._opened(tx, _own(tx.drafts.get(draft_id), actor))

    def save(self, draft_id: str, decision: Json, files: Sequence[bytes], *, actor: str, seen: int) -> None:
        """What was entered, and PDFs besides those that it holds; those that it names no more are removed.

        seen: the version that the officer had before them; what was entered with it a moment ago is entered once.
        Raises NoSuchThing (draft.unknown), Conflict (draft.changed-meanwhile), InputRefused (document.*;
        request.invalid for too many), ServiceDown.
        """
        before = self.look(draft_id, actor=actor)
        if before.draft.version == seen + 1 and _entered(before, decision, files):
            return
        if before.draft.version != seen:
            raise Conflict(Code.DRAFT_CHANGED_MEANWHILE, where=draft_id)
        names = {one["path"] for one in decision["documents"]}
        kept = [one for one in before.dropped if one.path in names]
        if len(kept) + len(files) > MOST_DOCUMENTS:
            raise InputRefused(Code.REQUEST_INVALID, where="file", expected=f"maxItems {MOST_DOCUMENTS}")
        paths = _free_paths(before.dropped, len(files))
        with located("file"):
            pages = [self._count_pages(content, path) for content, path in zip(files, paths, strict=True)]
        with self._database.read() as tx:
            key = data_key(tx.registry, contexts.draft(draft_id))
        language = decision.get("decision", {}).get("language")
        with self._vault.keeping() as put:
            new = [
                Dropped(
                    path=path,
                    object_name=put(key, contexts.draft(draft_id), content),
                    size=len(content),
                    pages=count,
                    digest=sha256(content),
                )
                for content, path, count in zip(files, paths, pages, strict=True)
            ]
            told = [{"path": one.path, "media_type": "application/pdf", "language": language} for one in new]
            documents = [*decision["documents"], *told]
            after = replace(before, decision=decision | {"documents": documents}, dropped=(*kept, *new))
            self._keep(after, key, seen, actor)
        for one in set(before.dropped) - set(kept):
            with suppress(Problem):
                self._vault.delete(one.object_name)

    def contents(self, prepared: Prepared) -> dict[str, bytes]:
        """Its PDFs by their paths."""
        with self._database.read() as tx:
            key = data_key(tx.registry, contexts.draft(prepared.draft.id))
        context = contexts.draft(prepared.draft.id)
        return {one.path: self._vault.get(key, context, one.object_name) for one in prepared.dropped}

    def discard(self, draft_id: str, *, actor: str) -> None:
        """It and all that it holds is removed. Raises NoSuchThing (draft.unknown)."""
        with self._database.read() as tx:
            draft = _own(tx.drafts.get(draft_id), actor)
        self.remove(draft)

    def remove(self, draft: Draft) -> None:
        """The row and its key first: what is left of its documents opens for nobody any more."""
        with self._database.write() as tx:
            tx.drafts.remove(draft.id)
            tx.registry.destroy_data_key(contexts.draft(draft.id))
        for name in draft.objects:
            with suppress(Problem):
                self._vault.delete(name)

    def forget_untouched(self) -> None:
        """Drafts that nobody touched for long are removed."""
        with self._database.read() as tx:
            old = tx.drafts.untouched(self._clock.now() - KEPT)
        for one in old:
            self.remove(one)

    def _known(self, division: Division, office: str, file: str, actor: str) -> tuple[Dispatch | None, Known]:
        """From a package of the officer's own offices: the parties of another office's file are not theirs to read."""
        with self._database.read() as tx:
            offices = offices_of(tx, actor)
            found = [
                one
                for one in tx.dispatches.of_file(file, division=division)
                if one.step not in _STUCK and (offices is None or one.office in offices)
            ]
            dispatch = next((one for one in found if tx.registry.has_data_key(one.data_key)), None)
        if dispatch is None:
            return None, of_new_file(division, office, file)
        now = self._clock.now()
        messages = [message for _, message in self._parties.of_file(division, file)]
        return dispatch, of_package(self._open_case(dispatch).decision, file, messages, now, self._today(office, now))

    def _keep(self, after: Prepared, key: DataKey, seen: int, actor: str) -> None:
        draft = replace(after.draft, version=seen + 1, changed_at=self._clock.now())
        with self._database.write() as tx:
            if _own(tx.drafts.get(draft.id, lock=True), actor).version != seen:
                raise Conflict(Code.DRAFT_CHANGED_MEANWHILE, where=draft.id)
            tx.drafts.put(self._sealed(replace(after, draft=draft), key))

    def _sealed(self, prepared: Prepared, key: DataKey) -> Draft:
        told = {name: value for name, value in asdict(prepared).items() if name != "draft"}
        raw = json.dumps(told, ensure_ascii=False).encode()
        return replace(
            prepared.draft,
            objects=tuple(one.object_name for one in prepared.dropped),
            content=self._vault.seal(key, contexts.draft(prepared.draft.id), raw),
        )

    def _opened(self, tx: Transaction, draft: Draft) -> Prepared:
        key = data_key(tx.registry, contexts.draft(draft.id))
        kept = json.loads(self._vault.open(key, contexts.draft(draft.id), draft.content))
        dropped = tuple(Dropped(**one) for one in kept.pop("dropped"))
        return Prepared(draft=draft, dropped=dropped, left_out=tuple(kept.pop("left_out")), **kept)


def _what(prepared: Prepared) -> tuple[str, Json, str | None]:
    """Of what it is begun, whichever draft it is."""
    return prepared.file, prepared.decision | {"package_id": ""}, prepared.taken_from


def _entered(draft: Prepared, decision: Json, files: Sequence[bytes]) -> bool:
    """Whether the draft is what would come of entering that in it."""
    return draft.decision == decision and {sha256(one) for one in files} <= {one.digest for one in draft.dropped}


def _own(draft: Draft | None, actor: str) -> Draft:
    if draft is None or draft.account != actor:
        raise NoSuchThing(Code.DRAFT_UNKNOWN)
    return draft


def _free_paths(dropped: Sequence[Dropped], count: int) -> list[str]:
    taken = {one.path for one in dropped}
    free = (path for number in range(1, len(taken) + count + 1) if (path := f"documents/{number:02d}.pdf") not in taken)
    return [next(free) for _ in range(count)]
