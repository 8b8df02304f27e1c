"""How fast the trainer is: tokens/s, step time, MFU and memory, over a sweep of its parameters.

    python -m benchmarks.pretrain_throughput --profile 1.3b
    POLYGLOT_PROCESSES=1 python -m benchmarks.pretrain_throughput --sweep micro_batch=4,8,16

One process a GPU, or two on a CPU, unless POLYGLOT_PROCESSES says how many.

A variant is ``name=value`` of the section pretrain, several of them joined by commas are tried one
after the other, and every ``--sweep`` is varied alone, the others left as the profile has them:
that shows the effect of each. Each variant is trained in processes of its own, with the trainer's
own engine, objective and optimizer, on random tokens, for ``--steps`` steps after ``--warm-up``.

MFU is model FLOPs utilisation after PaLM (Chowdhery et al., 2022, appendix B):

    tokens/s * (6 N + 12 L H Q T) / (GPUs * peak)

N are the weights that multiply (the input embedding is looked up, so it does not count), L layers
of H heads of Q dimensions, T tokens of context: 12 L H Q T is the attention term, of the whole
square although only half of it is computed, as PaLM counts it. What is recomputed in the backward
pass does not count. ``mfu_causal`` counts half of the attention term. The peak is the datasheet's
dense bf16 rate: 989 TFLOP/s for H100 SXM and H200, 312 for A100, 756 for H100 PCIe. On a CPU there
is no peak, and no MFU.

Memory is the most that torch had allocated on the GPU, or on a CPU the process's resident set.
"""

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from typing import Any

import torch

from benchmarks import measuring
from flows import profile
from runtime import files, launch, params, stage
from runtime.errors import PolyglotError
from stages.pretrain import throughput
from stages.pretrain.engine import World, initialize, world
from stages.pretrain.memory import is_out_of_memory
from stages.pretrain.model import NextTokenLoss, build, configuration
from stages.pretrain.params import PretrainParams, check

NAME = "benchmarks.pretrain_throughput"
CARD = 30_003  # entries of the published tokenizer
SWEEPS = (
    "micro_batch=2,4,8,16",
    "speed.compile=true,false",
    "speed.attention=sdpa,eager",
    "speed.loss_chunk=null,512,1024,4096",
    "speed.fused_adam=true,false",
    "speed.recompute_layers=0,12,24",
)


def main() -> None:
    words = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    words.add_argument("--profile", default="1.3b")
    words.add_argument("--set", nargs="*", default=[], metavar="NAME=VALUE", help="for all")
    words.add_argument("--sweep", nargs="*", default=list(SWEEPS), metavar="NAME=VALUE,VALUE")
    words.add_argument("--accumulate", type=int, default=4, help="micro-batches of a step")
    words.add_argument("--steps", type=int, default=10)
    words.add_argument("--warm-up", type=int, default=3)
    words.add_argument("--vocabulary", type=int, default=CARD)
    words.add_argument("--seconds", type=float, default=float("inf"), help="begin none after that")
    words.add_argument("--name", default="pretrain_throughput", help="of the result file")
    words.add_argument("--variant", type=json.loads, help=argparse.SUPPRESS)
    words.add_argument("--out", type=Path, help=argparse.SUPPRESS)
    options = words.parse_args()
    if options.variant is not None:
        sys.exit(stage.guard(lambda: measure(options)))
    deadline = time.monotonic() + options.seconds
    figures = []
    for overrides in variants(options.sweep):
        if time.monotonic() > deadline:
            print(f"left out, for lack of time: {overrides}")
            continue
        figures.append({"variant": overrides, **attempt(overrides)})
        print(row(figures[-1]), flush=True)
    print(measuring.write(options.name, " ".join(["python -m", NAME, *sys.argv[1:]]), figures))


def variants(sweeps: list[str]) -> Iterator[list[str]]:
    """The profile as it is, and then every value of every sweep alone.

    >>> list(variants(["a=1,2", "b=x"]))
    [[], ['a=1'], ['a=2'], ['b=x']]
    """
    yield []
    for sweep in sweeps:
        name, values = sweep.split("=")
        for value in values.split(","):
            yield [f"{name}={value}"]


def attempt(overrides: list[str]) -> dict[str, Any]:
    """The figures of a variant, measured in processes of its own, or why there are none."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "figures.json"
        try:
            words = [*sys.argv[1:], "--variant", json.dumps(overrides), "--out", str(out)]
            launch.ranks(NAME, words)
        except PolyglotError as error:
            return {"failed": str(error)}
        return files.read_json(out)


def measure(options: argparse.Namespace) -> None:
    """Train a variant in this process, one of all, and write its figures."""
    overrides = [f"pretrain.{word}" for word in (*options.set, *options.variant)]
    values = profile.composed(options.profile, overrides)
    what = params.typed("pretrain", values.pretrain, PretrainParams)
    with world() as here:
        what.global_batch = what.micro_batch * options.accumulate * here.size
        check(what)
        try:
            figures = _measure(options, what, here)
        except (torch.OutOfMemoryError, RuntimeError) as error:
            if not is_out_of_memory(error):
                raise
            raise PolyglotError("out of memory") from None
        if here.rank == 0:
            files.write_json(options.out, figures)


def _measure(options: argparse.Namespace, what: PretrainParams, here: World) -> dict[str, Any]:
    config = configuration(what.model, options.vocabulary, eod_id=2)
    model = build(config, what.seed, what.speed.attention)
    parameters = throughput.parameter_count(model)
    objective = NextTokenLoss(model, options.vocabulary, None, what.speed.loss_chunk)
    engine = initialize(objective, what, here)
    generator = torch.Generator().manual_seed(here.rank)
    shape = (options.accumulate, what.micro_batch, what.model.context + 1)
    batches = torch.randint(options.vocabulary, shape, generator=generator).to(here.device)
    seconds, losses = [], []
    for step in range(options.warm_up + options.steps):
        _wait(here)
        began = time.perf_counter()
        for batch in batches:
            loss = engine(batch)
            engine.backward(loss)
            engine.step()
        _wait(here)
        losses.append(loss.item())
        if step >= options.warm_up:
            seconds.append(time.perf_counter() - began)
    tokens = what.global_batch * what.model.context
    speed = tokens / median(seconds)
    figures = {
        "device": _device(here),
        "processes": here.size,
        "parameters": parameters,
        "micro_batch": what.micro_batch,
        "accumulate": options.accumulate,
        "context": what.model.context,
        "step_seconds": {"median": median(seconds), "least": min(seconds), "most": max(seconds)},
        "tokens_per_second": speed,
        "peak_memory_gb": throughput.peak_memory(here.device) / 1e9,
        "first_and_last_loss": [losses[0], losses[-1]],
    }
    if peak := throughput.peak(here.device):
        whole = throughput.flops_per_token(config, parameters)
        half = whole - 6.0 * config.num_hidden_layers * config.hidden_size * what.model.context
        figures["mfu"] = throughput.mfu(speed, whole, here.size, peak)
        figures["mfu_causal"] = throughput.mfu(speed, half, here.size, peak)
    return figures


def row(found: dict[str, Any]) -> str:
    """A variant on a line."""
    name = " ".join(found["variant"]) or "as the profile has it"
    if "failed" in found:
        return f"{name:32} failed: {found['failed']}"
    mfu = f"{found['mfu']:7.1%}" if "mfu" in found else "      -"
    step = found["step_seconds"]["median"]
    speed, memory = found["tokens_per_second"], found["peak_memory_gb"]
    return f"{name:32} {step:8.3f} s {speed:12,.0f} tokens/s {mfu} MFU {memory:7.2f} GB"


def _wait(here: World) -> None:
    if here.device.type == "cuda":
        torch.cuda.synchronize()


def _device(here: World) -> str:
    return torch.cuda.get_device_name(here.device) if here.device.type == "cuda" else "cpu"


if __name__ == "__main__":
    main()
