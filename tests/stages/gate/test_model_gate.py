"""Gate model."""

from collections.abc import Callable

import pytest
import torch
from safetensors.torch import load_file, save_file

from runtime import files, paths
from runtime.errors import PolyglotError
from stages.gate import model as gate
from stages.gate.params import ModelGate
from tests.stages.gate.conftest import failure, judged, write_metrics

WEIGHTS = paths.MODEL / "model.safetensors"


def test_a_good_model_passes(exported: ModelGate) -> None:
    found = judged(gate, exported)
    assert found.sentence is None
    assert found.passed and all(e.passed for e in found.expectations)


def scale_weights(factor: float) -> None:
    weights = {name: tensor * factor for name, tensor in load_file(WEIGHTS).items()}
    save_file(weights, WEIGHTS, metadata={"format": "pt"})


def drop_bias() -> None:
    weights = load_file(WEIGHTS)
    del weights["gpt_neox.final_layer_norm.bias"]
    save_file(weights, WEIGHTS, metadata={"format": "pt"})


def pickle_beside() -> None:
    (paths.MODEL / "pytorch_model.bin").write_bytes(b"")


def lowercase() -> None:
    path = paths.MODEL / "tokenizer.json"
    tokenizer = files.read_json(path)
    files.write_json(path, tokenizer | {"normalizer": {"type": "Lowercase"}})


def with_metrics(**changes: float) -> Callable[[], None]:
    def change() -> None:
        trained = files.read_json(paths.PRETRAIN / "metrics.json")
        write_metrics(**trained | changes)

    return change


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (pickle_beside, "run code when loaded to be at most 0, but saw 1"),
        (drop_bias, "those that config.json implies"),
        (with_metrics(parameters=7), "those that pretrain counted"),
        (lambda: scale_weights(float("nan")), "logits that are no finite number to be at most 0"),
        (lambda: scale_weights(1.5), "and of the engine to be at most 0.01"),
        (lowercase, "Korean sentences that tokenizing changes to be at most 0, but saw 1"),
        (with_metrics(validation_loss=float("nan")), "losses that are no finite number"),
        (with_metrics(validation_loss=5.9), "to be below 5.768, but saw 5.9"),
        (with_metrics(train_loss=6.0), "initial to the final training loss to be below 0"),
    ],
)
def test_spoilt_models_fail(exported: ModelGate, spoil: Callable[[], None], says: str) -> None:
    spoil()
    assert says in failure(gate, exported)


def test_a_folder_that_cannot_be_loaded_is_one_sentence(exported: ModelGate) -> None:
    WEIGHTS.write_bytes(WEIGHTS.read_bytes()[:1000])
    with pytest.raises(PolyglotError, match="data/model cannot be loaded"):
        judged(gate, exported)


@pytest.mark.parametrize(
    ("metrics", "gpu_at_hand", "device"),
    [
        ({"device": "NVIDIA H100"}, True, "cuda"),
        ({"device": "NVIDIA H100"}, False, "cpu"),
        ({"device": "cpu"}, True, "cpu"),
    ],
)
def test_logits_are_computed_where_the_engine_computed_them(
    metrics: dict[str, str], gpu_at_hand: bool, device: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: gpu_at_hand)
    assert gate.device_of(metrics) == device
