"""Phone numbers in the forms people write. Every number here is made up."""

from dataclasses import replace

import pytest

from stages.mask.masking import Masker
from stages.mask.params import MaskParams

DEFAULT = MaskParams([], business_phones=False, spelled_phones=False, samples=0)
CODES = [
    *("010", "011", "016", "017", "018", "019", "02", "031", "032", "033", "041", "042", "043"),
    *("044", "051", "052", "053", "054", "055", "061", "062", "063", "064", "070", "080", "050"),
    *("0502", "0504", "0505", "0507", "0508"),
]
SEPARATORS = [*"-–—‑－.·ㆍ・/ ", " - ", " – ", "  ", " . ", ") ", ")"]


def masked(text: str, **switches: bool) -> str:
    return Masker(replace(DEFAULT, **switches)).mask(text)[0]


@pytest.mark.parametrize("separator", SEPARATORS)
@pytest.mark.parametrize("code", CODES)
def test_every_code_with_every_separator(code: str, separator: str) -> None:
    for exchange in ("234", "2345"):
        number = separator.join([code, exchange, "6789"])
        if "/" in separator and len(code) == 2:
            continue  # 02/234/6789 may be a date or a fraction
        assert masked(f"문의는 {number}로 하세요") == "문의는 <|tell|>로 하세요", number


@pytest.mark.parametrize(
    "number",
    [
        "(010) 1234-5678",
        "( 02 ) 123-4567",
        "010-1234 5678",
        "010 12345678",
        "01012345678",
        "0223456789",
        "０１０－１２３４－５６７８",
        "０１０１２３４５６７８",
        "010\u200b-1234\u200b-5678",
        "010\u00ad1234\u00ad5678",
        "+82-10-1234-5678",
        "+82 10 1234 5678",
        "+82)10-1234-5678",
        "(+82)10-1234-5678",
        "+82-(0)10-1234-5678",
        "+82 010-1234-5678",
        "+821012345678",
        "821012345678",
        "82-10-1234-5678",
        "82 2 123 4567",
        "0082-10-1234-5678",
        "0082 2 1234 5678",
        "+82.2.1234.5678",
        "+82-70-1234-5678",
        "+82-505-123-4567",
    ],
)
@pytest.mark.parametrize(
    "around",
    ["{}", "번호는 {}이에요", "{}으로", "☎{}", "T.{}", "{}(홍길동)", "「{}」", "<p>{}</p>", '"{}"'],
)
def test_other_forms_and_what_stands_around(number: str, around: str) -> None:
    assert masked(around.format(number)) == around.format("<|tell|>")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("010-1234-5678/010-2345-6789", "<|tell|>/<|tell|>"),
        ("010-1234-5678, 02)345-6789", "<|tell|>, <|tell|>"),
        ("010-1234-5678 010-2345-6789", "<|tell|> <|tell|>"),
        ("02-123-4567~8", "<|tell|>~8"),
        ("02-123-4567(내선 12)", "<|tell|>(내선 12)"),
        ("01012345678@naver.com", "<|tell|>@naver.com"),
        ("tel:01012345678", "tel:<|tell|>"),
        ("번호\n010-1234\n5678", "번호\n010-1234\n5678"),  # no number goes on in the next line
    ],
)
def test_several_in_a_row_and_edges(text: str, expected: str) -> None:
    assert masked(text) == expected


@pytest.mark.parametrize("number", ["1588-1234", "15441234", "1600 1234", "1899.1234"])
def test_numbers_of_businesses_stay_unless_they_are_asked_for(number: str) -> None:
    text = f"대표번호 {number}로 전화하세요"
    assert masked(text) == text
    assert masked(text, business_phones=True) == "대표번호 <|tell|>로 전화하세요"


@pytest.mark.parametrize("text", ["1588-1599년", "1600-1644년 사이", "15881234원", "2-1588-1234"])
def test_years_and_amounts_are_no_numbers_of_businesses(text: str) -> None:
    assert masked(text, business_phones=True) == text


@pytest.mark.parametrize(
    "number",
    [
        "공일공 일이삼사 오육칠팔",
        "공일공-일이삼사-오육칠팔",
        "공일팔 일이삼 사오육칠",
        "공일공일이삼사오육칠팔",
        "영일영 일이삼사 오육칠팔",
        "공 일 공 일 이 삼 사 오 륙 칠 팔",
        "010-일이삼사-5678",
        "공일공 1234 오육칠팔",
        "공일육 일이삼 사오육칠",
    ],
)
def test_spelled_digits_are_masked_if_asked_for(number: str) -> None:
    text = f"연락은 {number}로 주세요"
    assert masked(text) == text
    assert masked(text, spelled_phones=True) == "연락은 <|tell|>로 주세요"


@pytest.mark.parametrize(
    "text",
    [
        "공일공부터 오육칠까지",
        "일이삼사오육칠팔구십",
        "공이공 일이삼사 오육칠팔",
        "육공일공",
        "주문번호 공일공 일이삼사 오육칠팔",
    ],
)
def test_other_spelled_digits_stay(text: str) -> None:
    assert masked(text, spelled_phones=True) == text


@pytest.mark.parametrize(
    "text", ["82177323-4944-4a10-a485-725486275570", "운송장번호 8202-6692-8718"]
)
def test_a_code_that_begins_like_the_country_stays(text: str) -> None:
    assert masked(text) == text
    assert masked("+82-2-6692-8718, 82-2-6692-8718") == "<|tell|>, <|tell|>"


def test_a_particle_that_is_a_digit_as_well_stays() -> None:
    text = "전화는 공일공 일이삼사 오육칠사이에요"
    assert masked(text, spelled_phones=True) == "전화는 <|tell|>이에요"
