"""Log-likelihoods of several continuations of one context, in one forward pass.

The continuations stand behind their context in one sequence, each at the positions that follow the
context, and see the context and themselves but not each other. The context is thus computed once
for all answers, and the output embedding only where a continuation is predicted.
"""

from dataclasses import dataclass

import torch
from transformers import PreTrainedModel


@dataclass(frozen=True)
class Branches:
    """A context and the continuations to score, in token ids; none of them empty."""

    context: tuple[int, ...]
    continuations: list[tuple[int, ...]]

    def __len__(self) -> int:
        """Tokens that the model reads: nothing follows a continuation's last token."""
        return len(self.context) + sum(len(ids) - 1 for ids in self.continuations)


@dataclass(frozen=True)
class _Packed:
    input_ids: torch.Tensor  # [batch, length]
    position_ids: torch.Tensor  # [batch, length]
    branch: torch.Tensor  # [batch, length]: 0 in a context, then 1, 2, …; -1 in padding
    predictors: tuple[list[int], list[int]]  # rows and columns of the tokens before each target
    targets: list[int]  # token ids of all continuations, one after the other


@torch.inference_mode()
def score(model: PreTrainedModel, batch: list[Branches]) -> list[list[tuple[float, bool]]]:
    """Log-likelihood (natural logarithm) of each continuation, and whether it is the greedy one.

    ``model`` is a GPT-NeoX, or another whose positions are rotary and whose output embedding is
    applied to the last hidden state as it is.
    """
    packed = _pack(batch, model.device)
    states = model.base_model(
        input_ids=packed.input_ids,
        position_ids=packed.position_ids,
        attention_mask=_mask(packed.branch, model.dtype),
        use_cache=False,
    ).last_hidden_state
    logits = model.get_output_embeddings()(states[packed.predictors]).float()
    targets = torch.tensor(packed.targets, device=logits.device)
    likelihoods = logits.log_softmax(-1).gather(1, targets[:, None])[:, 0].cpu()
    greedy = (logits.argmax(-1) == targets).cpu()

    lengths = [len(ids) for branches in batch for ids in branches.continuations]
    answers = iter(
        (float(likelihood.sum()), bool(equal.all()))
        for likelihood, equal in zip(likelihoods.split(lengths), greedy.split(lengths), strict=True)
    )
    return [[next(answers) for _ in branches.continuations] for branches in batch]


def _pack(batch: list[Branches], device: torch.device) -> _Packed:
    shape = len(batch), max(map(len, batch))
    input_ids = torch.zeros(shape, dtype=torch.long)
    position_ids = torch.zeros(shape, dtype=torch.long)
    branch = torch.full(shape, -1)
    rows: list[int] = []
    columns: list[int] = []
    targets: list[int] = []
    for row, branches in enumerate(batch):
        end = depth = len(branches.context)
        input_ids[row, :end] = torch.tensor(branches.context)
        position_ids[row, :end] = torch.arange(end)
        branch[row, :end] = 0
        for number, ids in enumerate(branches.continuations, start=1):
            start, end = end, end + len(ids) - 1
            input_ids[row, start:end] = torch.tensor(ids[:-1])
            position_ids[row, start:end] = torch.arange(depth, depth + len(ids) - 1)
            branch[row, start:end] = number
            rows += [row] * len(ids)
            columns += [depth - 1, *range(start, end)]
            targets += ids
    return _Packed(
        input_ids.to(device),
        position_ids.to(device),
        branch.to(device),
        (rows, columns),
        targets,
    )


def _mask(branch: torch.Tensor, dtype: torch.dtype) -> torch.Tensor:
    """[batch, 1, length, length], added to attention scores: 0 where a row sees a column."""
    length = branch.shape[1]
    earlier = torch.ones(length, length, dtype=torch.bool, device=branch.device).tril()
    related = (branch[:, None, :] == 0) | (branch[:, None, :] == branch[:, :, None])
    mask = torch.zeros(len(branch), length, length, dtype=dtype, device=branch.device)
    return mask.masked_fill(~(earlier & related), torch.finfo(dtype).min)[:, None]
