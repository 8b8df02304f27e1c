"""The sample corpus knows where its personal numbers are: are they masked, and nothing else?"""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from flows.profile import composed
from runtime import documents, params
from runtime.progress import Progress
from stages.clean import CleanParams, clean
from stages.corpus.params import KobestSizes, SampleParams
from stages.corpus.sample import make
from stages.ingest import CorpusParams, ingest
from stages.ingest.sources import known
from stages.mask import Masker, MaskParams


def truth(path: Path) -> Iterator[tuple[str, str, str]]:
    """Document id, kind and digits of every planted number."""
    for line in path.read_text().splitlines():
        item = json.loads(line)
        yield f"{item['source']}/{item['file']}#{item['position']}", item["kind"], item["number"]


@pytest.mark.slow
def test_planted_numbers_are_found_and_lookalikes_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("POLYGLOT_WORKERS", "1")
    sample = tmp_path / "sample"
    sizes = KobestSizes(train=10, validation=10, test=10)
    make(SampleParams(7, 3000, 0.04, 0.3, 0.3, sizes), Progress(None), sample)
    corpus = CorpusParams(str(sample / "raw"), known(), 2)
    ingest(corpus, Progress(None), tmp_path / "ingest")

    rules = params.typed("clean", composed("smoke").clean, CleanParams)
    clean(rules, Progress(None), tmp_path / "ingest", tmp_path / "clean")

    masker = Masker(params.typed("mask", composed("smoke").mask, MaskParams))
    texts = {d.id: d.text for d in documents.read(tmp_path / "clean/documents")}
    found = {
        (id_, hit.kind, text[hit.start : hit.end])
        for id_, text in texts.items()
        for hit in masker.find(text)
    }
    planted = {item for item in truth(sample / "pii.jsonl") if item[0] in texts}
    lookalikes = {item[2] for item in truth(sample / "lookalikes.jsonl")}
    assert len(planted) > 500
    assert not [item for item in found if item[2] in lookalikes]
    assert len(found & planted) >= 0.995 * len(planted)
    assert len(found & planted) >= 0.995 * len(found)
