"""The exported folder is the trained model, readable by transformers old and new."""

import json
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file, save_file
from transformers import AutoModelForCausalLM, GPTNeoXConfig, GPTNeoXForCausalLM

from runtime import files
from runtime.errors import PolyglotError
from stages.export import ExportParams, export
from stages.export.card import REFERENCE_PARAMETERS, size

VOCABULARY = 300
PRETRAIN_PARAMS = {
    "model": {"context": 32},
    "dtype": "bfloat16",
    "global_batch": 16,
    "lr": 0.003,
    "min_lr": 0.0003,
    "schedule": "cosine",
    "warmup_share": 0.01,
    "betas": [0.9, 0.95],
    "eps": 1e-8,
    "weight_decay": 0.1,
    "clip": 1.0,
    "seed": 42,
}
SOURCES = {
    "nsmc": {"documents": 8, "tokens": 3_000, "bytes": 14_200},
    "blog": {"documents": 4, "tokens": 2_000, "bytes": 61_900_000},
}


class Run:
    """What the stages before export leave, around a model that was never trained."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.pretrain = folder / "pretrain"
        self.model = folder / "model"
        self.config = GPTNeoXConfig(
            architectures=["GPTNeoXForCausalLM"],
            vocab_size=384,
            hidden_size=32,
            num_hidden_layers=2,
            num_attention_heads=2,
            intermediate_size=128,
            max_position_embeddings=32,
            bos_token_id=2,
            eos_token_id=2,
            rope_parameters={
                "rope_type": "default",
                "rope_theta": 10000.0,
                "partial_rotary_factor": 0.5,
            },
        )
        torch.manual_seed(0)
        self.engine = GPTNeoXForCausalLM._from_config(self.config, dtype=torch.bfloat16).eval()
        self.pretrain.mkdir()
        self.save(self.engine.state_dict())
        files.write_text(self.pretrain / "config.json", self.config.to_json_string(use_diff=False))
        files.write_json(self.pretrain / "params.json", PRETRAIN_PARAMS)
        self.metrics(parameters=48_000)
        (folder / "tokenizer").mkdir()
        files.write_json(folder / "tokenizer/tokenizer.json", {"kept": "as it is"})
        self.card(VOCABULARY)
        splits = {
            "train": {"documents": 12, "tokens": 5_000, "sources": SOURCES},
            "validation": {"documents": 1, "tokens": 400, "sources": {}},
        }
        files.write_json(folder / "tokens/manifest.json", {"splits": splits})

    def save(self, weights: dict[str, torch.Tensor]) -> None:
        path = self.pretrain / "model.safetensors"
        save_file({name: tensor.clone() for name, tensor in weights.items()}, path)

    def metrics(self, parameters: int) -> None:
        metrics = {
            "parameters": parameters,
            "steps": 20,
            "tokens": 10_240,
            "train_loss": 4.25,
            "validation_loss": 4.5,
            "initial_loss": 5.75,
            "tokens_per_second": 4_321.0,
            "seconds": 360.0,
            "world_size": 2,
            "device": "cpu",
        }
        files.write_json(self.pretrain / "metrics.json", metrics)

    def card(self, vocab_size: int) -> None:
        special = {"<|endoftext|>": 2, "<|acc|>": 297, "<|tell|>": 298, "<|rrn|>": 299}
        card = {"vocab_size": vocab_size, "special_tokens": special, "morphemes": True}
        files.write_json(self.folder / "tokenizer_card.json", card)

    def export(self, dtype: str = "bfloat16") -> Any:
        export(
            ExportParams(dtype),
            self.pretrain,
            self.folder / "tokenizer",
            self.folder / "tokenizer_card.json",
            self.folder / "tokens",
            self.model,
        )
        return AutoModelForCausalLM.from_pretrained(self.model).eval()

    def readme(self) -> str:
        self.export()
        return (self.model / "README.md").read_text(encoding="utf-8")


@pytest.fixture
def run(tmp_path: Path) -> Run:
    return Run(tmp_path)


def test_the_reloaded_model_gives_the_same_logits(run: Run) -> None:
    prompts = torch.randint(VOCABULARY, (3, 32), generator=torch.Generator().manual_seed(0))
    model = run.export()
    with torch.no_grad():
        assert torch.equal(model(prompts).logits, run.engine(prompts).logits)


@pytest.mark.parametrize("dtype", ["bfloat16", "float16", "float32"])
def test_the_weights_have_the_dtype_asked_for(run: Run, dtype: str) -> None:
    assert run.export(dtype).dtype == getattr(torch, dtype)
    weights = load_file(run.model / "model.safetensors")
    assert {tensor.dtype for tensor in weights.values()} == {getattr(torch, dtype)}


def test_old_transformers_find_their_own_names(run: Run) -> None:
    run.export()
    config = json.loads((run.model / "config.json").read_text())
    assert config["rotary_pct"] == 0.5
    assert config["rotary_emb_base"] == 10_000.0
    assert config["torch_dtype"] == config["dtype"] == "bfloat16"
    assert config["architectures"] == ["GPTNeoXForCausalLM"]
    assert "embed_out.weight" in load_file(run.model / "model.safetensors")


def test_padded_ids_are_never_generated(run: Run) -> None:
    weights = run.engine.state_dict()
    weights["lm_head.weight"][VOCABULARY:] = 10 * weights["lm_head.weight"][:84]
    run.save(weights)
    model, prompt = run.export(), torch.tensor([[5, 6, 7]])
    with torch.no_grad():
        assert model(prompt).logits[0, -1].argmax() >= VOCABULARY
    for sample in (False, True):
        output = model.generate(prompt, max_new_tokens=20, do_sample=sample)
        assert output.max() < VOCABULARY


def test_generation_ends_with_the_document(run: Run) -> None:
    config = run.export().generation_config
    assert config.eos_token_id == config.bos_token_id == config.pad_token_id == 2
    assert config.suppress_tokens == list(range(VOCABULARY, 384))


def test_the_tokenizer_is_copied_unchanged(run: Run) -> None:
    run.export()
    copy = (run.model / "tokenizer.json").read_bytes()
    assert copy == (run.folder / "tokenizer/tokenizer.json").read_bytes()


def test_the_card_shows_the_figures_of_the_run(run: Run) -> None:
    card = run.readme()
    for cell in (
        "| 48,000 |",
        "| 300 / 384 |",
        "| 8 of 16 |",
        "| blog | 4 | 61.9 MB | 2,000 |",
        "| nsmc | 8 | 14.2 kB | 3,000 |",
        "| 12 | 61.9 MB | 5,000 |",
        "`<|tell|>` (id 298): phone numbers",
        "20 steps of 16 sequences of 32 tokens",
        "2 × cpu",
        "| 4.5000 |",
    ):
        assert cell in " ".join(card.split("\n")), cell
    assert card.index("| blog |") < card.index("| nsmc |")
    assert card.startswith("---\nlanguage:\n- ko\nlicense: apache-2.0\n")


def test_the_card_of_a_small_model_says_that_it_is_small(run: Run) -> None:
    assert "This is not a 1.3B model" in run.readme()
    run.metrics(REFERENCE_PARAMETERS)
    assert "This is not a 1.3B model" not in run.readme()


def test_an_export_replaces_the_one_before_whole(run: Run) -> None:
    run.export()
    (run.model / "pytorch_model.bin").write_bytes(b"left over")
    run.export()
    assert not (run.model / "pytorch_model.bin").exists()
    assert not run.model.with_name("model.partial").exists()


@pytest.mark.parametrize("value, dtype", [(float("nan"), "bfloat16"), (1e6, "float16")])
def test_weights_that_are_not_finite_are_not_exported(run: Run, value: float, dtype: str) -> None:
    weights = run.engine.state_dict()
    weights["gpt_neox.final_layer_norm.bias"][0] = value
    run.save(weights)
    with pytest.raises(PolyglotError, match=r"final_layer_norm\.bias are not finite"):
        run.export(dtype)
    assert not run.model.exists()


def test_a_tokenizer_larger_than_the_model(run: Run) -> None:
    run.card(vocab_size=385)
    with pytest.raises(PolyglotError, match="385 entries and the model only 384"):
        run.export()


def test_an_unknown_dtype(run: Run) -> None:
    with pytest.raises(PolyglotError, match=r"export\.dtype must be .* not int8"):
        run.export("int8")


def test_missing_weights(run: Run) -> None:
    (run.pretrain / "model.safetensors").unlink()
    with pytest.raises(PolyglotError, match="run the stage pretrain first"):
        run.export()


@pytest.mark.parametrize("count, text", [(0, "0 bytes"), (999, "999 bytes"), (863e9, "863.0 GB")])
def test_sizes_are_for_people(count: float, text: str) -> None:
    assert size(count) == text
