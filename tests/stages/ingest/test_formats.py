"""Every source's raw format, read as its publisher ships it."""

import gzip
import io
import json
import unicodedata
import zipfile

import pyarrow as pa
import pyarrow.parquet as pq
import zstandard


def test_nsmc_as_published(ingested) -> None:
    table = 'id\tdocument\tlabel\n1\t"굿\t1\n2\t\t0\n'.encode()
    found = ingested("nsmc", {"ratings.txt": table, "ratings_train.txt": table})
    assert [(d.id, d.text, d.metadata) for d in found] == [
        ("nsmc/ratings.txt#0", '"굿', {"source": "nsmc", "id": "1"}),
        ("nsmc/ratings.txt#1", "", {"source": "nsmc", "id": "2"}),
    ]


def test_nsmc_with_all_reviews_is_not_read_twice(ingested) -> None:
    review = {"review_id": "9", "review": "좋다"}
    contents = {
        "ratings.txt": "id\tdocument\tlabel\n9\t좋다\t1\n".encode(),
        "reviews-00.jsonl.zst": zstandard.compress(json.dumps(review).encode()),
        "raw/72523.json": json.dumps([review]).encode(),
    }
    (document,) = ingested("nsmc", contents)
    assert (document.id, document.text) == ("nsmc/raw/72523.json#0", "좋다")
    assert document.metadata == {"source": "nsmc", "id": "9"}


def test_plain_text_keeps_every_line(ingested) -> None:
    found = ingested("kcbert", {"a.txt": "가\r\n\n나\x85다\u2028라\n마".encode()})
    assert found.texts == ["가", "", "나\x85다\u2028라", "마"]
    assert [document.id for document in found][-1] == "kcbert/a.txt#3"


def test_csv_with_quotes_and_newlines(ingested) -> None:
    found = ingested("qa", {"a.csv": 'Q,A,label\n"가, 나?","그\n""래""",0\n다?,네,1\n'.encode()})
    assert found.texts == ['가, 나?\n그\n"래"', "다?\n네"]


def test_modu_written_and_spoken(ingested) -> None:
    written = {
        "document": [{"id": "W1", "paragraph": [{"form": "첫 문단."}, {"form": "둘째 문단."}]}]
    }
    spoken = {"document": [{"id": "S1", "utterance": [{"form": "네."}, {"form": "아니요."}]}]}
    found = ingested(
        "modu",
        {"a.json": json.dumps(written).encode(), "b.json": json.dumps(spoken).encode()},
    )
    assert found.texts == ["첫 문단.\n둘째 문단.", "네.\n아니요."]
    assert [document.metadata["id"] for document in found] == ["W1", "S1"]


def test_wikipedia_parquet(ingested) -> None:
    file = io.BytesIO()
    rows = [{"id": "5", "url": "u", "title": "지미 카터", "text": "본문"}]
    pq.write_table(pa.Table.from_pylist(rows), file)
    (document,) = ingested("wikipedia", {"ko/train.parquet": file.getvalue()})
    assert (document.id, document.text) == ("wikipedia/ko/train.parquet#0", "본문")


def test_aihub_zip_members(ingested) -> None:
    dialogue = {"body": {"dialogue": [{"utterance": "안녕"}, {"utterance": "응"}]}}
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("라벨/나.json", json.dumps({"data": [dialogue, dialogue]}))
        archive.writestr("라벨/가.json", json.dumps({"data": [dialogue]}))
    found = ingested("aihub", {"training.zip": file.getvalue()})
    assert found.texts == ["안녕\n응"] * 3
    assert [document.id for document in found] == [
        "aihub/training.zip/라벨/가.json#0",
        "aihub/training.zip/라벨/나.json#0",
        "aihub/training.zip/라벨/나.json#1",
    ]


def test_compressed_json_lines(ingested) -> None:
    line = '{"text": "글"}\n'.encode()
    frames = zstandard.compress(line) + zstandard.compress(line)
    found = ingested("blog", {"a.jsonl.zst": frames, "b.jsonl.gz": gzip.compress(line)})
    assert found.texts == ["글"] * 3


def test_text_is_composed_and_special_tokens_are_defused(ingested) -> None:
    decomposed = unicodedata.normalize("NFD", "한글")
    found = ingested("kcbert", {"a.txt": f"{decomposed} <|tell|>\n<|endoftext|>".encode()})
    assert found.texts == ["한글 <| tell |>", "<| endoftext |>"]
    assert found.ledger["total"]["extra"] == {"defused": 2}


def test_shards_keep_the_order_of_files(ingested) -> None:
    contents = {f"{name}.txt": f"{name}\n".encode() * 100 for name in "abcdefg"}
    found = ingested("kcbert", contents, shards=3)
    assert [document.text for document in found] == [name for name in "abcdefg" for _ in range(100)]
    assert len(list((found.folder / "documents").iterdir())) == 3
