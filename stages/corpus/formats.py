"""The raw formats: records in, files out as the source ships them; the same bytes every time."""

import json
import zipfile
from collections.abc import Iterable
from pathlib import Path
from random import Random
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import zstandard

from stages.corpus.defects import broken_json, broken_utf8
from stages.corpus.records import Record

NSMC, KCBERT, BLOG = "ratings.txt", "comments.txt", "posts.jsonl.zst"
MODU, WIKIPEDIA = "NWRW0000000001.json", "train-00000-of-00001.parquet"
AIHUB, AIHUB_MEMBER = "training.zip", "일상대화요약_train.json"
ZIP_DAY = (2021, 10, 1, 0, 0, 0)  # a zip member carries a time: always this one


def _dump(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def _lines(rng: Random, records: list[Record], lines: Iterable[str]) -> bytes:
    """Text lines as bytes; a record with a defect in its bytes gets it here."""
    spoil = {"broken_utf8": broken_utf8, "broken_json": broken_json}
    encoded = []
    for record, line in zip(records, lines, strict=True):
        raw = line.encode()
        if record.defect in spoil:
            raw = spoil[record.defect](rng, raw)
        encoded.append(raw + b"\n")
    return b"".join(encoded)


def nsmc(rng: Random, records: list[Record], folder: Path) -> str:
    """ratings.txt; returns the file's name in the truth files, as every writer here does."""
    lines = [
        f"{8_000_000 + n * 7}\t{record.text}\t{record.label}" for n, record in enumerate(records)
    ]
    header = b"id\tdocument\tlabel\n"
    (folder / NSMC).write_bytes(header + _lines(rng, records, lines))
    return NSMC


def kcbert(rng: Random, records: list[Record], folder: Path) -> str:
    """comments.txt"""
    (folder / KCBERT).write_bytes(_lines(rng, records, [record.text for record in records]))
    return KCBERT


def modu(rng: Random, records: list[Record], folder: Path) -> str:
    """One newspaper file of the Modu corpus."""
    corpus = MODU.removesuffix(".json")
    documents = [
        {
            "id": f"{corpus}.{number}",
            "metadata": {
                "title": record.title,
                "author": "",
                "publisher": "한글일보",
                "date": record.date.replace("-", ""),
                "topic": record.topic,
                "original_topic": record.topic,
            },
            "paragraph": [
                {"id": f"{corpus}.{number}.{index}", "form": form}
                for index, form in enumerate(record.text.split("\n"), 1)
            ],
        }
        for number, record in enumerate(records, 1)
    ]
    metadata = {"title": "표본 신문 말뭉치", "creator": "polyglot-ko", "category": "신문 > 표본"}
    whole = {"id": corpus, "metadata": metadata, "document": documents}
    (folder / MODU).write_text(json.dumps(whole, ensure_ascii=False, indent=1), encoding="utf-8")
    return MODU


def wikipedia(rng: Random, records: list[Record], folder: Path) -> str:
    """One Parquet file of the hub's form."""
    table = {
        "id": [str(number * 3 + 5) for number in range(len(records))],
        "url": [f"https://ko.example.org/wiki/{r.title.replace(' ', '_')}" for r in records],
        "title": [record.title for record in records],
        "text": [record.text for record in records],
    }
    pq.write_table(pa.table(table), folder / WIKIPEDIA)
    return WIKIPEDIA


def aihub(rng: Random, records: list[Record], folder: Path) -> str:
    """A zip with one JSON member, as the dialogue summaries of AI Hub."""
    whole = {
        "numberOfItems": len(records),
        "data": [_dialogue(number, record) for number, record in enumerate(records)],
    }
    member = zipfile.ZipInfo(AIHUB_MEMBER, ZIP_DAY)
    member.compress_type = zipfile.ZIP_DEFLATED
    with zipfile.ZipFile(folder / AIHUB, "w") as archive:
        archive.writestr(member, _dump(whole))
    return f"{AIHUB}/{AIHUB_MEMBER}"


def _dialogue(number: int, record: Record) -> dict[str, Any]:
    turns = record.text.split("\n")
    information = {
        "numberOfParticipants": 2,
        "numberOfUtterances": len(turns),
        "numberOfTurns": len(turns),
        "type": "일상 대화",
        "topic": record.topic,
        "dialogueID": f"{number:08}",
    }
    people = [
        {"participantID": "P01", "gender": "여성", "age": "20대"},
        {"participantID": "P02", "gender": "남성", "age": "30대"},
    ]
    dialogue = [
        {
            "utteranceID": f"U{turn + 1}",
            "turnID": f"T{turn + 1}",
            "participantID": people[turn % 2]["participantID"],
            "date": record.date,
            "time": f"{9 + turn // 60:02}:{turn % 60:02}:00",
            "utterance": utterance,
        }
        for turn, utterance in enumerate(turns)
    ]
    summary = f"두 사람이 {record.topic}에 대해 이야기한다."
    return {
        "header": {"dialogueInfo": information, "participantsInfo": people},
        "body": {"dialogue": dialogue, "summary": summary},
    }


def blog(rng: Random, records: list[Record], folder: Path) -> str:
    """JSON lines, one zstd frame."""
    lines = [
        _dump(
            {
                "title": record.title,
                "text": record.text,
                "url": f"https://blog.example.com/{100_000 + number}",
                "date": record.date,
            }
        )
        for number, record in enumerate(records)
    ]
    compressed = zstandard.ZstdCompressor(level=3).compress(_lines(rng, records, lines))
    (folder / BLOG).write_bytes(compressed)
    return BLOG
