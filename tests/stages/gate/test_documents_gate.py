"""Gate documents: what good outputs of ingest, clean and dedup look like, and what stops them."""

import re
import unicodedata
from collections.abc import Callable

import pytest

from flows.profile import composed
from runtime import paths
from runtime.errors import PolyglotError
from stages.gate import documents as gate
from stages.gate import repeats
from stages.gate.params import Bounds, DocumentsGate, DroppedShares
from tests.conftest import ROOT
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
        ("required_sources", ["wiki"], "wiki, but saw without wiki"),
        ("min_hangul_share", 0.9, "at least 0.9"),
        ("characters", Bounds(30, 100), "at least 30"),
    ],
)
def test_higher_demands_fail(cleaned: DocumentsGate, demand: str, value: object, says: str) -> None:
    setattr(cleaned, demand, value)
    assert says in failure(gate, cleaned)


def test_a_stage_that_drops_too_much_of_a_source_fails(cleaned: DocumentsGate) -> None:
    dedup = {"default": 0.1, "news": 0.05}
    cleaned.max_dropped_share = DroppedShares(clean={"default": 0.2}, dedup=dedup)
    assert (
        "a source's documents that dedup drops to be at most 0.1, news 0.05, but saw 0.1429 where "
        "0.1 is allowed (blog); look up the reasons in data/dedup/ledger.json"
    ) in failure(gate, cleaned)


def test_a_stage_may_drop_more_of_a_source_that_is_named(cleaned: DocumentsGate) -> None:
    limits = {"default": 0.05, "blog": 0.125}  # one of eight, exactly
    cleaned.max_dropped_share = DroppedShares(clean=limits, dedup={"default": 0.2})
    assert judged(gate, cleaned).passed


@pytest.mark.parametrize(
    ("limits", "says"),
    [
        ("claen={default: 0.1}", "no parameter 'gates.documents.max_dropped_share.claen'"),
        ("clean.wikipdia=0.1", "clean names the source 'wikipdia', which the corpus lacks"),
        ("clean.wikipedia=much", "max_dropped_share.clean.wikipedia: Value 'much'"),
        ("clean.wikipedia.x=0.1", "clean.wikipedia is {'x': 0.1}: give a share"),
        ("dedup.default=30", "dedup.default is 30.0: give a share from 0 to 1"),
        ("clean={wikipedia: 0.1}", "clean has no default"),
    ],
)
def test_a_wrong_limit_is_refused_at_once(
    monkeypatch: pytest.MonkeyPatch, limits: str, says: str
) -> None:
    monkeypatch.chdir(ROOT)
    key = "gates.documents.max_dropped_share"
    assert composed("smoke", [f"{key}.dedup.wikipedia=0.6"])
    with pytest.raises(PolyglotError, match=re.escape(says)):
        composed("smoke", [f"{key}.{limits}"])


def test_of_a_large_corpus_a_share_is_looked_at(
    cleaned: DocumentsGate, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = [(f"news/a.txt#{n}", f"{n}번째로 쓴 글입니다.", "news") for n in range(2000)]
    write_documents(paths.DEDUP, [*rows, *rows], shards=3)
    seen = {}
    for sample in (4000, 400):
        monkeypatch.setattr(repeats, "SAMPLE", sample)
        found = judged(gate, cleaned).expectations
        seen[sample] = [e for e in found if e.about.startswith("the number of ids that")]
    (whole,), (part,) = seen.values()
    assert whole.about == "the number of ids that occur again"
    share = re.search(r"that occur again among the ([\d.]+)% that were looked at", part.about)
    assert share and 7 < float(share.group(1)) < 13
    assert not whole.passed and not part.passed


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
