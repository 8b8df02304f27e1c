"""Whatever can be read is read, and the rest is quarantined with file, position and reason."""

import gzip
import io
import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from runtime.errors import PolyglotError
from runtime.progress import Progress
from stages.ingest import CorpusParams, ingest
from stages.ingest.json_files import json_file
from stages.ingest.sources import Layout

LINE = '{"text": "글"}\n'.encode()


def test_bad_lines_cost_only_themselves(ingested) -> None:
    bad = [
        b'{"text": "\xff"}\n',
        b'{"text": \n',
        b'{"text": 7}\n',
        b'{"title": "a"}\n',
        b'{"text": "\\ud800"}\n',
        b"[]\n",
    ]
    found = ingested("blog", {"a.jsonl": LINE.join(bad) + LINE})
    assert found.texts == ["글"] * 6
    assert found.quarantined == {
        "broken_json": 2,
        "broken_utf8": 1,
        "missing_text": 2,
        "text_not_string": 1,
    }
    assert found.torn == 0


def test_a_quarantined_record_can_be_found_again(ingested) -> None:
    found = ingested("kcbert", {"a/b.txt": b"one\ntwo\xb0\xa1\nthree\n"})
    (line,) = (found.folder / "quarantine" / "00000.jsonl").read_text().splitlines()
    assert json.loads(line) == {
        "source": "kcbert",
        "file": "a/b.txt",
        "position": 1,
        "reason": "broken_utf8",
        "raw": "two\\xb0\\xa1",
    }
    assert [document.id for document in found] == ["kcbert/a/b.txt#0", "kcbert/a/b.txt#2"]


def test_a_byte_order_mark_is_no_text(ingested) -> None:
    found = ingested("blog", {"a.jsonl": b"\xef\xbb\xbf" + LINE})
    assert found.texts == ["글"]


def test_a_torn_parquet_file_is_quarantined(ingested) -> None:
    file = io.BytesIO()
    pq.write_table(pa.table({"id": ["1"], "text": ["글"]}), file)
    found = ingested("wikipedia", {"a.parquet": file.getvalue(), "b.parquet": b"PAR1"})
    assert found.texts == ["글"]
    assert found.quarantined == {"torn_parquet": 1}
    assert found.torn == 1


def test_a_torn_json_file_is_read_as_far_as_it_goes(ingested) -> None:
    whole = json.dumps({"document": [{"id": "W1", "paragraph": [{"form": "글"}]}] * 9}).encode()
    found = ingested("modu", {"a.json": whole, "b.json": whole[:-9]})
    assert len(found.texts) == 9 + 8
    assert found.quarantined == {"broken_json": 1}
    assert found.torn == 1


def test_bad_bytes_in_parquet_cost_only_their_row(ingested) -> None:
    bad = pa.array([b"\xff", "글".encode()]).view(pa.string())
    file = io.BytesIO()
    pq.write_table(pa.table({"id": ["1", "2"], "text": bad}), file)
    found = ingested("wikipedia", {"a.parquet": file.getvalue()})
    assert found.texts == ["글"]
    assert found.quarantined == {"broken_utf8": 1}


def test_an_empty_file_is_counted(ingested) -> None:
    found = ingested("kcbert", {"a.txt": b"", "b.txt": b"text\n"})
    assert found.quarantined == {"no_records": 1}


def test_a_stray_quote_does_not_swallow_the_rest(ingested) -> None:
    rows = "".join(f"질문 {i},답 {i},0\n" for i in range(1000))
    found = ingested("qa", {"a.csv": f'Q,A,label\n"끝나지 않는 질문,답,0\n{rows}'.encode()})
    assert len(found.texts) == 1000
    assert found.quarantined == {"broken_csv": 1}


def test_rows_of_another_width_are_quarantined(ingested) -> None:
    found = ingested("qa", {"a.csv": "Q,A,label\n하나,둘,0\n하나\n셋,넷,1,2\n".encode()})
    assert found.texts == ["하나\n둘"]
    assert found.quarantined == {"wrong_number_of_fields": 2}


def test_bad_bytes_in_csv_cost_only_their_row(ingested) -> None:
    found = ingested("qa", {"a.csv": b"Q,A,label\n\xb0\xa1,b,0\nc,d,0\n"})
    assert found.texts == ["c\nd"]
    assert found.quarantined == {"broken_utf8": 1}


@pytest.mark.parametrize(
    ("corpus", "sentence"),
    [
        (CorpusParams("missing", ["nsmc"], 1), r"The folder missing .* does not exist"),
        (CorpusParams(".", ["nmsc"], 1), r"Unknown source 'nmsc': known are .*nsmc"),
        (CorpusParams("tests", ["nsmc"], 1), r"tests has no file for the source nsmc: expected"),
        (CorpusParams("tests", ["nsmc", "blog"], 1), r"tests has no folder nsmc for the source"),
        (CorpusParams("tests", [], 1), r"corpus.sources is empty"),
    ],
)
def test_a_wrong_corpus_is_one_sentence(
    corpus: CorpusParams, sentence: str, tmp_path: Path
) -> None:
    with pytest.raises(PolyglotError, match=sentence):
        ingest(corpus, Progress(None), tmp_path / "ingest")


def test_a_source_without_a_readable_record_is_one_sentence(ingested) -> None:
    with pytest.raises(PolyglotError, match=r"No document of the source kcbert .*no_records 1"):
        ingested("kcbert", {"a.txt": b""})


@pytest.mark.parametrize("number", ["1.5", "-1e5", "12345", "9" * 5_000])
def test_a_number_cut_at_any_place_tears_no_json(number: str) -> None:
    content = f'{{"value": {number}, "data": [{{"text": "글"}}]}}'.encode()
    fields = Layout(files=["*"], text=["text"], records="data")
    for cut in range(len(content) - len(number) - 30, len(content)):
        parts = iter([content[:cut], content[cut:]])
        assert [record.text for record in json_file(parts, fields)] == ["글"]


def test_a_csv_header_that_does_not_parse_is_a_torn_file(ingested) -> None:
    found = ingested("qa", {"a.csv": b'"Q"x,A\na,b\n', "b.csv": b"Q,A\nc,d\n"})
    assert found.texts == ["c\nd"]
    assert found.quarantined == {"broken_csv": 1}


def test_the_record_in_which_a_csv_breaks_off_is_kept(ingested) -> None:
    whole = b'Q,A\na,b\n"begun\n' + bytes(range(32, 127)) * 2_000
    found = ingested("qa", {"a.csv.gz": gzip.compress(whole, 0)[:-100_000]})
    assert found.quarantined == {"truncated_archive": 1}
    line = json.loads((found.folder / "quarantine" / "00000.jsonl").read_text())
    assert line["raw"].startswith('"begun\n')
