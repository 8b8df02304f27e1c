"""What a running stage prints, line by line, for a log that keeps lines: Prefect's.

Bars that redraw themselves are left out; how far the stage is is told now and then instead.
"""

import time
from collections.abc import Callable

from flows import pipeline
from flows.view import fitted

EVERY = 30.0  # seconds between two words on the progress
ROOM = 200  # characters of such a word
OF_DVC = (  # what DVC says of every stage, as a line's beginning
    *("Running stage ", "> sh stages/run ", "Updating lock file ", "Generating lock file "),
    *("To track the changes with git", "\tgit add ", "To enable auto staging", "Use `dvc push`"),
    "\tdvc config core.autostage",
)


class Follower:
    """Passes on the new lines of a stage's log whenever it looks."""

    def __init__(self, stage: str, tell: Callable[[str], None]) -> None:
        self._stage = stage
        self._tell = tell
        self._position = 0
        self._told = time.monotonic()
        self._last = ""

    def look(self) -> None:
        """Tell what is new: whole lines, and the progress if it was not told for a while."""
        self._lines(at_end=False)
        if time.monotonic() - self._told < EVERY:
            return
        self._told = time.monotonic()
        word = fitted(pipeline.progress(self._stage), ROOM, time.time())
        if word and word != self._last:
            self._last = word
            self._tell(word)

    def end(self) -> None:
        """The stage has ended: also a last line that no line feed ends."""
        self._lines(at_end=True)

    def _lines(self, at_end: bool) -> None:
        try:
            with pipeline.log_file(self._stage).open("rb") as log:
                log.seek(self._position)
                new = log.read()
        except FileNotFoundError:
            return
        whole = len(new) if at_end else new.rfind(b"\n") + 1
        self._position += whole
        for line in new[:whole].decode("utf-8", "replace").split("\n"):
            shown = line.rstrip()
            if shown and "\r" not in shown and not shown.startswith(OF_DVC):  # no bar, not DVC's
                self._tell(shown)
