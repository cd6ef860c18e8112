"""The report on a privacy breach: told by an officer, kept version by version, drawn as a paper when asked for."""

import datetime as dt
import json
from dataclasses import dataclass

from gateway.application import contexts
from gateway.application.dates.office_dates import zone_of
from gateway.application.people.own_offices import check_dispatch
from gateway.application.sealed import Vault, data_key
from gateway.domain.breach import Breach, BreachData, BreachTold, check_told, number_of
from gateway.domain.codes import Code
from gateway.domain.digest import sha256
from gateway.domain.dispatch import Dispatch
from gateway.domain.events import Event, EventName
from gateway.domain.parties import Language
from gateway.domain.problem import Conflict, InputRefused, NoSuchThing
from gateway.ports.clock import Clock
from gateway.ports.database import Database, Transaction
from gateway.ports.registry_papers import BreachReport, Concern, Officer, RegistryPrinter

_MOMENTS = ("discovered_at", "happened_at", "material_at", "reported_at")


@dataclass(frozen=True, kw_only=True)
class BreachLook:
    """A report as it stands: its row, and what was told."""

    breach: Breach
    told: BreachTold


class ReportBreaches:
    """Keeps what officers tell. It outlives the package: its seal is the evidence's."""

    def __init__(self, *, database: Database, vault: Vault, printer: RegistryPrinter, clock: Clock) -> None:
        self._database = database
        self._vault = vault
        self._printer = printer
        self._clock = clock

    def look(self, dispatch_id: str, *, viewer: str) -> BreachLook | None:
        """The report of a dispatch as it stands, if there is one.

        Raises NoSuchThing (dispatch.unknown), NotAllowed (account.other-office).
        """
        with self._database.read() as tx:
            check_dispatch(tx, tx.dispatches.get(dispatch_id), viewer)
            breach = tx.breaches.newest(dispatch_id)
            return self._opened(tx, breach) if breach else None

    def save(self, dispatch_id: str, told: BreachTold, *, actor: str, seen: int) -> Breach:
        """A new version. seen: the version that the officer had before them; 0 for none. The same of theirs since is
        that of a double click, and stands.

        Raises NoSuchThing (dispatch.unknown), InputRefused (request.invalid with its field), Conflict
        (breach.changed-meanwhile), NotAllowed (account.other-office).
        """
        now = self._clock.now()
        check_told(told, now)
        content = _written(told)
        with self._database.write() as tx:
            check_dispatch(tx, tx.dispatches.get(dispatch_id, lock=True), actor)
            if told.delivery not in {one.id for one in tx.deliveries.of_dispatch(dispatch_id)}:
                raise InputRefused(Code.REQUEST_INVALID, where="delivery")
            standing = tx.breaches.newest(dispatch_id)
            version = standing.version if standing else 0
            again = standing is not None and (version, standing.made_by) == (seen + 1, actor)
            if standing and again and self._opened(tx, standing).told == told:
                return standing
            if version != seen:
                raise Conflict(Code.BREACH_CHANGED_MEANWHILE, where=dispatch_id)
            key = data_key(tx.registry, contexts.EVIDENCE_KEY)
            breach = Breach(
                dispatch=dispatch_id,
                version=version + 1,
                number=standing.number if standing else number_of(dispatch_id, now),
                material_at=told.material_at,
                reported_at=told.reported_at,
                made_by=actor,
                made_at=now,
                content=self._vault.seal(key, contexts.breach(dispatch_id, version + 1), content),
            )
            tx.breaches.add(breach)
            facts: dict[str, str | int | bool] = {
                "number": breach.number,
                "version": breach.version,
                "digest": sha256(content),
            }
            tx.records.append(Event(name=EventName.BREACH_TOLD, at=now, actor=actor, dispatch=dispatch_id, facts=facts))
        return breach

    def paper(self, dispatch_id: str, language: Language, data: dict[BreachData, str], *, viewer: str) -> bytes:
        """The report as a PDF of its newest version. data: the words for each kind of information.

        Raises NoSuchThing (dispatch.unknown, breach.unknown), NotAllowed (account.other-office).
        """
        with self._database.read() as tx:
            dispatch = check_dispatch(tx, tx.dispatches.get(dispatch_id), viewer)
            breach = tx.breaches.newest(dispatch_id)
            if breach is None:
                raise NoSuchThing(Code.BREACH_UNKNOWN, where=dispatch_id)
            look = self._opened(tx, breach)
        return self._printer.draw(_drawn(dispatch, look, language, data)).content

    def _opened(self, tx: Transaction, breach: Breach) -> BreachLook:
        key = data_key(tx.registry, contexts.EVIDENCE_KEY)
        raw = self._vault.open(key, contexts.breach(breach.dispatch, breach.version), breach.content)
        return BreachLook(breach=breach, told=_read(raw))


def _drawn(dispatch: Dispatch, look: BreachLook, language: Language, data: dict[BreachData, str]) -> BreachReport:
    told, breach, zone = look.told, look.breach, zone_of(dispatch.office)
    return BreachReport(
        concern=Concern(
            division=dispatch.division,
            office=dispatch.office,
            zone=zone,
            files=dispatch.files,
            delivery=told.delivery,
            language=language,
            made_on=breach.made_at.astimezone(zone).date(),
        ),
        number=f"{breach.number}/{breach.version}",
        discovered_at=told.discovered_at,
        happened_at=told.happened_at,
        place=told.place,
        description=told.description,
        data=tuple(data[one] for one in told.data),
        persons_affected=told.affected,
        containment=told.containment,
        persons_told=told.persons_told,
        determined_material_at=told.material_at,
        reported_at=told.reported_at,
        officer=Officer(name=breach.made_by),
    )


def _written(told: BreachTold) -> bytes:
    moments = {name: moment.isoformat() for name in _MOMENTS if (moment := getattr(told, name)) is not None}
    return json.dumps({"schema": "breach/1", **vars(told), **moments}, ensure_ascii=False).encode()


def _read(raw: bytes) -> BreachTold:
    kept = json.loads(raw)
    del kept["schema"]
    moments = {name: dt.datetime.fromisoformat(kept[name]) for name in _MOMENTS if kept[name] is not None}
    return BreachTold(**kept | moments | {"data": tuple(BreachData(one) for one in kept["data"])})
