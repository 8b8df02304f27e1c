"""``polyglot mask`` as a filter. Every number is made up."""

import gzip
import io
import json
import subprocess
import sys
from pathlib import Path

import pytest
import zstandard

from flows import masking
from runtime.errors import PolyglotError
from stages.mask.params import MaskParams
from tests.conftest import ROOT

PARAMS = MaskParams([], business_phones=False, spelled_phones=False, samples=0)
PHONE = "010-1234-5678"


def run(folder: Path, given: bytes, name: str = "a.txt", **options) -> tuple[bytes, list[str]]:
    """What comes out for a file, and what is told of its hits."""
    (folder / name).write_bytes(given)
    output, told = io.BytesIO(), []
    masked = masking.Filter(PARAMS, options.get("keep", False), lambda place: told.append(place))
    with (folder / name).open("rb") as file:
        if fields := options.get("fields"):
            masked.json_lines(name, file, output, fields)
        else:
            masked.text(name, file, output)
    return output.getvalue(), [str(place) for place in told]


@pytest.mark.parametrize("end", [b"\n", b"\r\n", b""])
def test_line_ends_and_bytes_that_are_no_text_stay(tmp_path: Path, end: bytes) -> None:
    given = b"\xff\xfe " + PHONE.encode() + b" \xed\xa0\x80" + end
    assert run(tmp_path, given)[0] == b"\xff\xfe <|tell|> \xed\xa0\x80" + end


def test_places_are_told_by_line_and_column(tmp_path: Path) -> None:
    text = f"가나\n전화 {PHONE}\n\n{PHONE} 900101-1234567\n"
    _, told = run(tmp_path, text.encode())
    assert told == [
        "a.txt\t2\tphone\tmobile\t3\t16",
        "a.txt\t4\tphone\tmobile\t0\t13",
        "a.txt\t4\trrn\thyphen\t14\t28",
    ]


@pytest.mark.parametrize("pack", [gzip.compress, zstandard.compress])
def test_compressed_files_are_read(tmp_path: Path, pack) -> None:
    name = "a.gz" if pack is gzip.compress else "a.zst"
    assert run(tmp_path, pack(PHONE.encode()), name)[0] == b"<|tell|>"
    with pytest.raises(PolyglotError, match="cannot be read to its end"):
        run(tmp_path, pack(PHONE.encode() * 100)[:-8], name)


def test_a_line_without_end_is_masked_in_pieces(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(masking, "BLOCK", 2_000)
    monkeypatch.setattr(
        masking.os, "read", lambda number, size, read=masking.os.read: read(number, 700)
    )
    text = (("계좌 110 123 456789 " + "가" * 300) * 9 + PHONE + "나" * 100) * 9
    expected = text.replace("110 123 456789", "<|acc|>").replace(PHONE, "<|tell|>")
    output, told = run(tmp_path, text.encode())
    assert output.decode() == expected
    assert len(told) == 90


def test_tokens_that_somebody_typed_are_defused(tmp_path: Path) -> None:
    given = f"<|tell|> {PHONE} <|endoftext|>".encode()
    assert run(tmp_path, given)[0] == b"<| tell |> <|tell|> <| endoftext |>"
    assert run(tmp_path, given, keep=True)[0] == b"<|tell|> <|tell|> <|endoftext|>"


def test_json_keeps_what_it_need_not_change(tmp_path: Path) -> None:
    same = '{"n":12345678901234567890,  "x":1e5, "body":"가"}\r\n'
    changed = f'{{"n": 12345678901234567890, "body": "{PHONE}", "title": "{PHONE}"}}\n'
    output, told = run(tmp_path, (same + "\n" + changed).encode(), fields=["body"])
    first, empty, last = output.decode().splitlines(keepends=True)
    assert (first, empty) == (same, "\n")
    assert json.loads(last) == json.loads(changed) | {"body": "<|tell|>"}
    assert told == ["a.txt\t3\tphone\tmobile\t0\t13"]
    with pytest.raises(PolyglotError, match="line 1 is no JSON object with the text field"):
        run(tmp_path, b"[1]\n", fields=["body"])


def test_every_rule_is_described() -> None:
    lines = list(masking.described(PARAMS))
    assert "phone: Phone numbers (전화번호) become <|tell|>" in lines
    assert any(line.startswith("    business (off): ") for line in lines)


def polyglot(words: str) -> subprocess.CompletedProcess:
    return subprocess.run(
        ["sh", "-c", words.replace("polyglot", f"{sys.executable} -m flows.cli")],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_reader_that_leaves_and_a_file_that_is_missing() -> None:
    done = polyglot("yes 010-1234-5678 | head -n 400000 | polyglot mask | head -n 1")
    assert (done.stdout, done.stderr) == ("<|tell|>\n", "")
    done = polyglot("polyglot mask /nowhere.txt")
    assert done.returncode == 1
    assert done.stderr == "/nowhere.txt cannot be read: No such file or directory.\n"
    assert "mask.extra_kinds names 'phones'" in polyglot("polyglot mask --also phones").stderr
