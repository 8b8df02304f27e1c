"""A column gives the hits that the plain rules give, text by text. Every number is made up."""

import csv
import json
from collections.abc import Iterator
from dataclasses import replace
from itertools import islice
from pathlib import Path

import pyarrow as pa
import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from benchmarks import plain_masking
from stages.mask.columns import mask_column
from stages.mask.kinds import KINDS
from stages.mask.masking import Hit, Masker
from stages.mask.params import MaskParams

DEFAULT = MaskParams([], business_phones=False, spelled_phones=False, samples=0)
EVERYTHING = replace(
    DEFAULT,
    extra_kinds=[name for name, kind in KINDS.items() if kind.optional],
    business_phones=True,
    spelled_phones=True,
)
MASKERS = {"default": Masker(DEFAULT), "everything": Masker(EVERYTHING)}

# Parts of numbers and of what stands around them, to be put together in any way.
PARTS = [
    *("010", "02", "031", "070", "0505", "+82", "0082", "82", "(02)", "010)", "1588", "공일공"),
    *(
        "1234",
        "5678",
        "123",
        "45",
        "6",
        "９０１",
        "２３４５",
        "900101",
        "1234567",
        "1******",
        "●●●",
    ),
    *("110", "3333", "1002", "123456", "4012", "8888", "12가", "M123", "a.b@c.kr", "192.168.0.1"),
    *(
        "abc７",
        "@",
        "＠",
        "（at）",
        "골뱅이",
        "naver.com",
        "S1234",
        "A",
        "123가",
        "\u00a0",
        "차량",
        "여권",
    ),
    *("일이삼사", "-", "–", ".", " ", "/", "·", ")", "－", " - ", "\u200b", "\n", ",", ":"),
    *(
        "계좌",
        "국민",
        "전화",
        "주민번호",
        "원",
        "입니다",
        "우편번호",
        "카드",
        "https://a.kr/",
        "🙂",
        "가",
    ),
]
texts = st.lists(st.sampled_from(PARTS), max_size=14).map("".join)


def plainly(masker: Masker, column: list[str]) -> list[tuple[int, list[Hit]]]:
    found = ((row, plain_masking.find(masker, text)) for row, text in enumerate(column))
    return [(row, hits) for row, hits in found if hits]


@pytest.mark.parametrize("which", MASKERS)
@given(st.lists(texts, max_size=8))
def test_a_column_has_the_hits_of_the_plain_rules(which: str, column: list[str]) -> None:
    masker = MASKERS[which]
    masked, found = mask_column(masker, pa.array(column, pa.string()))
    assert found == plainly(masker, column)
    assert masked.to_pylist() == [masker.mask(text)[0] for text in column]


def real_lines(folder: Path) -> Iterator[str]:
    """Reviews, comments and questions of the real data, some thousands of each."""
    with zstandard.open(
        folder / "corpora/nsmc/reviews-00.jsonl.zst", "rt", encoding="utf-8"
    ) as file:
        yield from (json.loads(line)["review"] for line in islice(file, 4000))
    comments = folder / "corpora/korean_hate_speech/unlabeled_comments_5.txt"
    with comments.open(encoding="utf-8") as file:
        yield from islice(file, 4000)
    with (folder / "corpora/qa_chatbot/ChatbotData.csv").open(encoding="utf-8") as file:
        yield from (row["A"] for row in islice(csv.DictReader(file), 2000))


@pytest.mark.data
@pytest.mark.parametrize("which", MASKERS)
def test_real_lines_with_and_without_a_number(which: str, real_data: Path) -> None:
    lines = list(real_lines(real_data))
    numbers = [
        "010-1234-5678",
        "9001011234567",
        "110-123-456789",
        "０２)１２３-４５６７",
        "2020-01-15",
    ]
    planted = [f"{line} {numbers[i % 5]}{line[:3]}" for i, line in enumerate(lines[::5])]
    masker, column = MASKERS[which], [*lines, *planted]
    found = mask_column(masker, pa.array(column))[1]
    assert found == plainly(masker, column)
    assert len(found) > len(planted) / 2


def test_a_part_of_a_column_is_masked_like_a_whole_one() -> None:
    column = pa.array(["01012345678", "가", "전화 010-1234-5678", "나", "02-123-4567"])
    masked, found = mask_column(MASKERS["default"], column.slice(1, 3))
    assert masked.to_pylist() == ["가", "전화 <|tell|>", "나"]
    assert [(row, hit.start, hit.end) for row, (hit,) in found] == [(1, 3, 16)]


def test_an_empty_column_and_one_without_numbers_stay_as_they_are() -> None:
    for column in (pa.array([], pa.string()), pa.array(["", "가나다", "2023-01-15"])):
        masked, found = mask_column(MASKERS["default"], column)
        assert masked.equals(column) and found == []
