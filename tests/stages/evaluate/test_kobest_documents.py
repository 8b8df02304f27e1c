"""What is wrong with KOBEST data is told in one sentence."""

import datasets
import pytest

from runtime.errors import PolyglotError
from stages.evaluate.documents import load


def test_documents_keep_their_order_and_their_spaces(kobest):
    path = kobest / "sentineg" / "test.jsonl"
    path.write_text('{"sentence": " 둘 ", "label": 0}\n\n{"sentence": "하나\\u2028", "label": 1}\n')

    assert load(str(kobest), "sentineg").test == [
        {"sentence": " 둘 ", "label": 0},
        {"sentence": "하나\u2028", "label": 1},
    ]


def test_a_folder_without_a_task_names_the_missing_file(kobest):
    (kobest / "wic" / "test.jsonl").unlink()

    with pytest.raises(PolyglotError, match=r"wic/test\.jsonl is missing"):
        load(str(kobest), "wic")


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        (
            '{"premise": "비", "question": "결과", "alternative_1": "가", "label": 0}',
            "alternative_2",
        ),
        (
            '{"premise": "비", "question": "결과", "alternative_1": "가",'
            ' "alternative_2": "나", "label": 2}',
            "label from 0 to 1",
        ),
        (
            '{"premise": "비", "question": "결과", "alternative_1": "가",'
            ' "alternative_2": "나", "label": "1"}',
            "label from 0 to 1",
        ),
        (
            '{"premise": "비", "question": "언제", "alternative_1": "가",'
            ' "alternative_2": "나", "label": 1}',
            "원인 or 결과",
        ),
        ('{"premise": "비"', "not valid JSON"),
        ("[]", "not a JSON object"),
    ],
)
def test_a_bad_document_is_named_by_file_and_line(kobest, line, fault):
    path = kobest / "copa" / "train.jsonl"
    lines = path.read_text(encoding="utf-8").splitlines()
    lines[3] = line
    path.write_text("\n".join(lines), encoding="utf-8")

    with pytest.raises(PolyglotError, match=rf"copa/train\.jsonl line 4 .*{fault}"):
        load(str(kobest), "copa")


def test_an_empty_file_and_broken_bytes_are_refused(kobest):
    path = kobest / "boolq" / "test.jsonl"
    path.write_text("\n")
    with pytest.raises(PolyglotError, match="holds no document"):
        load(str(kobest), "boolq")

    path.write_bytes('{"paragraph": "하늘"}'.encode("cp949"))
    with pytest.raises(PolyglotError, match="not UTF-8"):
        load(str(kobest), "boolq")


def test_a_missing_folder_is_not_looked_for_on_the_hub(tmp_path):
    with pytest.raises(PolyglotError, match="there is no folder"):
        load(str(tmp_path / "nowhere"), "copa")


def test_without_folder_and_network_the_sentence_says_what_to_set(monkeypatch):
    def unreachable(*args, **kwargs):
        raise ConnectionError("Name or service not known")

    monkeypatch.setattr(datasets, "load_dataset", unreachable)
    for data in (None, "skt/kobest_v1"):
        with pytest.raises(PolyglotError, match=r"skt/kobest_v1 .*set evaluate\.data"):
            load(data, "copa")


def test_the_hub_gives_the_same_documents_as_a_folder(monkeypatch, kobest):
    local = load(str(kobest), "wic")
    splits = {"train": local.train, "test": local.test}
    monkeypatch.setattr(datasets, "load_dataset", lambda hub_id, task, split: splits[split])

    assert load(None, "wic") == local
