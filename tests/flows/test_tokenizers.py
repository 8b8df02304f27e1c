"""Tokenizers side by side."""

import json
from pathlib import Path

import pytest

from flows.tokenizers import compare
from runtime.errors import PolyglotError
from stages.tokenizer.bpe import learn, save
from stages.tokenizer.morphemes import Morphemes
from stages.tokenizer.params import TokenizerParams

LINES = [f"영화를 {word} 보았습니다 정말 {word}" for word in ("재미있게", "즐겁게", "다시")] * 20


@pytest.fixture
def tokenizers(tmp_path: Path) -> list[Path]:
    """A tokenizer of morphemes and a plain one, of 304 entries each."""
    mark = Morphemes().mark
    folders = [tmp_path / "morphemes", tmp_path / "plain"]
    for folder, texts in zip(folders, (map(mark, LINES), iter(LINES)), strict=True):
        folder.mkdir()
        save(learn(texts, TokenizerParams(304, [], False, 1, 2)), folder)
    return folders


def test_figures_tell_the_two_apart(
    tokenizers: list[Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = tmp_path / "lines.txt"
    text.write_text("\n".join(LINES) + "\n\n", encoding="utf-8")
    compare(tokenizers, [text], as_json=True)
    morphemes, plain = json.loads(capsys.readouterr().out).values()
    assert morphemes["crossing_share"] < plain["crossing_share"]
    assert plain["tokens_per_eojeol"] < morphemes["tokens_per_eojeol"]
    assert plain["bytes_per_token"] > morphemes["bytes_per_token"]
    assert morphemes["sources"]["lines.txt"]["bytes_per_token"] == morphemes["bytes_per_token"]
    assert morphemes["entries"] == 304
    compare(tokenizers, [text], as_json=False)
    shown = capsys.readouterr().out
    assert "On 60 texts" in shown and "tokens across morphemes" in shown


def test_what_is_no_tokenizer_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(PolyglotError, match=r"tokenizer\.json is no tokenizer"):
        compare([tmp_path], [], as_json=False)


def test_text_of_another_encoding_is_one_sentence(tokenizers: list[Path], tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes("한국".encode("cp949"))
    with pytest.raises(PolyglotError, match="cannot be read as UTF-8"):
        compare(tokenizers, [tmp_path / "a.txt"], as_json=False)
