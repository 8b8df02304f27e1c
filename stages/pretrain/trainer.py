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
from stages.pretrain import inputs, kobest, samples, throughput
from stages.pretrain.anomalies import Skip, batch_index
from stages.pretrain.checkpoint import Checkpoints
from stages.pretrain.data import Order, Tokens
from stages.pretrain.engine import Vote, World, from_rank_0, initialize, mean
from stages.pretrain.initial import Initial
from stages.pretrain.model import NextTokenLoss, build, configuration
from stages.pretrain.params import PretrainParams
from stages.pretrain.reader import Reader
from stages.pretrain.recipe import learning_rate
from stages.pretrain.record import BAD_STEPS, Record, State
from stages.pretrain.watchdog import Watchdog

SKIPS = "skips.json"


class Stop:
    """Turns SIGTERM and Ctrl-C into a flag that is looked at in every step."""

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
        initial: Initial | None,
        world: World,
        progress: Progress,
        tracker: Tracker,
    ) -> None:
        self.params, self.world = params, world
        self.watchdog = Watchdog(world.rank)
        self._progress, self._tracker = progress, tracker
        self._stop, self._vote = Stop(), Vote(world)
        self.vocab_size = manifest["vocab_size"]
        context = params.model.context
        self._train = Tokens(inputs.shards(paths.TOKENS, manifest, "train"), context)
        self._order = Order(len(self._train), params.seed)
        self._reader = Reader(self._read)
        self.held_out = Tokens(inputs.shards(paths.TOKENS, manifest, "validation"), context)
        writes = world.rank == 0 and params.samples.prompts
        self._tokenizer = samples.load(paths.TOKENIZER) if writes else None

        identity = inputs.identity(params, manifest, initial.sha256 if initial else None)
        self.folder = inputs.checkpoints(paths.CHECKPOINTS, identity)
        self._checkpoints = Checkpoints(self.folder, params.checkpoints, world)
        if world.rank == 0:
            files.write_json(self.folder / inputs.IDENTITY, identity)
            for sentence in inputs.others(self.folder, identity):
                print(sentence, flush=True)

        self.config = configuration(params.model, self.vocab_size, manifest["eod_id"])
        model = build(self.config, params.seed, params.speed.attention)
        self.parameters = throughput.parameter_count(model)
        if initial:
            initial.load_into(model)
        eod_id = manifest["eod_id"] if params.attention == "document" else None
        self.objective = NextTokenLoss(model, self.vocab_size, eod_id, params.speed.loss_chunk)
        self.engine = initialize(self.objective, params, world)
        self.skips = self._read_skips()
        self.watchdog.rest()  # a checkpoint may have to be rewritten, which takes its time
        self.state = self._resumed(self._checkpoints.newest()) or State()
        self._saved_step = self.state.step
        self._record = self._new_record()

    @property
    def model(self) -> Any:
        """The model in the engine's dtype."""
        return self.objective.model

    def run(self) -> None:
        """Train to the last step.

        Raises:
            PolyglotError: too many bad steps in a row, or a checkpoint that cannot be written.
            Terminated, KeyboardInterrupt: asked to stop, and the checkpoint is saved.
        """
        params = self.params
        if self.state.step == 0:
            self._evaluate()
        while self.state.step < params.steps:
            self.watchdog.beat(f"step {self.state.step + 1}")
            self._vote.begin(self._stop.signal is not None, not self._checkpoints.written())
            self._step()
            self.state.step += 1
            asked_to_stop, writing = self._vote.end()
            if not writing:
                self._checkpoints.seal()
            every = params.log_every, params.eval_every, params.checkpoints.every
            log, evaluate, save = map(self._due, every)
            if (log or evaluate or save) and self._gone_back():
                continue
            if log:
                self._record.log()
            if evaluate:
                self._evaluate()
            if save:
                self._save()
            if asked_to_stop:
                self._leave()
        self._checkpoints.seal()
        self.watchdog.rest()

    def _due(self, every: int) -> bool:
        return self.state.step % every == 0 or self.state.step == self.params.steps

    def _step(self) -> None:
        """One step over the global batch, of which every process reads its share."""
        step = self.state.step
        for group in self.engine.optimizer.param_groups:
            group["lr"] = learning_rate(step, self.params)
        following = self._batch_index(step + 1) if step + 1 < self.params.steps else None
        mine = self._reader.batch(self._batch_index(step), following)
        losses = []
        for batch in self._micro_batches(mine):
            loss = self.engine(batch)
            self.engine.backward(loss)
            self.engine.step()
            losses.append(loss.detach())
        loss, norm = torch.stack(losses).mean(), self.engine.get_global_grad_norm()
        self._record.step(loss, norm, self.engine.was_step_applied())

    def _gone_back(self) -> bool:
        """Whether there were too many bad steps in a row, and training began again before them.

        Raises:
            PolyglotError: there were, and going back is not asked for, or of no use any more.
        """
        self._record.settle()
        row, anomalies = self.state.row, self.params.anomalies
        if len(row) < anomalies.in_row:
            return False
        first = row[0]["step"]
        seen = (
            f"the {len(row)} steps from {first} on were bad, the last one for a loss of "
            f"{row[-1]['loss']} ({row[-1]['kind']})"
        )
        advice = f"lower pretrain.lr, or look at the samples named in {self.folder / BAD_STEPS}"
        if anomalies.action == "stop":
            raise PolyglotError(
                f"Training stopped: {seen}; {advice}, or set pretrain.anomalies.action=skip to "
                "leave them out."
            )
        if len(self.skips) >= anomalies.most_skips:
            raise PolyglotError(
                f"Training stopped: {seen}, and samples were left out {len(self.skips)} times "
                f"before (pretrain.anomalies.most_skips); {advice}."
            )
        self._checkpoints.seal()
        manifest = self._checkpoints.newest(before=first)
        if manifest is None:
            raise PolyglotError(
                f"Training stopped: {seen}, and there is no checkpoint before them; {advice}, or "
                "lower pretrain.checkpoints.every."
            )
        self._go_back(manifest, Skip([self._batch_index(bad["step"] - 1) for bad in row], row))
        return True

    def _go_back(self, manifest: dict[str, Any], skip: Skip) -> None:
        self._checkpoints.forget_after(manifest["step"])
        self.skips.append(skip)
        if self.world.rank == 0:
            files.write_json(self.folder / SKIPS, [asdict(skip) for skip in self.skips])
            print(
                f"Back at step {manifest['step']}: the {len(skip.batches)} batches of the bad "
                "steps are left out.",
                flush=True,
            )
        state = self._checkpoints.load(self.engine, manifest, self.params.seed)
        self.state = State(**state)
        self._saved_step = self.state.step
        self._record = self._new_record()

    def _evaluate(self) -> None:
        """The mean loss over the same held-out windows every time, some text, KOBEST's scores."""
        order = Order(len(self.held_out), self.params.seed)
        count = min(self.params.eval_sequences, len(self.held_out))
        mine = order.windows(np.arange(self.world.rank, count, self.world.size))
        total = torch.zeros(1, dtype=torch.float64, device=self.world.device)
        with self._record.aside(), torch.no_grad():
            objective = self.objective.eval()
            for start in range(0, len(mine), self.params.micro_batch):
                self.watchdog.beat(f"the evaluation of step {self.state.step}")
                windows = mine[start : start + self.params.micro_batch]
                batch = torch.from_numpy(self.held_out.batch(windows)).to(self.world.device)
                total += objective(batch).double() * len(batch)
            self._record.validation(mean(total, self.world).item() * self.world.size / count)
            if self.params.kobest.tasks and self.world.rank == 0:
                self._record.kobest(
                    kobest.scores(self.model, self.folder / "kobest", self.params.kobest)
                )
            if self._tokenizer:
                self._record.texts(
                    samples.generate(
                        self.model,
                        self._tokenizer,
                        self.vocab_size,
                        self.params.samples,
                        self.params.seed,
                    )
                )
            objective.train()

    def _save(self) -> None:
        with self._record.aside():
            self._record.sync()
            self._checkpoints.save(self.engine, self.state.step, asdict(self.state))
            self._saved_step = self.state.step

    def _leave(self) -> None:
        """Save what is done and go."""
        if self.state.step != self._saved_step:
            self._save()
        self._checkpoints.seal()
        raise KeyboardInterrupt if self._stop.signal == signal.SIGINT else Terminated

    def _batch_index(self, step: int) -> int:
        return batch_index(step, self.skips)

    def _samples(self, step: int) -> list[int]:
        """The windows of a step, which counts from 1."""
        return self._order.step(self._batch_index(step - 1), self.params.global_batch).tolist()

    def _read(self, index: int) -> torch.Tensor:
        """This process's share of a batch, int64 ``[sequences, context + 1]``."""
        mine = self._order.step(index, self.params.global_batch, self.world.rank, self.world.size)
        batch = torch.from_numpy(self._train.batch(mine))
        return batch.pin_memory() if self.world.device.type == "cuda" else batch

    def _micro_batches(self, batch: torch.Tensor) -> Iterator[torch.Tensor]:
        """Parts of a batch on the device, copied while it still computes the one before."""
        for part in batch.split(self.params.micro_batch):
            yield part.to(self.world.device, non_blocking=True)

    def _new_record(self) -> Record:
        flops = throughput.flops_per_token(self.config, self.parameters)
        return Record(
            self.folder,
            self.state,
            self.params,
            self.world,
            flops,
            self._progress,
            self._tracker,
            self._samples,
        )

    def _resumed(self, manifest: dict[str, Any] | None) -> State | None:
        """The state of a checkpoint, which the engine then holds."""
        if manifest is None:
            return None
        state = State(**self._checkpoints.load(self.engine, manifest, self.params.seed))
        state.resumed_at.append(state.step)
        if self.world.rank == 0:
            written = manifest["world_size"]
            changed = f", which {written} processes wrote and {self.world.size} read"
            how = changed if written != self.world.size else ""
            print(f"Resumed at step {state.step} of {self.params.steps}{how}.", flush=True)
        return state

    def _read_skips(self) -> list[Skip]:
        path = self.folder / SKIPS
        skips = files.read_json(path) if self.world.rank == 0 and path.exists() else []
        return [Skip(**skip) for skip in from_rank_0(skips, self.world)]
