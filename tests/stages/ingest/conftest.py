from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from datatrove.data import Document

from runtime import documents, files
from runtime.progress import Progress
from stages.ingest import CorpusParams, ingest


class Ingested:
    """What ``ingest`` left in its folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.ledger = files.read_json(folder / "ledger.json")

    def __iter__(self) -> Iterator[Document]:
        return documents.read(self.folder / "documents")

    @property
    def texts(self) -> list[str]:
        return [document.text for document in self]

    @property
    def quarantined(self) -> dict[str, int]:
        counts = self.ledger["total"]["quarantined"]
        return {reason: count["documents"] for reason, count in counts.items()}


@pytest.fixture
def ingested(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Ingested]:
    """Ingest ``{file name: bytes}`` as the files of one source."""
    monkeypatch.setenv("POLYGLOT_WORKERS", "1")

    def run(source: str, contents: dict[str, bytes], shards: int = 1) -> Ingested:
        root = tmp_path / "raw"
        for name, content in contents.items():
            path = root / source / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        ingest(CorpusParams(str(root), [source], shards), Progress(None), tmp_path / "ingest")
        return Ingested(tmp_path / "ingest")

    return run
