"""Checkpoints that are whole or not there.

DeepSpeed names its newest checkpoint before all processes have written theirs. Here a checkpoint
counts once its ``manifest.json`` is there: all files are on the disk by then, and the manifest
holds their SHA-256. Killed at any moment, training finds the newest one that is still whole.

    <checkpoints>/<fingerprint>/identity.json         what was trained, from which tokens
                                lock                  held by the trainer
                                latest                the newest checkpoint's name
                                step-000100/          one checkpoint: manifest.json, rng-<rank>.pt
                                                      and DeepSpeed's own files
"""

import fcntl
import os
import random
import re
import shutil
from pathlib import Path
from typing import Any, TextIO

import numpy as np
import torch
import torch.distributed as dist

from runtime import files
from runtime.errors import PolyglotError
from runtime.launch import FRESH
from stages.pretrain.engine import World, from_rank_0

MANIFEST = "manifest.json"


class Checkpoints:
    """The checkpoints of one training, which only one trainer writes at a time."""

    def __init__(self, folder: Path, keep: int, world: World) -> None:
        """Take the folder.

        Raises:
            PolyglotError: another trainer has it.
        """
        self._folder = folder
        self._keep = keep
        self._world = world
        self._lock: TextIO | None = None
        refusal = self._take() if world.rank == 0 else None
        if refusal := from_rank_0(refusal, world):
            raise PolyglotError(refusal)

    def save(self, engine: Any, step: int, state: dict[str, Any]) -> None:
        """Write the checkpoint of ``step`` on all ranks, and drop the oldest.

        Raises:
            PolyglotError: it could not be written; the one before it is still whole.
        """
        tag = f"step-{step:06d}"
        folder = self._folder / tag
        if self._world.rank == 0 and folder.exists():
            _discard(folder)  # torn, or not whole any more
        dist.barrier()
        try:
            engine.save_checkpoint(
                str(self._folder), tag=tag, client_state={"polyglot": state}, save_latest=False
            )
            torch.save(_random_state(), folder / f"rng-{self._world.rank}.pt")
            mine = flushed(folder, self._world.rank)
        except (OSError, RuntimeError) as error:  # torch raises the latter when the disk is full
            free = shutil.disk_usage(self._folder).free / 1e9
            raise PolyglotError(
                f"The checkpoint of step {step} could not be written to {folder}, where "
                f"{free:.2f} GB are free ({str(error).splitlines()[0]}): make room and run again; "
                "training goes on from the checkpoint before it."
            ) from None
        shares: list[dict[str, str]] = [{}] * self._world.size
        dist.all_gather_object(shares, mine, group=self._world.control)
        if self._world.rank == 0:
            self._seal(folder, step, {name: share[name] for share in shares for name in share})
            files.write_text(self._folder / "latest", tag + "\n")
            self._drop_old()
        dist.barrier()

    def load(self, engine: Any) -> dict[str, Any] | None:
        """Put the newest whole checkpoint into ``engine``; its state, or None to begin afresh.

        Raises:
            PolyglotError: it was written by another number of processes.
        """
        manifest = self._newest() if self._world.rank == 0 else None
        manifest = from_rank_0(manifest, self._world)
        if manifest is None:
            return None
        if manifest["world_size"] != self._world.size:
            raise PolyglotError(
                f"The checkpoint of step {manifest['step']} in {self._folder} was written by "
                f"{manifest['world_size']} processes and training now has {self._world.size}: "
                f"use as many as then, or set {FRESH}=1 to begin afresh."
            )
        tag = f"step-{manifest['step']:06d}"
        _, state = engine.load_checkpoint(
            str(self._folder), tag=tag, load_lr_scheduler_states=False
        )
        rng = self._folder / tag / f"rng-{self._world.rank}.pt"
        _restore_random_state(torch.load(rng, weights_only=True))
        return state["polyglot"]

    def _take(self) -> str | None:
        """Lock the folder for this process; a sentence if that cannot be."""
        self._folder.mkdir(parents=True, exist_ok=True)
        self._lock = (self._folder / "lock").open("w")
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return f"Another trainer is running on {self._folder}: wait for it, or end it first."
        if os.environ.get(FRESH) == "1":
            for path in self._folder.iterdir():
                if path.name != "lock":
                    _discard(path) if path.is_dir() else path.unlink()
        return None

    def _newest(self) -> dict[str, Any] | None:
        """The manifest of the newest checkpoint whose files are all as they were written."""
        for folder in reversed(self._complete()):
            manifest = files.read_json(folder / MANIFEST)
            if all(
                (folder / name).is_file() and files.sha256(folder / name) == checksum
                for name, checksum in manifest["files"].items()
            ):
                return manifest
            print(f"{folder} is damaged: the checkpoint before it is taken.", flush=True)
        return None

    def _complete(self) -> list[Path]:
        """Checkpoints with a manifest, oldest first."""
        return sorted(path.parent for path in self._folder.glob(f"step-*/{MANIFEST}"))

    def _seal(self, folder: Path, step: int, sums: dict[str, str]) -> None:
        """Write the manifest, which makes the checkpoint count, when ``sums`` has every file."""
        # Asked for by name, a file of another node is found before the folder's listing has it.
        lost = {name for name in sums if not (folder / name).is_file()}
        unknown = {path.name for path in folder.iterdir()} - sums.keys()
        if lost or unknown:
            raise PolyglotError(
                f"The checkpoint of step {step} in {folder} has {len(lost)} files too few and "
                f"{len(unknown)} too many: it must be one folder that all nodes see."
            )
        manifest = {"step": step, "world_size": self._world.size, "files": sums}
        files.write_json(folder / MANIFEST, manifest)
        for path in (folder, self._folder):
            _fsync(path)

    def _drop_old(self) -> None:
        kept = self._complete()[-self._keep :]
        for folder in self._folder.glob("step-*"):
            if folder not in kept:
                _discard(folder)


def others(folder: Path) -> str | None:
    """A sentence about the checkpoints beside ``folder``, if there are any."""
    beside = sorted(path for path in folder.parent.iterdir() if path.is_dir() and path != folder)
    if not beside:
        return None
    size = sum(path.stat().st_size for other in beside for path in other.rglob("*")) / 1e9
    return (
        f"Checkpoints of another configuration lie in {', '.join(map(str, beside))}: "
        f"{size:.2f} GB; remove them when they are no longer needed."
    )


def _discard(folder: Path) -> None:
    """Remove a checkpoint, its manifest first: half removed, it must not count as one."""
    (folder / MANIFEST).unlink(missing_ok=True)
    shutil.rmtree(folder)


def flushed(folder: Path, rank: int) -> dict[str, str]:
    """SHA-256 of the files that ``rank`` wrote, each flushed to the disk.

    Only the node that wrote a file can flush it where the folder is on the network.
    """
    mine = sorted(path for path in folder.iterdir() if _writer(path.name) == rank)
    for path in mine:
        _fsync(path)
    return {path.name: files.sha256(path) for path in mine}


def _writer(name: str) -> int:
    """The rank that wrote a checkpoint's file: it is in the name, or else it was rank 0."""
    numbered = re.search(r"(?:zero_pp_rank_|rng-)(\d+)", name)
    return int(numbered[1]) if numbered else 0


def _fsync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _random_state() -> dict[str, Any]:
    """The state of every generator, in types that ``torch.load(weights_only=True)`` reads."""
    numpy: dict[str, Any] = dict(np.random.get_state(legacy=False))
    numpy["state"] |= {"key": torch.from_numpy(numpy["state"]["key"].astype(np.int64))}
    return {
        "torch": torch.get_rng_state(),
        "cuda": torch.cuda.get_rng_state_all() if torch.cuda.is_available() else [],
        "numpy": numpy,
        "python": random.getstate(),
    }


def _restore_random_state(state: dict[str, Any]) -> None:
    torch.set_rng_state(state["torch"])
    if state["cuda"]:
        torch.cuda.set_rng_state_all(state["cuda"])
    numpy = state["numpy"]
    numpy["state"]["key"] = numpy["state"]["key"].numpy().astype(np.uint32)
    np.random.set_state(numpy)
    random.setstate(state["python"])
