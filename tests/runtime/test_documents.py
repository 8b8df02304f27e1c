import hashlib
from pathlib import Path
from typing import Literal

import pytest
from datatrove.data import Document

from runtime import documents
from runtime.errors import PolyglotError
from runtime.ledger import Ledger


def document(number: int, text: str = "안녕하세요") -> Document:
    return Document(
        text=text, id=f"nsmc/a.txt#{number}", metadata={"source": "nsmc", "rating": number}
    )


def write(folder: Path, documents_: list[Document], rank: int = 0) -> Path:
    list(documents.DocumentWriter(folder).run(iter(documents_), rank))
    return folder / f"{rank:05d}.parquet"


def test_documents_come_back_as_they_were_written(tmp_path: Path) -> None:
    written = [document(0), document(1, ""), document(2, "줄\n바꿈 <| tell |> 🙂")]
    write(tmp_path, written)
    assert list(documents.read(tmp_path)) == written
    assert documents.count(tmp_path) == 3


def test_the_same_documents_give_the_same_bytes(tmp_path: Path) -> None:
    shards = [write(tmp_path / name, [document(i) for i in range(25_000)]) for name in "ab"]
    first, second = (hashlib.sha256(shard.read_bytes()).hexdigest() for shard in shards)
    assert first == second


def test_a_rank_reads_its_own_shards(tmp_path: Path) -> None:
    for rank in range(3):
        write(tmp_path, [document(rank)], rank)
    reader = documents.DocumentReader(tmp_path)
    assert [found.id for found in reader.run(rank=1, world_size=2)] == ["nsmc/a.txt#1"]


def test_a_torn_shard_is_an_error(tmp_path: Path) -> None:
    shard = write(tmp_path, [document(i) for i in range(100)])
    shard.write_bytes(shard.read_bytes()[:-100])
    with pytest.raises(PolyglotError, match=r"00000\.parquet is damaged"):
        list(documents.read(tmp_path))


def test_a_damaged_page_is_an_error(tmp_path: Path) -> None:
    shard = write(tmp_path, [document(i, f"문장 {i}") for i in range(5_000)])
    content = bytearray(shard.read_bytes())
    content[100:400] = bytes(300)
    shard.write_bytes(content)
    with pytest.raises(PolyglotError, match="is damaged"):
        list(documents.read(tmp_path))


def test_an_interrupted_writer_leaves_no_shard(tmp_path: Path) -> None:
    def failing():
        yield document(0)
        raise ValueError

    with pytest.raises(ValueError):
        list(documents.DocumentWriter(tmp_path).run(failing()))
    assert list(tmp_path.glob("*.parquet")) == []


def test_an_empty_folder_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(PolyglotError, match="holds no documents"):
        documents.shards(tmp_path)


def test_a_filter_counts_and_keeps_what_it_drops(tmp_path: Path) -> None:
    class Short(documents.DocumentFilter):
        def filter(self, document: Document) -> Literal[True] | tuple[Literal[False], str]:
            return len(document.text) > 2 or (False, "too_short")

    ledger = Ledger("clean")
    block = Short(ledger, tmp_path / "rejected")
    kept = list(block.run(iter([document(0), document(1, "앗")])))
    assert [found.id for found in kept] == ["nsmc/a.txt#0"]
    assert ledger.json()["total"]["dropped"] == {"too_short": {"documents": 1, "bytes": 3}}
    assert [found.text for found in documents.read(tmp_path / "rejected/too_short")] == ["앗"]


def test_a_filter_that_drops_nothing_writes_nothing(tmp_path: Path) -> None:
    class Every(documents.DocumentFilter):
        def filter(self, document: Document) -> Literal[True] | tuple[Literal[False], str]:
            return True

    assert list(Every(Ledger("clean"), tmp_path / "rejected").run(iter([document(0)])))
    assert not (tmp_path / "rejected").exists()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("<|tell|>", "<| tell |>"),
        ("a<|endoftext|><|acc|>b", "a<| endoftext |><| acc |>b"),
        ("<| tell |>", "<| tell |>"),
        ("a < b |> c <||>", "a < b |> c <||>"),
    ],
)
def test_special_tokens_are_defused(text: str, expected: str) -> None:
    assert documents.defuse(text) == expected


def test_a_batch_holds_no_more_than_a_row_group(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(documents, "GROUP_CHARACTERS", 100)
    shard = write(tmp_path, [document(number, "가" * 50) for number in range(10)])
    batches = list(documents.read_batches(shard, ["text"]))
    assert [batch.num_rows for batch in batches] == [2] * 5
    assert len(list(documents.read_shard(shard))) == 10
