import json
from collections import Counter
from dataclasses import replace
from pathlib import Path
from unicodedata import normalize

import pytest
from datatrove.data import Document

from runtime import documents, files
from runtime.ledger import Ledger
from runtime.progress import Progress
from stages.clean import CleanParams, all_filters, all_repairs, clean

TEXTS = {
    "": "empty",
    "<br>&nbsp;": "empty",
    "굿": "too_short",
    "ㅋㅋㅋㅋㅋㅋㅋㅋ": "few_hangul",
    "This is not Korean.": "few_hangul",
    "010-1234-5678": "few_hangul",
    "정말 재미있는 영화": None,
}


def run(params: CleanParams, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("POLYGLOT_WORKERS", "1")
    source, final = folder / "ingest", folder / "clean"
    found = (
        Document(text=text, id=f"a/b#{i}", metadata={"source": "a"}) for i, text in enumerate(TEXTS)
    )
    list(documents.DocumentWriter(source / "documents").run(found))
    clean(params, Progress(None), source, final)
    return final


def test_documents_are_kept_or_dropped_for_a_reason(
    clean_params: CleanParams, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    final = run(clean_params, tmp_path, monkeypatch)
    assert [document.id for document in documents.read(final / "documents")] == ["a/b#6"]
    total = files.read_json(final / "ledger.json")["total"]
    assert total["in"]["documents"] == 7
    dropped = {reason: count["documents"] for reason, count in total["dropped"].items()}
    assert dropped == {"empty": 2, "few_hangul": 3, "too_short": 1}
    assert list((final / "rejected").iterdir()) == []


def test_rejects_are_kept_by_reason_for_a_look(
    clean_params: CleanParams, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    final = run(replace(clean_params, keep_rejects=True), tmp_path, monkeypatch)
    reasons = sorted(folder.name for folder in (final / "rejected").iterdir())
    assert reasons == ["empty", "few_hangul", "too_short"]
    rejected = documents.read(final / "rejected/few_hangul")
    assert [document.text for document in rejected] == [
        "ㅋㅋㅋㅋㅋㅋ",  # as it was when it was dropped
        "This is not Korean.",
        "010-1234-5678",
    ]


@pytest.mark.data
def test_good_korean_passes_unaltered(clean_params: CleanParams, real_data: Path) -> None:
    paths = sorted((real_data / "kobest_v1").glob("*/*.jsonl"))
    items = [json.loads(line) for path in paths for line in path.read_text().splitlines()]
    named = [
        (name, normalize("NFC", value))
        for item in items
        for name, value in item.items()
        if isinstance(value, str) and value not in ("원인", "결과") and name != "word"
    ]
    ledger = Ledger("clean")
    repairs, filters = all_repairs(clean_params, ledger), all_filters(clean_params, ledger, None)
    taken, dropped, altered = Counter[str](), Counter[str](), []
    for name, text in named:
        mended = Document(text=text, id="", metadata={"source": name})
        for repair in repairs:
            mended.text = repair.repair(mended.text)
        taken[name] += 1
        if any(rule.filter(mended) is not True for rule in filters):
            dropped[name] += 1
        elif text.split() != mended.text.split() and name != "sentence":  # shop reviews......
            altered.append(text)
    assert {"paragraph", "premise", "context", "context_1", "ending_1", "sentence"} <= set(taken)
    assert taken["paragraph"] > 5_000 and taken.total() > 50_000
    for name in taken:
        assert dropped[name] <= 0.005 * taken[name], name
    invisible = [text for text in altered if not "".join(text.split()).isprintable()]
    assert altered == invisible  # left-to-right marks, in a few of them
