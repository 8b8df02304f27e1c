"""Training as plainly as it can be read, for the trainer to be held against: one process, fp32."""

from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch.nn import functional

from stages.pretrain.data import Order
from stages.pretrain.model import build, configuration, decayed
from stages.pretrain.params import PretrainParams
from stages.pretrain.recipe import learning_rate


def losses(params: PretrainParams, tokens: Path, manifest: dict[str, Any]) -> list[float]:
    """The mean loss of every step of a training on the shards of ``manifest`` in ``tokens``."""
    context, vocab_size = params.model.context, manifest["vocab_size"]
    files = [tokens / file["name"] for file in manifest["splits"]["train"]["files"]]
    everything = np.concatenate([np.fromfile(file, "<u2") for file in files]).astype(np.int64)
    order = Order((len(everything) - 1) // context, params.seed)

    model = build(configuration(params.model, vocab_size, manifest["eod_id"]), params.seed)
    named = list(model.named_parameters())
    groups = [
        {"params": [p for name, p in named if decayed(name)], "weight_decay": params.weight_decay},
        {"params": [p for name, p in named if not decayed(name)], "weight_decay": 0.0},
    ]
    adam = torch.optim.AdamW(groups, betas=tuple(params.betas), eps=params.eps)
    found = []
    for step in range(params.steps):
        for group in adam.param_groups:
            group["lr"] = learning_rate(step, params)
        total = 0.0
        for window in order.step(step, params.global_batch).tolist():
            ids = torch.from_numpy(everything[window * context :][: context + 1])
            logits = model(input_ids=ids[None, :-1]).logits[0, :, :vocab_size]
            loss = functional.cross_entropy(logits, ids[1:]) / params.global_batch
            loss.backward()
            total += loss.item()
        torch.nn.utils.clip_grad_norm_(model.parameters(), params.clip)
        adam.step()
        adam.zero_grad()
        found.append(total)
    return found
