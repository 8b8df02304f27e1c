"""An evaluation from files to files."""

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from transformers import GPTNeoXConfig, GPTNeoXForCausalLM

from runtime.errors import PolyglotError
from runtime.progress import Progress
from stages.evaluate import EvaluateParams, evaluate
from stages.evaluate.model import KobestLM
from stages.evaluate.prompts import PROMPTS

SILENT = Progress(None)


@pytest.fixture
def params(kobest: Path) -> EvaluateParams:
    return EvaluateParams(
        data=str(kobest),
        tasks=list(PROMPTS),
        shots=[0, 2],
        limit=None,
        prompts="polyglot",
        batch_tokens=900,
        dtype="float32",
    )


def test_every_task_is_scored_at_every_number_of_shots(model, params, tmp_path):
    results = evaluate(model, params, tmp_path / "results.json", tmp_path / "samples", SILENT)

    assert [(x["task"], x["shots"]) for x in results.results] == [
        (task, shots) for task in PROMPTS for shots in (0, 2)
    ]
    written = json.loads((tmp_path / "results.json").read_text(encoding="utf-8"))
    assert written["results"] == results.results
    assert written["prompts"] == "polyglot"
    for record in results.results:
        samples = [
            json.loads(line)
            for line in (tmp_path / "samples" / f"{record['task']}-{record['shots']}.jsonl")
            .read_text(encoding="utf-8")
            .split("\n")[:-1]
        ]
        assert len(samples) == record["n"] == sum(map(sum, record["predictions"])) == 20
        right = [sample["gold"] == sample["prediction"] for sample in samples]
        assert record["accuracy"] == pytest.approx(sum(right) / 20)
        assert sorted(sample["line"] for sample in samples) == list(range(1, 21))
        assert record["truncated"] == 0
    assert set(results.metrics()) == {*PROMPTS, "hellaswag_norm"}
    assert not list(tmp_path.glob("*.partial"))


def test_hellaswag_is_also_chosen_by_likelihood_per_character(model, params, tmp_path):
    params = replace(params, tasks=["hellaswag"], shots=[0])
    evaluate(model, params, tmp_path / "results.json", tmp_path / "samples", SILENT)

    lines = (tmp_path / "samples" / "hellaswag-0.jsonl").read_text(encoding="utf-8").splitlines()
    samples = [json.loads(line) for line in lines]
    for sample in samples:
        endings = [answer.removeprefix(" ") for answer in sample["continuations"]]
        rates = [
            x / len(ending) for x, ending in zip(sample["log_likelihoods"], endings, strict=True)
        ]
        assert sample["prediction"] == max(range(4), key=sample["log_likelihoods"].__getitem__)
        assert sample["prediction_norm"] == max(range(4), key=rates.__getitem__)
    assert any(sample["prediction"] != sample["prediction_norm"] for sample in samples)


def test_results_do_not_depend_on_the_batch_size(model, params, tmp_path):
    one = evaluate(model, replace(params, batch_tokens=1), tmp_path / "1.json", None, SILENT)
    many = evaluate(model, replace(params, batch_tokens=9000), tmp_path / "32.json", None, SILENT)

    assert one.results == many.results


def test_two_runs_write_the_same_bytes(model, params, tmp_path):
    for name in ("a", "b"):
        evaluate(model, params, tmp_path / name / "out.json", tmp_path / name / "samples", SILENT)
    written = [
        {path.relative_to(folder): path.read_bytes() for path in folder.rglob("*.json*")}
        for folder in (tmp_path / "a", tmp_path / "b")
    ]
    assert written[0] == written[1]
    assert len(written[0]) == 1 + 2 * len(PROMPTS)


def test_a_limit_takes_the_first_documents_of_the_same_prompts(model, params, tmp_path):
    params = replace(params, tasks=["wic"], shots=[2])
    evaluate(model, params, tmp_path / "all.json", tmp_path / "all", SILENT)
    evaluate(model, replace(params, limit=5), tmp_path / "few.json", tmp_path / "few", SILENT)

    contexts = {
        name: [json.loads(line)["context"] for line in (tmp_path / name / "wic-2.jsonl").open()]
        for name in ("all", "few")
    }
    assert contexts["few"] == contexts["all"][:5]


def test_cut_prompts_are_counted(make_model, params, tmp_path):
    params = replace(params, tasks=["boolq"], shots=[0, 2])
    results = evaluate(make_model(100), params, tmp_path / "results.json", None, SILENT)

    assert [record["truncated"] for record in results.results] == [0, 20]


class StopsAt(Progress):
    """Interrupts the evaluation when a certain part is reported."""

    def __init__(self, part: str) -> None:
        super().__init__(None)
        self.part = part

    def update(self, done: float, **figures: float | str) -> None:
        if figures["part"] == self.part:
            raise KeyboardInterrupt


def test_what_an_interrupted_evaluation_finished_is_not_run_again(
    model, params, tmp_path, monkeypatch
):
    out = tmp_path / "results.json"
    expected = evaluate(model, params, tmp_path / "whole.json", None, SILENT)
    with pytest.raises(KeyboardInterrupt):
        evaluate(model, params, out, None, StopsAt("wic 0-shot"))
    assert not out.exists()

    asked = []
    score = KobestLM.loglikelihood
    monkeypatch.setattr(
        KobestLM,
        "loglikelihood",
        lambda lm, requests: asked.append(requests[0].task_name) or score(lm, requests),
    )
    assert evaluate(model, params, out, None, SILENT).results == expected.results
    assert asked == ["wic", "wic"]


def test_parts_of_another_model_or_of_other_documents_are_run_again(
    make_model, params, kobest, tmp_path, monkeypatch
):
    params = replace(params, tasks=["copa", "wic"], shots=[0])
    out = tmp_path / "results.json"
    asked = []
    score = KobestLM.loglikelihood
    monkeypatch.setattr(
        KobestLM,
        "loglikelihood",
        lambda lm, requests: asked.append(requests[0].task_name) or score(lm, requests),
    )
    small, large = make_model(500), make_model(600)

    def interrupted(model: str) -> list[str]:
        asked.clear()
        with pytest.raises(KeyboardInterrupt):
            evaluate(model, params, out, None, StopsAt("wic 0-shot"))
        return list(asked)

    assert interrupted(small) == ["copa", "wic"]
    assert interrupted(small) == ["wic"]
    assert interrupted(large) == ["copa", "wic"]
    shutil.copy(kobest / "copa" / "validation.jsonl", kobest / "copa" / "test.jsonl")
    assert interrupted(small) == ["copa", "wic"]


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"tasks": ["kobest_copa"]}, r"Unknown KOBEST task 'kobest_copa'.*copa, hellaswag"),
        ({"tasks": []}, "at least one task"),
        ({"shots": [-1]}, "0 or more"),
        ({"shots": [21]}, r"20 training documents, too few to draw 21"),
        ({"limit": 0}, "1 or more, or null"),
        ({"batch_tokens": 0}, "1 or more"),
        ({"prompts": "own"}, "polyglot or stock"),
        ({"dtype": "int8"}, "float32, bfloat16, float16"),
    ],
)
def test_params_that_cannot_be_run_are_refused(change, sentence, model, params, tmp_path):
    with pytest.raises(PolyglotError, match=sentence):
        evaluate(model, replace(params, **change), tmp_path / "results.json", None, SILENT)


def test_a_model_that_cannot_be_read_is_named(model, params, tmp_path, monkeypatch):
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    broken = tmp_path / "broken"
    shutil.copytree(model, broken)
    weights = broken / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:100])

    for folder in (broken, tmp_path / "nowhere"):
        with pytest.raises(PolyglotError, match=rf"{folder.name} cannot be loaded"):
            evaluate(str(folder), params, tmp_path / "results.json", None, SILENT)


def test_a_tokenizer_of_another_model_is_refused(model, params, tmp_path):
    folder = tmp_path / "mixed"
    shutil.copytree(model, folder)
    config = GPTNeoXConfig(
        vocab_size=300, hidden_size=16, num_hidden_layers=1, num_attention_heads=2
    )
    GPTNeoXForCausalLM(config).save_pretrained(folder)

    with pytest.raises(PolyglotError, match="do not belong together"):
        evaluate(str(folder), params, tmp_path / "results.json", None, SILENT)
