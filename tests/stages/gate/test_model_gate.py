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
REFERENCE = paths.PRETRAIN / "reference.safetensors"


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


def allow_padding() -> None:
    path = paths.MODEL / "generation_config.json"
    files.write_json(path, files.read_json(path) | {"suppress_tokens": None})


def prefer_padding() -> None:
    allow_padding()
    weights = load_file(WEIGHTS)
    weights["embed_out.weight"][-10:] *= 1000
    save_file(weights, WEIGHTS, metadata={"format": "pt"})


def with_losses(shift: float) -> Callable[[], None]:
    def change() -> None:
        engine = load_file(REFERENCE)
        save_file(engine | {"losses": engine["losses"] + shift}, REFERENCE)

    return change


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
        (with_losses(0.002), "loss to that of the engine to be at most 0.001, but saw 0.002"),
        (allow_padding, "generation_config.json does not rule out to be at most 0"),
        (lowercase, "Korean sentences that tokenizing changes to be at most 0, but saw 1"),
        (with_metrics(validation_loss=float("nan")), "losses that are no finite number"),
        (with_metrics(validation_loss=5.9), "to be below 5.768, but saw 5.9"),
        (with_metrics(train_loss=6.0), "initial to the final training loss to be below 0"),
    ],
)
def test_spoilt_models_fail(exported: ModelGate, spoil: Callable[[], None], says: str) -> None:
    spoil()
    assert says in failure(gate, exported)


def test_a_loss_as_near_as_demanded_passes(exported: ModelGate) -> None:
    with_losses(0.0005)()
    assert judged(gate, exported).passed


def test_padded_ids_that_are_written_are_noticed(exported: ModelGate) -> None:
    prefer_padding()
    about = {e.about: e for e in judged(gate, exported).expectations}
    written = about["the number of padded ids that the model wrote"]
    assert not written.passed and written.seen != "0"


def test_documents_apart_are_read_apart(exported: ModelGate) -> None:
    engine = load_file(REFERENCE)
    places = torch.arange(20).repeat(3, 1) % 10
    save_file(engine | {"position_ids": places}, REFERENCE)
    exported.max_loss_difference = 1e-5  # it has learnt little, and loses little
    assert "loss to that of the engine" in failure(gate, exported)


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
