"""The trainer beside Hugging Face's Trainer and beside a plain PyTorch loop, in tokens/s.

    python -m benchmarks.trainer_comparison

All three train the same model on the same tokens with as many processes, the same micro-batch and
accumulation, a fused AdamW and clipped gradients, round after round by turns. The stage is run as
its users run it, with its record, its checks and its checkpoints; of each the median time of a step
counts after some steps of warming up. In bfloat16, the plain loop has weights in bfloat16 with a
copy in fp32 for the optimizer, as DeepSpeed does, and Hugging Face's Trainer computes under
autocast, as it does.
"""

import argparse
import contextlib
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
import torch
import torch.distributed as dist
from omegaconf import OmegaConf
from torch.nn import functional
from torch.nn.parallel import DistributedDataParallel

from benchmarks import measuring, training_project
from runtime import files, paths
from runtime.params import typed
from stages.pretrain import curve
from stages.pretrain.model import build, configuration
from stages.pretrain.params import PretrainParams

NAME = "benchmarks.trainer_comparison"
VOCABULARY = 8_192
WARM_UP = 10  # steps
CONTESTANTS = ("stage", "hugging_face", "plain")


def main() -> None:
    words = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    words.add_argument("--steps", type=int, default=40)
    words.add_argument("--rounds", type=int, default=3)
    words.add_argument("--processes", type=int, nargs="*", default=[1, 2])
    words.add_argument("--dtypes", nargs="*", default=["float32", "bfloat16"])
    words.add_argument("--layers", type=int, default=4)
    words.add_argument("--hidden", type=int, default=256)
    words.add_argument("--context", type=int, default=256)
    words.add_argument("--name", default="trainer_comparison", help="of the result file")
    words.add_argument("--contestant", nargs=2, help=argparse.SUPPRESS)
    options = words.parse_args()
    if options.contestant:
        name, out = options.contestant
        return _contend(name, Path(out))
    figures = [
        _compared(options, processes, dtype)
        for processes in options.processes
        for dtype in options.dtypes
    ]
    print(measuring.write(options.name, " ".join(["python -m", NAME, *sys.argv[1:]]), figures))


def _compared(options: argparse.Namespace, processes: int, dtype: str) -> dict[str, Any]:
    """Tokens/s of every contestant in every round, and the ratios of the medians."""
    seen: dict[str, list[float]] = {name: [] for name in CONTESTANTS}
    for _ in range(options.rounds):
        for name in CONTESTANTS:
            with tempfile.TemporaryDirectory() as folder:
                _project(Path(folder), options, dtype)
                seen[name].append(_run(Path(folder), name, processes))
    middle = {name: median(speeds) for name, speeds in seen.items()}
    found = {
        "processes": processes,
        "dtype": dtype,
        "tokens_per_second": seen,
        "stage_over_hugging_face": middle["stage"] / middle["hugging_face"],
        "stage_over_plain": middle["stage"] / middle["plain"],
    }
    speeds = ", ".join(f"{name} {speed:,.0f}" for name, speed in middle.items())
    print(
        f"{processes} processes, {dtype}: {speeds} tokens/s; the stage is "
        f"{found['stage_over_hugging_face']:.3f} of Hugging Face's Trainer and "
        f"{found['stage_over_plain']:.3f} of the plain loop",
        flush=True,
    )
    return found


def _project(folder: Path, options: argparse.Namespace, dtype: str) -> None:
    sizes = f"layers: {options.layers}, hidden_size: {options.hidden}, heads: 4"
    sizes += f", intermediate_size: {4 * options.hidden}, context: {options.context}"
    words = [
        f"model={{{sizes}}}",
        f"dtype={dtype}",
        "micro_batch=4",
        "global_batch=16",
        f"steps={options.steps}",
        "log_every=1",
        "eval_every=1000000",
    ]
    training_project.write(folder, VOCABULARY, words)


def _run(folder: Path, name: str, processes: int) -> float:
    """Tokens/s of a contestant in the project ``folder``."""
    out = folder / "seconds.json"
    given = ["--contestant", name, str(out)]
    code = f"from runtime import launch; launch.ranks({NAME!r}, {given!r})"
    words = ["-m", "stages.pretrain"] if name == "stage" else ["-c", code]
    environment = {
        **os.environ,
        "POLYGLOT_PROCESSES": str(processes),
        "PYTHONPATH": str(training_project.ROOT),
    }
    subprocess.run(
        [sys.executable, *words], cwd=folder, env=environment, check=True, capture_output=True
    )
    what = _params(folder)
    tokens = what.global_batch * what.model.context
    if name == "stage":
        points = curve.read(folder / paths.PRETRAIN / "curve.jsonl")
        return median([p["tokens_per_second"] for p in points if "loss" in p][WARM_UP:])
    return tokens / median(files.read_json(out)[WARM_UP:])


def _params(folder: Path) -> PretrainParams:
    values: Any = OmegaConf.load(folder / "params.yaml")
    return typed("pretrain", values.pretrain, PretrainParams)


def _contend(name: str, out: Path) -> None:
    """In a rank: train as ``name`` does, and write the seconds of every step."""
    what = _params(Path())
    ids = np.fromfile(paths.TOKENS / "train/00000.ds", "<u2").astype(np.int64)
    model = build(configuration(what.model, VOCABULARY, eod_id=2), what.seed)
    seconds = {"hugging_face": _hugging_face, "plain": _plain}[name](what, model, ids)
    if int(os.environ["RANK"]) == 0:
        files.write_json(out, seconds)


def _hugging_face(what: PretrainParams, model: Any, ids: np.ndarray) -> list[float]:
    from transformers import Trainer, TrainerCallback, TrainingArguments

    context = what.model.context
    windows = torch.from_numpy(ids[: len(ids) // context * context].reshape(-1, context))
    marks: list[float] = []

    class Clock(TrainerCallback):
        def on_step_begin(self, *_: Any, **__: Any) -> None:
            marks.append(time.perf_counter())

    arguments = TrainingArguments(
        output_dir="hugging_face",
        per_device_train_batch_size=what.micro_batch,
        gradient_accumulation_steps=what.global_batch
        // what.micro_batch
        // int(os.environ["WORLD_SIZE"]),
        max_steps=what.steps,
        learning_rate=what.lr,
        max_grad_norm=what.clip,
        weight_decay=what.weight_decay,
        optim="adamw_torch_fused",
        bf16=what.dtype == "bfloat16",
        use_cpu=not torch.cuda.is_available(),
        logging_steps=1,
        save_strategy="no",
        report_to="none",
        disable_tqdm=True,
    )
    data = [{"input_ids": window, "labels": window} for window in windows]
    Trainer(model, arguments, train_dataset=data, callbacks=[Clock()]).train()
    marks.append(time.perf_counter())
    return np.diff(marks).tolist()


def _plain(what: PretrainParams, model: Any, ids: np.ndarray) -> list[float]:
    rank, size = int(os.environ["RANK"]), int(os.environ["WORLD_SIZE"])
    narrow = what.dtype == "bfloat16"
    model = model.to(getattr(torch, what.dtype))
    weights = list(model.parameters())
    masters = [w.detach().float().requires_grad_() for w in weights] if narrow else weights
    adam = torch.optim.AdamW(masters, lr=what.lr, weight_decay=what.weight_decay, fused=True)
    if size > 1:
        dist.init_process_group("gloo")
        model = DistributedDataParallel(model)
    context, share = what.model.context, what.global_batch // size
    marks = [time.perf_counter()]
    for step in range(what.steps):
        first = (step * what.global_batch + rank * share) * context
        mine = torch.from_numpy(ids[first : first + share * context + 1])
        parts = share // what.micro_batch
        for part in range(parts):
            place = part * what.micro_batch * context
            inputs = mine[place:][: what.micro_batch * context].view(what.micro_batch, context)
            targets = mine[place + 1 :][: what.micro_batch * context]
            last = part == parts - 1 or size == 1
            with contextlib.nullcontext() if last else model.no_sync():
                logits = model(input_ids=inputs, use_cache=False).logits
                loss = functional.cross_entropy(logits.float().flatten(0, 1), targets) / parts
                loss.backward()
        if narrow:
            for master, weight in zip(masters, weights, strict=True):
                master.grad, weight.grad = weight.grad.float(), None
        torch.nn.utils.clip_grad_norm_(masters, what.clip)
        adam.step()
        adam.zero_grad()
        if narrow:
            with torch.no_grad():
                for master, weight in zip(masters, weights, strict=True):
                    weight.copy_(master)
        marks.append(time.perf_counter())
    return np.diff(marks).tolist()


if __name__ == "__main__":
    main()
