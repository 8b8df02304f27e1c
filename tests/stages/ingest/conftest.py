from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from datatrove.data import Document

from runtime import documents, files, paths
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

    @property
    def torn(self) -> int:
        return self.ledger["total"]["extra"].get("torn_files", 0)


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
        found = Ingested(tmp_path / "ingest")
        total = found.ledger["total"]
        left = sum(count["documents"] for count in total["quarantined"].values())
        assert total["in"]["documents"] == total["out"]["documents"] + left
        return found

    return run


@pytest.fixture
def registered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Put a source ``own`` with these layouts (YAML) into a registry that holds no other."""

    def register(layouts: str) -> None:
        monkeypatch.setattr(paths, "SOURCES", tmp_path / "sources")
        (tmp_path / "sources").mkdir(exist_ok=True)
        (tmp_path / "sources" / "own.yaml").write_text(
            "{name: own, title: t, published_gb: 1, licence: l, access: private, obtain: o,"
            f" missing: Make one., folders: [own], layouts: [{layouts}]}}",
            encoding="utf-8",
        )

    return register
