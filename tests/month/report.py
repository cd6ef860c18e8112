"""The report: one page of Markdown with the figures, and a plot beside each kind of them."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from tests.month import plots
from tests.month.measured import Measured, Rows, Sample, percentile, rates
from tests.month.mix import Mix

_STEPS = {
    "submit": "from the call to the answer",
    "plan": "from accepted to planned, waiting included",
    "render": "from planned to rendered, waiting included",
    "deliver": "from rendered to the end of the attempt, waiting included",
    "send alone": "the attempt itself",
    "from accepted to sent": "the whole",
}


def write_report(run: Measured, mix: Mix, folder: Path) -> Path:
    """Writes the plots and `report.md`; returns its path."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, drawn in _plots(run).items():
        (folder / f"{name}.svg").write_text(drawn, "utf-8")
    path = folder / "report.md"
    path.write_text(markdown(run, mix), "utf-8")
    return path


def markdown(run: Measured, mix: Mix) -> str:
    """The page."""
    sections = [
        f"# A month in minutes\n\n{run.machine}. Load {run.load[0]:.1f} before, {run.load[1]:.1f} after.",
        _summary(run),
        "## Throughput\n\n![Deliveries a second](throughput.svg)\n\n" + _channels(run),
        "## Latency by step\n\n![Latency](latency.svg)\n\n" + latency_table(run.latency),
        "## Processor time\n\n![Cores used](processor.svg)\n\n" + _processor(run),
        "## Queue depth\n\n![Queue depth](queue.svg)\n\n" + _most(run.samples),
        "## Memory\n\n![Resident size](memory.svg)\n\n" + _memory(run.samples),
        *(["## Ten and a hundred times the rows\n\n" + rows_table(run.rows)] if run.rows else []),
        "## The mix\n\n" + _mix(mix),
        "Again: `make month` (`MONTH=0.01` for a hundredth of it).",
    ]
    return "\n\n".join(sections) + "\n"


def _summary(run: Measured) -> str:
    rate = run.deliveries / run.took if run.took else 0.0
    return (
        f"{run.packages:,} packages, {run.deliveries:,} deliveries, {run.expected_transactions:,} interface "
        f"transactions. Taken in after {run.taken_in:.0f} s ({run.put_off} times asked to come back later), all "
        f"deliveries at their end after {run.took:.0f} s: **{rate:.1f} deliveries a second**. Outcomes acknowledged "
        f"after {run.told:.0f} s."
    )


def _channels(run: Measured) -> str:
    rows = [(*named, f"{count:,}") for named, count in sorted(run.by_channel.items())]
    return table(("channel", "state", "reason", "deliveries"), rows)


def latency_table(latency: Mapping[str, Sequence[float]]) -> str:
    """Median, 99th percentile and worst, in milliseconds, of each step."""
    rows = [
        (name, _STEPS[name], f"{len(values):,}", *(f"{percentile(values, part):,.1f}" for part in (0.5, 0.99, 1)))
        for name, values in latency.items()
    ]
    return table(("step", "", "count", "p50 ms", "p99 ms", "worst ms"), rows)


def _processor(run: Measured) -> str:
    used = run.used()
    rows = [(name, f"{seconds:.1f}", f"{seconds / run.deliveries * 1000:.1f}") for name, seconds in used.items()]
    whole = sum(used.values())
    rows.append(("all", f"{whole:.1f}", f"{whole / run.deliveries * 1000:.1f}"))
    rows.append(("the driver, beside them", f"{run.driver:.1f}", f"{run.driver / run.deliveries * 1000:.1f}"))
    return table(("part", "seconds", "ms a delivery"), rows)


def _most(samples: Sequence[Sample]) -> str:
    most = {
        "packages to plan or render": max(one.waiting for one in samples),
        "deliveries not at their end": max(one.open for one in samples),
        "outcomes in no batch": max(one.untold for one in samples),
    }
    return table(("what waits", "most at once"), [(name, f"{count:,}") for name, count in most.items()])


def _memory(samples: Sequence[Sample]) -> str:
    rows = [
        (name, f"{samples[0].resident[name]:.0f}", f"{max(one.resident[name] for one in samples):.0f}")
        for name in samples[0].resident
    ]
    said = "Of the largest process of each part; PostgreSQL's and a forked pool's share memory with their like.\n\n"
    return said + table(("part", "MB at first", "MB at most"), rows)


def rows_table(rows: Sequence[Rows]) -> str:
    """With the ratio to the smallest."""
    made = [
        (f"{one.count:,}", str(one.pages), f"{one.processor:.2f}", f"{one.processor / rows[0].processor:.2f}")
        for one in rows
    ]
    return table(("rows", "pages a claim", "ms of PostgreSQL a delivery", "ratio"), made)


def _mix(mix: Mix) -> str:
    tables = {"divisions": mix.divisions, "languages": mix.languages, "pages": mix.pages, "persons": mix.persons}
    tables |= {f"ways.{name}": shares for name, shares in mix.ways.items()}
    rows = [("month", f"{mix.packages:,} packages, {mix.transactions:,} transactions", mix.sources["month"])]
    rows += [
        (name, ", ".join(f"{one} {share:.1%}" for one, share in shares.items()), mix.sources[name])
        for name, shares in tables.items()
    ]
    return table(("table", "shares", "source"), rows)


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def _plots(run: Measured) -> dict[str, str]:
    samples = run.samples

    def over_time(value: Callable[[Sample], float]) -> list[tuple[float, float]]:
        return [(one.at, value(one)) for one in samples]

    cores = {name: rates(over_time(lambda one, name=name: one.processor[name])) for name in samples[0].processor}  # type: ignore[misc]
    resident = {name: over_time(lambda one, name=name: one.resident[name]) for name in samples[0].resident}  # type: ignore[misc]
    ended = {
        "deliveries ended": rates(over_time(lambda one: one.ended)),
        "packages taken in": rates(over_time(lambda one: one.submitted)),
        "outcomes accepted": rates(over_time(lambda one: one.transactions.get("accepted", 0))),
    }
    queue = {
        "packages": over_time(lambda one: one.waiting),
        "deliveries": over_time(lambda one: one.open),
        "outcomes": over_time(lambda one: one.untold),
    }
    bars = {name: (percentile(values, 0.5), percentile(values, 0.99)) for name, values in run.latency.items() if values}
    return {
        "throughput": plots.lines("Throughput", "a second", ended),
        "latency": plots.bars("Latency by step", "ms, p50 · p99", bars),
        "processor": plots.lines("Processor time by part", "cores", cores),
        "queue": plots.lines("Queue depth", "waiting", queue),
        "memory": plots.lines("Resident size of the largest process of each part", "MB", resident),
    }
