"""The training loop of one process."""

import signal
from collections.abc import Iterator
from dataclasses import asdict
from types import FrameType
from typing import Any

import numpy as np
import torch

from runtime import files, paths
from runtime.errors import PolyglotError
from runtime.progress import Progress
from runtime.stage import Terminated
from runtime.tracking import Tracker
from stages.pretrain import inputs, throughput
from stages.pretrain.checkpoint import Checkpoints, others
from stages.pretrain.data import Order, Tokens
from stages.pretrain.engine import World, any_rank, initialize, mean
from stages.pretrain.model import build, configuration, next_token_loss
from stages.pretrain.params import PretrainParams
from stages.pretrain.recipe import learning_rate
from stages.pretrain.record import BAD_STEPS, Record, State


class Stop:
    """Turns SIGTERM and Ctrl-C into a flag that is looked at before every step."""

    def __init__(self) -> None:
        self.signal: int | None = None
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._remember)

    def _remember(self, number: int, frame: FrameType | None) -> None:
        self.signal = number


class Trainer:
    """Trains from the newest checkpoint to the last step."""

    def __init__(
        self,
        params: PretrainParams,
        manifest: dict[str, Any],
        world: World,
        progress: Progress,
        tracker: Tracker,
    ) -> None:
        self.params, self.world = params, world
        self.vocab_size = manifest["vocab_size"]
        self._eod_id = manifest["eod_id"] if params.attention == "document" else None
        self._stop = Stop()
        context = params.model.context
        self._train = Tokens(inputs.shards(paths.TOKENS, manifest, "train"), context)
        self._order = Order(len(self._train), params.seed)
        self.held_out = Tokens(inputs.shards(paths.TOKENS, manifest, "validation"), context)

        identity = inputs.identity(params, manifest)
        self.folder = paths.CHECKPOINTS / inputs.fingerprint(identity)
        self._checkpoints = Checkpoints(self.folder, params.keep, world)
        if world.rank == 0:
            files.write_json(self.folder / "identity.json", identity)
            if sentence := others(self.folder):
                print(sentence, flush=True)

        self.config = configuration(params.model, self.vocab_size, manifest["eod_id"])
        model = build(self.config, params.seed)
        self.parameters = throughput.parameter_count(model)
        self.engine = initialize(model, params, world)
        saved = self._checkpoints.load(self.engine)
        self.state = State(**saved) if saved else State()
        self.state.resumes += saved is not None
        self._saved_step = self.state.step
        flops = throughput.flops_per_token(self.config, self.parameters)
        self._record = Record(self.folder, self.state, params, world, flops, progress, tracker)

    def run(self) -> None:
        """Train to the last step.

        Raises:
            PolyglotError: too many steps in a row without finite gradients.
            Terminated, KeyboardInterrupt: asked to stop, and the checkpoint is saved.
        """
        params, state = self.params, self.state
        if state.resumes and self.world.rank == 0:
            print(f"Resumed at step {state.step} of {params.steps}.", flush=True)
        if state.step == 0:
            self._validate()
        while state.step < params.steps:
            if any_rank(self._stop.signal is not None, self.world):
                self._leave()
            self._step()
            state.step += 1
            if self._due(params.log_every):
                self._record.log()
            if self._due(params.eval_every):
                self._validate()
            if self._due(params.save_every):
                self._save()

    def _due(self, every: int) -> bool:
        return self.state.step % every == 0 or self.state.step == self.params.steps

    def _step(self) -> None:
        """One step over the global batch, of which every process reads its share."""
        for group in self.engine.optimizer.param_groups:
            group["lr"] = learning_rate(self.state.step, self.params)
        mine = self._order.step(
            self.state.step, self.params.global_batch, self.world.rank, self.world.size
        )
        losses = []
        for batch in self._micro_batches(self._train, mine):
            loss = next_token_loss(self.engine, batch, self.vocab_size, self._eod_id)
            self.engine.backward(loss)
            self.engine.step()
            losses.append(loss.detach())
        self._judge(torch.stack(losses).mean())

    def _judge(self, loss: torch.Tensor) -> None:
        """Record the step, which the engine skipped if its gradients were not finite."""
        if self.engine.was_step_applied():
            self._record.good(loss, self.engine.get_global_grad_norm())
            return
        samples = self._order.step(self.state.step, self.params.global_batch)
        seen = self._record.bad(loss, samples.tolist())
        if self.state.bad_in_row >= self.params.max_bad_steps:
            raise PolyglotError(
                f"Training stopped at step {self.state.step + 1}: in {self.state.bad_in_row} "
                f"steps in a row the gradients were not finite (loss {seen}); lower pretrain.lr, "
                f"or look at the samples named in {self.folder / BAD_STEPS}."
            )

    def _validate(self) -> None:
        """The mean loss over the same held-out windows every time."""
        order = Order(len(self.held_out), self.params.seed)
        count = min(self.params.eval_sequences, len(self.held_out))
        mine = order.windows(np.arange(self.world.rank, count, self.world.size))
        total = torch.zeros(1, dtype=torch.float64, device=self.world.device)
        with self._record.aside(), torch.no_grad():
            model = self.engine.module.eval()
            for batch in self._micro_batches(self.held_out, mine):
                loss = next_token_loss(model, batch, self.vocab_size, self._eod_id)
                total += loss.double() * len(batch)
            model.train()
            self._record.validation(mean(total, self.world).item() * self.world.size / count)

    def _save(self) -> None:
        with self._record.aside():
            self._record.sync()
            self._checkpoints.save(self.engine, self.state.step, asdict(self.state))
            self._saved_step = self.state.step

    def _leave(self) -> None:
        """Save what is done and go."""
        if self.state.step != self._saved_step:
            self._save()
        raise KeyboardInterrupt if self._stop.signal == signal.SIGINT else Terminated

    def _micro_batches(self, tokens: Tokens, windows: np.ndarray) -> Iterator[torch.Tensor]:
        """int64 ``[micro_batch, context + 1]`` each, on the device; the last may be smaller."""
        size, device = self.params.micro_batch, self.world.device
        for start in range(0, len(windows), size):
            batch = torch.from_numpy(tokens.batch(windows[start : start + size]))
            if device.type == "cuda":
                batch = batch.pin_memory()  # copied while the GPU still computes the one before
            yield batch.to(device, non_blocking=True)
