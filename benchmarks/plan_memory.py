"""What `polyglot plan` says that a process holds, beside what it held.

    python -m benchmarks.plan_memory

Each variant trains a few steps in processes of its own, with the trainer's engine and objective, on
random tokens. On a GPU the most that torch had allocated counts; on a CPU the largest resident set
during a step (Linux's VmHWM, set back before it), less that of the process before it built the
model. Both are of one process among all; what a GPU's own context takes is in neither.
"""

import argparse
import gc
import json
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import Any

import torch

from benchmarks import measuring
from flows import plan, profile
from runtime import files, launch, params, stage
from stages.pretrain import throughput
from stages.pretrain.engine import World, initialize, world
from stages.pretrain.model import NextTokenLoss, build, configuration
from stages.pretrain.params import PretrainParams

NAME = "benchmarks.plan_memory"
CARD = 30_003  # entries of the published tokenizer
STEPS = 2  # the second has all that a step has, Adam's moments included


def main() -> None:
    words = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    words.add_argument("--profile", default="125m")
    words.add_argument("--set", nargs="*", default=[], metavar="NAME=VALUE", help="for all")
    words.add_argument("--variant", type=json.loads, help=argparse.SUPPRESS)
    words.add_argument("--out", type=Path, help=argparse.SUPPRESS)
    options = words.parse_args()
    if options.variant is not None:
        sys.exit(stage.guard(lambda: _measure(options)))
    figures = []
    values = profile.composed(options.profile, [f"pretrain.{word}" for word in options.set])
    again = f"speed.recompute_layers={values.pretrain.model.layers}"
    for variant in ([], ["micro_batch=8"], ["speed.loss_chunk=null"], [again]):
        with tempfile.TemporaryDirectory() as folder:
            out = Path(folder) / "figures.json"
            given = ["--variant", json.dumps([*options.set, *variant]), "--out", str(out)]
            launch.ranks(NAME, [*sys.argv[1:], *given])
            figures.append({"variant": variant, **files.read_json(out)})
        found = figures[-1]
        name = " ".join(variant) or "as the profile has it"
        print(
            f"{name:52} planned {found['planned_gb']:6.2f} GB, held {found['held_gb']:6.2f} GB, "
            f"{found['planned_gb'] / found['held_gb'] - 1:+.1%}",
            flush=True,
        )
    print(measuring.write("plan_memory", " ".join(["python -m", NAME, *sys.argv[1:]]), figures))


def _measure(options: argparse.Namespace) -> None:
    words = [f"pretrain.{word}" for word in options.variant]
    values = profile.composed(options.profile, words)
    what = params.typed("pretrain", values.pretrain, PretrainParams)
    with world() as here:
        what.global_batch = 2 * what.micro_batch * here.size
        torch.ones(1, device=here.device)
        before = 0 if here.device.type == "cuda" else _resident("VmRSS")
        config = configuration(what.model, CARD, eod_id=2)
        parameters, held = _train(config, what, here, before)
        planned = plan.memory(config, parameters, here.size, what)
        if here.rank == 0:
            parts = {name: gb for name, gb in asdict(planned).items() if name != "context"}
            files.write_json(
                options.out,
                {
                    "processes": here.size,
                    "parameters": parameters,
                    "micro_batch": what.micro_batch,
                    "context": what.model.context,
                    "parts_gb": parts,
                    "planned_gb": sum(parts.values()),
                    "held_gb": held / 1e9,
                },
            )


def _train(config: Any, what: PretrainParams, here: World, before: int) -> tuple[int, int]:
    """Parameters, and the most bytes held in a step."""
    model = build(config, what.seed, what.speed.attention)
    objective = NextTokenLoss(model, CARD, None, what.speed.loss_chunk)
    engine = initialize(objective, what, here)
    gc.collect()
    batch = torch.randint(CARD, (what.micro_batch, what.model.context + 1)).to(here.device)
    for step in range(STEPS):
        if step == STEPS - 1:
            _forget_peak(here)
        for _ in range(2):
            engine.backward(engine(batch))
            engine.step()
    if here.device.type == "cuda":
        held = torch.cuda.max_memory_allocated(here.device)
    else:
        held = _resident("VmHWM") - before
    return throughput.parameter_count(model), held


def _forget_peak(here: World) -> None:
    if here.device.type == "cuda":
        torch.cuda.reset_peak_memory_stats(here.device)
    else:
        Path("/proc/self/clear_refs").write_text("5")


def _resident(what: str) -> int:
    """Bytes of a line of /proc/self/status."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith(what))


if __name__ == "__main__":
    main()
