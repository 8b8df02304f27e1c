"""The model has the shape, the start and the loss that it is said to have."""

import math
import shutil
from dataclasses import replace

import pytest
import torch
from torch.nn import functional
from transformers import GPTNeoXForCausalLM

from runtime.errors import PolyglotError
from stages.pretrain.model import (
    NextTokenLoss,
    build,
    configuration,
    decayed,
    padded,
    positions,
    recompute,
)
from stages.pretrain.params import ModelParams
from stages.pretrain.throughput import flops_per_token, mfu, parameter_count, peak

REFERENCE = ModelParams(
    layers=24,
    hidden_size=2048,
    heads=16,
    intermediate_size=8192,
    rotary_pct=0.5,
    context=2048,
    vocab_multiple=128,
)
TINY = ModelParams(
    layers=2,
    hidden_size=64,
    heads=4,
    intermediate_size=256,
    rotary_pct=0.5,
    context=32,
    vocab_multiple=128,
)


def test_the_reference_model_has_as_many_parameters_as_published() -> None:
    with torch.device("meta"):
        model = GPTNeoXForCausalLM(configuration(REFERENCE, 30_003, eod_id=2))
    assert parameter_count(model) == 1_331_810_304
    assert model.config.vocab_size == 30_080
    assert model.gpt_neox.layers[0].attention.rotary_ndims == 64


@pytest.mark.parametrize("vocab_size, rows", [(30_003, 30_080), (128, 128), (129, 256)])
def test_the_vocabulary_is_padded_to_the_next_multiple(vocab_size: int, rows: int) -> None:
    assert padded(vocab_size, 128) == rows


@pytest.mark.parametrize("vocab_size", [300, 4_096, 30_003])
def test_the_first_loss_is_that_of_knowing_nothing(vocab_size: int) -> None:
    model = build(configuration(TINY, vocab_size, eod_id=2), seed=0)
    windows = torch.randint(vocab_size, (16, 33), generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        loss = NextTokenLoss(model, vocab_size)(windows).item()
    assert loss == pytest.approx(math.log(vocab_size), rel=0.02)


def test_padded_rows_never_matter_to_the_loss() -> None:
    model = build(configuration(TINY, 300, eod_id=2), seed=0)
    windows = torch.randint(300, (4, 33), generator=torch.Generator().manual_seed(0))
    before = NextTokenLoss(model, 300)(windows)
    before.backward()
    assert model.lm_head.weight.grad is not None
    assert not model.lm_head.weight.grad[300:].any()
    with torch.no_grad():
        model.lm_head.weight[300:] = 1_000.0
        assert NextTokenLoss(model, 300)(windows) == before


@pytest.mark.parametrize("kernel", ["sdpa", "eager"])
def test_the_loss_is_that_of_the_models_own_logits(kernel: str) -> None:
    model = build(configuration(TINY, 300, eod_id=2), seed=0, kernel=kernel)
    windows = torch.randint(300, (4, 33), generator=torch.Generator().manual_seed(0))
    logits = model(windows[:, :-1]).logits[..., :300]
    plain = functional.cross_entropy(logits.flatten(0, 1), windows[:, 1:].flatten())
    torch.testing.assert_close(NextTokenLoss(model, 300)(windows), plain)


@pytest.mark.parametrize("layers", [1, 2])
def test_layers_that_are_computed_again_give_the_same_gradients(layers: int) -> None:
    windows = torch.randint(300, (4, 33), generator=torch.Generator().manual_seed(0))
    gradients = []
    for again in (0, layers):
        model = build(configuration(TINY, 300, eod_id=2), seed=0).train()
        recompute(model, again)
        NextTokenLoss(model, 300, loss_chunk=50)(windows).backward()
        gradients.append([weight.grad for weight in model.parameters()])
    torch.testing.assert_close(*gradients)


@pytest.mark.slow
@pytest.mark.skipif(not shutil.which("g++"), reason="torch.compile needs g++ on a CPU")
def test_compiled_layers_give_the_same_gradients() -> None:
    windows = torch.randint(300, (4, 33), generator=torch.Generator().manual_seed(0))
    gradients = []
    for compiled in (False, True):
        shape = replace(TINY, layers=1)
        model = build(configuration(shape, 300, eod_id=2), seed=0).train()
        if compiled:
            model.gpt_neox.layers[0].compile()
        NextTokenLoss(model, 300, loss_chunk=50)(windows).backward()
        gradients.append([weight.grad for weight in model.parameters()])
    torch.testing.assert_close(*gradients)


def test_an_attention_that_is_not_installed_is_one_sentence() -> None:
    with pytest.raises(PolyglotError, match=r"attention flash_attention_2 cannot be used"):
        build(configuration(TINY, 300, eod_id=2), seed=0, kernel="flash_attention_2")


def test_attention_can_end_with_the_document() -> None:
    eod = 2
    model = build(configuration(TINY, 300, eod_id=eod), seed=0)
    first, second = [7, 8, 9, eod], [11, 12, eod, 13, 14, 15]
    changed = torch.tensor([[5, 6, 7, eod, *second], [*first, *second], [*first, *second]])
    changed[2, 4:7] = torch.tensor([eod, eod, eod])
    assert positions(changed, eod).tolist() == [
        [0, 1, 2, 3, 0, 1, 2, 0, 1, 2],
        [0, 1, 2, 3, 0, 1, 2, 0, 1, 2],
        [0, 1, 2, 3, 0, 0, 0, 0, 1, 2],
    ]

    def logits(ids: list[int]) -> torch.Tensor:
        input_ids = torch.tensor([ids])
        with torch.no_grad():
            places = positions(input_ids, eod)
            return model(input_ids=input_ids, position_ids=places, use_cache=False).logits[0]

    packed = logits([*first, *second])
    assert torch.allclose(packed[4:], logits([5, 6, 7, eod, *second])[4:], atol=1e-5)
    apart = torch.cat([logits(first), logits(second[:3]), logits(second[3:])])
    assert torch.allclose(packed, apart, atol=1e-5)
    with torch.no_grad():
        across = model(input_ids=torch.tensor([[*first, *second]])).logits[0]
    assert not torch.allclose(packed[4:], across[4:], atol=1e-2)


def test_the_loss_within_documents_is_that_of_the_documents_apart() -> None:
    eod = 2
    model = build(configuration(TINY, 300, eod_id=eod), seed=0)
    window = torch.tensor([[eod, 7, 8, 9, eod, 11, 12, 13, eod]])
    apart = [window[:, 0:2], window[:, 1:6], window[:, 5:9]]  # each with the token to come
    with torch.no_grad():
        within = NextTokenLoss(model, 300, eod)(window)
        of_each = [NextTokenLoss(model, 300)(part) * (part.shape[1] - 1) for part in apart]
        assert torch.allclose(within, sum(of_each) / 8)
        assert not torch.allclose(within, NextTokenLoss(model, 300)(window))


def test_the_initial_weights_are_those_of_gpt_neox() -> None:
    model = build(configuration(TINY, 4_096, eod_id=2), seed=0)
    small, wang = math.sqrt(2 / (5 * 64)), 2 / (2 * math.sqrt(64))
    layer = model.gpt_neox.layers[1]
    expected = {
        model.gpt_neox.embed_in.weight: small,
        layer.attention.query_key_value.weight: small,
        layer.mlp.dense_h_to_4h.weight: small,
        layer.attention.dense.weight: wang,
        layer.mlp.dense_4h_to_h.weight: wang,
        model.lm_head.weight: small / 2,
    }
    for weight, std in expected.items():
        assert weight.std().item() == pytest.approx(std, rel=0.05)
    assert not layer.attention.dense.bias.any()
    assert (layer.input_layernorm.weight == 1).all()


def test_the_seed_decides_the_initial_weights() -> None:
    config = configuration(TINY, 300, eod_id=2)
    first, again, other = (build(config, seed).lm_head.weight for seed in (0, 0, 1))
    assert torch.equal(first, again)
    assert not torch.equal(first, other)


def test_biases_and_norms_do_not_decay() -> None:
    model = build(configuration(TINY, 300, eod_id=2), seed=0)
    for name, parameter in model.named_parameters():
        assert decayed(name) == (parameter.dim() == 2)


def test_flops_count_what_multiplies_and_the_attention() -> None:
    config = configuration(REFERENCE, 30_003, eod_id=2)
    weights = 1_331_810_304 - 30_080 * 2048
    assert flops_per_token(config, 1_331_810_304) == 6 * weights + 12 * 24 * 2048 * 2048
    assert mfu(1e4, 1e9, world_size=2, peak=1e13) == pytest.approx(0.5)


@pytest.mark.parametrize(
    "name, flops",
    [
        ("NVIDIA H100 80GB HBM3", 989e12),
        ("NVIDIA H100 PCIe", 756e12),
        ("NVIDIA H100 80GB HBM3 MIG 1g.10gb", None),
        ("NVIDIA GH200 480GB", None),
    ],
)
def test_only_a_known_gpu_has_a_peak(
    name: str, flops: float | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(torch.cuda, "get_device_name", lambda device: name)
    assert peak(torch.device("cuda")) == flops
