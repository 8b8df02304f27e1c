"""Every format in every packing, and archives that are torn."""

import bz2
import gzip
import io
import json
import lzma
import zipfile
from collections.abc import Callable

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import zstandard

from stages.ingest import streams


def zipped(members: dict[str, bytes], compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", compression) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return file.getvalue()


def in_parquet(texts: list[str]) -> bytes:
    file = io.BytesIO()
    pq.write_table(pa.table({"text": texts}), file)
    return file.getvalue()


PACK: dict[str, Callable[[bytes], bytes]] = {
    "": bytes,
    ".gz": gzip.compress,
    ".bz2": bz2.compress,
    ".xz": lzma.compress,
    ".zst": zstandard.compress,
}
TEXTS = ["첫 글", "둘째 글"]
FORMATS = {
    "jsonl": "".join(json.dumps({"text": text}) + "\n" for text in TEXTS).encode(),
    "json": json.dumps([{"text": text} for text in TEXTS]).encode(),
    "csv": "id,text\n1,첫 글\n2,둘째 글\n".encode(),
    "tsv": "id\ttext\n1\t첫 글\n2\t둘째 글\n".encode(),
    "txt": "첫 글\n둘째 글\n".encode(),
    "xml": "<all><one><text>첫 글</text></one><one><text>둘째 글</text></one></all>".encode(),
    "parquet": in_parquet(TEXTS),
}
ANY = '{files: ["**/*"], text: [text]}'
XML = '{files: ["**/*"], text: [text], records: one}'


@pytest.mark.parametrize("format_", FORMATS)
def test_every_format_is_read_in_every_packing(ingested, registered, format_: str) -> None:
    registered(XML if format_ == "xml" else ANY)
    content = FORMATS[format_]
    files = {
        f"a{i}.{format_}{suffix}": pack(content) for i, (suffix, pack) in enumerate(PACK.items())
    }
    files["b.zip"] = zipped({f"a.{format_}": content, f"b.{format_}.GZ": gzip.compress(content)})
    files[f"c.{format_}.zip"] = zipped({f"deep/a.{format_}": content}, zipfile.ZIP_LZMA)
    found = ingested("own", files)
    assert found.texts == TEXTS * 8
    assert found.quarantined == {}


@pytest.mark.parametrize("suffix", [".zst", ".gz", ".bz2", ".xz"])
def test_a_truncated_archive_is_read_as_far_as_it_goes(ingested, suffix: str) -> None:
    text = "".join(json.dumps({"text": f"문장 {i * i}"}) + "\n" for i in range(90_000)).encode()
    packed = PACK[suffix](text)
    found = ingested("blog", {f"a.jsonl{suffix}": packed[: len(packed) * 3 // 4]})
    assert found.quarantined == {"truncated_archive": 1}
    assert found.torn == 1
    assert len(found.texts) > 10_000
    assert found.texts[10_000] == "문장 100000000"


@pytest.mark.parametrize("suffix", [".zst", ".gz", ".bz2", ".xz"])
def test_a_damaged_archive_does_not_hide_the_others(ingested, suffix: str) -> None:
    line = '{"text": "글"}\n'.encode()
    broken = bytearray(PACK[suffix](line * 1000))
    broken[len(broken) // 2] ^= 0xFF
    files = {
        f"a.jsonl{suffix}": b"this is no archive",
        f"b.jsonl{suffix}": PACK[suffix](line) + b"this is no archive",
        f"c.jsonl{suffix}": PACK[suffix](line) + PACK[suffix](line),
        f"d.jsonl{suffix}": bytes(broken),
        "e.jsonl": line,
    }
    found = ingested("blog", files)
    assert found.quarantined["broken_archive"] in (2, 3)  # zstd has no checksum unless asked
    assert found.torn == found.quarantined["broken_archive"]
    assert [d.id for d in found if "a.jsonl" in d.id] == []
    assert [d.id for d in found if "c.jsonl" in d.id] == [
        f"blog/c.jsonl{suffix}#0",
        f"blog/c.jsonl{suffix}#1",
    ]
    assert "blog/e.jsonl#0" in [d.id for d in found]


def test_padding_behind_an_archive_is_no_damage(ingested) -> None:
    line = '{"text": "글"}\n'.encode()
    padded = {
        "a.jsonl.gz": gzip.compress(line) + bytes(512),
        "b.jsonl.xz": lzma.compress(line) + bytes(4),
    }
    assert ingested("blog", padded).quarantined == {}


def test_a_damaged_zip_member_does_not_hide_the_others(ingested) -> None:
    dialogue = json.dumps({"data": [{"body": {"dialogue": [{"utterance": "안녕"}]}}]}).encode()
    archive = zipped({"a.json": dialogue, "b.json": dialogue}, zipfile.ZIP_STORED)
    content = bytearray(archive)
    content[content.index(b"dialogue")] ^= 1
    found = ingested("aihub", {"a.zip": bytes(content), "b.zip": archive[:-30]})
    assert found.texts == ["안녕"]
    assert found.quarantined == {"broken_archive": 2}
    assert found.torn == 2


def test_of_an_archive_only_the_members_of_the_layout_are_read(ingested) -> None:
    dialogue = json.dumps({"data": [{"body": {"dialogue": [{"utterance": "안녕"}]}}]}).encode()
    found = ingested("aihub", {"a.zip": zipped({"읽어 보기.txt": b"-", "a.json": dialogue})})
    assert found.texts == ["안녕"]
    assert found.quarantined == {}


def test_a_suffix_that_says_nothing_is_a_reason(ingested, registered) -> None:
    registered(ANY)
    archive = zipped({"a.hwp": b"x", "b.txt": b"member", "__MACOSX/._b.txt": b"x"})
    found = ingested("own", {"a.hwp": b"x", "b.txt": b"text", "c.zip": archive})
    assert found.texts == ["text", "member"]
    assert found.quarantined == {"unknown_format": 2}


def test_an_archive_in_an_archive_and_an_empty_one_are_told(ingested, registered) -> None:
    registered(ANY)
    good = zipped({"a.txt": b"text\n"})
    files = {"a.zip": zipped({"b.zip": good, "c.txt": b"more\n"}), "d.zip": zipped({})}
    found = ingested("own", files)
    assert found.texts == ["more"]
    assert found.quarantined == {"nested_archive": 1, "no_records": 1}


@pytest.mark.parametrize("suffix", [".gz", ".bz2", ".xz", ".zst"])
def test_a_little_archive_is_never_one_huge_piece(suffix: str) -> None:
    packed = io.BytesIO(PACK[suffix](bytes(250_000_000)))
    sizes = [len(part) for part in streams.unpacked(f"a{suffix}", streams.plain(packed))]
    assert sum(sizes) == 250_000_000
    assert max(sizes) <= 1 << 27


@pytest.mark.parametrize("suffix", [".zst", ".gz", ".bz2", ".xz", ".zip"])
def test_a_bomb_is_stopped_and_does_not_hide_the_others(
    ingested, monkeypatch: pytest.MonkeyPatch, suffix: str
) -> None:
    monkeypatch.setattr(streams, "MOST_SMALL", 1 << 20)
    line = '{"text": "글"}\n'.encode()
    bomb = line * 500_000
    packed = zipped({"a.jsonl": bomb}) if suffix == ".zip" else PACK[suffix](bomb)
    assert len(bomb) > streams.MOST_RATIO * len(packed)
    found = ingested("blog", {f"a.jsonl{suffix}": packed, "b.jsonl": line})
    assert found.quarantined == {"archive_bomb": 1}
    assert found.torn == 1
    assert "blog/b.jsonl#0" in [d.id for d in found]
    assert len(found.texts) < 300_000
