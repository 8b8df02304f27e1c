"""Checkpoints that are whole or not there.

DeepSpeed names its newest checkpoint before all processes have written theirs. Here a checkpoint
counts once its ``manifest.json`` is there: all files are on the disk by then, and the manifest
holds their SHA-256. Killed at any moment, training finds the newest one that is still whole.

    <checkpoints>/<fingerprint>/identity.json         what was trained, from which tokens
                                lock                  held by the trainer
                                latest                the newest checkpoint's name
                                step-000100/          one checkpoint: manifest.json, rng-<rank>.pt
                                                      and DeepSpeed's own files
                                universal/            one rewritten for any number of processes,
                                                      while it is read
"""

import fcntl
import os
import shutil
import subprocess
import sys
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO

import torch
import torch.distributed as dist

from runtime import files
from runtime.errors import PolyglotError
from runtime.launch import FRESH
from stages.pretrain import generators
from stages.pretrain.engine import World, from_rank_0
from stages.pretrain.params import CheckpointParams
from stages.pretrain.snapshot import Snapshots, foreign

MANIFEST = "manifest.json"
UNIVERSAL = "universal"


@dataclass(frozen=True)
class Writing:
    """A checkpoint on its way to the disk."""

    step: int
    sums: "Future[dict[str, str]]"  # of this process's files


class Checkpoints:
    """The checkpoints of one training, which only one trainer writes at a time."""

    def __init__(self, folder: Path, params: CheckpointParams, world: World) -> None:
        """Take the folder.

        Raises:
            PolyglotError: another trainer has it.
        """
        self._folder = folder
        self._params = params
        self._world = world
        self._snapshots = Snapshots()
        self._writing: Writing | None = None
        self._lock: TextIO | None = None
        refusal = self._take() if world.rank == 0 else None
        if refusal := from_rank_0(refusal, world):
            raise PolyglotError(refusal)

    def save(self, engine: Any, step: int, state: dict[str, Any]) -> None:
        """Copy the state of ``step`` on all ranks, and begin to write it; ``seal`` ends that.

        Raises:
            PolyglotError: the checkpoint before could not be written.
        """
        self.seal()
        tag = _tag(step)
        folder = self._folder / tag
        if self._world.rank == 0 and folder.exists():
            _discard(folder)  # torn, or not whole any more
        dist.barrier(group=self._world.control)
        engine.checkpoint_engine = self._snapshots
        try:
            engine.save_checkpoint(
                str(self._folder), tag=tag, client_state={"polyglot": state}, save_latest=False
            )
            self._snapshots.save(generators.state(), folder / f"rng-{self._world.rank}.pt")
        except OSError as error:
            raise self._unwritten(step, error) from None
        self._writing = Writing(step, self._snapshots.write())
        if not self._params.background:
            self.seal()

    def written(self) -> bool:
        """Whether this process has nothing left to write.

        Raises:
            PolyglotError: it could not be written.
        """
        if self._writing and self._writing.sums.done():
            self._sums()
            return True
        return self._writing is None

    def seal(self) -> None:
        """Make the checkpoint count that all ranks have written, and drop the oldest.

        Raises:
            PolyglotError: it could not be written; the one before it is still whole.
        """
        if not self._writing:
            return
        step, mine = self._writing.step, self._sums()
        self._writing = None
        shares: list[dict[str, str]] = [{}] * self._world.size
        dist.all_gather_object(shares, mine, group=self._world.control)
        if self._world.rank == 0:
            folder = self._folder / _tag(step)
            self._write_manifest(folder, step, {name: s[name] for s in shares for name in s})
            files.write_text(self._folder / "latest", folder.name + "\n")
            self._drop_old()
        dist.barrier(group=self._world.control)

    def newest(self, before: int | None = None) -> dict[str, Any] | None:
        """The manifest of the newest whole checkpoint, of a step below ``before`` if given."""
        manifest = self._newest(before) if self._world.rank == 0 else None
        return from_rank_0(manifest, self._world)

    def load(self, engine: Any, manifest: dict[str, Any], seed: int) -> dict[str, Any]:
        """Put the checkpoint of ``manifest`` into ``engine``; the state that was saved with it.

        Raises:
            PolyglotError: it cannot be rewritten for this number of processes.
        """
        tag = _tag(manifest["step"])
        if manifest["world_size"] != self._world.size:
            return self._load_universal(engine, tag, seed)
        _, state = engine.load_checkpoint(
            str(self._folder), tag=tag, load_lr_scheduler_states=False
        )
        rng = self._folder / tag / f"rng-{self._world.rank}.pt"
        generators.restore(torch.load(rng, weights_only=True))
        return state["polyglot"]

    def forget_after(self, step: int) -> None:
        """Remove the checkpoints of later steps than ``step``."""
        if self._world.rank == 0:
            files.write_text(self._folder / "latest", _tag(step) + "\n")
            for folder in self._folder.glob("step-*"):
                if folder.name > _tag(step):
                    _discard(folder)
        dist.barrier(group=self._world.control)

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
        whole = self._complete()
        for folder in self._folder.glob("step-*"):
            if folder not in whole:
                _discard(folder)  # torn: it may have filled the disk
        return None

    def _newest(self, before: int | None) -> dict[str, Any] | None:
        """The manifest of the newest checkpoint whose files are all as they were written."""
        for folder in reversed(self._complete()):
            manifest = files.read_json(folder / MANIFEST)
            if before is not None and manifest["step"] >= before:
                continue
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

    def _sums(self) -> dict[str, str]:
        """What this process has written, waiting for it."""
        assert self._writing
        try:
            return self._writing.sums.result()
        except (OSError, RuntimeError) as error:  # torch raises the latter when the disk is full
            raise self._unwritten(self._writing.step, error) from None

    def _unwritten(self, step: int, error: Exception) -> PolyglotError:
        free = shutil.disk_usage(self._folder).free / 1e9
        return PolyglotError(
            f"The checkpoint of step {step} could not be written to {self._folder}, where "
            f"{free:.2f} GB are free ({str(error).splitlines()[0]}): make room and run again; "
            "training goes on from the checkpoint before it."
        )

    def _write_manifest(self, folder: Path, step: int, sums: dict[str, str]) -> None:
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
            files.fsync(path)

    def _drop_old(self) -> None:
        whole = self._complete()
        for folder in set(self._folder.glob("step-*")) - set(kept(whole, self._params)):
            _discard(folder)

    def _load_universal(self, engine: Any, tag: str, seed: int) -> dict[str, Any]:
        refusal = self._rewrite(tag) if self._world.rank == 0 else None
        if refusal := from_rank_0(refusal, self._world):
            raise PolyglotError(refusal)
        engine._config.load_universal_checkpoint = True
        _, state = engine.load_checkpoint(
            str(self._folder), tag=UNIVERSAL, load_lr_scheduler_states=False
        )
        engine._config.load_universal_checkpoint = False
        dist.barrier(group=self._world.control)
        if self._world.rank == 0:
            shutil.rmtree(self._folder / UNIVERSAL)
        torch.manual_seed(seed + self._world.rank)  # the saved generators are of other processes
        return state["polyglot"]

    def _rewrite(self, tag: str) -> str | None:
        """Rewrite the checkpoint ``tag`` for any number of processes; a sentence if it fails."""
        source, target = self._folder / tag, self._folder / UNIVERSAL
        if names := foreign(source):  # DeepSpeed's own tool would run them
            return f"{source} holds {names[0]}, which is no part of a checkpoint: it is not read."
        shutil.rmtree(target, ignore_errors=True)
        command = [sys.executable, "-m", "deepspeed.checkpoint.ds_to_universal"]
        words = [
            "--input_folder",
            str(source),
            "--output_folder",
            str(target),
            "--inject_missing_state",
        ]
        alone = {k: v for k, v in os.environ.items() if k not in ("RANK", "WORLD_SIZE")}
        done = subprocess.run(
            [*command, *words],
            env=alone,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        if done.returncode == 0:
            return None
        last = (done.stdout.strip().splitlines() or ["no reason given"])[-1]
        return (
            f"{source} could not be rewritten for {self._world.size} processes ({last}): use as "
            f"many as before, or set {FRESH}=1 to begin afresh."
        )


def kept(whole: list[Path], params: CheckpointParams) -> list[Path]:
    """Of the ``whole`` checkpoints, oldest first, those that are to stay."""
    every = params.keep_every
    newest = whole[-params.keep :]
    stay = [
        folder
        for folder in whole
        if folder in newest or (every and int(folder.name.removeprefix("step-")) % every == 0)
    ]
    if params.max_gb is None:
        return stay
    sizes = {folder: files.size(folder) for folder in stay}
    while len(stay) > 1 and sum(sizes[folder] for folder in stay) > params.max_gb * 1e9:
        stay.pop(0)
    return stay


def _tag(step: int) -> str:
    return f"step-{step:06d}"


def _discard(folder: Path) -> None:
    """Remove a checkpoint, its manifest first: half removed, it must not count as one."""
    (folder / MANIFEST).unlink(missing_ok=True)
    shutil.rmtree(folder)
