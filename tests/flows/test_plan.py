"""What a training would take."""

from itertools import pairwise

import pytest

from flows.plan import Plan, known, limit, plan
from runtime.errors import PolyglotError
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
