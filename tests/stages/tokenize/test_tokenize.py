import shutil
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from datatrove.data import Document
from tokenizers import Tokenizer

from runtime import files, paths
from runtime.documents import ShardWriter
from runtime.errors import PolyglotError
from runtime.progress import Progress
from runtime.tracking import Tracker
from stages.tokenize import TokenizeParams, encode, runs, tokenize
from stages.tokenize.shuffle import Shuffle
from stages.tokenizer import TokenizerParams
from stages.tokenizer.bpe import learn, save

PARAMS = TokenizeParams(validation_share=0.1, seed=1, shard_tokens=2_000, epochs={})

TEXTS = {
    f"{source}/a.txt#{number}": f"{source} {number}번째{' 정말' * (number % 7)}, <|tell|>으로\n끝"
    for source in ("reviews", "blogs")
    for number in range(300)
} | {"blogs/a.txt#300": "<|endoftext|> 는 <pad> 글자 그대로 <|endoftext|>"}


def write_documents(project: Path, texts: dict[str, str], parts: int) -> None:
    """Spread the documents over some shards."""
    folder = project / paths.MASK / "documents"
    writers = [ShardWriter(folder / f"{part:05d}.parquet") for part in range(parts)]
    for number, (id_, text) in enumerate(texts.items()):
        document = Document(text=text, id=id_, metadata={"source": id_.split("/")[0]})
        writers[number % parts].write(document)
    for writer in writers:
        writer.close()
    sources = {id_.split("/")[0]: {} for id_ in texts}
    files.write_json(project / paths.MASK / "ledger.json", {"sources": sources})


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with 601 documents of two sources in three shards, and one worker."""
    monkeypatch.setenv("POLYGLOT_WORKERS", "1")
    write_documents(tmp_path, TEXTS, parts=3)
    folder = tmp_path / paths.TOKENIZER
    folder.mkdir()
    params = TokenizerParams(280, [], morphemes=False, sample_bytes=1, min_frequency=2)
    save(learn(iter(TEXTS.values()), params), folder)
    return tmp_path


def written(project: Path, params: TokenizeParams = PARAMS) -> dict[str, bytes]:
    """Run the stage in ``project``; every file that it wrote, by its name."""
    folders = (paths.MASK, paths.TOKENIZER, paths.TOKENS)
    tokenize(params, Progress(None), Tracker(None), *(project / folder for folder in folders))
    tokens = project / paths.TOKENS
    found = sorted(path for path in tokens.rglob("*") if path.is_file())
    return {str(path.relative_to(tokens)): path.read_bytes() for path in found}


def texts(project: Path, split: str) -> Iterator[str]:
    """What the shards of a split say, as a reader of the files sees it."""
    tokenizer = Tokenizer.from_file(str(project / paths.TOKENIZER / "tokenizer.json"))
    for path in sorted((project / paths.TOKENS / split).glob("*.ds")):
        ids = np.fromfile(path, "<u2")
        *documents, rest = np.split(ids, np.flatnonzero(ids == 2) + 1)
        assert not rest.size
        ends = np.fromfile(path.with_name(f"{path.name}.index"), "<u8")
        assert ends.tolist() == np.cumsum([len(document) for document in documents]).tolist()
        for document in documents:
            yield tokenizer.decode(document[:-1].tolist(), skip_special_tokens=False)


def test_every_document_stands_once_in_one_split(project: Path) -> None:
    written(project)
    train, validation = list(texts(project, "train")), list(texts(project, "validation"))
    assert Counter(train + validation) == Counter(TEXTS.values())
    assert 30 < len(validation) < 90


def test_manifest_counts_what_the_files_hold(project: Path) -> None:
    written(project)
    manifest = files.read_json(project / paths.TOKENS / "manifest.json")
    assert manifest["vocab_size"] == 280
    assert manifest["eod_id"] == 2
    assert manifest["seed"] == 1
    assert manifest["tokenizer_fingerprint"] == files.sha256(
        project / paths.TOKENIZER / "tokenizer.json"
    )
    listed = []
    for name, split in manifest["splits"].items():
        for file in split["files"]:
            path = project / paths.TOKENS / file["name"]
            assert path.stat().st_size == 2 * file["tokens"]
            assert files.sha256(path) == file["sha256"]
            assert file["documents"] == path.with_name(f"{path.name}.index").stat().st_size / 8
            listed.append(path)
        assert split["documents"] == len(list(texts(project, name)))
        assert split["tokens"] == sum(file["tokens"] for file in split["files"])
        for unit in ("documents", "tokens"):
            assert split[unit] == sum(source[unit] for source in split["sources"].values())
    assert sorted(listed) == sorted((project / paths.TOKENS).rglob("*.ds"))
    sizes = {
        source: sum(s["sources"][source]["bytes"] for s in manifest["splits"].values())
        for source in ("blogs", "reviews")
    }
    assert sizes == {
        source: sum(len(text.encode()) for id_, text in TEXTS.items() if id_.startswith(source))
        for source in sizes
    }


def test_files_are_about_as_large_as_asked_for(project: Path) -> None:
    sizes = [len(data) // 2 for name, data in written(project).items() if name.endswith(".ds")]
    assert len(sizes) > 4
    assert max(sizes) < 1.5 * PARAMS.shard_tokens


def test_no_order_of_the_corpus_is_left(project: Path) -> None:
    written(project, replace(PARAMS, shard_tokens=10**6))
    numbers = [
        int(text.split()[1].partition("번째")[0])
        for text in texts(project, "train")
        if text.startswith("blogs ")
    ]
    assert abs(np.corrcoef(numbers[:-1], numbers[1:])[0, 1]) < 0.2
    sources = [text[:5] for text in texts(project, "train")]
    alternations = sum(one != other for one, other in pairwise(sources)) / len(sources)
    assert 0.4 < alternations < 0.6


def test_the_order_does_not_hang_on_the_shards(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = written(project)
    shutil.rmtree(project / paths.MASK)
    write_documents(project, TEXTS, parts=2)
    assert written(project) == before
    monkeypatch.setattr(encode, "HELD", 5_000)
    assert written(project, replace(PARAMS, seed=2)) != before
    assert written(project) == before


def test_datatrove_reads_the_files(project: Path) -> None:
    from datatrove.utils.dataset import DatatroveFolderDataset

    files_ = written(project)
    folder = str(project / paths.TOKENS / "train")
    found = DatatroveFolderDataset(folder, 15, "*.ds", token_size=2, return_positions=True)
    first = np.frombuffer(files_["train/00000.ds"], "<u2")
    item = found[0]
    assert item["input_ids"].tolist() == first[:16].tolist()
    starts = np.flatnonzero(item["positions"].numpy() == 0)
    assert starts.tolist() == [0, *(np.flatnonzero(first[:15] == 2) + 1)]


def test_same_bytes_whatever_the_number_of_workers(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    alone = written(project)
    monkeypatch.setenv("POLYGLOT_WORKERS", "2")
    assert written(project) == alone


def test_seed_changes_the_order_and_nothing_else(project: Path) -> None:
    written(project)
    before = {split: list(texts(project, split)) for split in ("train", "validation")}
    written(project, replace(PARAMS, seed=2))
    for split, order in before.items():
        assert list(texts(project, split)) != order
        assert sorted(texts(project, split)) == sorted(order)


def test_a_document_never_changes_sides(project: Path) -> None:
    written(project)
    train, validation = set(texts(project, "train")), set(texts(project, "validation"))
    write_documents(project, dict(list(TEXTS.items())[::2]), parts=1)
    written(project, replace(PARAMS, seed=3, shard_tokens=10**6))
    assert set(texts(project, "train")) <= train
    assert set(texts(project, "validation")) <= validation
    write_documents(project, TEXTS, parts=3)
    written(project, replace(PARAMS, validation_share=0.2))
    assert validation < set(texts(project, "validation"))


@pytest.mark.parametrize(("call", "of"), [("write", runs), ("_write", Shuffle)])
def test_goes_on_where_it_was_stopped(
    project: Path, monkeypatch: pytest.MonkeyPatch, call: str, of: Any
) -> None:
    before = written(project)
    write = getattr(of, call)

    def fail_on_the_second(*arguments: Any) -> Any:
        if any(isinstance(a, Path) and a.name.startswith("00001") for a in arguments):
            raise OSError("the power failed")
        return write(*arguments)

    params = replace(PARAMS, seed=4)
    with monkeypatch.context() as patch, pytest.raises(PolyglotError, match="the power failed"):
        patch.setattr(of, call, fail_on_the_second)
        written(project, params)
    assert files.read_json(project / paths.TOKENS / "manifest.json")["seed"] == PARAMS.seed
    resumed = written(project, params)
    assert resumed == written(project, params)
    assert resumed != before


def repeated(project: Path, params: TokenizeParams) -> dict[str, Counter[str]]:
    """How often each text stands in each split when ``params`` are in force."""
    written(project, params)
    return {split: Counter(texts(project, split)) for split in ("train", "validation")}


def test_epochs_repeat_and_thin_the_training_split_alone(project: Path) -> None:
    once = repeated(project, PARAMS)
    params = replace(PARAMS, epochs={"reviews": 2.5, "blogs": 0.5})
    found = repeated(project, params)
    assert found["validation"] == once["validation"]
    reviews = {text for text in once["train"] if text.startswith("reviews")}
    blogs = set(once["train"]) - reviews
    assert {found["train"][text] for text in reviews} == {2, 3}
    assert {found["train"][text] for text in blogs} == {0, 1}
    assert sum(found["train"][text] for text in reviews) == pytest.approx(
        2.5 * len(reviews), rel=0.1
    )
    assert sum(found["train"][text] for text in blogs) == pytest.approx(0.5 * len(blogs), rel=0.2)


def test_copies_of_a_document_stand_apart(project: Path) -> None:
    written(project, replace(PARAMS, epochs={"reviews": 3, "blogs": 3}))
    order = list(texts(project, "train"))
    neighbours = sum(one == other for one, other in pairwise(order))
    assert neighbours < len(order) / 50


def test_a_source_of_no_epochs_is_left_out_of_training(project: Path) -> None:
    found = repeated(project, replace(PARAMS, epochs={"blogs": 0}))
    assert all(text.startswith("reviews") for text in found["train"])
    assert any(text.startswith("blogs") for text in found["validation"])
    manifest = files.read_json(project / paths.TOKENS / "manifest.json")
    assert list(manifest["splits"]["train"]["sources"]) == ["reviews"]


def test_manifest_tells_the_factors_and_what_they_applied_to(project: Path) -> None:
    written(project)
    once = files.read_json(project / paths.TOKENS / "manifest.json")["splits"]["train"]["sources"]
    written(project, replace(PARAMS, epochs={"reviews": 2, "blogs": 0}))
    manifest = files.read_json(project / paths.TOKENS / "manifest.json")
    before = {
        name: {"documents": count["documents"], "bytes": count["bytes"]}
        for name, count in once.items()
    }
    assert manifest["epochs"] == {
        "blogs": {"factor": 0, **before["blogs"]},
        "reviews": {"factor": 2, **before["reviews"]},
    }
    train = manifest["splits"]["train"]
    assert train["sources"]["reviews"] == {k: 2 * n for k, n in once["reviews"].items()}
    assert train["documents"] == len(list(texts(project, "train")))
    assert train["tokens"] == sum(file["tokens"] for file in train["files"])


@pytest.mark.parametrize(
    ("epochs", "sentence"),
    [
        ({"reviews": -1.0}, "epochs.reviews is -1.0: give 0 or more"),
        ({"reviews": float("inf")}, "epochs.reviews is inf"),
        ({"reviews": float("nan")}, "epochs.reviews is nan"),
        ({"news": 2.0}, "source 'news', which the corpus lacks; it has reviews, blogs"),
    ],
)
def test_impossible_epochs(project: Path, epochs: dict[str, float], sentence: str) -> None:
    with pytest.raises(PolyglotError, match=sentence):
        written(project, replace(PARAMS, epochs=epochs))
    assert not (project / paths.TOKENS).exists()


def test_documents_are_missing(project: Path) -> None:
    for shard in (project / paths.MASK / "documents").iterdir():
        shard.unlink()
    with pytest.raises(PolyglotError, match="holds no documents"):
        written(project)


def test_tokenizer_is_missing(project: Path) -> None:
    (project / paths.TOKENIZER / "tokenizer.json").unlink()
    with pytest.raises(PolyglotError, match=r"tokenizer.json is missing: run the stage tokenizer"):
        written(project)


def test_tokenizer_is_broken(project: Path) -> None:
    (project / paths.TOKENIZER / "tokenizer.json").write_text("{")
    with pytest.raises(PolyglotError, match="is no tokenizer"):
        written(project)


def test_vocabulary_does_not_fit_two_bytes(project: Path) -> None:
    path = str(project / paths.TOKENIZER / "tokenizer.json")
    tokenizer = Tokenizer.from_file(path)
    tokenizer.add_tokens([f"<{number}>" for number in range(65_536 - 280)])
    tokenizer.save(path)
    with pytest.raises(PolyglotError, match="has 65,536 entries, and two bytes a token hold"):
        written(project)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"validation_share": 0.0}, "validation_share is 0.0"),
        ({"validation_share": 1.0}, "validation_share is 1.0"),
        ({"shard_tokens": 0}, "shard_tokens is 0"),
    ],
)
def test_impossible_parameters(project: Path, change: dict[str, float], sentence: str) -> None:
    with pytest.raises(PolyglotError, match=sentence):
        written(project, replace(PARAMS, **change))
