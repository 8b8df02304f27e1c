"""Every line of the real corpora and every text of the real KOBEST."""

import csv
import json
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

import zstandard


def by_source(folder: Path) -> dict[str, Iterator[str]]:
    """The lines of each corpus below ``folder``, read as they are asked for."""
    corpora = folder / "corpora"
    return {
        "nsmc": _reviews(corpora / "nsmc"),
        "korean_hate_speech": _comments(corpora / "korean_hate_speech"),
        "qa_chatbot": _questions(corpora / "qa_chatbot/ChatbotData.csv"),
        "kobest_v1": _items(folder / "kobest_v1"),
    }


def all_lines(folder: Path) -> Iterator[str]:
    """All of them, corpus after corpus."""
    return chain.from_iterable(by_source(folder).values())


def _reviews(folder: Path) -> Iterator[str]:
    for path in sorted(folder.glob("reviews-*.jsonl.zst")):
        with zstandard.open(path, "rt", encoding="utf-8", newline="\n") as file:
            yield from (json.loads(line)["review"] for line in file)


def _comments(folder: Path) -> Iterator[str]:
    for path in sorted(folder.glob("*.txt")):
        yield from path.read_text(encoding="utf-8").splitlines()


def _questions(path: Path) -> Iterator[str]:
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            yield from (row["Q"], row["A"])


def _items(folder: Path) -> Iterator[str]:
    for path in sorted(folder.glob("*/*.jsonl")):
        for line in path.read_text(encoding="utf-8").splitlines():
            yield from (value for value in json.loads(line).values() if isinstance(value, str))
