"""Nobody can type a special token into the corpus. Every number is made up."""

import json
import re
from pathlib import Path

import pytest

from flows.profile import composed
from runtime import documents, files, params
from runtime.progress import Progress
from stages.clean import CleanParams, clean
from stages.ingest import CorpusParams, ingest
from stages.mask import MaskParams, mask_documents

TEXT = "오늘은 날씨가 맑아서 공원까지 걸었다. {} 저녁에는 시장에서 국수를 먹고 집으로 왔다."
TYPED = [
    "<|acc|>",
    "<|endoftext|>",
    "<|te<b></b>ll|>",
    "<|t\u200bell|>",
    "<\u00ad|rrn|>",
    "&lt;|acc|&gt;",
    "&amp;lt;|acc|&amp;gt;",
    "&#60;&#124;tell&#124;&#62;",
    "<|tell|\x00>",
    "<<|tell|>|acc|>",
    "<|<|tell|>tell|>",
    "<|te<|tell|>ll|>",
    "<|010-1234-5678|>",
    "<|te010-1234-5678ll|>",
    "<|010-1234-5678tell|>",
]


def test_only_masking_writes_tokens(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("POLYGLOT_WORKERS", "1")
    raw = tmp_path / "raw/blog/posts.jsonl"
    lines = (json.dumps({"text": TEXT.format(typed)}) + "\n" for typed in TYPED)
    files.write_text(raw, "".join(lines))
    ingest(CorpusParams(str(tmp_path / "raw"), ["blog"], 1), Progress(None), tmp_path / "ingest")
    rules = params.typed("clean", composed("smoke").clean, CleanParams)
    clean(rules, Progress(None), tmp_path / "ingest", tmp_path / "clean")
    chosen = params.typed("mask", composed("smoke").mask, MaskParams)
    mask_documents(chosen, Progress(None), tmp_path / "clean", tmp_path / "mask")

    texts = [document.text for document in documents.read(tmp_path / "mask/documents")]
    assert len(texts) == len(TYPED)
    tokens = re.findall(r"<\|\w+\|>", " ".join(texts))
    assert tokens == ["<|tell|>"] * 3
    assert files.read_json(tmp_path / "mask/ledger.json")["total"]["extra"]["phone"] == 3
