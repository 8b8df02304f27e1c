"""The corpus as its readers meet it: files, and the truth beside them."""

import re
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from runtime.errors import PolyglotError
from runtime.progress import Progress
from stages.corpus.defects import BYTES, GARBLED, TEXT
from stages.corpus.korean import final_consonant
from stages.corpus.params import KobestSizes
from stages.corpus.sample import make
from stages.corpus.sources import COPIES, counts
from tests.stages.corpus.conftest import PARAMS
from tests.stages.corpus.raw import json_lines, texts


def files(folder: Path) -> dict[str, bytes]:
    found = (path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): path.read_bytes() for path in found}


def test_the_same_params_give_the_same_bytes(sample, tmp_path):
    make(PARAMS, Progress(None), tmp_path / "again")
    assert files(tmp_path / "again") == files(sample)


def test_another_seed_gives_another_corpus(sample, tmp_path):
    make(replace(PARAMS, seed=8), Progress(None), tmp_path / "other")
    ratings = "raw/nsmc/ratings.txt"
    assert (tmp_path / "other" / ratings).read_bytes() != (sample / ratings).read_bytes()


def test_every_source_has_its_records(sample):
    found: Counter[str] = Counter()
    for (source, _), records in texts(sample).items():
        found[source] += len(records)
    assert found == counts(PARAMS.documents)
    assert found.total() == PARAMS.documents
    assert len(found) == 15


@pytest.mark.parametrize(
    ("form", "suffixes"),
    [
        ("compression", {".gz", ".bz2", ".xz", ".zst", ".zip"}),
        ("format", {".json", ".jsonl", ".csv", ".tsv", ".txt", ".xml", ".parquet"}),
    ],
)
def test_every_form_of_file_is_there(sample, form, suffixes):
    names = [Path(file) for _, file in texts(sample)]
    seen = {suffix for name in names for part in name.parts for suffix in Path(part).suffixes}
    assert suffixes <= seen


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
        digits = [int(sign) for sign in line["number"] if sign.isdigit()]
        check = (11 - sum(w * d for w, d in zip(weights, digits, strict=False)) % 11) % 10
        assert digits[12] != check


def test_every_kind_of_number_and_defect_is_planted(sample):
    def kinds(name: str) -> set[str]:
        return {line["kind"] for line in json_lines(sample / name)}

    assert kinds("pii.jsonl") == {"phone", "rrn", "account"}
    assert kinds("lookalikes.jsonl") == {"date", "price", "version", "order"}
    assert kinds("defects.jsonl") == {*TEXT, *BYTES, *COPIES, "contaminated"}


def test_only_records_said_to_be_broken_are_broken(sample):
    defects = json_lines(sample / "defects.jsonl")
    broken = {
        (line["source"], line["file"], line["position"])
        for line in defects
        if line["kind"] in BYTES
    }
    unreadable = {
        (source, file, position)
        for (source, file), records in texts(sample).items()
        for position, text in enumerate(records)
        if text is None
    }
    assert unreadable == broken


def test_only_planted_duplicates_repeat_a_text(sample):
    """But for records of which little or nothing is left."""
    planted = {
        (line["source"], line["file"], line["position"])
        for line in json_lines(sample / "defects.jsonl")
        if line["kind"] in ("duplicate", *GARBLED)
    }
    for (source, file), records in texts(sample).items():
        seen: set[str] = set()
        for position, text in enumerate(records):
            if text is not None and text in seen:
                assert (source, file, position) in planted
            seen.add(text or "")


def test_near_duplicates_are_long_and_nearly_an_earlier_record(sample):
    found = texts(sample)
    planted = [d for d in json_lines(sample / "defects.jsonl") if d["kind"] == "near_duplicate"]
    places = {(line["source"], line["position"]) for line in planted}
    assert planted
    for line in planted:
        records = found[line["source"], line["file"]]
        words = Counter((records[line["position"]] or "").split())
        assert words.total() >= 40
        others = [
            Counter((text or "").split())
            for position, text in enumerate(records[: line["position"]])
            if (line["source"], position) not in places
        ]
        shared = max((words & other).total() for other in others)
        assert 0.8 * words.total() <= shared < words.total()


def test_particles_agree_with_names(sample):
    """은 and 는 follow the given names of a whole corpus as grammar asks."""
    everything = "\n".join(text or "" for records in texts(sample).values() for text in records)
    for word, particle in re.findall(r"(?:^|\s)([가-힣]{2})([은는을를]) ", everything):
        if word in ("지훈", "민수", "영희", "서연", "학생", "누나", "오빠", "점원", "농부"):
            assert (final_consonant(word) > 0) == (particle in "은을"), word + particle


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"documents": 3}, "sample.documents must be at least 200, not 3."),
        ({"pii": 4.0}, "sample.pii is a share from 0 to 1, not 4.0."),
        ({"kobest": KobestSizes(0, 8, 40)}, "sample.kobest.train must be 1 to 5000, not 0."),
    ],
)
def test_params_that_make_no_corpus_are_refused(tmp_path, changed, sentence):
    with pytest.raises(PolyglotError, match=re.escape(sentence)):
        make(replace(PARAMS, **changed), Progress(None), tmp_path / "sample")
    assert not list(tmp_path.iterdir())


def test_the_smallest_corpus_is_made(tmp_path):
    small = replace(PARAMS, documents=200, kobest=KobestSizes(2, 2, 2))
    make(small, Progress(None), tmp_path / "sample")
    assert sum(len(records) for records in texts(tmp_path / "sample").values()) == 200
