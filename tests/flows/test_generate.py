"""A model is talked to."""

import io
import sys

import pytest

from flows import generate
from runtime.errors import PolyglotError


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
    with pytest.raises(PolyglotError, match="fills the model's window of 512 tokens"):
        write(model, "가" * 200)


def test_a_model_that_is_not_there(tmp_path):
    with pytest.raises(PolyglotError, match="cannot be loaded"):
        write(str(tmp_path / "none"), "가")
