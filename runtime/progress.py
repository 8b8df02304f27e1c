"""How far a stage is, in a small file that the live view reads."""

import json
import time
from pathlib import Path
from typing import Any

INTERVAL = 0.5  # seconds between two writes: a stage may call update() as often as it likes


class Progress:
    """Writes ``{"done", "begun_at", "total", "unit", "started", "figures", "headline"}`` to a file.

    Without a file every call does nothing, so that a stage's functions can be called on their own.
    """

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._written = 0.0
        self._state: dict[str, Any] = {"done": 0.0, "total": 0.0, "unit": "", "figures": {}}

    def start(self, total: float, unit: str, done: float = 0.0) -> None:
        """Begin a part of the stage of ``total`` units, ``done`` of which an earlier run did."""
        begun = {"begun_at": done, "started": time.time()}
        self._state |= {"done": done, "total": total, "unit": unit, "figures": {}, **begun}
        self._write()

    def update(self, done: float, **figures: float | str) -> None:
        """``done`` units are finished; ``figures`` (loss, tokens/s) stand beside the bar."""
        self._state["done"] = done
        self._state["figures"] |= figures
        if time.monotonic() - self._written >= INTERVAL:
            self._write()

    def headline(self, text: str) -> None:
        """The stage's one figure for the closing table, such as ``5,812 documents kept``."""
        self._state["headline"] = text
        self._write()

    def _write(self) -> None:
        if self._path is None:
            return
        self._written = time.monotonic()
        self._path.parent.mkdir(parents=True, exist_ok=True)
        partial = self._path.with_suffix(".partial")
        partial.write_text(json.dumps(self._state, ensure_ascii=False), encoding="utf-8")
        partial.replace(self._path)
