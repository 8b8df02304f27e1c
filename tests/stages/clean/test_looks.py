"""A rule with its cheap look judges as the rule without: the look never misses anything."""

import re

import pytest
from ftfy import fix_encoding
from ftfy.badness import MOJIBAKE_CATEGORIES
from hypothesis import given, settings
from hypothesis import strategies as st

from runtime.ledger import Ledger
from stages.clean import CleanParams, filters, repairs
from stages.clean.filters import broken, script
from stages.clean.filters.base import Text
from stages.clean.repairs import boilerplate, encoding, repeats

LEDGER = Ledger("clean")
KOREAN = st.text(st.sampled_from("가나다라마 바사ㅋㅠ.!?\n한글이다12ab"), max_size=60)
BROKEN = st.text(
    st.sampled_from("".join(chr(code) for code in range(0x80, 0x600)))
    | st.from_regex(f"[{''.join(MOJIBAKE_CATEGORIES.values())}]", fullmatch=True)
    | st.sampled_from("가나다 abc媛怨占쏙옙\ufffd쁺솕"),
    max_size=40,
)


def document(texts: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """Visible, tidy texts, as the filters get them."""
    return texts.map(lambda text: repairs.Spaces(LEDGER).repair(text)).filter(bool)


@settings(max_examples=1_000)
@given(BROKEN.filter(lambda text: "\n" not in text))
def test_the_look_for_a_wrong_encoding(line: str) -> None:
    if not encoding.suspicious(line):
        assert fix_encoding(line) == line
        assert encoding.mended(line) == line


@settings(max_examples=1_000)
@given(document(BROKEN))
def test_the_look_for_broken_characters(text: str) -> None:
    if broken.broken_characters(text):
        assert broken.suspicious(Text(text))


@settings(max_examples=1_000)
@given(document(KOREAN | BROKEN | st.text(st.characters(exclude_categories=["Cs"]), max_size=30)))
def test_the_look_at_the_script(text: str) -> None:
    viewed = Text(text)
    common, total = script.common_syllables(viewed), viewed.visible
    assert common <= script.syllables(text)
    assert script.symbol_share(viewed) <= 1 - common / max(1, total) + 1e-9


RUN = re.compile(r"(?<![0-9０-９-])(([^\s0-9０-９*]{1,5}?)\2{5})\2+")
RUNS = st.lists(
    st.tuples(
        st.text(st.sampled_from("ㅋㅎ가나1*-\n .😀"), min_size=1, max_size=5), st.integers(1, 9)
    ),
    max_size=12,
).map(lambda runs: "".join(unit * times for unit, times in runs))


@settings(max_examples=1_000)
@given(RUNS)
def test_the_look_for_repeated_characters(monkeypatch_short: None, text: str) -> None:
    assert repeats.Repeats(LEDGER, 6).repair(text) == RUN.sub(r"\1", text)


@pytest.fixture(scope="module")
def monkeypatch_short() -> None:
    """The look at texts of every length, which costs nothing but time."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(repeats, "SHORT", 0)
        yield


@pytest.mark.parametrize("entry", boilerplate.table(), ids=lambda entry: entry.name)
def test_the_look_for_boilerplate(entry: boilerplate.Line) -> None:
    rule = repairs.Boilerplate(LEDGER, 120)

    @settings(max_examples=100)
    @given(st.from_regex(entry.pattern.pattern, fullmatch=True))
    def never_misses(line: str) -> None:
        line = " ".join(line.split())
        if rule.boilerplate(line):
            assert rule.suspicious(f"{line}\n끝")

    never_misses()


@settings(max_examples=500)
@given(
    st.lists(
        st.lists(st.sampled_from(["가", "나", "다라", "마바사", "아자차카", "하"]), max_size=12),
        max_size=8,
    ),
    st.integers(0, 10**9),
)
def test_the_look_for_repeated_ngrams(
    clean_params: CleanParams, phrases: list[list[str]], seed: int
) -> None:
    words: list[str] = []
    for number, phrase in enumerate(phrases):
        words += [f"낱말{seed % (number + 7)}", *phrase] * (1 + seed % (number + 2))
    text = Text(" ".join(words or ["글"]))
    rule = filters.RepeatedNgrams(LEDGER, None, clean_params.repetition)
    if not rule.suspicious(text):
        assert not rule.repetitive(text.text.split(), text.visible)
