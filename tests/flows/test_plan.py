"""What a training would take."""

from itertools import pairwise

import pytest
import torch
from transformers import GPTNeoXForCausalLM

from flows.plan import Plan, activations, known, limit, plan
from runtime.errors import PolyglotError
from stages.pretrain.model import NextTokenLoss, build, configuration
from stages.pretrain.params import ModelParams, SpeedParams
from tests.conftest import ROOT


@pytest.fixture(autouse=True)
def in_the_project(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)


def planned(profile: str = "1.3b", gpus: int = 256, gpu: str = "a100-80gb") -> Plan:
    return plan(profile, [], gpus, gpu, mfu=0.5)


def test_the_reference_is_what_was_published() -> None:
    found = planned()
    assert found.parameters == 1_331_810_304
    assert found.tokens == 102_000 * 1_024 * 2_048 == 213_909_504_000
    assert found.shards_gb == pytest.approx(427.8, abs=0.1)


def test_time_follows_from_the_floating_point_operations() -> None:
    one = planned(gpus=1, gpu="h200-141gb").speeds[0]
    a_token = 6 * (1_331_810_304 - 30_080 * 2_048) + 12 * 24 * 2_048 * 2_048
    assert one.tokens_per_second == pytest.approx(0.5 * 989e12 / a_token)
    assert one.communication == 0
    assert one.gpu_hours == pytest.approx(213_909_504_000 / one.tokens_per_second / 3600)


def test_more_gpus_are_faster_and_cost_more() -> None:
    speeds = planned().speeds
    assert [speed.gpus for speed in speeds] == [8, 16, 32, 64, 128, 256]
    for few, many in pairwise(speeds):
        assert many.hours < few.hours
        assert many.gpu_hours > few.gpu_hours
        assert many.communication > few.communication
        assert many.accumulation * many.gpus == few.accumulation * few.gpus


def test_memory_falls_with_gpus_and_grows_with_the_micro_batch() -> None:
    one, many = planned(gpus=8), planned(gpus=256)
    assert one.memory.weights == many.memory.weights == pytest.approx(2.66, abs=0.01)
    assert one.memory.optimizer == pytest.approx(32 * many.memory.optimizer)
    assert many.micro_batch <= many.largest_micro_batch
    assert many.memory.total <= limit(known()["a100-80gb"])


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float32])
@pytest.mark.parametrize("again", [False, True])
def test_a_layer_keeps_what_torch_keeps_of_it(dtype: torch.dtype, again: bool) -> None:
    kept, planned = [], []
    for layers in (2, 4):
        shape = ModelParams(layers, 256, 4, 1024, rotary_pct=0.5, context=128, vocab_multiple=128)
        model = build(configuration(shape, 1_000, eod_id=2), seed=0).to(dtype)
        if again:
            model.activation_checkpointing_enable({"use_reentrant": False})
        kept.append(kept_for_backward(model, torch.randint(1_000, (2, 129))))
        speed = SpeedParams(False, "sdpa", 64, layers if again else 0, fused_adam=True)
        planned.append(activations(model.config, 2, speed, dtype.itemsize))
    assert planned[1] - planned[0] == pytest.approx(kept[1] - kept[0], rel=0.01)


def kept_for_backward(model: GPTNeoXForCausalLM, windows: torch.Tensor) -> int:
    """Bytes of all tensors besides the weights that the backward pass would need."""
    weights = {weight.untyped_storage().data_ptr() for weight in model.parameters()}
    kept: dict[int, torch.Tensor] = {}

    def keep(tensor: torch.Tensor) -> torch.Tensor:
        kept.setdefault(tensor.untyped_storage().data_ptr(), tensor)
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(keep, lambda tensor: tensor):
        NextTokenLoss(model.train(), 1_000, loss_chunk=64)(windows)
    storages = (kept[place].untyped_storage() for place in kept.keys() - weights)
    return sum(storage.nbytes() for storage in storages)


def test_less_is_held_in_chunks_and_when_it_is_computed_again() -> None:
    def held(*words: str) -> float:
        return plan("1.3b", list(words), 8, "h100-80gb", mfu=0.5).memory.activations

    assert held("pretrain.speed.loss_chunk=null") - held() > 2
    assert held("pretrain.speed.recompute_layers=24") < held() / 4


def test_checkpoints_of_every_so_many_steps_are_counted() -> None:
    assert planned().checkpoints_gb == pytest.approx(14 * 1.331810304 * (2 + 10 + 1), abs=0.1)
    bounded = plan("1.3b", ["pretrain.checkpoints.max_gb=100"], 8, "h100-80gb", mfu=0.5)
    assert bounded.checkpoints_gb == pytest.approx(100 + 14 * 1.331810304, abs=0.1)


def test_only_numbers_of_gpus_that_the_model_fits_are_compared() -> None:
    speeds = planned("12.8b", 256, "h100-80gb").speeds
    assert [speed.gpus for speed in speeds] == [64, 128, 256]


@pytest.mark.parametrize(
    ("profile", "gpus", "gpu", "says"),
    [
        ("12.8b", 8, "a100-40gb", "12.8b needs .* take more GPUs, or larger ones"),
        ("1.3b", 3, "a100-80gb", "divisor of the global batch, 1024"),
        ("1.3b", 8, "v100", "it can be a100-40gb"),
    ],
)
def test_what_cannot_be_is_one_sentence(profile: str, gpus: int, gpu: str, says: str) -> None:
    with pytest.raises(PolyglotError, match=says):
        planned(profile, gpus, gpu)


def test_a_share_of_the_peak_above_it() -> None:
    with pytest.raises(PolyglotError, match=r"--mfu is 1\.5"):
        plan("1.3b", [], 8, "h100-80gb", mfu=1.5)
