"""What is known of the training so far, and where it is written down."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import fmean
from typing import Any

import torch

from runtime.progress import Progress
from runtime.tracking import Tracker
from stages.pretrain.anomalies import NOT_FINITE, SPIKE, Anomaly, Point, Watch
from stages.pretrain.curve import Lines
from stages.pretrain.engine import World, from_rank_0, mean
from stages.pretrain.params import PretrainParams
from stages.pretrain.recipe import learning_rate
from stages.pretrain.throughput import mfu, peak, peak_memory

CURVE = "curve.jsonl"
BAD_STEPS = "bad_steps.jsonl"
SAMPLES = "samples.jsonl"


@dataclass
class State:
    """What a checkpoint knows besides weights and optimizer."""

    step: int = 0  # steps done
    seconds: float = 0.0  # spent on them, over all attempts, without validation and saving
    resumed_at: list[int] = field(default_factory=list)  # the steps of the checkpoints
    bad_steps: dict[str, int] = field(default_factory=lambda: {NOT_FINITE: 0, SPIKE: 0})
    row: list[dict[str, Any]] = field(default_factory=list)  # lines of the last bad steps in a row
    recent: list[float] = field(default_factory=list)  # the last good losses
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
        samples: Callable[[int], list[int]],
    ) -> None:
        """Go on after ``state``; ``samples`` names the sequences of a step, which counts from 1."""
        self._state, self._params, self._world = state, params, world
        self._flops = flops_per_token
        self._progress, self._tracker = progress, tracker
        self._samples = samples
        self._watch = Watch(params.anomalies, state.recent)
        self._device_points: list[torch.Tensor] = []
        self._taken: list[bool] = []
        self._mark = time.perf_counter()
        self._logged_step, self._logged_seconds = state.step, state.seconds
        begun = state.step > 0 or bool(state.resumed_at)
        last = state.step if begun else -1
        self._curve = self._lines(folder / CURVE, last)
        self._bad_steps = self._lines(folder / BAD_STEPS, last)
        self._texts = self._lines(folder / SAMPLES, last)
        progress.start(params.steps, "steps", state.step)

    def step(self, loss: torch.Tensor, norm: float | torch.Tensor, taken: bool) -> None:
        """A step was done, with this process's loss and the norm of the whole gradient."""
        norm = torch.as_tensor(norm, dtype=loss.dtype, device=loss.device)
        self._device_points.append(torch.stack([loss, norm]))
        self._taken.append(taken)
        self._progress.update(self._state.step)

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
            "memory_gb": peak_memory(self._world.device) / 1e9,
        }
        if flops := peak(self._world.device):
            speed = figures["tokens_per_second"]
            figures["mfu"] = mfu(speed, self._flops, self._world.size, flops)
        self._write({"tokens": state.step * tokens_per_step}, figures)
        counts = {
            f"bad_steps.{kind.replace(' ', '_')}": float(n) for kind, n in state.bad_steps.items()
        }
        self._tracker.metrics(counts, state.step)

    def validation(self, loss: float) -> None:
        """A point of the validation curve."""
        self._write({}, {"validation_loss": loss})

    def kobest(self, scores: dict[str, float]) -> None:
        """Macro F1 by task at this step."""
        if scores:
            self._write({}, {f"kobest.{task}": score for task, score in scores.items()})

    def texts(self, texts: list[dict[str, str]]) -> None:
        """What the model wrote at this step."""
        if self._texts and texts:
            for text in texts:
                self._texts.append({"step": self._state.step, **text})
            self._tracker.artifact(self._texts.path)

    def settle(self) -> None:
        """Bring the last steps' figures from the device into the state, and its clock to now."""
        if self._device_points:
            means = mean(torch.stack(self._device_points), self._world).tolist()
            means = from_rank_0(means, self._world)
            first = self._state.step - len(means) + 1
            for step, ((loss, norm), taken) in enumerate(
                zip(means, self._taken, strict=True), start=first
            ):
                self._judge(Point(step, loss, norm, taken))
            self._device_points, self._taken = [], []
        now = time.perf_counter()
        self._state.seconds += now - self._mark
        self._mark = now

    def sync(self) -> None:
        """Put the curve on the disk: a checkpoint must not know more than the curve does."""
        for lines in (self._curve, self._bad_steps, self._texts):
            if lines:
                lines.sync()

    @contextmanager
    def aside(self) -> Iterator[None]:
        """Time spent in here is no training time."""
        self.settle()
        yield
        self._mark = time.perf_counter()

    def _judge(self, point: Point) -> None:
        state, anomaly = self._state, self._watch.see(point)
        if anomaly is None:
            state.row.clear()
            state.points.append([point.loss, point.norm])
            return
        state.bad_steps[anomaly.kind] += 1
        # As text: JSON knows no number that is not finite.
        figures = {"loss": str(point.loss), "grad_norm": str(point.norm)}
        line = {"step": point.step, "kind": anomaly.kind, **figures}
        state.row.append({**line, "median": anomaly.median, "samples": self._samples(point.step)})
        if self._bad_steps:
            self._bad_steps.append(state.row[-1])
            print(sentence(anomaly), flush=True)

    def _write(self, line: dict[str, int], figures: dict[str, float]) -> None:
        if self._curve:
            self._curve.append({"step": self._state.step, **line, **figures})
        self._tracker.metrics(figures, self._state.step)
        self._progress.update(self._state.step, **figures)

    def _lines(self, path: Path, last_step: int) -> Lines | None:
        return Lines(path, last_step) if self._world.rank == 0 else None


def sentence(anomaly: Anomaly) -> str:
    """A bad step in words."""
    point = anomaly.point
    if anomaly.kind == NOT_FINITE:
        seen = f"gradients that are not finite (loss {point.loss:.4g}), and was not taken"
    else:
        seen = f"a loss of {point.loss:.4g}, where the median was {anomaly.median:.4g}"
    return f"Step {point.step} has {seen}: {BAD_STEPS} names its samples."
