"""Every number here is made up."""

import pytest

from stages.mask.masking import Masker
from stages.mask.params import MaskParams

masker = Masker(MaskParams([], business_phones=False, spelled_phones=False, samples=0))
mask, find = masker.mask, masker.find

PHONES = [
    "010-1234-5678",
    "01012345678",
    "010 1234 5678",
    "010.1234.5678",
    "010 - 1234 - 5678",
    "010-12345678",
    "(010)1234-5678",
    "010)1234-5678",
    "010–1234–5678",
    "010ㅡ1234ㅡ5678",
    "０１０－１２３４－５６７８",
    "011-123-4567",
    "0161234567",
    "019-1234-5678",
    "02-123-4567",
    "02-1234-5678",
    "02)345-6789",
    "(02) 345-6789",
    "0223456789",
    "031 234 5678",
    "064-123-4567",
    "070-1234-5678",
    "080-123-4567",
    "0505-123-4567",
    "0507-1234-5678",
    "+82-10-1234-5678",
    "+82 10 1234 5678",
    "+821012345678",
    "+82 (0)10-1234-5678",
    "82-2-123-4567",
    "010-0000-1111",
]
RRNS = [
    "900101-1234567",
    "900101 - 2234567",
    "900101 1234567",
    "9001011234567",
    "051231-4234567",
    "0512314234567",
    "９００１０１－１２３４５６７",
    "900101-1******",
    "900101-12*****",
    "900101-*******",
    "900101-1xxxxxx",
    "850505-5234567",  # a foreigner
]
ACCOUNTS = [
    "110-123-456789",
    "1002-123-456789",
    "3333-01-1234567",
    "123456-04-123456",
    "301-1234-5678-91",
    "123-456789-01234",
    "123-456789-01-234",
    "1000-1234-5678",
    "9002-1234-5678-9",
    "110 - 123 - 456789",
]


@pytest.mark.parametrize(
    "around", ["{}", "연락처는 {}입니다.", "[{}]", "문의:{}로", "{}, 감사합니다"]
)
@pytest.mark.parametrize(
    ("kind", "token", "number"),
    [("phone", "<|tell|>", number) for number in PHONES]
    + [("rrn", "<|rrn|>", number) for number in RRNS]
    + [("account", "<|acc|>", number) for number in ACCOUNTS],
)
def test_a_number_is_masked_whole(kind: str, token: str, number: str, around: str) -> None:
    text = around.format(number)
    masked, hits = mask(text)
    assert masked == around.format(token)
    assert [(hit.kind, text[hit.start : hit.end]) for hit in hits] == [(kind, number)]


@pytest.mark.parametrize(
    "text",
    [
        "2023-01-15",  # became an account in earlier code
        "2023-01-15 10:30:00, 2023.01.15~2023.02.28, 20230115",
        "2023년 1월 15일 오후 3시 30분",
        "1,234,567원, 10000원, 12345678901원, 1000000000000 원",
        "978-89-123-4567-8, 9788912345678, 89-123-4567-8, ISBN 0312345678",
        "특허 10-2019-0123456호, 제10-1234567호",
        "v1.2.3, 10.15.7.21, 192.168.100.123",
        "https://a.kr/01012345678?no=9001011234567&id=010-1234",
        "주문번호 20230115-1234567, 2023-0115-123456",
        "주문번호 01012345678, 송장 110123456789",
        "서울시 강남구 테헤란로 123-45 101동 1203호 (06234)",
        "3.14159265358979, 0.01012345678, 37.5665350,126.9779692",
        "사업자등록번호 123-45-67890, 법인등록번호 110111-1234567",
        "1588-1234로 전화하세요, 국번 없이 112",
        "바코드 8801062636211",
        "1234-5678-9012-3456",
        "우승은 1988-1992-1996-2000년",
        "1010101010, 123456789012345",
        "2012101512345",  # an order of 15 October 2012, not somebody born on 10 December 2020
        "901301-1234567, 900132-1234567, 900101-9234567",  # no month, no day, no such sex digit
        "١٢٣٤٥٦٧٨٩٠ 계좌",  # Arabic digits
    ],
)
def test_what_only_looks_personal_is_left_alone(text: str) -> None:
    assert mask(text) == (text, [])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("계좌번호: 110123456789", "계좌번호: <|acc|>"),
        ("국민은행 12345678901234 홍길동", "국민은행 <|acc|> 홍길동"),
        ("농협 3011234567891로 보내 주세요", "농협 <|acc|>로 보내 주세요"),
        ("110123456789 (신한)", "<|acc|> (신한)"),
        ("1234567890123 예금주 홍길동", "<|acc|> 예금주 홍길동"),
        ("입금 계좌 110 123 456789", "입금 계좌 <|acc|>"),
        ("우리은행 1002047563333이에요", "우리은행 <|acc|>이에요"),  # a birthday of 1910 in it
        ("계좌로 1234567890원을 입금", "계좌로 1234567890원을 입금"),
        ("통장에 2023-01-15-2023-02-15 기록", "통장에 2023-01-15-2023-02-15 기록"),
        ("계좌 이야기\n1234567890123", "계좌 이야기\n1234567890123"),
        ("그냥 1234567890123", "그냥 1234567890123"),
    ],
)
def test_bare_digits_are_an_account_beside_a_word_for_it(text: str, expected: str) -> None:
    assert mask(text)[0] == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("110-123-456789", "<|acc|>"),  # was taken for a phone, which left 89 behind
        ("010-1234-5678으로", "<|tell|>으로"),  # no word boundary there
        ("010-1234-5678, 010-2345-6789", "<|tell|>, <|tell|>"),  # got one token for both
        ("010-1234-5678/02-345-6789", "<|tell|>/<|tell|>"),
        ("02-123-4567~8", "<|tell|>~8"),
        ("1.010-1234-5678", "1.<|tell|>"),
        ("Tel.01012345678, hp01012345678", "Tel.<|tell|>, hp<|tell|>"),
        ("주민등록번호 9001011234567", "주민등록번호 <|rrn|>"),
        (
            "주민등록번호는 840213-2710902예요. 01090224992로",
            "주민등록번호는 <|rrn|>예요. <|tell|>로",
        ),
        (
            "홍길동 900101-1234567 010-1234-5678 국민 123456-04-123456",
            "홍길동 <|rrn|> <|tell|> 국민 <|acc|>",
        ),
        ("전화: 010-1234-5678 그리고 다음 이야기", "전화: <|tell|> 그리고 다음 이야기"),
    ],
)
def test_earlier_failures(text: str, expected: str) -> None:
    assert mask(text)[0] == expected


def test_masking_twice_changes_nothing_more() -> None:
    once, _ = mask("010-1234-5678 900101-1234567 110-123-456789")
    assert mask(once) == (once, [])


def test_places_hold_in_text_of_any_width() -> None:
    text = "🙂 전화　０１０－１２３４－５６７８ 🙂"
    (hit,) = find(text)
    assert text[hit.start : hit.end] == "０１０－１２３４－５６７８"


def test_long_runs_take_no_time() -> None:
    text = "0" * 100_000 + " " + "1-" * 100_000 + "010 " * 50_000 + "계좌" * 50_000
    assert find(text) == []
