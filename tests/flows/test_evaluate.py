import json

import pytest

from flows import evaluate
from runtime.errors import PolyglotError
from stages.evaluate.documents import Documents


def test_kobest_is_fetched_whole(tmp_path, monkeypatch):
    row = {"sentence": "좋다", "label": 1}
    monkeypatch.setattr(evaluate, "load", lambda hub_id, task: Documents([row], [row, row]))
    evaluate.fetch(tmp_path / "kobest")
    lines = (tmp_path / "kobest/sentineg/test.jsonl").read_text(encoding="utf-8").splitlines()
    assert [json.loads(line) for line in lines] == [row, row]
    assert not (tmp_path / "kobest.partial").exists()


def test_a_fetch_that_fails_leaves_no_folder(tmp_path, monkeypatch):
    def unreachable(hub_id, task):
        raise PolyglotError("The hub cannot be reached.")

    monkeypatch.setattr(evaluate, "load", unreachable)
    with pytest.raises(PolyglotError, match="hub"):
        evaluate.fetch(tmp_path / "kobest")
    assert not (tmp_path / "kobest").exists()


def test_shots_must_be_numbers(tmp_path):
    with pytest.raises(PolyglotError, match="--shots 0,few"):
        evaluate.kobest(
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
