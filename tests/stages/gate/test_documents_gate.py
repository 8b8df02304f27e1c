"""Gate documents: what good outputs of ingest, clean and dedup look like, and what stops them."""

import unicodedata
from collections.abc import Callable

import pytest

from runtime import paths
from runtime.errors import PolyglotError
from stages.gate import documents as gate
from stages.gate.params import Bounds, DocumentsGate
from tests.stages.gate.conftest import (
    account,
    documents,
    dropped,
    failure,
    judged,
    write_documents,
    write_ledger,
)


def test_good_documents_pass(cleaned: DocumentsGate) -> None:
    found = judged(gate, cleaned)
    assert found.sentence is None
    assert found.passed and all(e.passed for e in found.expectations)


def with_text(text: str | None) -> Callable[[], None]:
    """The last document of the second shard says ``text``."""
    rows = documents()
    return lambda: write_documents(paths.DEDUP, [*rows[:-1], (rows[-1][0], text, rows[-1][2])])


def unbalanced() -> None:
    news = account(8, 6, dropped=dropped(1))
    write_ledger(paths.CLEAN, {"news": news, "blog": account(8, 7, dropped=dropped(1))})


def broken_chain() -> None:
    news = account(8, 6, dropped=dropped(2))
    write_ledger(paths.DEDUP, {"news": news, "blog": account(7, 6, dropped=dropped(1))})


def lost_shard() -> None:
    (paths.DEDUP / "documents" / "00001.parquet").unlink()


def added_document() -> None:
    write_documents(paths.DEDUP, [*documents(), ("news/b.txt#0", "하나가 더 있습니다.", "news")])


def same_id_twice() -> None:
    rows = documents()
    write_documents(paths.DEDUP, [*rows[:-1], (rows[0][0], rows[-1][1], rows[-1][2])])


def torn_files() -> None:
    """A small share of the records, but who knows how much of the source."""
    news = account(9, 8, quarantined=dropped(1), extra={"torn_files": 2})
    write_ledger(paths.INGEST, {"news": news, "blog": account(9, 8, dropped=dropped(1))})


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (torn_files, "read to their end to be at most 0, but saw 2 (news in ingest); look in"),
        (unbalanced, "saw 8 against 7 (news in clean)"),
        (broken_chain, "saw 8 against 7 (news in dedup)"),
        (lost_shard, "documents after dedup to be at least 12, but saw 6"),
        (added_document, "shards of dedup to be those that its ledger counts, but saw 7 against 6"),
        (with_text(None), "documents without a text to be at most 0, but saw 1 (00001.parquet)"),
        (with_text(" \n "), "empty documents to be at most 0, but saw 1 (00001.parquet)"),
        (same_id_twice, "ids that occur again to be at most 0, but saw 1 (00001.parquet)"),
        (with_text(documents()[0][1]), "texts that occur again to be at most 0, but saw 1"),
        (
            with_text(unicodedata.normalize("NFD", "풀린 글자")),
            "not NFC to be at most 0, but saw 1",
        ),
        (with_text("종이 울린다\a 땡땡"), "control characters to be at most 0, but saw 1"),
        (with_text("A long text in English. " * 4), "share of Hangul"),
        (with_text("가나"), "length in characters to be at least 5, but saw 2 (00001.parquet)"),
        (with_text("가나다라" * 30), "length in characters to be at most 100, but saw 120"),
    ],
)
def test_spoilt_documents_fail(
    cleaned: DocumentsGate, spoil: Callable[[], None], says: str
) -> None:
    spoil()
    assert says in failure(gate, cleaned)


@pytest.mark.parametrize(
    ("demand", "value", "says"),
    [
        ("min_documents", 13, "documents after dedup to be at least 13, but saw 12"),
        ("min_bytes", 10_000, "bytes of text after dedup to be at least 10,000"),
        ("max_quarantined_share", 0.1, "quarantines to be at most 0.1, but saw 0.1429"),
        ("max_dropped_share", 0.1, "drops to be at most 0.1, but saw 0.1429 (blog in dedup)"),
        ("required_sources", ["wiki"], "wiki, but saw without wiki"),
        ("min_hangul_share", 0.9, "at least 0.9"),
        ("characters", Bounds(30, 100), "at least 30"),
    ],
)
def test_higher_demands_fail(cleaned: DocumentsGate, demand: str, value: object, says: str) -> None:
    setattr(cleaned, demand, value)
    assert says in failure(gate, cleaned)


def test_the_offending_text_is_nowhere_in_the_result(cleaned: DocumentsGate) -> None:
    with_text("비밀번호는 홍길동\a이다")()
    assert "홍길동" not in str(judged(gate, cleaned))


def test_more_shards_than_documents_are_no_failure(cleaned: DocumentsGate) -> None:
    write_documents(paths.DEDUP, documents(), shards=20)
    assert judged(gate, cleaned).passed


def test_a_torn_shard_is_one_sentence(cleaned: DocumentsGate) -> None:
    shard = paths.DEDUP / "documents" / "00000.parquet"
    shard.write_bytes(shard.read_bytes()[:-20])
    with pytest.raises(PolyglotError, match=r"00000\.parquet is damaged"):
        judged(gate, cleaned)
