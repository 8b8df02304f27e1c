"""The prompts, written out by hand, and the draw of examples, written again from the old harness.

Both follow ``fewshot_context`` and ``evaluate`` of the harness of 2022 and ``kobest.py`` on its
branch ``polyglot``.
"""

import random

import pytest

from stages.evaluate.documents import Documents, load
from stages.evaluate.prompts import PROMPTS
from stages.evaluate.task import KobestTask

COPA = {
    "premise": "물을 오래 끓였다.",
    "question": "결과",
    "alternative_1": "물의 양이 늘어났다.",
    "alternative_2": "물의 양이 줄어들었다.",
    "label": 1,
}
# The real training set holds questions with a space at their end.
COPA_TRAIN = COPA | {"premise": "눈이 부셨다.", "question": "원인 ", "label": 0}

HELLASWAG = {
    "context": "투수가 공을 던진다.",
    "ending_1": "타자가 공을 친다.",
    "ending_2": "심판이 아웃을 외친다.",
    "ending_3": "외야수가 공을 잡는다.",
    "ending_4": "관중이 떠난다.",
    "label": 2,
}
BOOLQ = {"paragraph": "두아 리파는 영국인이다.", "question": "두아 리파는 영국인인가?", "label": 1}
SENTINEG = {"sentence": "택배사 정말 마음에 듬", "label": 1}
WIC = {
    "word": "양분",
    "context_1": "토양에 [양분]이 많다. ",
    "context_2": "모체로부터 [양분]을 받는다.",
    "label": 1,
}

EXPECTED = {
    "copa": (
        COPA,
        COPA_TRAIN,
        "물을 오래 끓였다. 그래서",
        "눈이 부셨다. 왜냐하면 물의 양이 늘어났다.",
        [" 물의 양이 늘어났다.", " 물의 양이 줄어들었다."],
    ),
    "hellaswag": (
        HELLASWAG,
        HELLASWAG | {"context": "해가 진다.", "label": 3},
        "문장: 투수가 공을 던진다.",
        "문장: 해가 진다. 관중이 떠난다.",
        [
            " 타자가 공을 친다.",
            " 심판이 아웃을 외친다.",
            " 외야수가 공을 잡는다.",
            " 관중이 떠난다.",
        ],
    ),
    "boolq": (
        BOOLQ,
        BOOLQ | {"question": "독일인인가?", "label": 0},
        "두아 리파는 영국인이다. 질문: 두아 리파는 영국인인가? 답변: ",
        "두아 리파는 영국인이다. 질문: 독일인인가? 답변:  아니오",
        [" 아니오", " 예"],
    ),
    "sentineg": (
        SENTINEG,
        {"sentence": "별로", "label": 0},
        "문장: 택배사 정말 마음에 듬 긍부정:",
        "문장: 별로 긍부정: 부정",
        [" 부정", " 긍정"],
    ),
    "wic": (
        WIC,
        WIC | {"word": "땅", "label": 0},
        "문장1: 토양에 [양분]이 많다.  문장2: 모체로부터 [양분]을 받는다. "
        "두 문장에서 양분가 같은 뜻으로 쓰였나?",
        "문장1: 토양에 [양분]이 많다.  문장2: 모체로부터 [양분]을 받는다. "
        "두 문장에서 땅가 같은 뜻으로 쓰였나? 아니오",
        [" 아니오", " 예"],
    ),
}


def requests(task: str, documents: Documents, shots: int) -> list[tuple[str, str]]:
    asked = KobestTask(task, documents, shots)
    asked.build_all_requests()
    return [request.args for request in asked.instances]


@pytest.mark.parametrize("task", PROMPTS)
def test_without_examples_the_prompt_is_the_question_alone(task):
    asked, example, question, _, answers = EXPECTED[task]

    assert requests(task, Documents([example], [asked]), shots=0) == [
        (question, answer) for answer in answers
    ]


@pytest.mark.parametrize("task", PROMPTS)
def test_examples_with_their_answers_come_first_each_followed_by_a_blank_line(task):
    asked, example, question, solved, answers = EXPECTED[task]

    assert requests(task, Documents([example, example], [asked]), shots=2) == [
        (f"{solved}\n\n{solved}\n\n{question}", answer) for answer in answers
    ]


@pytest.mark.parametrize("task", PROMPTS)
@pytest.mark.parametrize("shots", [0, 2, 5])
def test_order_and_examples_are_drawn_as_in_the_old_harness(task, shots, kobest):
    documents = load(str(kobest), task)
    prompt = PROMPTS[task]

    generator = random.Random()
    generator.seed(42)
    order = list(documents.test)
    generator.shuffle(order)
    expected = []
    for document in order:
        context = ""
        if shots:
            drawn = generator.sample(documents.train, k=shots)
            context = "\n\n".join(prompt.solved(example) for example in drawn) + "\n\n"
        context += prompt.context_of(document)
        expected += [(context, answer) for answer in prompt.answers_of(document)]

    assert requests(task, documents, shots) == expected
