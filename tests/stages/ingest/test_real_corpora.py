from pathlib import Path

import pytest

from runtime import documents, files
from runtime.progress import Progress
from stages.ingest import CorpusParams, ingest


@pytest.mark.data
@pytest.mark.slow
def test_a_folder_of_sources_is_read_whole(real_data: Path, tmp_path: Path) -> None:
    corpus = CorpusParams(str(real_data / "corpora"), ["hate_speech", "qa"], 2)
    ingest(corpus, Progress(None), tmp_path / "ingest")
    ledger = files.read_json(tmp_path / "ingest" / "ledger.json")
    kept = {name: account["out"]["documents"] for name, account in ledger["sources"].items()}
    assert kept["qa"] > 11_000
    assert kept["hate_speech"] > 30_000
    assert ledger["total"]["in"] == ledger["total"]["out"]
    assert documents.count(tmp_path / "ingest" / "documents") == sum(kept.values())
