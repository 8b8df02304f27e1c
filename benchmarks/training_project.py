"""A folder to train in: parameters, random tokens, the launch configuration of this project."""

from pathlib import Path
from typing import Any

import numpy as np
from omegaconf import OmegaConf

from flows import profile
from runtime import files, paths

ROOT = Path(__file__).resolve().parent.parent


def write(folder: Path, vocabulary: int, words: list[str], grace: float = 60) -> None:
    """Fill ``folder``: profile smoke with ``words`` (``pretrain.`` left out) and no text written.

    The tokens walk through the vocabulary in steps that a model can learn, one epoch of them.
    """
    words = [*words, "eval_sequences=8", "samples.prompts=[]"]
    values = profile.composed("smoke", [f"pretrain.{word}" for word in words])
    OmegaConf.save(values, folder / "params.yaml")
    launch = folder / "infra/launch/local.yaml"
    launch.parent.mkdir(parents=True)
    text = (ROOT / "infra/launch/local.yaml").read_text()
    launch.write_text(text.replace("grace: 60", f"grace: {grace}"))
    what: Any = values.pretrain
    context = what.model.context
    random = np.random.default_rng(0)
    splits = {}
    for split, windows in (("train", what.global_batch * what.steps), ("validation", 8)):
        path = folder / paths.TOKENS / split / "00000.ds"
        path.parent.mkdir(parents=True)
        tokens = np.cumsum(random.integers(0, 4, windows * context + 1)) % vocabulary
        tokens.astype("<u2").tofile(path)
        shard = {"name": f"{split}/00000.ds", "tokens": len(tokens), "sha256": files.sha256(path)}
        splits[split] = {"tokens": len(tokens), "files": [shard]}
    files.write_json(
        folder / paths.TOKENIZER_CARD, {"vocab_size": vocabulary, "fingerprint": "none"}
    )
    manifest = {"vocab_size": vocabulary, "eod_id": 2, "tokenizer_fingerprint": "none"}
    files.write_json(folder / paths.TOKENS / "manifest.json", {**manifest, "splits": splits})
