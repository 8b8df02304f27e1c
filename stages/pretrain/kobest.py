"""KOBEST at 0 shots while training goes on: the stage evaluate, on the weights of the moment."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import torch
from safetensors.torch import save_file
from transformers import GPTNeoXForCausalLM

from runtime import files, paths
from runtime.errors import ERROR
from stages.pretrain.params import KobestParams

RANK = ("RANK", "WORLD_SIZE", "LOCAL_RANK", "MASTER_ADDR", "MASTER_PORT", ERROR)


def scores(model: GPTNeoXForCausalLM, folder: Path, params: KobestParams) -> dict[str, float]:
    """Macro F1 by task; none, and a printed line, where it could not be told.

    ``folder`` holds the weights meanwhile.
    """
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(paths.TOKENIZER, folder / "model")
    model.config.save_pretrained(folder / "model")
    weights = {name: tensor.detach().cpu() for name, tensor in model.state_dict().items()}
    save_file(weights, folder / "model/model.safetensors", metadata={"format": "pt"})
    environment = {name: value for name, value in os.environ.items() if name not in RANK}
    if torch.cuda.is_available():
        environment["CUDA_VISIBLE_DEVICES"] = str(torch.cuda.current_device())
    words = [str(folder / "model"), str(folder / "scores.json"), str(params.limit or 0)]
    done = subprocess.run(
        [sys.executable, "-m", "stages.evaluate.probe", *words, *params.tasks],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        if done.returncode:
            last = (done.stdout.strip().splitlines() or ["no reason given"])[-1]
            print(f"KOBEST could not be looked at, and training goes on: {last}", flush=True)
            return {}
        return files.read_json(folder / "scores.json")
    finally:
        shutil.rmtree(folder)
