import json
from pathlib import Path
from unicodedata import normalize

import pytest
from datatrove.data import Document

from runtime import documents, files
from runtime.ledger import Ledger
from runtime.progress import Progress
from stages.clean import Clean, CleanParams, clean
from stages.clean.text import repeats, tidy

PARAMS = CleanParams(min_characters=5, min_hangul_share=0.2, max_repeats=6)
TEXTS = {
    "": "empty",
    "<br>&nbsp;": "empty",
    "굿": "too_short",
    "ㅋㅋㅋㅋㅋㅋㅋㅋ": "few_hangul",
    "This is not Korean.": "few_hangul",
    "010-1234-5678": "few_hangul",
    "정말 재미있는 영화": None,
}


def test_documents_are_kept_or_dropped_for_a_reason(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("POLYGLOT_WORKERS", "1")
    source, final = tmp_path / "ingest", tmp_path / "clean"
    found = (
        Document(text=text, id=f"a/b#{i}", metadata={"source": "a"}) for i, text in enumerate(TEXTS)
    )
    list(documents.DocumentWriter(source / "documents").run(found))
    clean(PARAMS, Progress(None), source, final)

    assert [document.id for document in documents.read(final / "documents")] == ["a/b#6"]
    reasons = [document.metadata["reason"] for document in documents.read(final / "rejected")]
    assert reasons == [reason for reason in TEXTS.values() if reason]
    total = files.read_json(final / "ledger.json")["total"]
    assert total["in"]["documents"] == 7
    dropped = {reason: count["documents"] for reason, count in total["dropped"].items()}
    assert dropped == {"empty": 2, "few_hangul": 3, "too_short": 1}


@pytest.mark.data
def test_good_korean_passes_unaltered(real_data: Path) -> None:
    paths = sorted((real_data / "kobest_v1").glob("*/*.jsonl"))
    items = [json.loads(line) for path in paths for line in path.read_text().splitlines()]
    names = ("paragraph", "premise", "context", "context_1", "context_2")
    texts = [normalize("NFC", item[name]) for item in items for name in names if name in item]
    assert len(texts) > 20_000

    reason = Clean(PARAMS, Ledger("clean")).reason
    runs = repeats(PARAMS.max_repeats)
    tidied = [tidy(text, runs) for text in texts]
    dropped = sum(reason(text) is not None for text in tidied)
    altered = [a for a, b in zip(texts, tidied, strict=True) if a.split() != b.split()]
    invisible = [text for text in altered if not "".join(text.split()).isprintable()]
    assert dropped <= 0.005 * len(texts)
    assert altered == invisible  # left-to-right marks, in three of them
