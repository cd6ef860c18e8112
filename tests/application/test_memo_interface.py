"""Every line of the Board's memo about the interface between case systems, in its own words with the test of it.

The memo is the Board's note «Échange d'information et interfaces système» of November 2020. Its lines on channels and
on time are tested with the rules (`tests/unit/test_memo_channels.py`) and the standards (`test_memo_deadlines.py`).
"""

import datetime as dt
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from gateway.domain.dispatch import Dispatch
from gateway.domain.feed import FeedState
from gateway.domain.parties import ChannelName
from gateway.settings import FeedSettings
from tests.application.feeding import FeedStage
from tests.real.case_system import Opened
from tests.unit.routed import EVERY, EVERYBODY, package, planned

WITH_AN_INTERFACE = ("RPD", "RAD")
OUTCOME = {"RPD": "rejected", "RAD": "confirmed"}
ORDER = {"kind": "departure", "action": "existing", "provisions": ["IRPA 49(2)"]}


@pytest.fixture
def on(tmp_path: Path) -> Iterator[FeedStage]:
    stage = FeedStage(tmp_path)
    stage.feed()  # its first look: from the next night on there is something to do
    yield stage
    stage.close()


def person(division: str, **more: object) -> dict[str, object]:
    return {
        "id": "p1",
        "given_name": "Alex",
        "family_name": "Exemple",
        "uci": "11-2345-6789",
        "outcome": {"code": OUTCOME[division], "removal_order": ORDER},
        "recourse": {"forum": "RAD" if division == "RPD" else "FC"},
    } | more


def tonight(on: FeedStage) -> Opened:
    """The one batch of the night, as the receiver reads it."""
    on.night()
    (path,) = on.gcms.arrived()
    opened = on.gcms.fetch(path)
    assert opened is not None
    return opened


def states(on: FeedStage, dispatch: Dispatch) -> list[FeedState]:
    return [one.state for one in on.ledger(dispatch)]


def test_every_night_the_outcomes_of_the_rpd_and_the_rad_go_to_gcms(on: FeedStage) -> None:
    """«L'interface NOVA/SSOBL exécute chaque soir les tâches suivantes : […] extraire l'issue des instances et les
    décisions de la SPR et de la SAR et les transmettre de la CISR à IRCC et à l'ASFC grâce au téléversement
    automatisé dans le SMGC à partir de NOVA.»
    """
    rpd, rad = on.decided(), on.decided(division="RAD")
    on.feed()
    assert on.gcms.arrived() == []  # by day
    assert [one["division"] for one in tonight(on).lines] == ["RPD", "RAD"]
    assert (states(on, rpd), states(on, rad)) == ([FeedState.SENT], [FeedState.SENT])


@pytest.mark.parametrize("division", WITH_AN_INTERFACE)
def test_the_outcome_goes_without_reasons_without_a_document_and_without_a_name(on: FeedStage, division: str) -> None:
    """«En ce qui a trait aux décisions en matière de protection des réfugiés et d'appels des réfugiés, […] la décision
    définitive (sans les motifs) est automatiquement communiquée au moyen d'une interface entre le système de
    gestion des cas (NOVA) de la CISR et le Système mondial de gestion des cas (SMGC) d'IRCC et de l'ASFC.»
    """
    on.decided(division=division, persons=[person(division)])
    on.night()
    raw = on.gcms.open(on.gcms.arrived()[0].read_bytes())
    line: dict[str, Any] = json.loads(raw.splitlines()[1])
    signed_at = line.pop("signed_at")
    assert dt.datetime.fromisoformat(signed_at) == dt.datetime.fromisoformat("2026-11-20T15:04:00-05:00")
    assert line == {
        "schema": "outcome/1",
        "transaction": line["transaction"],
        "kind": "outcome",
        "division": division,
        "files": line["files"],
        "uci": "11-2345-6789",
        "outcome": OUTCOME[division],
        "gcms_code": f"{division}-{OUTCOME[division].upper()}",
        "appeal": "RAD" if division == "RPD" else "FC",
        "removal_order": {"kind": "departure", "action": "existing"},
    }
    for word in (b"Exemple", b"Alex", b"Membre", b"reasons", b"documents"):
        assert word not in raw


@pytest.mark.parametrize("division", WITH_AN_INTERFACE)
def test_what_is_not_final_is_not_told(on: FeedStage, division: str) -> None:
    """«[…] la décision définitive […]»"""
    kind = "claim" if division == "RPD" else "appeal-by-person"
    letter = on.decided(division=division, proceeding={"type": kind, "nature": "interlocutory"})
    on.night()
    assert (on.gcms.arrived(), states(on, letter)) == ([], [])


@pytest.mark.parametrize("division", WITH_AN_INTERFACE)
def test_who_is_told_of_the_outcome_is_told_of_the_removal_order_and_of_what_recourse_is_left(
    on: FeedStage, division: str
) -> None:
    """«[…] décisions […] qui peuvent déclencher l'exécution de la mesure de renvoi […]»
    «Si la demande d'asile est rejetée, la mesure de renvoi entrera en vigueur une fois que tous les recours auront
    été épuisés.»
    """
    on.decided(division=division, persons=[person(division)])
    (told,) = tonight(on).lines
    assert told["removal_order"] == {"kind": "departure", "action": "existing"}
    assert told["appeal"] == ("RAD" if division == "RPD" else "FC")
    on.decided(division=division, persons=[person(division, recourse=None) | {"outcome": {"code": OUTCOME[division]}}])
    on.night()
    opened = on.gcms.fetch(on.gcms.arrived()[-1])
    assert opened is not None
    (of_none,) = opened.lines
    assert (of_none["appeal"], "removal_order" in of_none) == ("not-told", False), "nothing is guessed"


@pytest.mark.parametrize("division", WITH_AN_INTERFACE)
@pytest.mark.parametrize("organization", ["CBSA", "IRCC", None])
def test_ircc_and_the_cbsa_are_told_once_through_gcms_whoever_intervenes(
    on: FeedStage, division: str, organization: str | None
) -> None:
    """«Interface système : transfert automatisé de NOVA au SMGC de l'issue des instances et des décisions, qu'IRCC et
    l'ASFC reçoivent tous les deux (par l'intermédiaire du SMGC).»
    """
    party = {"party": True, "interventions": [{"organization": organization, "counsel": "m1"}]}
    on.decided(division=division, minister=party if organization else {"party": False})
    assert len(tonight(on).lines) == 1


@pytest.mark.parametrize("division", WITH_AN_INTERFACE)
def test_each_person_of_a_decision_is_told_of_by_themselves(on: FeedStage, division: str) -> None:
    other = person(division, id="p2", uci="11-2345-6790")
    files = [{"number": "TC6-12345", "persons": ["p1", "p2"]}]
    on.decided(division=division, persons=[person(division), other], files=files)
    assert [one["uci"] for one in tonight(on).lines] == ["11-2345-6789", "11-2345-6790"]


@pytest.mark.parametrize("division", WITH_AN_INTERFACE)
def test_the_interface_is_nobodys_copy_of_the_decision(division: str) -> None:
    """«La décision complète est également communiquée électroniquement par postel, par courriel crypté ou par service
    postal ou de messagerie.»
    """
    copies = planned(package(division), *EVERYBODY, channels=(*EVERY, ChannelName.OUTCOME_FEED.value))
    assert copies["m1"].channels
    assert not [one for one in copies.values() if ChannelName.OUTCOME_FEED.value in one.channels]


def test_the_iad_has_no_interface(on: FeedStage) -> None:
    """«Section d'appel de l'immigration : Pas d'interface système.»"""
    dispatch = on.decided(division="IAD")
    on.night()
    assert (on.gcms.arrived(), states(on, dispatch), on.standing().owed) == ([], [], 0)


def test_the_id_has_no_interface(on: FeedStage) -> None:
    """«Section de l'immigration : Pas d'interface système.»"""
    dispatch = on.decided(division="ID")
    on.night()
    assert (on.gcms.arrived(), states(on, dispatch), on.standing().owed) == ([], [], 0)


@pytest.mark.parametrize("division", WITH_AN_INTERFACE)
def test_what_gcms_says_of_a_file_is_taken_beside_what_nova_says_and_before_there_is_a_package(
    on: FeedStage, division: str
) -> None:
    """«[…] extraire et envoyer des données du système de gestion des cas d'IRCC (SMGC) concernant les cas dont la
    Section de la protection des réfugiés (SPR) et la Section d'appel des réfugiés (SAR) sont saisies;»
    «[…] créer et mettre à jour des cas dans le système de gestion des cas de la CISR (NOVA), de sorte que les
    nouveaux cas déférés à la SPR soient automatiquement transférés du SMGC à NOVA […]»

    In the memo it is NOVA that takes cases and updates; what comes here the same way counts by its own numbers.
    """
    fields = {"schema": "file-parties/1", "division": division, "effective_at": on.clock.now().isoformat()}
    refuses = {"participant": "m1", "electronic": {"accepts": False}}
    for source, sequence, changes in (("GCMS", 1, []), ("NOVA", 1, []), ("GCMS", 4, [refuses])):
        message = fields | {"source": source, "sequence": sequence, "changes": changes}
        received = on.parties.receive("MC6-54321", json.dumps(message).encode(), actor="token:gcms")
        assert (received.repeat, received.missing) == (False, ()), "without `previous` it numbers as it likes"


def test_what_a_night_brings_of_25_000_a_month_is_one_batch() -> None:
    """«En moyenne, 25 000 transactions de données sont effectuées par l'intermédiaire de l'interface chaque mois.»

    As the settings stand; the whole month at once is `make feed-flat`.
    """
    assert FeedSettings().most >= 25_000 / 20, "of twenty working nights"


@pytest.mark.parametrize("division", WITH_AN_INTERFACE)
def test_in_future_in_near_real_time(tmp_path: Path, division: str) -> None:
    """«Le projet apporte des améliorations en améliorant les échanges de données existants entre IRCC, l'ASFC et la
    CISR, ce qui se traduit par un échange de données électroniques en temps réel meilleur et plus efficace;»
    """
    on = FeedStage(tmp_path, near_real_time=True)
    dispatch = on.decided(division=division)
    on.feed()
    assert states(on, dispatch) == [FeedState.SENT]
    on.close()
