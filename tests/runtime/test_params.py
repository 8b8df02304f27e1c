from dataclasses import dataclass
from pathlib import Path

import pytest

from runtime import params
from runtime.errors import PolyglotError


@dataclass
class Inner:
    rate: float


@dataclass
class Outer:
    count: int
    limit: int | None
    inner: Inner


def written(folder: Path, text: str) -> Path:
    path = folder / "params.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_section_becomes_its_dataclass(tmp_path):
    path = written(tmp_path, "outer: {count: 3, limit: null, inner: {rate: 2}}")
    assert params.load("outer", Outer, path) == Outer(3, None, Inner(2.0))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("outer: {count: 3, limit: 1, inner: {rate: 1}, cuont: 4}", "cuont"),
        ("outer: {count: many, limit: 1, inner: {rate: 1}}", "outer.count"),
        ("outer: {count: 3, limit: 1, inner: {rate: fast}}", "outer.inner.rate"),
        ("outer: {count: 3, limit: 1}", "inner"),
        ("other: {}", "no section 'outer'"),
        ("outer: [", "not valid YAML"),
        ("- 1", "not a mapping"),
    ],
)
def test_wrong_params_are_one_sentence_that_names_the_key(tmp_path, text, words):
    with pytest.raises(PolyglotError) as raised:
        params.load("outer", Outer, written(tmp_path, text))
    assert words in str(raised.value)
    assert "\n" not in str(raised.value)


def test_a_missing_file_says_how_to_make_it(tmp_path):
    with pytest.raises(PolyglotError, match="polyglot profile use"):
        params.read(tmp_path / "params.yaml")
