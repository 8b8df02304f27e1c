"""What to do when a training does not fit."""

import torch

from stages.pretrain.params import PretrainParams, accumulation


def is_out_of_memory(error: Exception) -> bool:
    """Whether torch asked a GPU, or the host, for memory in vain."""
    return isinstance(error, torch.OutOfMemoryError) or "can't allocate memory" in str(error)


def advice(params: PretrainParams, world_size: int, error: Exception) -> str:
    """One sentence: what did not fit, and which parameters make it fit without another result."""
    now = params.micro_batch
    layers = params.model.layers
    remedies = []
    if now > 1:
        less = next(n for n in range(now // 2, 0, -1) if now % n == 0)
        more = accumulation(params, world_size) * now // less
        remedies.append(
            f"set pretrain.micro_batch={less} (each step is then accumulated from {more} parts in "
            f"place of {more * less // now}, with the same result)"
        )
    if params.speed.loss_chunk is None:
        remedies.append("set pretrain.speed.loss_chunk=1024")
    if params.speed.recompute_layers < layers:
        remedies.append(
            f"set pretrain.speed.recompute_layers={layers} (slower by about a third, a fraction "
            "of the activations)"
        )
    remedies.append("use more GPUs")
    reason = str(error).splitlines()[0].rstrip(".")
    return (
        f"A micro-batch of {now} does not fit in memory ({reason}): {', or '.join(remedies)}. The "
        "checkpoints stay valid."
    )
