from dataclasses import replace

import pytest
from datatrove.data import Document

from runtime.ledger import Ledger
from stages.clean import CleanParams, all_filters

SENTENCES = (
    "오늘은 아침부터 비가 내렸다.",
    "우리는 우산을 들고 시장에 갔다.",
    "과일 가게 주인이 배를 하나 더 주었다.",
    "돌아오는 길에 무지개를 보았다.",
    "저녁에는 할머니와 만두를 빚었다.",
    "동생은 만두피를 밀다가 잠이 들었다.",
    "밤이 되자 창밖이 조용해졌다.",
    "어머니가 따뜻한 차를 내오셨다.",
    "아버지는 신문을 읽으며 웃으셨다.",
    "내일은 맑을 것이라고 한다.",
    "나는 일기를 쓰고 불을 껐다.",
    "꿈에서 다시 무지개를 건넜다.",
)
PARAGRAPHS = [" ".join(SENTENCES[i : i + 3]) for i in range(0, 12, 3)]

JUDGED = {
    "": "empty",
    "좋아요": "too_short",
    "\ufffd쁺\ufffd솕媛\ufffd \ufffd옱誘몄엳\ufffd뼱\ufffd슂": "mojibake",
    "점심은 占쏙옙占쏙옙 먹었다": "mojibake",
    "Hello, this is not Korean.": "few_hangul",
    "ㅋㅋㅋㅋㅋㅋ ㅠㅠ": "few_hangul",
    "너 무 재 미 있 다": "short_words",
    "빈칸이사라진글" * 40: "long_words",
    "최고! ♥☆♡★!?~^ 굿": "symbols",
    "\n".join(f"• {sentence}" for sentence in SENTENCES): "bullets",
    "\n".join(sentence.replace(".", "...") for sentence in SENTENCES): "ellipses",
    "\n".join([*SENTENCES[:3], *[SENTENCES[3]] * 4]): "repeated_lines",
    "\n\n".join(["\n".join(SENTENCES[:2]), *PARAGRAPHS[:1] * 2]): "repeated_lines",
    "\n\n".join(
        ["\n".join(SENTENCES[:3]), "\n".join(SENTENCES[3:6]), *["짧은 말이다."] * 3]
    ): "repeated_paragraphs",
    " ".join([*SENTENCES, *SENTENCES[:4]] * 2): "repeated_ngrams",
    " ".join(f"{sentence} 지금 바로 전화하세요" for sentence in SENTENCES): "repeated_ngrams",
    # Good text of every shape.
    "정말 재미있는 영화": None,
    "강추~~~!!!!": None,
    "이런영화정말좋다요즘나오는돈만쳐바른영화들때문에피곤했는데": None,
    "美·中 정상회담, 北 “환영”": None,
    "쵝오! 또 봣는데 됬다 ㅋㅋ": None,
    "- 사과 두 알\n- 시원한 배\n- 말랑한 곶감": None,
    "그래서...\n하지만...": None,
    " ".join(SENTENCES): None,
    "\n".join(SENTENCES): None,
    "\n\n".join(PARAGRAPHS): None,
    "네.\n아니요.\n정말로 그렇습니까?\n네.\n그렇다면 다행이군요, 저는 걱정했습니다.": None,
}


@pytest.mark.parametrize(("text", "reason"), JUDGED.items(), ids=range(len(JUDGED)))
def test_a_text_is_dropped_for_its_reason(
    clean_params: CleanParams, text: str, reason: str | None
) -> None:
    assert judged(clean_params, text) == reason


def test_a_dump_is_too_long(clean_params: CleanParams) -> None:
    assert judged(
        replace(clean_params, max_characters=15), "이 글은 열다섯 글자가 넘는 글이다."
    ) == ("too_long")


def judged(params: CleanParams, text: str) -> str | None:
    document = Document(text=text, id="")
    verdicts = [rule.filter(document) for rule in all_filters(params, Ledger("clean"), None)]
    return next((verdict[1] for verdict in verdicts if isinstance(verdict, tuple)), None)
