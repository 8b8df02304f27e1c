"""Characters counted on bytes are those that Python sees in the text."""

import re
import unicodedata

import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stages.gate import characters

EVERY = [chr(n) for n in range(0x110000) if not 0xD800 <= n < 0xE000]
SECOND = {
    chr(int(parts[1], 16))
    for parts in (unicodedata.decomposition(c).split() for c in EVERY)
    if len(parts) == 2 and not parts[0].startswith("<")
} | {chr(n) for n in (*range(0x1161, 0x1176), *range(0x11A8, 0x11C3))}  # vowels, final consonants


def test_what_is_passed_over_can_neither_compose_nor_decompose_nor_control() -> None:
    plain = pc.match_substring_regex(pa.array(EVERY), f"^[{characters.PLAIN}]$").to_pylist()
    passed = [c for c, is_plain in zip(EVERY, plain, strict=True) if is_plain]
    assert len(passed) > 30_000
    for c in passed:
        assert unicodedata.combining(c) == 0 and c not in SECOND
        assert unicodedata.is_normalized("NFC", c)
        assert unicodedata.category(c) != "Cc" or c in "\t\n"


@given(st.lists(st.text(), min_size=1))
def test_hangul_and_visible_characters_are_counted(texts: list[str]) -> None:
    array = pa.array(["밖", *texts, "밖"]).slice(1, len(texts))
    everything = "".join(texts)
    assert characters.hangul(array) == len(re.findall("[가-\ud7bf\u3130-\u318f]", everything))
    assert characters.visible(array) == sum(c > " " for c in everything)


@pytest.mark.parametrize("shift", range(3))
def test_characters_are_counted_across_the_steps_taken(shift: int) -> None:
    text = "a" * shift + "가힣ㄱㅣ 뷁" * characters.STEP
    assert characters.hangul(pa.array([text])) == 5 * characters.STEP
    assert characters.visible(pa.array([text])) == 5 * characters.STEP + shift


def test_texts_that_are_not_nfc_are_among_the_suspects() -> None:
    decomposed = [unicodedata.normalize("NFD", t) for t in ("한글", "café", "が")]
    texts = pa.array(
        ["한글 text 漢字 😀 ℃", *decomposed, "\u212b", "\u2000", "가\u0323\u0308\u0323"]
    )
    suspects = characters.suspects(texts)
    assert characters.not_nfc(suspects) == characters.not_nfc(texts) == 6
