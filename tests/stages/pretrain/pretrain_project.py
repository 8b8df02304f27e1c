"""A tiny project to train in: shards, manifest, tokenizer card, params."""

import json
import os
import resource
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import yaml
from omegaconf import OmegaConf

from runtime import files
from stages.pretrain.data import Order

ROOT = Path(__file__).resolve().parents[3]
VOCABULARY = 300
MODEL = {
    "layers": 2,
    "hidden_size": 32,
    "heads": 2,
    "intermediate_size": 128,
    "rotary_pct": 0.5,
    "context": 32,
    "vocab_multiple": 128,
}
PARAMS: dict[str, Any] = {
    "model": MODEL,
    "init_from": None,
    "attention": "window",
    "dtype": "bfloat16",
    "micro_batch": 2,
    "global_batch": 8,
    "steps": 40,
    "lr": 3e-3,
    "min_lr": 3e-4,
    "schedule": "cosine",
    "warmup_share": 0.1,
    "decay_share": 0.2,
    "betas": [0.9, 0.95],
    "eps": 1e-8,
    "weight_decay": 0.1,
    "clip": 1.0,
    "seed": 1,
    "log_every": 4,
    "eval_every": 20,
    "eval_sequences": 31,
    "checkpoints": {
        "every": 5,
        "keep": 2,
        "keep_every": None,
        "max_gb": None,
        "background": True,
    },
    "anomalies": {
        "spike": 1.5,
        "median_of": 8,
        "in_row": 3,
        "action": "stop",
        "most_skips": 2,
    },
    "speed": {
        "compile": False,
        "attention": "sdpa",
        "loss_chunk": 100,
        "recompute_layers": 0,
        "fused_adam": True,
    },
    "samples": {"prompts": [], "tokens": 8},
    "kobest": {"tasks": [], "limit": None},
}


class Project:
    """A folder that the stage can run in."""

    def __init__(self, folder: Path) -> None:
        self.at(folder)
        launch = folder / "infra/launch/local.yaml"
        launch.parent.mkdir(parents=True)
        launch.write_text((ROOT / "infra/launch/local.yaml").read_text())
        self.params()
        card = {"vocab_size": VOCABULARY, "fingerprint": "f" * 64}
        files.write_json(self.tokenizer_card, card)
        self.tokens_of(9_001, 0, 5_000)

    def at(self, folder: Path) -> None:
        """What is where in ``folder``."""
        self.folder = folder
        self.tokens = folder / "data/tokens"
        self.tokenizer_card = folder / "data/tokenizer_card.json"
        self.output = folder / "data/pretrain"

    def tokens_of(self, *sizes: int) -> None:
        """Shards of so many tokens."""
        random = np.random.default_rng(0)
        manifest = {
            "vocab_size": VOCABULARY,
            "eod_id": 2,
            "tokenizer_fingerprint": "f" * 64,
            "seed": 0,
            "splits": {
                "train": self._split("train", list(sizes), random),
                "validation": self._split("validation", [1_000], random),
            },
        }
        files.write_json(self.tokens / "manifest.json", manifest)

    def params(self, **changed: Any) -> None:
        merged = OmegaConf.to_container(OmegaConf.merge(PARAMS, changed))
        text = yaml.safe_dump({"pretrain": merged})
        (self.folder / "params.yaml").write_text(text)

    def poison(self, steps: range) -> None:
        """Put noise, which nobody can learn, in place of all samples of ``steps``, from 1."""
        manifest = files.read_json(self.tokens / "manifest.json")
        split, context = manifest["splits"]["train"], MODEL["context"]
        paths = [self.tokens / shard["name"] for shard in split["files"]]
        tokens = np.concatenate([np.fromfile(path, "<u2") for path in paths])
        order = Order((len(tokens) - 1) // context, PARAMS["seed"])
        random = np.random.default_rng(1)
        for step in steps:
            for window in order.step(step - 1, PARAMS["global_batch"]).tolist():
                place = slice(window * context, (window + 1) * context + 1)
                tokens[place] = random.integers(0, VOCABULARY, context + 1)
        ends = np.cumsum([shard["tokens"] for shard in split["files"]])
        for path, shard, part in zip(
            paths, split["files"], np.split(tokens, ends[:-1]), strict=True
        ):
            part.tofile(path)
            shard["sha256"] = files.sha256(path)
        files.write_json(self.tokens / "manifest.json", manifest)

    def start(
        self, processes: int = 2, limit: int | None = None, **environment: str
    ) -> subprocess.Popen[str]:
        """The stage, in a session of its own, with at most ``limit`` bytes of address space."""
        clean = {name: value for name, value in os.environ.items() if "POLYGLOT" not in name}
        return subprocess.Popen(
            [sys.executable, "-m", "stages.pretrain"],
            cwd=self.folder,
            env={
                **clean,
                "PYTHONPATH": str(ROOT),
                "POLYGLOT_PROCESSES": str(processes),
                **environment,
            },
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
            preexec_fn=limit and (lambda: resource.setrlimit(resource.RLIMIT_AS, (limit, limit))),
        )

    def run(
        self, processes: int = 2, limit: int | None = None, **environment: str
    ) -> tuple[int, str]:
        """Exit code and output of the stage."""
        process = self.start(processes, limit, **environment)
        output, _ = process.communicate(timeout=300)
        return process.returncode, output

    def checkpoints(self) -> Path:
        """The one folder of checkpoints."""
        (folder,) = (self.folder / "data/checkpoints").iterdir()
        return folder

    def newest_step(self) -> int:
        """The step of the newest checkpoint; 0 before there is one."""
        latest = self.checkpoints() / "latest"
        return int(latest.read_text().removeprefix("step-")) if latest.exists() else 0

    def curve(self) -> list[dict[str, float]]:
        """The published curve without what the clock decides."""
        lines = (self.output / "curve.jsonl").read_text().splitlines()
        points = [json.loads(line) for line in lines]
        clock = ("tokens_per_second", "memory_gb")
        return [{k: v for k, v in point.items() if k not in clock} for point in points]

    def weights(self) -> bytes:
        return (self.output / "model.safetensors").read_bytes()

    def _split(self, name: str, sizes: list[int], random: np.random.Generator) -> dict[str, Any]:
        """Shards of a walk through the vocabulary, which a model can learn to follow."""
        shards = []
        for number, size in enumerate(sizes):
            walk = np.cumsum(random.integers(0, 4, size)) % VOCABULARY
            path = self.tokens / name / f"{number:05d}.ds"
            path.parent.mkdir(parents=True, exist_ok=True)
            walk.astype("<u2").tofile(path)
            digest = files.sha256(path)
            shards.append({"name": f"{name}/{path.name}", "tokens": size, "sha256": digest})
        source = {"documents": 1, "tokens": sum(sizes), "bytes": 4 * sum(sizes)}
        return {
            "documents": 1,
            "tokens": sum(sizes),
            "files": shards,
            "sources": {"nsmc": source},
        }
