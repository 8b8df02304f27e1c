"""A model is talked to."""

import io
import sys
from pathlib import Path

import pytest
from tokenizers import Tokenizer, decoders, models, pre_tokenizers
from transformers import GPTNeoXConfig, GPTNeoXForCausalLM

from flows import generate
from runtime.errors import PolyglotError
from stages.tokenizer import bpe


@pytest.fixture
def model(tmp_path: Path) -> str:
    """A random model of bytes."""
    alphabet = ["<|endoftext|>", *sorted(pre_tokenizers.ByteLevel.alphabet())]
    tokenizer = Tokenizer(models.BPE({letter: n for n, letter in enumerate(alphabet)}, []))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    bpe.save(tokenizer, tmp_path)
    config = GPTNeoXConfig(
        vocab_size=len(alphabet),
        hidden_size=16,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=32,
        max_position_embeddings=24,
        eos_token_id=0,
    )
    GPTNeoXForCausalLM(config).save_pretrained(tmp_path)
    return str(tmp_path)


def write(model: str, prompt: str | None, temperature: float = 0.8) -> None:
    generate.write(model, prompt, tokens=8, temperature=temperature, top_p=0.95, seed=1)


def test_a_prompt_is_continued_and_the_same_seed_writes_the_same(model, capsys):
    write(model, "오늘")
    first = capsys.readouterr().out
    assert first.startswith("오늘") and len(first) > len("오늘\n")
    write(model, "오늘")
    assert capsys.readouterr().out == first


def test_every_line_of_the_input_is_a_prompt(model, capsys, monkeypatch):
    monkeypatch.setattr(sys, "stdin", io.StringIO("가\n\n나\n"))
    write(model, None, temperature=0)
    out = capsys.readouterr().out
    assert out.startswith("가") and "나" in out


def test_a_prompt_that_fills_the_window(model):
    with pytest.raises(PolyglotError, match="fills the model's window of 24 tokens"):
        write(model, "가" * 8)


def test_a_model_that_is_not_there(tmp_path):
    with pytest.raises(PolyglotError, match="cannot be loaded"):
        write(str(tmp_path / "none"), "가")
