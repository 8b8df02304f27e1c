"""A small corpus as the stage mask leaves it."""

from itertools import product
from pathlib import Path

import pytest
from datatrove.data import Document

from runtime import files, paths
from runtime.documents import ShardWriter, size
from runtime.ledger import Ledger

WHO = ["감독은", "배우가", "관객도", "친구랑", "할머니께서", "우리", "아이들이", "선생님과"]
WHAT = ["영화를", "드라마에", "음악이", "결말은", "연기도", "장면에서", "줄거리보다", "주인공을"]
HOW = ["봤다", "좋아했어요", "기억합니다", "떠올리네", "사랑하지만", "잊었습니다ㅋㅋ", "모르겠다."]


@pytest.fixture(scope="module")
def masked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project folder with ``data/mask``: two sources in three shards, some with PII tokens."""
    project = tmp_path_factory.mktemp("project")
    ledger = Ledger("mask")
    shards = [ShardWriter(project / paths.MASK / f"documents/{i:05d}.parquet") for i in range(3)]
    for number, words in enumerate(product(WHO, WHAT, HOW)):
        source = "reviews" if number % 3 else "blogs"
        text = " ".join(words) + (" 연락은 <|tell|>으로" if number % 10 == 0 else "")
        ledger.keep(source, size(text))
        document = Document(text=text, id=f"{source}/a#{number}", metadata={"source": source})
        shards[number % 3].write(document)
    for shard in shards:
        shard.close()
    files.write_json(project / paths.MASK / "ledger.json", ledger.json())
    return project


@pytest.fixture
def project(masked: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """That folder, and one worker."""
    monkeypatch.setenv("POLYGLOT_WORKERS", "1")
    return masked
