"""Writes checkpoints while training goes on: copied in the host's memory first, then to the disk.

DeepSpeed gives what it would save to its checkpoint engine; this one copies it, which a training
waits for, and leaves writing, flushing and summing to a thread, which it does not.
"""

from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import torch
from torch.serialization import get_unsafe_globals_in_checkpoint, safe_globals

from runtime import files
from stages.pretrain.accelerator import CLASSES, CheckpointEngine, clone_tensors_for_torch_save


class Snapshots(CheckpointEngine):
    """The checkpoint engine of one process."""

    def __init__(self) -> None:
        super().__init__()
        self.name = type(self).__name__
        self._copies: dict[Path, Any] = {}
        self._thread = ThreadPoolExecutor(1, "checkpoint")

    def create(self, info: Any) -> None:
        """Begin a checkpoint."""
        self._copies = {}

    def save(self, state_dict: Any, path: str | Path) -> None:
        """Copy what belongs into the file ``path``."""
        self._copies[Path(path)] = clone_tensors_for_torch_save(state_dict)

    def load(self, path: str, map_location: Any = None) -> Any:
        """What was saved: nothing in it can run code.

        Raises:
            pickle.UnpicklingError: it holds something else than a checkpoint does.
        """
        with safe_globals(CLASSES):
            return torch.load(path, map_location=map_location, weights_only=True)

    def commit(self, info: Any) -> bool:
        """DeepSpeed has given all; it is not on the disk yet."""
        return True

    def write(self) -> "Future[dict[str, str]]":
        """Write and flush what was copied; the SHA-256 of each file, by its name.

        The future raises OSError or RuntimeError where the disk does not take them.
        """
        copies, self._copies = self._copies, {}
        return self._thread.submit(_write, copies)


def foreign(folder: Path) -> list[str]:
    """Names in a checkpoint's files that none of ours holds, and that could run code."""
    known = {f"{cls.__module__}.{cls.__qualname__}" for cls in CLASSES}
    files_ = sorted(folder.glob("*.pt"))
    return sorted({n for file in files_ for n in get_unsafe_globals_in_checkpoint(file)} - known)


def _write(copies: dict[Path, Any]) -> dict[str, str]:
    sums = {}
    for path in sorted(copies):
        torch.save(copies.pop(path), path)
        files.fsync(path)
        sums[path.name] = files.sha256(path)
    return sums
