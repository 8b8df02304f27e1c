import json
from io import TextIOWrapper
from pathlib import Path

import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st

from stages.tokenizer.morphemes import BOUNDARY, Morphemes, unmark

MORPHEMES = Morphemes(["email"])


@pytest.mark.parametrize(
    ("text", "marked"),
    [
        ("이 영화를 봤다", "이| 영화|를| 봤|다"),
        ("  영화\n\n음악 ", "  영화|\n\n음악| "),
        ("연락은 <|tell|>으로", "연락|은| |<|tell|>|으로"),
        ("메일은 <|email|>으로", "메일|은| |<|email|>|으로"),
        ("   ", "   "),
        ("", ""),
    ],
)
def test_space_stays_with_the_morpheme_after_it(text: str, marked: str) -> None:
    assert MORPHEMES.mark(text).replace(BOUNDARY, "|") == marked


@settings(deadline=None)
@given(st.text(alphabet=st.characters(exclude_characters=BOUNDARY, exclude_categories=["Cs"])))
def test_marking_loses_nothing(text: str) -> None:
    assert unmark(MORPHEMES.mark(text)) == text


@pytest.mark.parametrize(
    "text", ["가\0나 다", "ㅋ" * 3000, "가나다 " * 500, "한국어", "😀👩‍👩‍👧漢字"]
)
def test_marking_loses_nothing_of_odd_text(text: str) -> None:
    assert unmark(MORPHEMES.mark(text)) == text


@pytest.mark.data
def test_marking_loses_nothing_of_real_reviews(real_data: Path) -> None:
    path = real_data / "corpora/nsmc/reviews-00.jsonl.zst"
    with path.open("rb") as file:
        lines = TextIOWrapper(zstandard.ZstdDecompressor().stream_reader(file), encoding="utf-8")
        reviews = [json.loads(next(lines))["review"] for _ in range(5000)]
    assert [unmark(MORPHEMES.mark(review)) for review in reviews] == reviews
