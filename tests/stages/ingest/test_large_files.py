"""Large files and long documents: read whole, in blocks, by any number of workers alike."""

import hashlib
import json
from pathlib import Path

import pytest

from runtime.progress import Progress
from stages.ingest import CorpusParams, ingest, raw, reader

BLOCK = 1000


@pytest.fixture
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(raw, "BLOCK", BLOCK)
    monkeypatch.setattr(reader, "BLOCK", BLOCK)


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_blocks_lose_and_repeat_no_line(ingested, small_blocks: None, newline: str) -> None:
    lines = [f"{i} " + "가" * (i * 37 % 90) for i in range(300)]
    lines[100:100] = ["", "긴 줄 " + "나" * 1500, "a" * BLOCK, ""]
    lines.append("끝" + "다" * 2000)  # nothing begins in the last blocks
    found = ingested("kcbert", {"a.txt": newline.join(lines).encode()}, shards=4)
    assert found.texts == lines
    assert found.quarantined == {}
    ids = [document.id for document in found]
    assert len(set(ids)) == len(lines)
    assert ids[0] == "kcbert/a.txt#0.0"


@pytest.mark.parametrize("length", range(96, 105))
def test_a_line_that_ends_at_the_edge_of_a_block_is_read_once(
    ingested, small_blocks: None, length: int
) -> None:
    lines = [f"{i:02d}" + "a" * (length - 3) for i in range(40)]
    assert ingested("kcbert", {"a.txt": "\n".join(lines).encode()}).texts == lines


def test_every_block_of_a_table_has_its_header(ingested, small_blocks: None) -> None:
    rows = [f"{i}\t글 {i}\t1" for i in range(200)]
    table = "\n".join(["id\tdocument\tlabel", *rows, "broken"]).encode()
    found = ingested("nsmc", {"ratings.txt": table}, shards=2)
    assert found.texts == [f"글 {i}" for i in range(200)]
    assert [document.metadata["id"] for document in found] == [str(i) for i in range(200)]
    assert found.quarantined == {"wrong_number_of_fields": 1}
    (line,) = (found.folder / "quarantine" / "00001.jsonl").read_text().splitlines()
    assert json.loads(line)["position"].startswith("2.")


def test_the_same_bytes_with_any_number_of_workers(
    small_blocks: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "raw" / "kcbert"
    folder.mkdir(parents=True)
    for name in "abc":
        lines = (f"{name} 줄 {i} \n" for i in range(500))
        (folder / f"{name}.txt").write_text("".join(lines), encoding="utf-8")
    sums = set()
    for workers in (1, 2, 4):
        monkeypatch.setenv("POLYGLOT_WORKERS", str(workers))
        out = tmp_path / f"out{workers}"
        ingest(CorpusParams(str(tmp_path / "raw"), ["kcbert"], 5), Progress(None), out)
        files = sorted(path for path in out.rglob("*") if path.is_file())
        sums.add(hashlib.sha256(b"".join(path.read_bytes() for path in files)).hexdigest())
    assert len(sums) == 1


@pytest.mark.parametrize("format_", ["jsonl", "json", "txt", "xml"])
def test_a_document_of_50_mb_is_read_whole(ingested, registered, format_: str) -> None:
    registered('{files: ["*"], text: [t], records: ' + ("r" if format_ == "xml" else "null") + "}")
    text = "가나다라 마바사아 " * 2_000_000
    content = {"jsonl": json.dumps({"t": text}, ensure_ascii=False), "txt": text}
    content["json"] = f"[{content['jsonl']}]"
    content["xml"] = f"<a><r><t>{text.strip()}</t></r></a>"
    (document,) = ingested("own", {f"a.{format_}": content[format_].encode()})
    assert document.text.strip() == text.strip()


def test_a_whole_text_is_one_document(ingested) -> None:
    files = {"1/1.txt": "첫\r\n둘\n\n셋\n".encode(), "1/2.txt": b"\xb0\xa1", "1/3.txt": b""}
    found = ingested("fiction", files)
    assert found.texts == ["첫\n둘\n\n셋\n"]
    assert [document.id for document in found] == ["fiction/1/1.txt#0"]
    assert found.quarantined == {"broken_utf8": 1, "no_records": 1}
