from pathlib import Path

import pytest
from datatrove.data import Document

from runtime import documents, files
from runtime.progress import Progress
from stages.mask import MaskParams, mask_documents


def test_documents_are_masked_and_counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("POLYGLOT_WORKERS", "1")
    texts = {"blog": "전화 010-1234-5678, 02-123-4567", "nsmc": "재미있는 영화"}
    found = (
        Document(text=text, id=f"{source}/a#0", metadata={"source": source})
        for source, text in texts.items()
    )
    list(documents.DocumentWriter(tmp_path / "dedup" / "documents").run(found))
    mask_documents(
        MaskParams([], False, False, 0), Progress(None), tmp_path / "dedup", tmp_path / "mask"
    )

    masked = [document.text for document in documents.read(tmp_path / "mask" / "documents")]
    assert masked == ["전화 <|tell|>, <|tell|>", "재미있는 영화"]
    ledger = files.read_json(tmp_path / "mask" / "ledger.json")
    assert ledger["sources"]["blog"]["extra"] == {"account": 0, "phone": 2, "rrn": 0}
    assert ledger["sources"]["nsmc"]["extra"] == {"account": 0, "phone": 0, "rrn": 0}
    assert ledger["total"]["in"]["documents"] == ledger["total"]["out"]["documents"] == 2
