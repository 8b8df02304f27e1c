"""A process that hangs ends, and says where it hung."""

import faulthandler
import os
import sys
import threading
import time

from runtime import stage
from runtime.launch import HUNG, PATIENCE


class Watchdog:
    """Ends this process when nothing has been heard of it for long.

    A hung rank lets all others wait in the same exchange, so that all of them end: the one whose
    stack stands elsewhere is to blame. The environment's POLYGLOT_PATIENCE holds the seconds; 0 or
    nothing: no watchdog.
    """

    def __init__(self, rank: int) -> None:
        self._rank = rank
        self._seconds = float(os.environ.get(PATIENCE) or 0)
        self._heard = time.monotonic()
        self._at = "the start"
        if self._seconds:
            threading.Thread(target=self._watch, daemon=True, name="watchdog").start()

    def beat(self, at: str) -> None:
        """Training goes on; ``at`` says what it begins."""
        self._heard, self._at = time.monotonic(), at
        if self._seconds:
            # Should no thread of Python run any more: a signal of the C library's own.
            faulthandler.dump_traceback_later(2 * self._seconds, exit=True)

    def rest(self) -> None:
        """What follows may take as long as it likes."""
        self._heard = float("inf")
        faulthandler.cancel_dump_traceback_later()

    def _watch(self) -> None:
        while time.monotonic() - self._heard < self._seconds:
            time.sleep(min(1.0, self._seconds / 10))
        print(f"Rank {self._rank} hangs; its threads stand here:", file=sys.stderr, flush=True)
        faulthandler.dump_traceback(all_threads=True)
        stage.tell(
            f"Training hung at {self._at}: rank {self._rank} has gone no further for "
            f"{self._seconds:g} seconds (`patience` in infra/launch). logs/pretrain.log has every "
            "rank's stack; the one that waits for nobody is to blame. Run again to go on from the "
            "newest checkpoint."
        )
        os._exit(HUNG)
