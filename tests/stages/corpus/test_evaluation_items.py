"""The evaluation items of the sample corpus, and where the corpus holds some of them."""

import json
import re
from collections import Counter
from pathlib import Path

import pytest

from stages.corpus.kobest import TASKS, full_texts, told
from tests.stages.corpus.raw import json_lines, texts

STRINGS = {
    "boolq": ("paragraph", "question"),
    "copa": ("premise", "question", "alternative_1", "alternative_2"),
    "hellaswag": ("context", "ending_1", "ending_2", "ending_3", "ending_4"),
    "sentineg": ("sentence",),
    "wic": ("word", "context_1", "context_2"),
}
FIELDS = {task: dict.fromkeys(names, str) | {"label": int} for task, names in STRINGS.items()}


@pytest.mark.parametrize("task", FIELDS)
def test_evaluation_items_have_the_fields_of_kobest(sample, task):
    for split, size in (("train", 20), ("validation", 8), ("test", 40)):
        items = json_lines(sample / "kobest" / task / f"{split}.jsonl")
        assert len(items) == size
        for item in items:
            assert {name: type(value) for name, value in item.items()} == FIELDS[task]
            assert all(item.values()) or item["label"] == 0
        labels = Counter(item["label"] for item in items)
        assert len(set(labels.values())) == 1
        assert sorted(labels) == list(range(TASKS[task][1]))


@pytest.mark.data
@pytest.mark.parametrize("task", FIELDS)
def test_the_real_kobest_has_the_same_fields(real_data, task):
    with (real_data / "kobest_v1" / task / "test.jsonl").open(encoding="utf-8") as file:
        item = json.loads(next(file))
    assert {name: type(value) for name, value in item.items()} == FIELDS[task]


@pytest.mark.parametrize("task", FIELDS)
def test_no_evaluation_item_stands_in_the_corpus_or_twice(sample, task):
    corpus = "\n".join(sound(sample))
    told_texts: list[str] = []
    for split in ("train", "validation", "test"):
        for item in json_lines(sample / "kobest" / task / f"{split}.jsonl"):
            told_texts += full_texts(task, item)
    assert not [text for text in told_texts if text in corpus]
    assert len(told_texts) == len(set(told_texts))


def sound(sample: Path) -> list[str]:
    """The texts of all records in which no evaluation item was planted."""
    planted = {
        (line["source"], line["file"], line["position"])
        for line in json_lines(sample / "defects.jsonl")
        if line["kind"] == "contaminated"
    }
    return [
        text or ""
        for (source, file), records in texts(sample).items()
        for position, text in enumerate(records)
        if (source, file, position) not in planted
    ]


def test_hardly_a_document_shares_a_long_run_with_an_evaluation_item(sample):
    """Else decontamination would take away what the model is to learn from."""

    def runs(text: str) -> set[str]:
        bare = re.sub(r"[\W_]+", "", text)
        return {bare[at : at + 30] for at in range(len(bare) - 29)}

    told_texts = {
        run
        for task in TASKS
        for item in json_lines(sample / "kobest" / task / "test.jsonl")
        for text in full_texts(task, item)
        for run in runs(text)
    }
    documents = sound(sample)
    sharing = [text for text in documents if not told_texts.isdisjoint(runs(text))]
    assert told_texts
    assert len(sharing) < 0.03 * len(documents)


def test_contaminated_records_hold_an_item_of_the_task_they_name(sample):
    found = texts(sample)
    planted = [d for d in json_lines(sample / "defects.jsonl") if d["kind"] == "contaminated"]
    assert planted
    for line in planted:
        text = found[line["source"], line["file"]][line["position"]] or ""
        items = json_lines(sample / "kobest" / line["task"] / "test.jsonl")
        assert any(told(line["task"], item) in text for item in items)


@pytest.mark.parametrize("task", ["copa", "hellaswag"])
def test_choices_differ(sample, task):
    for item in json_lines(sample / "kobest" / task / "test.jsonl"):
        choices = [value for name, value in item.items() if name[-1].isdigit()]
        assert len(choices) == len(set(choices))
