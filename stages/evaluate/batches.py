"""Which prompts are read in one forward pass: of like length, and as many as memory holds."""

from collections.abc import Iterable, Iterator
from typing import TypeVar

import psutil
import torch
from transformers import PreTrainedModel

from stages.evaluate.likelihood import Branches

MOST_TOKENS = {"cuda": 65_536, "cpu": 4096}  # more in one pass are no faster a token
SHARE_OF_MEMORY = 0.5  # of what is free once the model is there
WIDTHS = 24  # numbers a token needs in a layer, in hidden sizes: two feed-forward ones and more

Labelled = TypeVar("Labelled")


def together(
    prompts: Iterable[tuple[Branches, Labelled]], tokens: int
) -> Iterator[list[tuple[Branches, Labelled]]]:
    """Batches of at most ``tokens`` tokens with their padding, or of one prompt; longest first.

    Memory thus runs out in the first batch or in none.
    """
    batch: list[tuple[Branches, Labelled]] = []
    for prompt in sorted(prompts, key=lambda prompt: len(prompt[0]), reverse=True):
        if batch and len(batch[0][0]) * (len(batch) + 1) > tokens:
            yield batch
            batch = []
        batch.append(prompt)
    if batch:
        yield batch


def fitting(model: PreTrainedModel) -> int:
    """Tokens of one pass that memory holds, with the keys and values that all layers keep."""
    if model.device.type == "cuda":
        free, _ = torch.cuda.mem_get_info(model.device)
    else:
        free = psutil.virtual_memory().available
    widths = WIDTHS + 2 * model.config.num_hidden_layers
    a_token = widths * model.config.hidden_size * model.dtype.itemsize
    return max(1, min(MOST_TOKENS[model.device.type], int(SHARE_OF_MEMORY * free) // a_token))
