"""The corpus as its readers meet it: files, the truth beside them, evaluation items."""

import io
import json
import re
import zipfile
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pyarrow.parquet as pq
import pytest
import zstandard

from runtime.errors import PolyglotError
from runtime.progress import Progress
from stages.corpus.kobest import TASKS, full_texts
from stages.corpus.korean import final_consonant
from stages.corpus.params import KobestSizes, SampleParams
from stages.corpus.sample import make

PARAMS = SampleParams(
    seed=7,
    documents=1500,
    defects=0.2,
    pii=0.3,
    lookalikes=0.2,
    kobest=KobestSizes(train=20, validation=8, test=40),
)


@pytest.fixture(scope="module")
def sample(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("corpus") / "sample"
    make(PARAMS, Progress(None), folder)
    return folder


def json_lines(path: Path) -> list[dict]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def files(folder: Path) -> dict[str, bytes]:
    found = (path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): path.read_bytes() for path in found}


def texts(folder: Path) -> dict[tuple[str, str], list[str | None]]:
    """The raw texts by source and file, read as the docstring of stages.corpus describes them."""
    raw = folder / "raw"

    def decoded(line: bytes) -> str | None:
        try:
            return line.decode()
        except UnicodeDecodeError:
            return None

    def post(line: bytes) -> str | None:
        try:
            return json.loads(line)["text"]
        except ValueError:
            return None

    ratings = (raw / "nsmc/ratings.txt").read_bytes().split(b"\n")[1:-1]
    comments = (raw / "kcbert/comments.txt").read_bytes().split(b"\n")[:-1]
    news = json.loads((raw / "modu/NWRW0000000001.json").read_text(encoding="utf-8"))
    parquet = "train-00000-of-00001.parquet"
    posts = io.BytesIO((raw / "blog/posts.jsonl.zst").read_bytes())
    lines = zstandard.ZstdDecompressor().stream_reader(posts).read().split(b"\n")[:-1]
    found: dict[tuple[str, str], list[str | None]] = {
        ("nsmc", "ratings.txt"): [decoded(line.split(b"\t")[1]) for line in ratings],
        ("kcbert", "comments.txt"): [decoded(line) for line in comments],
        ("modu", "NWRW0000000001.json"): [
            "\n".join(paragraph["form"] for paragraph in document["paragraph"])
            for document in news["document"]
        ],
        ("wikipedia", parquet): pq.read_table(raw / "wikipedia" / parquet)["text"].to_pylist(),
        ("blog", "posts.jsonl.zst"): [post(line) for line in lines],
    }
    with zipfile.ZipFile(raw / "aihub/training.zip") as archive:
        for member in archive.namelist():
            found["aihub", f"training.zip/{member}"] = [
                "\n".join(turn["utterance"] for turn in dialogue["body"]["dialogue"])
                for dialogue in json.loads(archive.read(member))["data"]
            ]
    return found


def test_the_same_params_give_the_same_bytes(sample, tmp_path):
    make(PARAMS, Progress(None), tmp_path / "again")
    assert files(tmp_path / "again") == files(sample)


def test_another_seed_gives_another_corpus(sample, tmp_path):
    make(replace(PARAMS, seed=8), Progress(None), tmp_path / "other")
    ratings = "raw/nsmc/ratings.txt"
    assert (tmp_path / "other" / ratings).read_bytes() != (sample / ratings).read_bytes()


def test_every_source_has_its_records(sample):
    counts = {source: len(records) for (source, _), records in texts(sample).items()}
    assert sum(counts.values()) == PARAMS.documents
    assert min(counts.values()) >= 100


@pytest.mark.parametrize("truth", ["pii.jsonl", "lookalikes.jsonl"])
def test_offsets_point_at_the_numbers(sample, truth):
    found = texts(sample)
    lines = json_lines(sample / truth)
    assert len(lines) > 100
    for line in lines:
        text = found[line["source"], line["file"]][line["position"]]
        assert text is not None
        assert text[line["start"] : line["end"]] == line["number"]


def test_every_personal_number_is_in_the_truth(sample):
    """No resident registration number stands in a text without being told."""
    told = Counter(line["number"] for line in json_lines(sample / "pii.jsonl"))
    pattern = re.compile(r"(?<![0-9])[0-9]{6}-[1-4][0-9]{6}(?![0-9])")
    seen = Counter(
        number
        for records in texts(sample).values()
        for text in records
        for number in pattern.findall(text or "")
    )
    assert seen
    assert seen == Counter({number: told[number] for number in seen})


def test_resident_numbers_belong_to_nobody(sample):
    weights = (2, 3, 4, 5, 6, 7, 8, 9, 2, 3, 4, 5)
    lines = [line for line in json_lines(sample / "pii.jsonl") if line["kind"] == "rrn"]
    for line in lines:
        digits = [int(sign) for sign in line["number"] if sign != "-"]
        check = (11 - sum(w * d for w, d in zip(weights, digits, strict=False)) % 11) % 10
        assert digits[12] != check


def test_every_kind_of_number_and_defect_is_planted(sample):
    def kinds(name: str) -> set[str]:
        return {line["kind"] for line in json_lines(sample / name)}

    assert kinds("pii.jsonl") == {"phone", "rrn", "account"}
    assert kinds("lookalikes.jsonl") == {"date", "price", "version", "order"}
    defects = {"empty", "html", "spaces", "repeats", "duplicate", "broken_utf8", "broken_json"}
    assert kinds("defects.jsonl") == defects


def test_only_records_said_to_be_broken_are_broken(sample):
    defects = json_lines(sample / "defects.jsonl")
    broken = {
        (line["source"], line["position"])
        for line in defects
        if line["kind"] in ("broken_utf8", "broken_json")
    }
    unreadable = {
        (source, position)
        for (source, _), records in texts(sample).items()
        for position, text in enumerate(records)
        if text is None
    }
    assert unreadable == broken


def test_only_planted_duplicates_repeat_a_text(sample):
    planted = {
        (line["source"], line["position"])
        for line in json_lines(sample / "defects.jsonl")
        if line["kind"] in ("duplicate", "empty")
    }
    for (source, _), records in texts(sample).items():
        seen: set[str] = set()
        for position, text in enumerate(records):
            if text is not None and text in seen:
                assert (source, position) in planted
            seen.add(text or "")


def test_particles_agree_with_names(sample):
    """은 and 는 follow the given names of a whole corpus as grammar asks."""
    everything = "\n".join(text or "" for records in texts(sample).values() for text in records)
    for word, particle in re.findall(r"(?:^|\s)([가-힣]{2})([은는을를]) ", everything):
        if word in ("지훈", "민수", "영희", "서연", "학생", "누나", "오빠", "점원", "농부"):
            assert (final_consonant(word) > 0) == (particle in "은을"), word + particle


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
    corpus = "\n".join(text or "" for records in texts(sample).values() for text in records)
    told: list[str] = []
    for split in ("train", "validation", "test"):
        for item in json_lines(sample / "kobest" / task / f"{split}.jsonl"):
            told += full_texts(task, item)
    assert not [text for text in told if text in corpus]
    assert len(told) == len(set(told))


@pytest.mark.parametrize("task", ["copa", "hellaswag"])
def test_choices_differ(sample, task):
    for item in json_lines(sample / "kobest" / task / "test.jsonl"):
        choices = [value for name, value in item.items() if name[-1].isdigit()]
        assert len(choices) == len(set(choices))


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"documents": 3}, "sample.documents must be at least 60, not 3."),
        ({"pii": 4.0}, "sample.pii is a share from 0 to 1, not 4.0."),
        ({"kobest": KobestSizes(0, 8, 40)}, "sample.kobest.train must be 1 to 5000, not 0."),
    ],
)
def test_params_that_make_no_corpus_are_refused(tmp_path, changed, sentence):
    with pytest.raises(PolyglotError, match=re.escape(sentence)):
        make(replace(PARAMS, **changed), Progress(None), tmp_path / "sample")
    assert not list(tmp_path.iterdir())


def test_the_smallest_corpus_is_made(tmp_path):
    small = replace(PARAMS, documents=60, kobest=KobestSizes(2, 2, 2))
    make(small, Progress(None), tmp_path / "sample")
    assert sum(len(records) for records in texts(tmp_path / "sample").values()) == 60
