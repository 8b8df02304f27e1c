"""What is known of the training so far, and where it is written down."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import fmean

import torch

from runtime.progress import Progress
from runtime.tracking import Tracker
from stages.pretrain.curve import Lines
from stages.pretrain.engine import World, mean
from stages.pretrain.params import PretrainParams
from stages.pretrain.recipe import learning_rate
from stages.pretrain.throughput import mfu, peak

CURVE = "curve.jsonl"
BAD_STEPS = "bad_steps.jsonl"


@dataclass
class State:
    """What a checkpoint knows besides weights and optimizer."""

    step: int = 0  # steps done
    seconds: float = 0.0  # spent on them, over all attempts, without validation and saving
    resumes: int = 0
    bad_steps: int = 0  # skipped, because the gradients were not finite
    bad_in_row: int = 0
    points: list[list[float]] = field(default_factory=list)  # [loss, grad norm] not yet logged


class Record:
    """Losses and speed, kept by every process and written by rank 0.

    The figures of a step stay on the device until they are asked for: the log adds a wait once
    every ``log_every`` steps to that of DeepSpeed, which looks for an overflow in every step.
    """

    def __init__(
        self,
        folder: Path,
        state: State,
        params: PretrainParams,
        world: World,
        flops_per_token: float,
        progress: Progress,
        tracker: Tracker,
    ) -> None:
        self._state, self._params, self._world = state, params, world
        self._flops = flops_per_token
        self._progress, self._tracker = progress, tracker
        self._device_points: list[torch.Tensor] = []
        self._mark = time.perf_counter()
        self._logged_step, self._logged_seconds = state.step, state.seconds
        last = state.step if state.resumes else -1
        self._curve = self._lines(folder / CURVE, last)
        self._bad_steps = self._lines(folder / BAD_STEPS, last)
        progress.start(params.steps, "steps", state.step)

    def good(self, loss: torch.Tensor, norm: float | torch.Tensor) -> None:
        """A step was taken, with this process's loss and the norm of the whole gradient."""
        self._state.bad_in_row = 0
        norm = torch.as_tensor(norm, dtype=loss.dtype, device=loss.device)
        self._device_points.append(torch.stack([loss, norm]))
        self._progress.update(self._state.step + 1)

    def bad(self, loss: torch.Tensor, samples: list[int]) -> str:
        """A step was skipped; the loss seen, in words."""
        self._state.bad_steps += 1
        self._state.bad_in_row += 1
        seen = str(mean(loss, self._world).item())
        if self._bad_steps:
            line = {"step": self._state.step + 1, "loss": seen, "samples": samples}
            self._bad_steps.append(line)
        return seen

    def log(self) -> None:
        """One point of the curve: the means since the last one, bad steps left out."""
        self.settle()
        state, tokens_per_step = self._state, self._params.global_batch * self._params.model.context
        points, state.points = state.points, []
        steps = state.step - self._logged_step
        seconds = state.seconds - self._logged_seconds
        self._logged_step, self._logged_seconds = state.step, state.seconds
        if not points:
            return
        figures = {
            "loss": fmean(loss for loss, _ in points),
            "grad_norm": fmean(norm for _, norm in points),
            "lr": learning_rate(state.step - 1, self._params),
            "tokens_per_second": steps * tokens_per_step / seconds,
        }
        if flops := peak(self._world.device):
            speed = figures["tokens_per_second"]
            figures["mfu"] = mfu(speed, self._flops, self._world.size, flops)
        self._write({"tokens": state.step * tokens_per_step}, figures)

    def validation(self, loss: float) -> None:
        """A point of the validation curve."""
        self._write({}, {"validation_loss": loss})

    def settle(self) -> None:
        """Bring the last steps' figures from the device into the state, and its clock to now."""
        if self._device_points:
            self._state.points += mean(torch.stack(self._device_points), self._world).tolist()
            self._device_points = []
        now = time.perf_counter()
        self._state.seconds += now - self._mark
        self._mark = now

    def sync(self) -> None:
        """Put the curve on the disk: a checkpoint must not know more than the curve does."""
        for lines in (self._curve, self._bad_steps):
            if lines:
                lines.sync()

    @contextmanager
    def aside(self) -> Iterator[None]:
        """Time spent in here is no training time."""
        self.settle()
        yield
        self._mark = time.perf_counter()

    def _write(self, line: dict[str, int], figures: dict[str, float]) -> None:
        if self._curve:
            self._curve.append({"step": self._state.step, **line, **figures})
        self._tracker.metrics(figures, self._state.step)
        self._progress.update(self._state.step, **figures)

    def _lines(self, path: Path, last_step: int) -> Lines | None:
        return Lines(path, last_step) if self._world.rank == 0 else None
