"""How far the tasks of a pass are together, read from the files that they write."""

import os
import time
from pathlib import Path

import orjson

from runtime.executor.task import parts, pulses

MEASURES = ("done", "documents", "bytes", "peak_bytes")


class Meter:
    """Sums what the tasks tell: those that are done in their parts, the running in their pulses."""

    def __init__(self, state: Path) -> None:
        self._state = state
        self._done: dict[str, dict[str, float]] = {}  # by the name of the file
        self._running: dict[str, dict[str, float]] = {}
        self._look()
        self._since = self._looked, self._sum("bytes")  # where the rate begins

    def read(self) -> float:
        """Look again; the units done."""
        if not self._sum("bytes"):  # tasks that wait for a machine are not slow
            self._since = self._looked, 0.0
        self._look()
        return self._sum("done")

    def figures(self) -> dict[str, float]:
        """Documents, MB of text a second of wall time (all tasks together), MB of memory.

        The memory is the peak of the task that took the most of those that are done.
        """
        figures: dict[str, float] = {}
        began, before = self._since
        if gained := self._sum("bytes") - before:
            figures["documents"] = int(self._sum("documents"))
            figures["MB/s"] = gained / 1e6 / max(self._looked - began, 1e-3)
        if self._done:
            figures["MB/worker"] = max(part["peak_bytes"] for part in self._done.values()) / 1e6
        return figures

    def _look(self) -> None:
        self._looked = time.monotonic()
        for name in _names(parts(self._state)) - self._done.keys():
            self._done[name] = _load(parts(self._state) / name)
            self._running.pop(name, None)
        for name in _names(pulses(self._state)) - self._done.keys():
            self._running[name] = _load(pulses(self._state) / name)

    def _sum(self, measure: str) -> float:
        return sum(part[measure] for part in [*self._done.values(), *self._running.values()])


def _names(folder: Path) -> set[str]:
    try:
        return {name for name in os.listdir(folder) if name.endswith(".json")}
    except FileNotFoundError:
        return set()


def _load(file: Path) -> dict[str, float]:
    values = orjson.loads(file.read_bytes())
    return {name: values.get(name, 0.0) for name in MEASURES}
