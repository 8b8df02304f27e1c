import json

import pytest
from rich.console import Console

from flows import kobest
from runtime.errors import PolyglotError
from stages.evaluate import Results
from stages.evaluate.documents import Documents


def test_kobest_is_fetched_whole(tmp_path, monkeypatch):
    row = {"sentence": "좋다", "label": 1}
    monkeypatch.setattr(kobest, "load", lambda hub_id, task: Documents([row], [row, row]))
    kobest.fetch(tmp_path / "kobest")
    lines = (tmp_path / "kobest/sentineg/test.jsonl").read_text(encoding="utf-8").splitlines()
    assert [json.loads(line) for line in lines] == [row, row]
    assert not (tmp_path / "kobest.partial").exists()


def test_a_fetch_that_fails_leaves_no_folder(tmp_path, monkeypatch):
    def unreachable(hub_id, task):
        raise PolyglotError("The hub cannot be reached.")

    monkeypatch.setattr(kobest, "load", unreachable)
    with pytest.raises(PolyglotError, match="hub"):
        kobest.fetch(tmp_path / "kobest")
    assert not (tmp_path / "kobest").exists()


def test_shots_must_be_numbers(tmp_path):
    with pytest.raises(PolyglotError, match="--shots 0,few"):
        kobest.kobest(
            "m",
            "0,few",
            "copa",
            "d",
            None,
            "polyglot",
            None,
            "float32",
            tmp_path / "out.json",
            None,
        )


def results() -> Results:
    def record(task: str, shots: int, **more: object) -> dict:
        scores = {"macro_f1": 0.5, "macro_f1_interval": [0.47, 0.53]}
        about = {"task": task, "shots": shots, "n": 1404, "truncated": 0, "constant": False}
        return {**about, **scores, **more}

    normalised = {"macro_f1_norm": 0.25, "macro_f1_norm_interval": [0.2, 0.3]}
    return Results(
        model="m",
        weights="ab",
        prompts="stock",
        prompts_hash="cd" * 32,
        data="d",
        data_hash="ef",
        limit=None,
        dtype="float32",
        results=[
            record("hellaswag", 0, **normalised),
            record("hellaswag", 50, **normalised, truncated=1404),
            record("boolq", 0, constant=True),
            record("boolq", 50),
        ],
    )


def test_scores_are_shown_with_half_of_their_interval():
    console = Console(record=True, width=200)
    console.print(kobest.scores(results()))
    shown = [line.split() for line in console.export_text().splitlines()]
    assert shown[0] == ["macro", "F1", "0-shot", "50-shot"]
    assert shown[1][:4] == ["hellaswag", "0.5000", "±", "0.030"]
    assert shown[2][:4] == ["hellaswag_norm", "0.2500", "±", "0.050"]


def test_prompts_cut_and_answers_that_never_vary_are_told():
    prompts, cut, constant = kobest.remarks(results())
    assert prompts == "Prompts: stock cdcdcdcdcdcd"
    assert cut.startswith("hellaswag 50-shot: 1,404 of 1,404 prompts did not fit")
    assert constant == "boolq 0-shot: every answer is the same; this score says nothing."
