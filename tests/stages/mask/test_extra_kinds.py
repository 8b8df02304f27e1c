"""Kinds that are masked by choice. Every number is made up."""

import pytest

from stages.mask.kinds import KINDS
from stages.mask.masking import Masker
from stages.mask.params import MaskParams

NUMBERS = {
    "email": [
        "gildong.hong@example.com",
        "a_b-c%d+e@sub.example.co.kr",
        "gildong @ example.com",
        "gildong(at)example.com",
        "gildong 골뱅이 example.com",
        "gildong＠example.com",
    ],
    "card": [
        "4111-1111-1111-1111",
        "4111 1111 1111 1111",
        "3782-822463-10005",
        "카드 5555555555554444",
    ],
    "passport": ["M12345678", "M123A4567", "여권 S12345678"],
    "licence": ["11-12-345678-90", "서울 12-345678-90", "면허 111234567890"],
    "company": ["123-45-67891", "사업자번호 1234567891"],
    "ip": ["192.168.0.15", "2001:db8::8a2e:370:7334", "IP 10.15.7.21", "http://203.0.113.5"],
    "plate": ["차량 12가 3456", "번호판 123하4567", "서울 12바 3456"],
}


def masker(*kinds: str) -> Masker:
    return Masker(MaskParams(list(kinds), business_phones=False, spelled_phones=False, samples=0))


@pytest.mark.parametrize("around", ["{}", "{}으로", "({})", "안녕 {}, 하세요", "{}\n{}"])
@pytest.mark.parametrize(
    ("kind", "text"), [(kind, text) for kind, texts in NUMBERS.items() for text in texts]
)
def test_a_kind_is_masked_if_it_is_asked_for(kind: str, text: str, around: str) -> None:
    number = text
    for word in ("카드 ", "여권 ", "면허 ", "사업자번호 ", "IP ", "차량 ", "번호판 ", "http://"):
        number = number.removeprefix(word)
    given = around.replace("{}", text)
    masked, hits = masker(kind).mask(given)
    assert {given[hit.start : hit.end] for hit in hits} == {number}
    assert masked == given.replace(number, KINDS[kind].token)
    assert [hit for hit in masker().find(given) if hit.kind == kind] == []


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("email", "@홍길동 icon@2x.png numpy@1.2.3"),
        ("email", "https://user@example.com/path"),
        ("card", "4111-1111-1111-1112"),
        ("card", "쿠폰 4111-1111-1111-1111"),
        ("card", "주문번호 4111111111111111"),
        ("passport", "모델 M12345678, S12345678"),
        ("passport", "SM123456789, AM12345678"),
        ("licence", "31-12-345678-90, 문서 11-12-345678-90"),
        ("company", "123-45-67890"),
        ("company", "주문 123-45-67891"),
        ("ip", "버전 192.168.0.15, 10.15.7.21, 10.0.19041.1110"),
        ("ip", "12:34:56, 1:2:3:4"),
        ("plate", "12가 3456, 30조 1000억"),
        ("plate", "차량 10대 1000만원"),
    ],
)
def test_what_only_looks_like_it_stays(kind: str, text: str) -> None:
    assert masker(kind).mask(text) == (text, [])


def test_where_kinds_meet_the_choice_decides() -> None:
    assert masker("email").mask("01012345678@naver.com")[0] == "<|email|>"
    assert masker().mask("01012345678@naver.com")[0] == "<|tell|>@naver.com"
    text = "계좌 이체 대신 카드 4111-1111-1111-1111"
    assert masker().mask(text)[0] == text
    assert masker("card").mask(text)[0] == "계좌 이체 대신 카드 <|card|>"
