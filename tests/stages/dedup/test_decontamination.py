"""What holds a test item, and what only resembles one."""

import json
import unicodedata
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
import zstandard

from runtime.errors import PolyglotError
from stages.dedup import items as kobest
from stages.dedup.characters import PIECE
from stages.dedup.decontamination import Decontamination
from stages.dedup.params import DecontaminationParams

PARAGRAPH = (
    "매실은 초여름에 푸른 열매를 거두어 설탕에 절이거나 술을 담근다. 익을수록 노랗게 변하고 향이 "
    "짙어지며, 씨앗에는 독이 있어 날로 먹지 않는다. 남쪽 지방의 강가에 큰 밭이 많다."
)
ITEMS: dict[str, list[dict[str, Any]]] = {
    "boolq": [{"paragraph": PARAGRAPH, "question": "매실은 날로 먹는가?"}],
    "copa": [
        {
            "premise": "우산을 접었다.",
            "question": "원인",
            "alternative_1": "비가 그쳤다.",
            "alternative_2": "바람이 불었다.",
        }
    ],
    "hellaswag": [
        {
            "context": "아이는 나무 위의 고양이를 올려다본다. 창고에서 사다리를 꺼내 기댄다.",
            **{f"ending_{i}": f"아이는 {i}층으로 간다." for i in range(1, 5)},
        }
    ],
    "sentineg": [{"sentence": "포장이 꼼꼼해서 안심돼요"}, {"sentence": "별로예요"}],
    "wic": [{"word": "배", "context_1": "[배]를 깎다.", "context_2": "[배]를 젓다."}],
}


@pytest.fixture
def held(benchmark: Callable[..., DecontaminationParams]) -> Callable[[str], set[str]]:
    params = benchmark(**ITEMS)
    assert params.data
    items = kobest.load(params.data, params.tasks)
    decontamination = Decontamination(items, params)

    def find(text: str) -> set[str]:
        """The tasks that ``text`` holds an item of, between other texts."""
        texts = pa.array(["앞의 글", text, "뒤의 글"])
        found = decontamination.held(texts)
        assert set(found) <= {1}
        return {items[item].task for item in found.get(1, ())}

    return find


def test_an_item_is_found_whatever_its_spacing_and_marks(held) -> None:
    assert held(PARAGRAPH) == {"boolq"}
    assert held("옛글: " + PARAGRAPH.replace(" ", "")) == {"boolq"}
    assert held("리뷰\n포장이, 꼼꼼해서-안심돼요!! 추천") == {"sentineg"}
    assert held("아이는 '나무 위의 고양이'를 올려다본다 창고에서 사다리를 꺼내 기댄다") == {
        "hellaswag"
    }


def test_a_sentence_of_a_long_text_is_enough_and_a_phrase_is_not(held) -> None:
    assert held("할머니 말씀. " + PARAGRAPH.split(". ")[1]) == {"boolq"}
    assert held("초여름에 푸른 열매를 거두어 설탕에 재운 오디") == set()


def test_a_changed_word_does_not_hide_a_long_text(held) -> None:
    assert held(PARAGRAPH.replace("설탕에", "꿀에").replace("향이", "냄새가")) == {"boolq"}


def test_short_texts_of_an_item_count_side_by_side(held) -> None:
    assert held("그는 우산을 접었다. 그때였다. 바람이 불었다. 모두 웃었다.") == {"copa"}
    assert held("그는 우산을 접었다. 모두 웃었다.") == set()
    assert held("우산을 접었다. " + "모두 크게 웃었다. " * 20 + "바람이 불었다.") == set()
    assert held("우산을 접었다. 우산을 접었다.") == set()
    assert held('{"context_1": "[배]를 깎다.", "context_2": "[배]를 젓다."}') == {"wic"}


def test_a_short_text_is_an_item_as_a_whole_document_only(held) -> None:
    assert held("별로예요!!") == {"sentineg"}
    assert held("우산을 접었다") == {"copa"}
    assert held("연기가 별로예요") == set()


def test_a_word_has_to_end_where_the_text_ends(held) -> None:
    assert held("포장이 꼼꼼해서 안심돼요") == {"sentineg"}
    assert held("포장이 꼼꼼해서 안심돼요라고") == set()
    assert held("새포장이 꼼꼼해서 안심돼요") == set()


def test_items_at_the_seams_of_a_long_document_are_found(held) -> None:
    for before in range(0, 90, 7):
        filler = "가 " * (PIECE // 4 - before)
        for task, text in (("sentineg", "포장이 꼼꼼해서 안심돼요"), ("boolq", PARAGRAPH)):
            assert held(filler + text + " 끝" * PIECE) == {task}


def test_what_is_missing_or_broken_is_named(benchmark, tmp_path: Path) -> None:
    benchmark(copa=[{"premise": "우산을 접었다."}])
    with pytest.raises(PolyglotError, match=r"copa/test\.jsonl:1 is no item"):
        kobest.load(str(tmp_path / "kobest"), ["copa"])
    with pytest.raises(PolyglotError, match=r"wic/test\.jsonl is missing.*polyglot kobest"):
        kobest.load(str(tmp_path / "kobest"), ["wic"])
    with pytest.raises(PolyglotError, match="'cola' is not one of"):
        kobest.load(str(tmp_path / "kobest"), ["cola"])


TASKS = ["boolq", "copa", "hellaswag", "sentineg", "wic"]
SHOWN = {
    "boolq": ("paragraph", "question"),
    "copa": ("premise", "alternative_1", "alternative_2"),
    "hellaswag": ("context", "ending_1"),
    "sentineg": ("sentence",),
    "wic": ("context_1", "context_2"),
}
FORMS: dict[str, Callable[[list[str]], str]] = {
    "alone": " ".join,
    "as lines": "\n".join,
    "without spaces": lambda texts: " ".join(text.replace(" ", "") for text in texts),
    "with other marks": lambda texts: "… ".join(f"‘{text}’~!" for text in texts),
    "decomposed, then composed": lambda texts: unicodedata.normalize(
        "NFC", unicodedata.normalize("NFD", "  ".join(texts))
    ),
}


def reviews(folder: Path) -> list[str]:
    raw = (folder / "corpora/nsmc/reviews-00.jsonl.zst").read_bytes()
    lines = zstandard.ZstdDecompressor().decompressobj().decompress(raw).splitlines()
    return [json.loads(line)["review"] for line in lines[:40_000]]


@pytest.mark.data
def test_every_planted_item_of_kobest_is_found(real_data: Path) -> None:
    data = str(real_data / "kobest_v1")
    params = DecontaminationParams(data, TASKS, 16, 0.2, 8)
    items = kobest.load(data, TASKS)
    decontamination = Decontamination(items, params)
    rows = [
        [str(json.loads(line)[field]) for field in SHOWN[task]]
        for task in TASKS
        for line in (real_data / "kobest_v1" / task / "test.jsonl").read_text().splitlines()
    ]
    assert len(rows) == len(items) == 4561
    others = reviews(real_data)
    # Many a document says `좋아요` among other things.
    short = [
        number
        for number, item in enumerate(items)
        if item.task == "sentineg" and len(item.telling[0]) < params.min_characters
    ]
    assert len(short) < 60
    random = np.random.default_rng(1)
    for form in FORMS.values():
        planted = [form(texts) for texts in rows]
        found = decontamination.held(pa.array(planted))
        assert all(number in found.get(number, ()) for number in range(len(items)))
        within = [
            "\n".join([others[before], text, others[after]])
            for text, before, after in zip(
                planted, *random.integers(0, 40_000, (2, 4561)), strict=True
            )
        ]
        found = decontamination.held(pa.array(within))
        missed = [n for n in range(len(items)) if n not in found.get(n, ())]
        assert missed == short


@pytest.mark.data
def test_real_reviews_are_left_alone(real_data: Path) -> None:
    data = str(real_data / "kobest_v1")
    params = DecontaminationParams(data, TASKS, 16, 0.2, 8)
    found = Decontamination(kobest.load(data, TASKS), params).held(pa.array(reviews(real_data)))
    assert len(found) < 40_000 / 1000
