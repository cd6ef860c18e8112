"""`gateway demo`: the whole system on this machine, true in every part but the people."""

import json
import sys
import time

from gateway.demo import as_json as json_view
from gateway.demo import report
from gateway.demo.commands import next_steps
from gateway.demo.leaving import Leaving
from gateway.demo.open_house import OpenHouse, prepare
from gateway.demo.play import Outcome, play
from gateway.demo.progress import Progress
from gateway.demo.stage import stage
from gateway.demo.words import said
from gateway.domain.parties import Language
from gateway.logs import write_logs

_FAILED = 1


def run(language: Language, *, once: bool, as_json: bool) -> None:
    """Plays the demonstration and shows what happened.

    once: ends there; else the gateway serves over the same home until a signal. as_json: one JSON document on
    standard output. Nothing is left behind. Raises SystemExit when anything was not as it should be or a signal asks
    to leave, and SetupWrong (demo.extra-missing) without the optional extra `demo`.
    """
    write_logs()
    begun = time.monotonic()
    progress, leaving = Progress(language), Leaving()

    def step(name: str) -> None:
        leaving.check()
        progress.step(name)

    with leaving.on_signals(), progress.watched():
        step("stage")
        with stage(language, progress.message) as set_up:
            outcome = play(set_up, begun, step)
            progress.done()
            house = None if once else prepare(set_up, outcome)
            _show(outcome, house, language, as_json=as_json)
            leaving.check()
            if house is not None:
                with progress.codes(house.clerks):
                    house.serve()
                progress.note("open.closing")
                leaving.check_after_serving()
    if not outcome.good:
        raise SystemExit(_FAILED)


def _show(outcome: Outcome, house: OpenHouse | None, language: Language, *, as_json: bool) -> None:
    if as_json:
        document = json_view.document(outcome, language)
        if house is not None:
            document["open"] = _opened(house)
        sys.stdout.write(json.dumps(document, ensure_ascii=False, indent=2) + "\n")
        sys.stdout.flush()
        return
    console = report.console()
    console.print(report.page(outcome, language, console.width))
    if house is None:
        report.print_commands(console, "next.title", next_steps(language), language)
        return
    report.print_commands(console, "open.title", house.commands(), language)
    console.print(f"\n{said('open.until', language)}", style="bold")


def _opened(house: OpenHouse) -> dict[str, object]:
    clerks = [{"account": one.name, "password": one.password, "device": one.device} for one in house.clerks]
    places = {"url": house.url, "console": house.console, "exchange": house.exchange, "home": str(house.stage.home)}
    counsel = {"address": house.stage.counsel.address, "code": house.stage.counsel.code}
    return places | {"token": house.token, "clerks": clerks, "counsel": counsel}
