"""Lines and tables: plain text, TSV, CSV, JSON lines, Parquet."""

import csv
import io
from pathlib import Path
from random import Random

import pyarrow as pa
import pyarrow.parquet as pq

from stages.corpus.formats.files import Place, dump, lines, save
from stages.corpus.records import Record


def ratings(rng: Random, records: list[Record], folder: Path) -> list[Place]:
    """The film reviews of e9t/nsmc: TSV with a header."""
    rows = [f"{8_000_000 + n * 7}\t{r.text}\t{r.label}" for n, r in enumerate(records)]
    content = b"id\tdocument\tlabel\n" + lines(rng, records, rows)
    return save(folder, "ratings.txt", content, len(records))


def news_comments(rng: Random, records: list[Record], folder: Path) -> list[Place]:
    """KcBERT's comments: a line each."""
    content = lines(rng, records, [record.text for record in records])
    return save(folder, "comments.txt", content, len(records))


def online_comments(rng: Random, records: list[Record], folder: Path) -> list[Place]:
    """A forum's comments: TSV with a header, bz2."""
    rows = [f"{n + 1}\t{record.text}\t{record.date}" for n, record in enumerate(records)]
    content = b"id\tcomment\tdate\n" + lines(rng, records, rows)
    return save(folder, "comments.tsv.bz2", content, len(records))


def hate_speech(rng: Random, records: list[Record], folder: Path) -> list[Place]:
    """The comments of korean-hate-speech, a line each; every fifth in the labelled table."""
    plain = [record for n, record in enumerate(records) if n % 5]
    labelled = records[::5]
    content = lines(rng, plain, [record.text for record in plain])
    in_plain = iter(save(folder, "unlabeled/unlabeled_comments_1.txt", content, len(plain)))
    rows = [f"{record.text}\tFalse\tnone\tnone" for record in labelled]
    content = b"comments\tcontain_gender_bias\tbias\thate\n" + lines(rng, labelled, rows)
    in_table = iter(save(folder, "labeled/train.tsv", content, len(labelled)))
    return [next(in_plain) if n % 5 else next(in_table) for n in range(len(records))]


def articles(rng: Random, records: list[Record], folder: Path) -> list[Place]:
    """An agency's articles: CSV, gz; the content is quoted and has line breaks."""
    rows = []
    for record in records:
        title, _, body = record.text.partition("\n")
        rows.append([title, body, record.date])
    content = _csv(["title", "content", "date"], rows)
    return save(folder, "articles.csv.gz", content, len(records))


def chatbot(rng: Random, records: list[Record], folder: Path) -> list[Place]:
    """The question and answer pairs of songys/Chatbot_data: CSV."""
    pairs = [record.text.partition("\n") for record in records]
    content = _csv(["Q", "A", "label"], [[asked, told, "0"] for asked, _, told in pairs])
    return save(folder, "ChatbotData.csv", content, len(records))


def _csv(header: list[str], rows: list[list[str]]) -> bytes:
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows([header, *rows])
    return out.getvalue().encode()


def posts(rng: Random, records: list[Record], folder: Path) -> list[Place]:
    """Blog posts: JSON lines, one zstd frame."""
    objects = [
        {
            "title": record.title,
            "text": record.text,
            "url": f"https://blog.example.com/{100_000 + number}",
            "date": record.date,
        }
        for number, record in enumerate(records)
    ]
    content = lines(rng, records, map(dump, objects))
    return save(folder, "posts.jsonl.zst", content, len(records))


def encyclopaedia(rng: Random, records: list[Record], folder: Path) -> list[Place]:
    """Articles as the hub's wikimedia/wikipedia: one Parquet file."""
    columns = {
        "id": [str(number * 3 + 5) for number in range(len(records))],
        "url": [f"https://ko.example.org/wiki/{r.title.replace(' ', '_')}" for r in records],
        "title": [record.title for record in records],
        "text": [record.text for record in records],
    }
    name = "train-00000-of-00001.parquet"
    pq.write_table(pa.table(columns), folder / name)
    return [(name, position) for position in range(len(records))]


def novels(rng: Random, records: list[Record], folder: Path) -> list[Place]:
    """Chapters of novels, a text file each, xz; ten chapters a novel."""
    return [
        place
        for number, record in enumerate(records)
        for place in save(
            folder,
            f"장편{number // 10 + 1:02}/{number % 10 + 1:02}장.txt.xz",
            f"{record.text}\n".encode(),
            1,
        )
    ]
