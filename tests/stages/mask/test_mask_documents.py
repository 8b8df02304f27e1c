"""The stage from shards to shards. Every number is made up."""

import random
from collections.abc import Callable
from pathlib import Path

import pytest
from datatrove.data import Document

from runtime import documents, files
from runtime.progress import Progress
from stages.mask import MaskParams, mask_documents
from stages.mask.masking import Hit
from stages.mask.samples import AROUND, Samples

PARAMS = MaskParams([], business_phones=False, spelled_phones=False, samples=3)
RUNS = [
    "<|tell|>",
    "전화 ",
    "010-1234-5678",
    "계좌 110-123-456789",
    " 900101-1234567",
    " 그리고 ",
    "가",
]

Masked = Callable[..., Path]


@pytest.fixture
def masked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Masked:
    """Mask shards, given as lists of (source, text)."""

    def run(shards: list[list[tuple[str, str]]], workers: int = 1, name: str = "mask") -> Path:
        monkeypatch.setenv("POLYGLOT_WORKERS", str(workers))
        for rank, texts in enumerate(shards):
            found = (
                Document(
                    text=text, id=f"{source}/a#{rank}.{i}", metadata={"source": source, "n": i}
                )
                for i, (source, text) in enumerate(texts)
            )
            list(documents.DocumentWriter(tmp_path / "dedup" / "documents").run(found, rank))
        mask_documents(PARAMS, Progress(None), tmp_path / "dedup", tmp_path / name)
        return tmp_path / name

    return run


def many(shards: int, texts: int) -> list[list[tuple[str, str]]]:
    rng = random.Random(1)
    return [
        [(rng.choice(["blog", "news"]), "".join(rng.choices(RUNS[1:], k=6))) for _ in range(texts)]
        for _ in range(shards)
    ]


def test_documents_are_masked_and_counted(masked: Masked) -> None:
    blog, nsmc = ("blog", "전화 010-1234-5678, 02-123-4567"), ("nsmc", "재미있는 영화")
    folder = masked([[blog, nsmc]])
    found = list(documents.read(folder / "documents"))
    assert [document.text for document in found] == ["전화 <|tell|>, <|tell|>", nsmc[1]]
    assert [document.metadata for document in found] == [
        {"source": "blog", "n": 0},
        {"source": "nsmc", "n": 1},
    ]
    ledger = files.read_json(folder / "ledger.json")
    extra = ledger["sources"]["blog"]["extra"]
    assert (extra["phone"], extra["rrn"], extra["account"]) == (2, 0, 0)
    assert (extra["phone/mobile"], extra["phone/area"]) == (1, 1)
    assert extra["characters"] == len("전화 <|tell|>, <|tell|>")
    assert ledger["sources"]["nsmc"]["extra"] == {**dict.fromkeys(extra, 0), "characters": 7}
    assert ledger["sources"]["blog"]["in"] == {"documents": 1, "bytes": len(blog[1].encode())}
    assert ledger["sources"]["blog"]["out"]["bytes"] == len("전화 <|tell|>, <|tell|>".encode())
    assert ledger["total"]["in"]["documents"] == ledger["total"]["out"]["documents"] == 2


def test_the_rules_of_a_kind_sum_to_it_and_the_text_holds_as_many_tokens(masked: Masked) -> None:
    folder = masked(many(2, 200))
    total = files.read_json(folder / "ledger.json")["total"]["extra"]
    text = "".join(document.text for document in documents.read(folder / "documents"))
    tokens = {"phone": "<|tell|>", "rrn": "<|rrn|>", "account": "<|acc|>"}
    for kind, token in tokens.items():
        rules = [count for name, count in total.items() if name.startswith(f"{kind}/")]
        assert total[kind] == sum(rules) == text.count(token) > 0
    assert total["characters"] == len(text)


def test_any_number_of_workers_writes_the_same_bytes(masked: Masked) -> None:
    one, two = (masked(many(4, 100), workers, str(workers)) for workers in (1, 2))
    names = sorted(path.relative_to(one) for path in one.rglob("*.*"))
    assert len(names) == 6  # four shards, the ledger and the samples
    assert [(one / name).read_bytes() for name in names] == [
        (two / name).read_bytes() for name in names
    ]


def test_samples_are_few_and_hold_no_number(masked: Masked) -> None:
    folder = masked(many(3, 200))
    samples = files.read_json(folder / "samples.json")
    groups = [(s["source"], s["kind"], s["rule"]) for s in samples]
    assert groups == sorted(groups)
    assert {groups.count(group) for group in groups} == {PARAMS.samples}
    assert {kind for _, kind, _ in groups} == {"phone", "rrn", "account"}
    assert not any(c.isdigit() for s in samples for c in s["before"] + s["after"])


def offered(text: str, number: str, most: int = 1) -> list[dict]:
    samples = Samples(most)
    start = text.index(number)
    hit = Hit("phone", "mobile", start, start + len(number))
    samples.offer("blog", "blog/a#0", [hit], text.replace(number, "<|tell|>"))
    return samples.json()


def test_a_sample_shows_the_text_around_with_all_other_digits_hidden() -> None:
    text = "2023년 １２월 ①일, 공일공 이삼사, gildong.h@mail.kr 또는 010-1234-5678로 ٣시"
    (sample,) = offered(text, "010-1234-5678")
    assert sample["before"] == "####년 ##월 #일, ### ###, #########@mail.kr 또는 "
    assert sample["after"] == "로 #시"
    assert (sample["document"], sample["place"]) == ("blog/a#0", text.index("010"))


def test_a_sample_cuts_no_token_and_shows_no_part_of_a_name_in_an_address() -> None:
    text = (
        "<|acc|>"
        + "가" * (AROUND - 3)
        + "010-1234-5678"
        + " "
        + "나" * (AROUND - 6)
        + " gildong@mail.kr"
    )
    (sample,) = offered(text, "010-1234-5678")
    assert sample["before"] == "가" * (AROUND - 3)
    assert sample["after"] == " " + "나" * (AROUND - 6) + " ####"


def test_no_samples_are_kept_where_none_are_wanted() -> None:
    assert offered("전화 010-1234-5678", "010-1234-5678", most=0) == []
