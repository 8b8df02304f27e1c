"""Kill a training at random moments, and see whether it ends as if nothing had been.

    python -m benchmarks.training_kills --kills 20

One training is left alone. Another, of the same parameters and tokens, is killed with SIGKILL, one
of its ranks or its master by chance, at random moments, each time followed by the others' end and
a new start; a checkpoint is written every five steps, so that many kills meet one. At the end the
curves, with the loss of every step, and the weights must be equal to the last bit.
"""

import argparse
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import psutil

from benchmarks import measuring, training_project
from runtime import files, paths

NAME = "benchmarks.training_kills"
CLOCK = ("tokens_per_second", "memory_gb")  # differ from run to run


def main() -> None:
    words = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    words.add_argument("--kills", type=int, default=20)
    words.add_argument("--steps", type=int, default=600)
    words.add_argument("--seed", type=int, default=0)
    options = words.parse_args()
    chance = random.Random(options.seed)
    with tempfile.TemporaryDirectory() as folder:
        alone, killed = Path(folder) / "alone", Path(folder) / "killed"
        for project in (alone, killed):
            project.mkdir()
            training_project.write(project, 300, parameters(options.steps), grace=1)
        began = time.monotonic()
        assert start(alone).wait() == 0
        seconds = time.monotonic() - began
        kills = [kill(killed, chance) for _ in range(options.kills)]
        assert start(killed).wait() == 0
        figures = {
            "kills": kills,
            "in_a_save": sum(one["in_a_save"] for one in kills),
            "steps": options.steps,
            "undisturbed_seconds": seconds,
            "resumed_at": files.read_json(killed / paths.PRETRAIN / "metrics.json")["resumed_at"],
            "curves_equal": curve(alone) == curve(killed),
            "weights_equal": weights(alone) == weights(killed),
        }
    print(measuring.write("training_kills", " ".join(["python -m", NAME, *sys.argv[1:]]), figures))
    print(f"{len(kills)} kills, {figures['in_a_save']} of them in a save: ", end="")
    print("curves", figures["curves_equal"], "weights", figures["weights_equal"])
    sys.exit(not (figures["curves_equal"] and figures["weights_equal"]))


def parameters(steps: int) -> list[str]:
    return [
        "model={layers: 2, hidden_size: 64, heads: 2, intermediate_size: 256, context: 64}",
        "dtype=bfloat16",
        "micro_batch=2",
        "global_batch=8",
        f"steps={steps}",
        "log_every=1",
        "eval_every=100",
        "checkpoints.every=5",
    ]


def start(project: Path) -> subprocess.Popen[bytes]:
    """The stage in ``project``, in a session of its own."""
    environment = {**os.environ, "PYTHONPATH": str(training_project.ROOT)}
    return subprocess.Popen(
        [sys.executable, "-m", "stages.pretrain"],
        cwd=project,
        env=environment | {"POLYGLOT_PROCESSES": "2"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )


def kill(project: Path, chance: random.Random) -> dict[str, Any]:
    """Start, kill at a random moment, and wait until nothing of it is left."""
    before = len(lines(project))
    process = start(project)
    while process.poll() is None and len(lines(project)) <= before:
        time.sleep(0.005)
    time.sleep(chance.uniform(0, 1.5))
    ranks = psutil.Process(process.pid).children()
    victim = chance.choice([*ranks, psutil.Process(process.pid)])
    who = victim.environ().get("RANK", "the master")
    found = {"victim": who, "step": step(project), "in_a_save": bool(torn(project))}
    victim.kill()
    process.wait()
    for rank in ranks:
        if rank.is_running():
            rank.kill()
    psutil.wait_procs(ranks)
    print(json.dumps(found), flush=True)
    return found


def lines(project: Path) -> list[dict[str, Any]]:
    """The curve so far; its last line may be half written."""
    for path in project.glob("data/checkpoints/*/curve.jsonl"):
        return [json.loads(line) for line in path.read_text().split("\n")[:-1]]
    return []


def step(project: Path) -> int:
    return max((line["step"] for line in lines(project)), default=0)


def torn(project: Path) -> list[Path]:
    """Checkpoints that have begun and do not count yet."""
    folders = project.glob("data/checkpoints/*/step-*")
    return [folder for folder in folders if not (folder / "manifest.json").exists()]


def curve(project: Path) -> list[dict[str, Any]]:
    text = (project / paths.PRETRAIN / "curve.jsonl").read_text()
    points = [json.loads(line) for line in text.splitlines()]
    return [{name: point[name] for name in point if name not in CLOCK} for point in points]


def weights(project: Path) -> bytes:
    return (project / paths.PRETRAIN / "model.safetensors").read_bytes()


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.default_int_handler)
    main()
