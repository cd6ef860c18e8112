"""What the kernel tells of processes and all that they started: processor time and memory, from /proc."""

import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, kw_only=True)
class Processes:
    """All processes of one moment. processor: seconds of each, those of its ended children included."""

    parents: Mapping[int, int]
    processor: Mapping[int, float]

    @classmethod
    def now(cls) -> "Processes":
        """Those that are there now."""
        parents, processor = {}, {}
        for stat in Path("/proc").glob("[0-9]*/stat"):
            try:
                fields = stat.read_text().rpartition(")")[2].split()
            except (FileNotFoundError, ProcessLookupError):
                continue
            pid = int(stat.parent.name)
            parents[pid] = int(fields[1])
            processor[pid] = sum(int(field) for field in fields[11:15]) / _TICKS
        return cls(parents=parents, processor=processor)

    def tree(self, roots: Iterable[int]) -> Iterator[int]:
        """The roots and all that they started."""
        pids = list(roots)
        while pids:
            yield from pids
            pids = [pid for pid, parent in self.parents.items() if parent in pids]

    def used(self, root: int) -> float:
        """Seconds of processor time of a process and all that it started."""
        return sum(self.processor.get(pid, 0.0) for pid in self.tree([root]))

    def largest(self, root: int) -> float:
        """Megabytes resident of the largest process among it and those that it started."""
        return max((resident(pid) for pid in self.tree([root])), default=0.0)


def resident(pid: int) -> float:
    """Megabytes; 0 when the process is gone."""
    return _megabytes(f"/proc/{pid}/status", "VmRSS:")


def share(pid: int) -> float:
    """What it has for itself, and its part of what it shares with the processes it was forked beside (PSS)."""
    return _megabytes(f"/proc/{pid}/smaps_rollup", "Pss:")


def _megabytes(file: str, field: str) -> float:
    try:
        lines = Path(file).read_text().splitlines()
    except (FileNotFoundError, ProcessLookupError):
        return 0.0
    return sum(int(one.split()[1]) for one in lines if one.startswith(field)) / 1024
