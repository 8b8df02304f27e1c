"""The search for likely places misses nothing, and every rule is explained by an example."""

from dataclasses import replace

import pytest

from benchmarks import plain_masking
from runtime.errors import PolyglotError
from stages.mask.kinds import KINDS
from stages.mask.masking import Masker
from stages.mask.params import MaskParams, check
from stages.mask.rules import Rule

DEFAULT = MaskParams([], business_phones=False, spelled_phones=False, samples=0)
OPTIONAL = [name for name, kind in KINDS.items() if kind.optional]
EVERYTHING = Masker(MaskParams(OPTIONAL, business_phones=True, spelled_phones=True, samples=0))


@pytest.mark.parametrize(
    "rule",
    [rule for family in EVERYTHING.families for rule in family.rules],
    ids=lambda rule: f"{rule.kind}/{rule.name}",
)
def test_every_rule_finds_its_own_example(rule: Rule) -> None:
    assert rule.says.endswith(".")
    assert [(hit.kind, hit.rule) for hit in EVERYTHING.find(rule.example)] == [
        (rule.kind, rule.name)
    ]


def test_far_words_and_long_addresses_count_as_in_the_whole_text() -> None:
    address = "https://example.com/" + "a/" * 150 + "010-1234-5678"
    texts = [
        address,
        f"{'가' * 200} {address} 010-1234-5678",
        "계좌" + " " * 20 + "1234567890123" + "가" * 100 + "010-1234-5678",
        " ".join(["010-1234-5678", "2023-01-15", "3.14"] * 50),
        "가" * 47 + "9" * 20 + " 010-1234-5678",
    ]
    masker = Masker(DEFAULT)
    for text in texts:
        assert masker.find(text) == plain_masking.find(masker, text)


def test_unknown_kinds_are_refused() -> None:
    with pytest.raises(PolyglotError, match="names 'phon'"):
        check(replace(DEFAULT, extra_kinds=["phon"]))
    with pytest.raises(PolyglotError, match="names 'phone'"):
        check(replace(DEFAULT, extra_kinds=["phone"]))
