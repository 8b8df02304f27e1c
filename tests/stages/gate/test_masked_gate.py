"""Gate masked: it finds what mask left, and leaves alone what only looks similar."""

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from random import Random

import pytest

from benchmarks.masking import cases
from runtime import paths
from stages.gate import masked as gate
from stages.gate.params import Bounds, MaskedGate
from stages.mask import masking
from stages.mask.params import MaskParams
from stages.mask.rules import Family, families
from tests.stages.gate.conftest import (
    PHONE,
    account,
    documents,
    dropped,
    failure,
    judged,
    write_documents,
    write_ledger,
)


def write_text(text: str) -> None:
    """The first document says ``text``."""
    rows = documents()
    write_documents(paths.MASK, [(rows[0][0], text, rows[0][2]), *rows[1:]])


def test_good_masking_passes(masked: MaskedGate) -> None:
    found = judged(gate, masked)
    assert found.sentence is None
    assert found.passed and all(e.passed for e in found.expectations)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("연락처는 010-1234-5678입니다.", "phone number"),
        ("01012345678으로 전화", "phone number"),
        ("010.1234.5678", "phone number"),
        ("(010 1234 5678)", "phone number"),
        ("옛 번호 011-234-5678", "phone number"),
        ("주민번호 900101-1234567번", "resident registration number"),
        ("991231 - 4123456", "resident registration number"),
        ("주문 취소는 9시부터, 문의는 010-1234-5678로", "phone number"),
        ("전화:01012345678.", "phone number"),
    ],
)
def test_numbers_that_were_left_fail(masked: MaskedGate, text: str, kind: str) -> None:
    write_text(text)
    sentence = failure(gate, masked)
    assert (
        f"looks like a {kind} to be at most 0, but saw 83,333 (1 in all, 1 of news in" in sentence
    )
    assert "00000.parquet, where the first is news/a.txt#0); see what" in sentence
    assert text not in sentence


def test_a_few_in_a_million_pass_if_allowed(masked: MaskedGate) -> None:
    write_text("연락처는 010-1234-5678입니다.")
    masked.max_residue_per_million = 1e6 / 12
    assert judged(gate, masked).passed


@pytest.mark.parametrize(
    "text",
    [
        "2023-01-15에 개봉했다.",
        "값은 10,101,234원, 모두 1010000원이다.",
        "주문번호 20230115010123456789",
        "주문 9010-1234-5678",
        "교환학생 991345-1234567 (13월 45일은 없다)",
        "코드 900101-9234567",
        "٠١٠-١٢٣٤-٥٦٧٨ 아라비아 숫자",
        "대표번호 1588-1234, 우편번호 03187",
        "1.0101234567899",
        "주문번호는 01012345678이에요",
        "법인등록번호: 110111-1234567",
        "https://example.com/view?id=01012345678",
        "20240115-1234567",
        "010-1234-5678-90",
    ],
)
def test_dates_prices_and_order_numbers_pass(masked: MaskedGate, text: str) -> None:
    write_text(text)
    assert judged(gate, masked).sentence is None


def lost_document() -> None:
    write_documents(paths.MASK, documents()[1:])


def dropped_document() -> None:
    news = account(6, 5, dropped=dropped(1))
    write_ledger(paths.MASK, {"news": news, "blog": account(6, 6, extra=PHONE)})
    lost_document()


def skipped_source() -> None:
    write_ledger(paths.MASK, {"blog": account(6, 6, extra=PHONE)})


def miscounted() -> None:
    two = {"phone": 2, "phone/mobile": 2}
    write_ledger(paths.MASK, {"news": account(6, 6), "blog": account(6, 6, extra=two)})


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (lost_document, "shards of mask to be those that its ledger counts, but saw 5 against 6"),
        (dropped_document, "the documents that leave mask"),
        (skipped_source, "saw 0 against 6 (news in mask)"),
        (miscounted, "but saw 1 against 2 (phone in blog)"),
    ],
)
def test_lost_and_miscounted_fail(masked: MaskedGate, spoil: Callable[[], None], says: str) -> None:
    spoil()
    assert says in failure(gate, masked)


def miscounted_rules() -> None:
    write_ledger(paths.MASK, {"news": account(6, 6), "blog": account(6, 6, extra={"phone": 1})})


def test_the_rules_must_sum_to_their_kind(masked: MaskedGate) -> None:
    miscounted_rules()
    assert "but saw 1 against 0 (phone in blog)" in failure(gate, masked)


@pytest.mark.parametrize(
    ("low", "high", "says"),
    [
        (0, 20, "where 20 is allowed (phone in blog)"),
        (200, 1000, "where 200 is due (phone in blog)"),
    ],
)
def test_too_many_or_too_few_replacements_in_a_source_fail(
    masked: MaskedGate, low: float, high: float, says: str
) -> None:
    rows = documents()
    text = "<|tell|>".ljust(10_000, "가") * 100
    write_documents(paths.MASK, [*rows[:-1], (rows[-1][0], text, "blog")])
    extra = {"phone": 100, "phone/mobile": 100}
    write_ledger(paths.MASK, {"news": account(6, 6), "blog": account(6, 6, extra=extra)})
    masked.per_million.phone = {"default": Bounds(0, 10_000), "blog": Bounds(low, high)}
    assert says in failure(gate, masked)


def test_a_source_too_short_for_its_minimum_passes(masked: MaskedGate) -> None:
    masked.per_million.phone = {"default": Bounds(1_000, 10_000)}
    assert judged(gate, masked).passed


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("email", "메일은 gildong@example.com으로"),
        ("card", "4111-1111-1111-1111"),
        ("passport", "여권번호 M12345678"),
        ("licence", "11-12-345678-90"),
        ("company", "사업자등록번호 123-45-67891"),
        ("ip", "접속 IP 192.168.0.15"),
        ("plate", "차량번호 12가3456"),
        ("account", "국민은행 123456-04-123456"),
        ("account", "계좌 110-123-456789로"),
        ("phone", "전화 02-123-4567"),
        ("phone", "+82 10-1234-5678"),
        ("phone", "０１０－１２３４－５６７８"),
    ],
)
def test_every_kind_that_is_masked_is_looked_for(masked: MaskedGate, kind: str, text: str) -> None:
    write_text(text)
    usual = kind in ("phone", "rrn", "account")
    assert judged(gate, masked).passed is not usual
    masked.extra_kinds = [] if usual else [kind]
    assert gate.LOOKS_LIKE[kind] in failure(gate, masked)


@pytest.mark.slow
@pytest.mark.parametrize("without", [None, "phone", "rrn", "account"])
def test_a_masker_without_the_rules_of_a_kind_fails(
    masked: MaskedGate, monkeypatch: pytest.MonkeyPatch, without: str | None
) -> None:
    def some(params: MaskParams) -> list[Family]:
        return [
            replace(family, rules=[rule for rule in family.rules if rule.kind != without])
            for family in families(params)
        ]

    monkeypatch.setattr(masking, "families", some)
    masker = masking.Masker(MaskParams([], False, False, 0))
    rows, extra = [], Counter[str]()
    for kind in cases.USUAL:
        for number, case in enumerate(cases.positives(Random(1), kind, 500)):
            text, hits = masker.mask(case.text)
            rows.append((f"blog/{kind}.txt#{number}", text, "blog"))
            for hit in hits:
                extra.update((hit.kind, f"{hit.kind}/{hit.rule}"))
    write_ledger(paths.DEDUP, {"blog": account(len(rows), len(rows))})
    write_ledger(paths.MASK, {"blog": account(len(rows), len(rows), extra=dict(extra))})
    write_documents(paths.MASK, rows)
    for bounds in (masked.per_million.phone, masked.per_million.rrn, masked.per_million.account):
        bounds["default"] = Bounds(0, 1e6)
    if without is None:
        assert judged(gate, masked).passed
    else:
        assert gate.LOOKS_LIKE[without] in failure(gate, masked)
