"""Real film reviews as raw shards: as they are (short), or many joined to a document (long)."""

import json
import os
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import zstandard

JOINED = 50  # reviews a long document: about 4 KB
FORMS = {"short": 1, "long": JOINED}


def data_folder() -> Path:
    """The folder of real corpora: ``POLYGLOT_DATA``, by default ``../shared/data``.

    Raises:
        SystemExit: there is none.
    """
    folder = Path(os.environ.get("POLYGLOT_DATA", "../shared/data"))
    if not folder.is_dir():
        raise SystemExit(f"No real data at {folder}: set POLYGLOT_DATA.")
    return folder


def reviews() -> Iterator[str]:
    """The Naver sentiment movie corpus in its order, about 640,000 texts of 87 bytes."""
    for path in sorted((data_folder() / "corpora/nsmc").glob("reviews-*.jsonl.zst")):
        with zstandard.open(path, "rt", encoding="utf-8", newline="\n") as file:
            for line in file:
                yield json.loads(line)["review"]


def write_raw(folder: Path, form: str, count: int, shards: int = 2) -> None:
    """Write ``count`` reviews as ``<folder>/nsmc/reviews-NN.jsonl.zst``."""
    target = folder / "nsmc"
    target.mkdir(parents=True)
    found = islice(reviews(), count)
    for shard in range(shards):
        path = target / f"reviews-{shard:02d}.jsonl.zst"
        with zstandard.open(path, "wt", encoding="utf-8") as file:
            part = islice(found, count // shards + count % shards)
            while texts := list(islice(part, FORMS[form])):
                record = {"review": "\n".join(texts)}
                file.write(json.dumps(record, ensure_ascii=False) + "\n")
