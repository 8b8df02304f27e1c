"""Learning rate, optimizer and DeepSpeed's configuration."""

import math
from typing import Any

import torch
from torch import nn

from stages.pretrain.model import decayed
from stages.pretrain.params import PretrainParams, accumulation

BUCKET = 500_000_000  # elements of gradients that are reduced together, DeepSpeed's default


def learning_rate(step: int, params: PretrainParams) -> float:
    """The learning rate of step ``step`` (from 0): linear warm-up, then down to ``min_lr``.

    ``cosine``: half a period. ``wsd`` (warm-up, stable, decay): ``lr`` until the last
    ``decay_share`` of the steps, then with 1 - sqrt (Hägele et al., 2024, arXiv:2405.18392).
    """
    warmup = math.ceil(params.warmup_share * params.steps)
    if step < warmup:
        return params.lr * (step + 1) / warmup
    if params.schedule == "cosine":
        done = (step + 1 - warmup) / (params.steps - warmup)
        left = (1 + math.cos(math.pi * done)) / 2
    else:
        decay = math.ceil(params.decay_share * params.steps)
        left = 1 - math.sqrt(max(0, step + 1 - (params.steps - decay)) / decay)
    return params.min_lr + (params.lr - params.min_lr) * left


def optimizer(model: nn.Module, params: PretrainParams) -> torch.optim.AdamW:
    """AdamW over two groups: with weight decay, and (biases and norms) without."""
    groups: dict[bool, list[nn.Parameter]] = {True: [], False: []}
    for name, parameter in model.named_parameters():
        groups[decayed(name)].append(parameter)
    beta1, beta2 = params.betas
    return torch.optim.AdamW(
        [
            {"params": groups[True], "weight_decay": params.weight_decay},
            {"params": groups[False], "weight_decay": 0.0},
        ],
        lr=params.lr,
        betas=(beta1, beta2),
        eps=params.eps,
        fused=params.speed.fused_adam,
    )


def deepspeed_config(params: PretrainParams, world_size: int, parameters: int) -> dict[str, Any]:
    """ZeRO stage 1: every process keeps its share of the fp32 weights and of Adam's moments."""
    return {
        "train_batch_size": params.global_batch,
        "train_micro_batch_size_per_gpu": params.micro_batch,
        "gradient_accumulation_steps": accumulation(params, world_size),
        "gradient_clipping": params.clip,
        "bf16": {"enabled": params.dtype == "bfloat16"},
        "zero_optimization": {
            "stage": 1,
            "overlap_comm": torch.cuda.is_available(),
            "reduce_bucket_size": min(BUCKET, parameters),
            "allgather_bucket_size": min(BUCKET, parameters),
        },
        "steps_per_print": params.steps + 1,
    }
