"""Log-likelihoods of several continuations of one context, which is computed once.

The first continuation is read with the context, as one plain sequence. The others are read after it
from the cache of the context's keys and values, in one sequence: each at the positions that follow
the context, seeing the context and itself but not the others. The output embedding is applied only
where a token of a continuation is predicted.
"""

from dataclasses import dataclass
from typing import Any

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
class _Plain:
    """Contexts, each with its first continuation, and padding to the right."""

    input_ids: Tensor  # [batch, length]
    lengths: Tensor  # [batch]: of the contexts


@dataclass(frozen=True)
class _Branched:
    """The other continuations of each context, one after the other, and padding to the right."""

    input_ids: Tensor  # [batch, length]
    position_ids: Tensor  # [batch, length]
    branch: Tensor  # [batch, length]: 1, 2, … for each continuation; -1 in padding


@torch.inference_mode()
def score(model: PreTrainedModel, batch: list[Branches]) -> list[list[Answer]]:
    """Log-likelihood (natural logarithm) of each continuation, and whether it is the greedy one.

    ``model`` is one that ``reads_branches``.
    """
    plain, branched = _plain(batch, model.device), _branched(batch, model.device)
    read = model.base_model(input_ids=plain.input_ids, use_cache=branched is not None)
    states = read.last_hidden_state
    if branched is not None:
        further = model.base_model(
            input_ids=branched.input_ids,
            position_ids=branched.position_ids,
            attention_mask=_mask(plain, branched, model.dtype),
            past_key_values=read.past_key_values,
            use_cache=True,
        )
        states = torch.cat([states, further.last_hidden_state], dim=1)
    rows, columns, targets = _predictors(batch, plain.input_ids.shape[1])
    likelihoods, greedy = _predicted(model, states[rows, columns], targets)
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
    embedding to the last hidden state as it is. The answer comes from a prompt of three branches.
    """
    context, continuations = (5, 9, 7, 3), [(8, 4, 6), (6, 5), (4, 9, 8)]
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


def _plain(batch: list[Branches], device: torch.device) -> _Plain:
    sequences = [(*branches.context, *branches.continuations[0][:-1]) for branches in batch]
    lengths = torch.tensor([len(branches.context) for branches in batch])
    return _Plain(_padded(sequences, 0).to(device), lengths.to(device))


def _branched(batch: list[Branches], device: torch.device) -> _Branched | None:
    """None if no continuation but the first is longer than a token."""
    others = [[ids[:-1] for ids in branches.continuations[1:]] for branches in batch]
    if not any(ids for every in others for ids in every):
        return None
    starts = [len(branches.context) for branches in batch]
    return _Branched(
        _padded([sum(every, ()) for every in others], 0).to(device),
        _padded(
            [
                [start + place for ids in every for place in range(len(ids))]
                for start, every in zip(starts, others, strict=True)
            ],
            0,
        ).to(device),
        _padded(
            [[number for number, ids in enumerate(every, 1) for _ in ids] for every in others], -1
        ).to(device),
    )


def _padded(sequences: list[Any], padding: int) -> Tensor:
    """int64 ``[sequences, longest]``."""
    longest = max(map(len, sequences))
    return torch.tensor([[*ids, *[padding] * (longest - len(ids))] for ids in sequences])


def _mask(plain: _Plain, branched: _Branched, dtype: torch.dtype) -> Tensor:
    """``[batch, 1, branched, plain + branched]``, added to attention scores: 0 where one sees."""
    length, read = branched.branch.shape[1], plain.input_ids.shape[1]
    device = branched.branch.device
    context = torch.arange(read, device=device) < plain.lengths[:, None]
    earlier = torch.ones(length, length, dtype=torch.bool, device=device).tril()
    own = branched.branch[:, None, :] == branched.branch[:, :, None]
    seen = torch.cat([context[:, None, :].expand(-1, length, -1), own & earlier], dim=2)
    mask = torch.zeros(seen.shape, dtype=dtype, device=device)
    return mask.masked_fill(~seen, torch.finfo(dtype).min)[:, None]


def _predictors(batch: list[Branches], read: int) -> tuple[list[int], list[int], list[int]]:
    """Of every token of every continuation the row and column of the token before, and its id.

    Columns count through the plain sequences, which are ``read`` tokens long, and the branched.
    """
    rows: list[int] = []
    columns: list[int] = []
    targets: list[int] = []
    for row, branches in enumerate(batch):
        last = len(branches.context) - 1
        place = last + 1
        for number, ids in enumerate(branches.continuations):
            if number == 1:
                place = read
            rows += [row] * len(ids)
            columns += [last, *range(place, place + len(ids) - 1)]
            targets += ids
            place += len(ids) - 1
    return rows, columns, targets
