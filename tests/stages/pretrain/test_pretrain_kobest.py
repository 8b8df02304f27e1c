"""KOBEST on the way is the stage evaluate, in a process of its own."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
import yaml
from byte_tokenizer import byte_tokenizer
from pretrain_project import MODEL
from transformers import PreTrainedTokenizerFast

from runtime import paths
from stages.pretrain.kobest import scores
from stages.pretrain.model import build, configuration
from stages.pretrain.params import KobestParams, ModelParams
from tests.conftest import ROOT

SHAPE = replace(ModelParams(**MODEL), context=256)


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A tokenizer, a task, and the parameters of an evaluation."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    tokenizer = PreTrainedTokenizerFast(tokenizer_object=byte_tokenizer())
    tokenizer.save_pretrained(paths.TOKENIZER)
    sentence = {"sentence": "영화가 좋았다", "label": 1}
    for split in ("train", "test"):
        path = tmp_path / f"kobest/sentineg/{split}.jsonl"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text((json.dumps(sentence, ensure_ascii=False) + "\n") * 4)
    evaluate = {"data": "kobest", "tasks": ["copa"], "shots": [5], "limit": None}
    evaluate |= {"prompts": "polyglot", "batch_tokens": None, "dtype": "float32"}
    Path("params.yaml").write_text(yaml.safe_dump({"evaluate": evaluate}))
    return tmp_path


@pytest.mark.slow
def test_the_weights_of_the_moment_are_scored(project: Path) -> None:
    model = build(configuration(SHAPE, 300, eod_id=0), seed=0)
    found = scores(model, project / "probe", KobestParams(["sentineg"], limit=2))
    assert found.keys() == {"sentineg"}
    assert 0 <= found["sentineg"] <= 1
    assert not (project / "probe").exists()


@pytest.mark.slow
def test_what_cannot_be_scored_does_not_end_the_training(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    model = build(configuration(SHAPE, 300, eod_id=0), seed=0)
    assert scores(model, project / "probe", KobestParams(["wic"], limit=2)) == {}
    printed = capsys.readouterr().out
    assert "KOBEST could not be looked at, and training goes on: KOBEST data:" in printed
