"""Tasks on other machines work for one owner, and end when it is gone or another took its place.

The kernel ends a worker on the owner's machine; elsewhere a file in the folder that all machines
see stands for the owner: who it is, and that it lives. Two owners' tasks never write side by side.
"""

import os
import time
import uuid
from pathlib import Path

from runtime import files

PATIENCE = 180.0  # seconds without a sign of the owner; file servers may show an old time for 60


class Owner:
    """The file in the owner's hands; pickled into its tasks, it tells them whether to go on."""

    def __init__(self, state: Path, executor: str) -> None:
        """Become the owner of the tasks of ``state``, which ``executor`` will run."""
        self._path = _file(state)
        self._token = f"{executor} {uuid.uuid4().hex}"
        self._patience = PATIENCE
        self._sign = 0
        self._seen = 0.0
        files.write_text(self._path, self._token)

    def live(self) -> None:
        """In the owner, now and then: give a sign."""
        os.utime(self._path)

    def lost(self) -> bool:
        """In a task: whether the owner is gone, or is another by now."""
        try:
            if self._path.read_text() != self._token:
                return True
            sign = self._path.stat().st_mtime_ns
        except FileNotFoundError:
            return True
        except OSError:  # the file server is away: the owner may be well
            sign = self._sign
        if sign != self._sign or not self._seen:
            self._sign, self._seen = sign, time.monotonic()
        return time.monotonic() - self._seen > self._patience


def revoke(state: Path) -> str | None:
    """Take the tasks of ``state`` from their owner; the executor that runs them, if one does."""
    try:
        executor = _file(state).read_text().split()[0]
    except FileNotFoundError:
        return None
    files.write_text(_file(state), f"{executor} nobody")
    return executor


def forget(state: Path) -> None:
    """The tasks of ``state`` have ended."""
    _file(state).unlink(missing_ok=True)


def _file(state: Path) -> Path:
    return state / "owner"
