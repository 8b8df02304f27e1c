"""Log-likelihoods of several continuations of one context, in one forward pass.

The continuations stand behind their context in one sequence, each at the positions that follow the
context, and see the context and themselves but not each other. The context is thus computed once
for all answers, and the output embedding only where a continuation is predicted.
"""

from dataclasses import dataclass

import torch
from torch import Tensor
from transformers import PreTrainedModel

Answer = tuple[float, bool]  # log-likelihood, whether greedy decoding would give it

PREDICTED_TOGETHER = 1024  # tokens whose logits are held at once
TOLERANCE = {torch.float32: 1e-4}  # relative, of a log-likelihood; in narrower types:
COARSE = 0.02


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
    input_ids: Tensor  # [batch, length]
    position_ids: Tensor  # [batch, length]
    # [batch, length]: 0 in a context, then 1, 2, … for each longer than a token; -1 in padding
    branch: Tensor
    predictors: tuple[list[int], list[int]]  # rows and columns of the tokens before each target
    targets: list[int]  # token ids of all continuations, one after the other


@torch.inference_mode()
def score(model: PreTrainedModel, batch: list[Branches]) -> list[list[Answer]]:
    """Log-likelihood (natural logarithm) of each continuation, and whether it is the greedy one.

    ``model`` is one that ``reads_branches``.
    """
    packed = _pack(batch, model.device)
    where = {}  # in plain sequences the model itself knows, and has a faster kernel for them
    if packed.branch.max() > 1:
        where = {
            "position_ids": packed.position_ids,
            "attention_mask": _mask(packed.branch, model.dtype),
        }
    states = model.base_model(input_ids=packed.input_ids, use_cache=False, **where)
    states = states.last_hidden_state[packed.predictors]
    likelihoods, greedy = _predicted(model, states, packed.targets)
    lengths = [len(ids) for branches in batch for ids in branches.continuations]
    answers = iter(
        (float(likelihood.sum()), bool(equal.all()))
        for likelihood, equal in zip(likelihoods.split(lengths), greedy.split(lengths), strict=True)
    )
    return [[next(answers) for _ in branches.continuations] for branches in batch]


def _predicted(model: PreTrainedModel, states: Tensor, targets: list[int]) -> tuple[Tensor, Tensor]:
    """Of every target its log-likelihood and whether it is the likeliest token, on the host."""
    head = model.get_output_embeddings()
    ids = torch.tensor(targets, device=states.device)
    likelihoods, greedy = [], []
    for some, wanted in zip(
        states.split(PREDICTED_TOGETHER), ids.split(PREDICTED_TOGETHER), strict=True
    ):
        logits = head(some).float()
        chosen = logits.gather(1, wanted[:, None])[:, 0]
        likelihoods.append(chosen - logits.logsumexp(1))
        greedy.append(logits.argmax(1) == wanted)
    return torch.cat(likelihoods).cpu(), torch.cat(greedy).cpu()


@torch.inference_mode()
def reads_branches(model: PreTrainedModel) -> bool:
    """Whether ``score`` gives for this model what its own forward pass gives.

    Not all architectures take a mask of four dimensions and positions, or apply the output
    embedding to the last hidden state as it is. The answer comes from a prompt of two branches.
    """
    context, continuations = (5, 9, 7, 3), [(8, 4, 6), (6, 5)]
    try:
        [answers] = score(model, [Branches(context, continuations)])
    except (AttributeError, RuntimeError, TypeError, ValueError):  # as architectures may refuse it
        return False
    for ids, (found, _) in zip(continuations, answers, strict=True):
        read = torch.tensor([context + ids[:-1]], device=model.device)
        logits = model(read).logits[0, -len(ids) :].float().log_softmax(-1)
        plain = float(logits.gather(1, torch.tensor(ids, device=model.device)[:, None]).sum())
        if not abs(found - plain) <= TOLERANCE.get(model.dtype, COARSE) * abs(plain):
            return False
    return True


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
        number = 0
        for ids in branches.continuations:
            start, end = end, end + len(ids) - 1
            number += end > start
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


def _mask(branch: Tensor, dtype: torch.dtype) -> Tensor:
    """[batch, 1, length, length], added to attention scores: 0 where a row sees a column."""
    length = branch.shape[1]
    earlier = torch.ones(length, length, dtype=torch.bool, device=branch.device).tril()
    related = (branch[:, None, :] == 0) | (branch[:, None, :] == branch[:, :, None])
    mask = torch.zeros(len(branch), length, length, dtype=dtype, device=branch.device)
    return mask.masked_fill(~(earlier & related), torch.finfo(dtype).min)[:, None]
