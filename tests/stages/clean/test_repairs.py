import pytest
from datatrove.data import Document

from runtime.ledger import Ledger
from stages.clean import CleanParams, all_repairs
from stages.clean.repairs.base import Repair


@pytest.fixture(scope="module")
def repairs(clean_params: CleanParams) -> list[Repair]:
    return all_repairs(clean_params, Ledger("clean"))


def mend(repairs: list[Repair], text: str) -> str:
    for repair in repairs:
        text = repair.repair(text)
    return text


EARLIER_FAILURES = {
    "laughter took a syllable with it": "웃기다ㅋㅋㅋㅋ",
    "10000 won became 100": "10000원",
    "a number was shortened before masking saw it": "전화 010-0000-1111",
    "an account was taken for a phone and left two digits": "계좌 110-123-456789",
    "a date became an account": "2023-01-15",
    "two phones became one": "010-1234-5678, 010-8765-4321",
    "a line was split at its colon and the rest lost": "문의 전화: 사무실로 주세요.\n다음 줄",
    "repetition took every line end": "첫 줄\n둘째 줄\n셋째 줄\n\n새 문단\n",
}


@pytest.mark.parametrize("text", EARLIER_FAILURES.values(), ids=EARLIER_FAILURES)
def test_failures_of_earlier_code_do_not_come_back(repairs: list[Repair], text: str) -> None:
    assert mend(repairs, text) == text.strip()


@pytest.mark.parametrize(
    "text",
    [
        "1000000000원",
        "900101-1******",
        "900101-1xxxxxx",
        "<기생충>과 <Time>, <b 사감>, 보기 <A>와 <B>, 3<5, a > b",
        "R&D와 AT&T, http://example.com/?a=1&copy=2&lt=3",
        "그러니까...... 음…… 아!!",  # an ellipsis has six dots (한글 맞춤법 부록)
        "👨‍👩‍👧 가족",
        "훈민정음 나랏말ᄊᆞ미",
        "하하호호하하호호하하호호",
    ],
)
def test_good_text_is_unchanged(repairs: list[Repair], text: str) -> None:
    assert mend(repairs, text) == text


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
def test_what_is_no_text_goes(repairs: list[Repair], text: str, expected: str) -> None:
    assert mend(repairs, text) == expected


@pytest.mark.parametrize(
    "text",
    ["<|te\u200bll|>", "&lt;|tell|&gt;", "<b><|</b>tell|>", "<|t<i></i>ell|>", "&#60;|tell|>"],
)
def test_repairs_make_no_special_token(repairs: list[Repair], text: str) -> None:
    assert mend(repairs, text) == "<| tell |>"


def test_mending_twice_changes_nothing_more(repairs: list[Repair]) -> None:
    text = "<p>ㅋㅋㅋㅋㅋㅋㅋㅋ&amp;lt;b&amp;gt; 가\u200b   나</p>\n\n\n\n&lt;|acc|&gt;!!!!!!!!!!"
    once = mend(repairs, text)
    assert mend(repairs, once) == once


WORDS = "안녕하세요 반갑습니다, 오늘은 날씨가 좋네요!"


@pytest.mark.parametrize(
    "broken",
    [
        WORDS.encode().decode("latin-1"),
        WORDS.encode().decode("sloppy-windows-1252"),
        WORDS.encode("cp949").decode("latin-1"),
        WORDS.encode("cp949").decode("sloppy-windows-1252"),
        WORDS.encode().decode("latin-1").encode().decode("latin-1"),
    ],
    ids=["utf-8 as latin-1", "as 1252", "euc-kr as latin-1", "euc-kr as 1252", "twice"],
)
def test_text_read_in_a_wrong_encoding_is_read_anew(repairs: list[Repair], broken: str) -> None:
    assert mend(repairs, f"첫 줄\n{broken}") == f"첫 줄\n{WORDS}"


@pytest.mark.parametrize(
    "text",
    [
        "café 크레페 naïve 한 맛",
        "±5℃, 3×4÷2, §12",
        "ÄÖÜ äöü ß",
        "¿Qué? ¡Hola!",
        "美·中 회담 (日 제외)",
    ],
)
def test_foreign_words_are_no_mojibake(repairs: list[Repair], text: str) -> None:
    assert mend(repairs, text) == text


BOILERPLATE = [
    "무단전재 및 재배포 금지",
    "<저작권자 ⓒ 한강일보, 무단 전재 및 재배포 금지>",
    "ⓒ 한강일보. All rights reserved.",
    "Copyright ⓒ 2020 한강일보",
    "홍길동 기자 hong@example.com",
    "[사진=홍길동 기자] hong@example.com",
    "(서울=한강뉴스) 홍길동 기자 =",
    "페이스북 공유하기 | 트위터",
    "로그인 | 회원가입",
    "로그인이 필요한 서비스입니다.",
    "이 사이트는 쿠키를 사용합니다.",
    "자바스크립트를 활성화해 주세요.",
    "개인정보처리방침 | 이용약관 | 고객센터",
    "이전 글 | 목록 | 다음 글",
    "본문 바로가기",
    "홈 > 뉴스 > 정치",
    "댓글 12개 · 조회수 1,234",
    "[관련기사]",
    "네이버에서 한강일보 구독하기",
    "광고",
]


@pytest.mark.parametrize("line", BOILERPLATE)
def test_a_line_around_the_text_goes(repairs: list[Repair], line: str) -> None:
    assert (
        mend(repairs, f"첫째 문장이다.\n{line}\n둘째 문장이다.") == "첫째 문장이다.\n둘째 문장이다."
    )


@pytest.mark.parametrize(
    "line",
    [
        "기자는 무단전재 금지 조항이 지나치다고 말했다. 무단전재 및 재배포 금지",
        "저작권자의 동의 없이 쓸 수 없다.",
        "로그인을 했더니 댓글 12개가 있었다.",
        "메일은 hong@example.com 으로 보내 주세요.",
        "광고가 너무 많다.",
        "홈 경기에서 2 > 1 로 이겼다.",
        "추천합니다",
        "홈런",
    ],
)
def test_a_line_with_something_to_say_stays(repairs: list[Repair], line: str) -> None:
    text = f"첫째 문장이다.\n{line}"
    assert mend(repairs, text) == text


def test_scripts_and_styles_without_their_tags_go(repairs: list[Repair]) -> None:
    residue = """var ad = document.getElementById('광고');
(function() {
  ad.style.display = "none";
  return ad;
})();
.post-body .title { color: red; margin: 0 }
@media (max-width: 600px) {
  .side { display: none; }
}
window.dataLayer = window.dataLayer || [];
$(document).ready(function(){"""
    assert mend(repairs, f"앞의 글이다.\n{residue}\n뒤의 글이다.") == "앞의 글이다.\n뒤의 글이다."


@pytest.mark.parametrize(
    "text",
    [
        "집합 {1, 2, 3}의 원소는 셋이다.",
        "값 = 3 (단위: m);",
        "if 문 다음에 { 를 쓴다.\nreturn",
        "x = 3",
    ],
)
def test_what_only_looks_like_code_stays(repairs: list[Repair], text: str) -> None:
    assert mend(repairs, text) == text


def test_the_ledger_counts_what_was_mended(clean_params: CleanParams) -> None:
    ledger = Ledger("clean")
    text = "<b>글</b>이다.  또 글이다.\n로그인 | 회원가입\n광고\n하하하하하하하하하하"
    data = iter([Document(text=text, id="a/b#0", metadata={"source": "a"})])
    for repair in all_repairs(clean_params, ledger):
        data = repair.run(data)
    assert [document.text for document in data] == ["글이다. 또 글이다.\n하하하하하하"]
    extra = ledger.json()["total"]["extra"]
    assert extra == {"boilerplate_lines": 2, "markup": 1, "repeats": 1, "spaces": 1}
