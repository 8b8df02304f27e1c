import pytest

from stages.clean.text import hangul_share, repeats, tidy

RUNS = repeats(6)


@pytest.mark.parametrize(
    "text",
    [
        "웃기다ㅋㅋㅋㅋ",  # lost a syllable in earlier code
        "10000원",  # became 100원
        "1000000000원",
        "010-0000-1111",  # was shortened before masking could see it
        "900101-1******",
        "900101-1xxxxxx",
        "110-123-456789",
        "2023-01-15",
        "문의 전화: 사무실로 주세요.",
        "첫 줄\n둘째 줄\n\n새 문단",  # a repetition rule destroyed every newline
        "<기생충>과 <Time>, <b 사감>, 보기 <A>와 <B>, 3<5, a > b",
        "R&D와 AT&T, http://example.com/?a=1&copy=2&lt=3",
        "그러니까...... 음…… 아!!",  # an ellipsis has six dots (한글 맞춤법 부록)
        "👨‍👩‍👧 가족",
        "훈민정음 나랏말ᄊᆞ미",
        "하하호호하하호호하하호호",
    ],
)
def test_good_text_is_unchanged(text: str) -> None:
    assert tidy(text, RUNS) == text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("굿ㅋㅋㅋㅋㅋㅋㅋㅋㅋㅋ", "굿ㅋㅋㅋㅋㅋㅋ"),
        ("최고!!!!!!!!!!!", "최고!!!!!!"),
        ("꿀잼" * 40 + "ㅋ", "꿀잼" * 6 + "ㅋ"),
        (
            "좋다ㅋㅋㄹㅃㅃㅋㅋㄹㅃㅃㅋㅋㄹㅃㅃㅋㅋㄹㅃㅃㅋㅋㄹㅃㅃㅋㅋㄹㅃㅃㅋㅋㄹㅃㅃ",
            "좋다" + "ㅋㅋㄹㅃㅃ" * 6,
        ),
        ("와아아아아아아아아아아", "와아아아아아아"),
        ("  가   나\t다 \u3000라\xa0마  ", "가 나 다 라 마"),
        ("가\r\n나\r다\u2028라\n\n\n\n\n마 \n", "가\n나\n다\n라\n\n마"),
        ("가\x00나\x07다\u200b라\ufeff마\xad", "가나다라마"),
        ("가ㅤㅤ나", "가 나"),
        ("<p>안녕<br/>하세요</p><p class='x'>네</p>", "안녕\n하세요\n\n네"),
        ("<B>중요</B>한 <a href='http://a.b'>링크</a>", "중요한 링크"),
        ("<script>var a = '<b>';</script>본문<!-- 주석 -->", "본문"),
        ("&lt;기생충&gt; &amp; &quot;괴물&quot; &#54620;&nbsp;편", '<기생충> & "괴물" 한 편'),
        ("&lt투혼&gt과", "<투혼>과"),
        ("&amp;lt;br&amp;gt;끝", "끝"),
        ("<TABLE><TR><TD>가</TD><TD>나</TD></TR></TABLE>", "가\n\n나"),
        (" \n\t ", ""),
    ],
)
def test_what_is_no_text_goes(text: str, expected: str) -> None:
    assert tidy(text, RUNS) == expected


@pytest.mark.parametrize(
    "text",
    ["<|te\u200bll|>", "&lt;|tell|&gt;", "<b><|</b>tell|>", "<|t<i></i>ell|>", "&#60;|tell|>"],
)
def test_tidying_makes_no_special_token(text: str) -> None:
    assert tidy(text, RUNS) == "<| tell |>"


def test_tidying_twice_changes_nothing_more() -> None:
    text = "<p>ㅋㅋㅋㅋㅋㅋㅋㅋ&amp;lt;b&amp;gt; 가\u200b   나</p>\n\n\n\n&lt;|acc|&gt;!!!!!!!!!!"
    once = tidy(text, RUNS)
    assert tidy(once, RUNS) == once


def test_hangul_share() -> None:
    assert hangul_share("한글 ab") == 0.5
    assert hangul_share("ㅋㅋㅋ ㅠㅠ") == 0.0
    assert hangul_share("") == 0.0
