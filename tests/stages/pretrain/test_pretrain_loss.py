"""The loss in chunks is the loss, and so are its gradients, with padded rows left out."""

import pytest
import torch
from torch.nn import functional

from stages.pretrain.loss import cross_entropy


@pytest.mark.parametrize("chunk", [1, 7, 30, 64, None])
def test_loss_and_gradients_are_those_of_torch(chunk: int | None) -> None:
    random = torch.Generator().manual_seed(0)
    targets = torch.randint(44, (30,), generator=random)
    values = [torch.randn(*shape, generator=random) for shape in ((30, 16), (50, 16))]
    states, embedding = (value.clone().requires_grad_() for value in values)
    loss = cross_entropy(states, embedding, targets, 44, chunk)
    (3 * loss).backward()
    plain_states, plain_embedding = (value.clone().requires_grad_() for value in values)
    plain = functional.cross_entropy(plain_states @ plain_embedding[:44].T, targets)
    (3 * plain).backward()
    torch.testing.assert_close(loss, plain)
    torch.testing.assert_close(states.grad, plain_states.grad)
    torch.testing.assert_close(embedding.grad, plain_embedding.grad)
    with torch.no_grad():
        torch.testing.assert_close(cross_entropy(states, embedding, targets, 44, chunk), plain)


def test_many_chunks_lose_nothing_in_bfloat16() -> None:
    """Added up in bfloat16, the gradients of 512 chunks would lose their last chunks."""
    random = torch.Generator().manual_seed(0)
    targets = torch.randint(50, (512,), generator=random)
    states = torch.randn(512, 16, generator=random).bfloat16().requires_grad_()
    embedding = torch.randn(50, 16, generator=random).bfloat16().requires_grad_()
    cross_entropy(states, embedding, targets, 50, 1).backward()
    exact = embedding.detach().float().requires_grad_()
    functional.cross_entropy(states.detach().float() @ exact.T, targets).backward()
    assert embedding.grad is not None and exact.grad is not None
    error = (embedding.grad.float() - exact.grad).abs().max() / exact.grad.abs().max()
    assert error < 0.01
