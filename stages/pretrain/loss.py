"""Cross-entropy that never holds the logits of all tokens.

The logits of a micro-batch are the largest tensor of a training: 8,192 tokens of the 1.3B model
have 1 GB of them in fp32, and as much again for every step of the softmax and its gradient. Here
they are computed for some tokens at a time, and in the same pass turned into the gradients of the
hidden states and of the output embedding, as Liger's fused kernel does (Hsu et al., 2024,
arXiv:2410.10989), with matrix products of torch alone.
"""

from typing import Any

import torch
from torch import Tensor
from torch.autograd import Function
from torch.nn import functional


def cross_entropy(
    states: Tensor, embedding: Tensor, targets: Tensor, vocab_size: int, chunk: int | None
) -> Tensor:
    """Mean cross-entropy in nats, a scalar in fp32, ``chunk`` tokens at a time, or all at once.

    Args:
        states: the last hidden states, ``[tokens, dimensions]``.
        embedding: the output embedding, ``[padded vocabulary, dimensions]``.
        targets: the ids to predict, int64 ``[tokens]``.
        vocab_size: rows of the embedding that stand for tokens. The others stay outside the
            softmax and get no gradient; they are multiplied all the same, because a GPU is slow
            with rows whose length is no multiple of 8.
        chunk: tokens whose logits are held at once; memory is ``8 * chunk * vocabulary`` bytes.
    """
    if chunk and torch.is_grad_enabled():
        return _CrossEntropy.apply(states, embedding, targets, vocab_size, chunk)
    chunk = chunk or len(targets)
    total = torch.zeros((), device=states.device)
    for some, ids in zip(states.split(chunk), targets.split(chunk), strict=True):
        logits = _logits(some, embedding, vocab_size)
        total = total + functional.cross_entropy(logits, ids, reduction="sum")
    return total / len(targets)


def _logits(states: Tensor, embedding: Tensor, vocab_size: int) -> Tensor:
    """fp32 ``[tokens, padded vocabulary]``, minus infinity where no token is."""
    logits = (states @ embedding.T).float()
    logits[:, vocab_size:] = -torch.inf
    return logits


class _CrossEntropy(Function):
    """Computes the gradients with the loss; the backward pass only scales them."""

    @staticmethod
    def forward(
        context: Any,
        states: Tensor,
        embedding: Tensor,
        targets: Tensor,
        vocab_size: int,
        chunk: int,
    ) -> Tensor:
        total = torch.zeros((), device=states.device)
        of_states = torch.empty_like(states)
        # In fp32, whatever the weights are in: many chunks are added up.
        of_embedding = torch.zeros(embedding.shape, device=states.device)
        for start in range(0, len(targets), chunk):
            some, ids = states[start : start + chunk], targets[start : start + chunk, None]
            logits = _logits(some, embedding, vocab_size)
            scale = logits.logsumexp(1, keepdim=True)
            total += (scale - logits.gather(1, ids)).sum()
            of_logits = logits.sub_(scale).exp_()  # probabilities; less 1 at the target below
            of_logits.scatter_add_(1, ids, torch.full_like(scale, -1.0))
            narrow = of_logits.div_(len(targets)).to(states.dtype)
            torch.mm(narrow, embedding, out=of_states[start : start + chunk])
            of_embedding += narrow.T @ some
        context.save_for_backward(of_states, of_embedding.to(embedding.dtype))
        return total / len(targets)

    @staticmethod
    def backward(context: Any, scale: Tensor) -> tuple[Tensor, Tensor, None, None, None]:
        of_states, of_embedding = context.saved_tensors
        return of_states * scale, of_embedding * scale, None, None, None
