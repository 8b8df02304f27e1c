"""The exported folder is the trained model, readable by transformers old and new."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file, save_file
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import (
    AutoModelForCausalLM,
    GPTNeoXConfig,
    GPTNeoXForCausalLM,
    pipeline,
)

from runtime import files
from runtime.errors import PolyglotError
from stages.export.export import export
from stages.export.params import ExportParams
from stages.tokenizer.bpe import save

VOCABULARY = 300


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
        (folder / "tokenizer").mkdir()
        files.write_json(folder / "tokenizer/tokenizer.json", {"kept": "as it is"})
        self.card(VOCABULARY)

    def save(self, weights: dict[str, torch.Tensor]) -> None:
        path = self.pretrain / "model.safetensors"
        save_file({name: tensor.clone() for name, tensor in weights.items()}, path)

    def write_tokenizer(self) -> Tokenizer:
        """A real tokenizer in place of the stand-in, as the stage tokenizer writes it."""
        bpe = Tokenizer(models.BPE())
        bpe.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
        bpe.decoder = decoders.ByteLevel()
        trainer = trainers.BpeTrainer(
            vocab_size=VOCABULARY,
            special_tokens=["<unk>", "<pad>", "<|endoftext|>"],
            initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
            show_progress=False,
        )
        bpe.train_from_iterator(["오늘 본 영화는 정말 재미있었다.", "오늘은 비가 왔다."], trainer)
        save(bpe, self.folder / "tokenizer")
        return bpe

    def card(self, vocab_size: int) -> None:
        files.write_json(self.folder / "tokenizer_card.json", {"vocab_size": vocab_size})

    def export(self, dtype: str = "bfloat16", max_shard_gb: float = 5) -> Any:
        export(
            ExportParams(dtype, max_shard_gb),
            self.pretrain,
            self.folder / "tokenizer",
            self.folder / "tokenizer_card.json",
            self.model,
        )
        return AutoModelForCausalLM.from_pretrained(self.model).eval()


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


def test_a_large_model_is_split_into_shards(run: Run) -> None:
    whole = run.export()
    sharded = run.export(max_shard_gb=50e-6)
    shards = sorted(path.name for path in run.model.glob("*.safetensors"))
    assert len(shards) > 1 and shards[0].startswith("model-00001-of-0000")
    assert (run.model / "model.safetensors.index.json").is_file()
    assert max(path.stat().st_size for path in run.model.glob("*.safetensors")) < 60_000
    for name, tensor in whole.state_dict().items():
        assert torch.equal(sharded.state_dict()[name], tensor)


def test_a_shard_without_room(run: Run) -> None:
    with pytest.raises(PolyglotError, match=r"export\.max_shard_gb must be above 0, not 0"):
        run.export(max_shard_gb=0)


def test_old_transformers_find_their_own_names(run: Run) -> None:
    run.export()
    config = json.loads((run.model / "config.json").read_text())
    assert config["rotary_pct"] == 0.5
    assert config["rotary_emb_base"] == 10_000.0
    assert config["torch_dtype"] == config["dtype"] == "bfloat16"
    assert config["architectures"] == ["GPTNeoXForCausalLM"]
    assert "embed_out.weight" in load_file(run.model / "model.safetensors")


OLD_READER = """
import sys, torch, transformers
from safetensors.torch import save_file
from transformers import AutoModelForCausalLM, AutoTokenizer
folder, out = sys.argv[1:]
model = AutoModelForCausalLM.from_pretrained(folder, torch_dtype="auto").eval()
prompts = torch.randint(300, (3, 32), generator=torch.Generator().manual_seed(0))
with torch.no_grad():
    logits = model(prompts).logits.float()
words = AutoTokenizer.from_pretrained(folder)(["오늘 본 영화는"])["input_ids"][0]
save_file({"logits": logits, "words": torch.tensor(words)}, out)
print(transformers.__version__, model.dtype)
"""


@pytest.fixture(scope="session")
def old_transformers(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """An environment in which transformers is 4.46 with the packages it wants, beside our torch."""
    folder = tmp_path_factory.mktemp("old")
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--target", folder]
    done = subprocess.run([*command, "transformers==4.46.3"], capture_output=True, text=True)
    if done.returncode:
        pytest.skip("transformers 4.46.3 cannot be installed: no package registry answers")
    return {"PYTHONPATH": str(folder), "PATH": os.environ["PATH"], "HF_HUB_OFFLINE": "1"}


@pytest.mark.slow
@pytest.mark.parametrize("max_shard_gb", [5, 50e-6])
def test_transformers_4_46_gives_the_same_logits(
    run: Run, old_transformers: dict[str, str], max_shard_gb: float
) -> None:
    tokenizer = run.write_tokenizer()
    prompts = torch.randint(VOCABULARY, (3, 32), generator=torch.Generator().manual_seed(0))
    model = run.export(max_shard_gb=max_shard_gb)
    out = run.folder / "old.safetensors"
    done = subprocess.run(
        [sys.executable, "-c", OLD_READER, str(run.model), str(out)],
        env=old_transformers,
        capture_output=True,
        text=True,
        cwd=run.folder,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == ["4.46.3", "torch.bfloat16"]
    old = load_file(out)
    with torch.no_grad():
        logits = model(prompts).logits.float()
    assert torch.equal(old["logits"], logits)
    assert old["words"].tolist() == tokenizer.encode("오늘 본 영화는").ids


def test_the_pipeline_of_transformers_writes_with_it(run: Run) -> None:
    run.write_tokenizer()
    run.export()
    writer = pipeline("text-generation", model=str(run.model), device="cpu")
    [written] = writer("오늘", max_new_tokens=8, do_sample=False)
    assert written["generated_text"].startswith("오늘")


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
