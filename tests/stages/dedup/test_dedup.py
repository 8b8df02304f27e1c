import json
from pathlib import Path

import numpy as np
import pytest

from runtime import documents, executor, files
from runtime.errors import PolyglotError
from runtime.progress import Progress
from stages.dedup import dedup
from stages.dedup.params import MinHashParams
from stages.dedup.signatures import SIGNATURE, later_occurrences
from tests.stages.dedup.conftest import MINHASH, PARAMS, Dedup, ids


def article(seed: int, words: int = 120) -> list[str]:
    random = np.random.default_rng(seed)
    return ["".join(chr(0xAC00 + c) for c in random.integers(0, 11172, 3)) for _ in range(words)]


def edited(words: list[str], every: int) -> str:
    return " ".join("바꿈" if i % every == every - 1 else word for i, word in enumerate(words))


def chain() -> list[str]:
    """Sixteen texts in no order, each nearly equal to the next, the last far from the first."""
    words, other = article(1, 400), article(2, 400)
    texts = [" ".join(other[: 20 * i] + words[20 * i :]) for i in range(16)]
    return [texts[i * 7 % 16] for i in range(16)]


def test_the_first_occurrence_stays(deduplicated: Dedup) -> None:
    final = deduplicated([["가", "나", "가"], ["다", "가", "나"], ["나", "라"]])
    assert ids(final) == ["s0/f#0", "s0/f#1", "s1/f#0", "s2/f#1"]


def test_white_space_makes_no_difference(deduplicated: Dedup) -> None:
    final = deduplicated([["가 나\n다", "가  나 다", "가나다", "가 나 라"]])
    assert ids(final) == ["s0/f#0", "s0/f#2", "s0/f#3"]


def test_of_nearly_equal_long_texts_the_first_stays(deduplicated: Dedup) -> None:
    words, other = article(1), article(2)
    final = deduplicated(
        [
            [" ".join(other), edited(words, 60)],
            ["짧은 글", " ".join(words), " ".join(words).replace(" ", "\n- ")],
        ]
    )
    assert ids(final) == ["s0/f#0", "s0/f#1", "s1/f#0"]
    account = files.read_json(final / "ledger.json")["total"]
    assert account["dropped"]["near_duplicate"]["documents"] == 2


def test_texts_of_half_the_words_are_two(deduplicated: Dedup) -> None:
    words = article(1)
    final = deduplicated([[" ".join(words), edited(words, 2)]])
    assert ids(final) == ["s0/f#0", "s0/f#1"]


def test_a_chain_of_edits_is_one_cluster(deduplicated: Dedup) -> None:
    final = deduplicated([chain()[8:], chain()[:8]])
    assert ids(final) == ["s0/f#0"]


def test_short_texts_only_have_to_differ(deduplicated: Dedup) -> None:
    text = "가나다라마바사아자차카타파하" * 3
    assert len(text) < MINHASH.min_characters
    assert len(ids(deduplicated([[text, text + "!"]]))) == 2


def test_texts_without_an_ngram_are_not_all_alike(deduplicated: Dedup) -> None:
    short = MinHashParams(min_characters=1, ngram=5, bands=2, rows=1, seed=1)
    assert len(ids(deduplicated([["가", "나", "다라"]], minhash=short))) == 3


def test_equality_alone(deduplicated: Dedup) -> None:
    words = article(1)
    assert len(ids(deduplicated([[" ".join(words), edited(words, 60)]], minhash=None))) == 2


def test_what_holds_a_test_item_goes(deduplicated: Dedup, benchmark) -> None:
    review, question = (
        "택배 상자가 찌그러져서 왔네요",
        "호랑이와 사자는 모두 고양이과 동물에 속하는가?",
    )
    held = benchmark(
        sentineg=[{"sentence": review, "label": 0}],
        boolq=[{"paragraph": " ".join(article(3, 40)), "question": question, "label": 1}],
    )
    shards = [
        ["좋은 물건", f"어제 {review} ㅠㅠ", f"{review} {question}"],
        [" ".join(article(3, 40)[10:]), "호랑이는 고양이와 다르다"],
    ]
    final = deduplicated(shards, decontamination=held)
    assert ids(final) == ["s0/f#0", "s1/f#1"]
    sources = files.read_json(final / "ledger.json")["sources"]
    assert sources["s0"]["dropped"]["contaminated"]["documents"] == 2
    assert sources["s0"]["extra"] == {"contaminated_boolq": 1, "contaminated_sentineg": 2}
    assert sources["s1"]["extra"] == {"contaminated_boolq": 1, "contaminated_sentineg": 0}


def test_a_changed_benchmark_is_noticed(deduplicated: Dedup, benchmark, monkeypatch) -> None:
    """A killed run's passes are not taken up for other items."""
    held = benchmark(sentineg=[{"sentence": "택배 상자가 찌그러져서 왔네요"}])
    run = executor.run

    def killed(name: str, *rest):
        ledger = run(name, *rest)
        if name == "drop":
            raise KeyboardInterrupt
        return ledger

    texts = ["택배 상자가 찌그러져서 왔네요", "포장이 꼼꼼해서 마음에 들어요"]
    with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
        patched.setattr(executor, "run", killed)
        deduplicated([texts], decontamination=held)
    file = Path(held.data or "", "sentineg/test.jsonl")
    file.write_text(json.dumps({"sentence": texts[1]}))
    assert ids(deduplicated([texts], decontamination=held)) == ["s0/f#0"]


def test_the_ledger_balances_per_source(deduplicated: Dedup) -> None:
    ledger = files.read_json(deduplicated([["가", "가"], ["가", "나"]]) / "ledger.json")
    account = ledger["sources"]["s1"]
    assert account["in"] == {"documents": 2, "bytes": 6}
    assert account["out"] == {"documents": 1, "bytes": 3}
    assert account["dropped"] == {"duplicate": {"documents": 1, "bytes": 3}}


def test_sources_of_one_shard_are_told_apart(tmp_path: Path) -> None:
    shard = documents.ShardWriter(tmp_path / "clean/documents/00000.parquet")
    for number, (source, text) in enumerate([("a", "가"), ("b", "가"), ("a", "나"), ("b", "나")]):
        metadata = {"source": source, "date": "2020"} if number else {"source": source}
        shard.write(documents.Document(text=text, id=f"{source}/f#{number}", metadata=metadata))
    shard.close()
    dedup(PARAMS, Progress(None), tmp_path / "clean", tmp_path / "dedup")
    sources = files.read_json(tmp_path / "dedup/ledger.json")["sources"]
    assert [sources[name]["out"]["documents"] for name in "ab"] == [2, 0]
    kept = list(documents.read(tmp_path / "dedup/documents"))
    assert [document.metadata for document in kept] == [
        {"source": "a"},
        {"source": "a", "date": "2020"},
    ]


def near_copies() -> list[list[str]]:
    random = np.random.default_rng(1)
    shards = [[f"문장 {i}" for i in random.integers(0, 200, 100)] for _ in range(2)]
    for number, texts in enumerate(shards):
        texts += [edited(article(int(i)), 40 + int(i)) for i in random.integers(0, 12, 10)]
        texts += [" ".join(article(int(i))) for i in random.integers(0, 12, 10)]
        texts += chain()[number::2]
    return shards


def test_workers_and_buckets_do_not_show(deduplicated: Dedup) -> None:
    shards = near_copies()
    digests = set()
    for buckets, workers in ((1, 1), (5, 2), (2, 4)):
        final = deduplicated(shards, workers, buckets=buckets)
        written = [*documents.shards(final / "documents"), final / "ledger.json"]
        digests.add(tuple(files.sha256(file) for file in written))
    assert len(digests) == 1
    kept = [document.text for document in documents.read(final / "documents")]
    assert len(kept) == len(set(kept)) <= 200 + 24 + 1
    assert {text for texts in shards for text in texts if len(text) < 20} < set(kept)


def test_a_killed_run_goes_on_between_the_rounds(
    deduplicated: Dedup, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed after a pass, before what it has read is removed; then after the next."""
    shards, run = near_copies(), executor.run
    final = deduplicated(shards, buckets=1)
    undisturbed = [files.sha256(file) for file in documents.shards(final / "documents")]

    def stopping_after(last: str):
        def stopping(name: str, *rest):
            ledger = run(name, *rest)
            if name == last:
                raise KeyboardInterrupt
            return ledger

        return stopping

    for name in ("minhash", "pairs", "large-star-1", "small-star-1", "large-star-2", "clusters"):
        monkeypatch.setattr(executor, "run", stopping_after(name))
        with pytest.raises(KeyboardInterrupt):
            deduplicated(shards, buckets=1)
    monkeypatch.setattr(executor, "run", run)
    final = deduplicated(shards, buckets=1)
    assert [files.sha256(file) for file in documents.shards(final / "documents")] == undisturbed


def test_nothing_of_the_passes_is_left(deduplicated: Dedup) -> None:
    final = deduplicated([["가"], []])
    assert sorted(path.name for path in final.iterdir()) == ["documents", "ledger.json"]


def test_a_torn_shard_is_named(deduplicated: Dedup, tmp_path: Path) -> None:
    deduplicated([["가"], ["나"]])
    torn = tmp_path / "clean/documents/00001.parquet"
    torn.write_bytes(torn.read_bytes()[:-5])
    with pytest.raises(PolyglotError, match=r"00001\.parquet is damaged"):
        dedup(PARAMS, Progress(None), tmp_path / "clean", tmp_path / "dedup")


def test_hashes_are_compared_in_full() -> None:
    signatures = np.array([(1, 1, 0, 0), (1, 2, 0, 1), (2, 1, 0, 2), (1, 1, 1, 0)], SIGNATURE)
    assert later_occurrences(signatures).tolist() == [(1, 1, 1, 0)]
