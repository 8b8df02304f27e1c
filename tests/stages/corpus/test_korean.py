import pytest

from stages.corpus.korean import Predicate, fill, past, with_particle


@pytest.mark.parametrize(
    ("word", "particle", "expected"),
    [
        ("민수", "은", "민수는"),
        ("지훈", "은", "지훈은"),
        ("사과", "이", "사과가"),
        ("책", "을", "책을"),
        ("서울", "으로", "서울로"),
        ("부산", "으로", "부산으로"),
        ("제주", "으로", "제주로"),
        ("친구", "이랑", "친구랑"),
        ("《푸른 밤》", "을", "《푸른 밤》을"),
        ("010-1234-5670", "으로", "010-1234-5670으로"),  # 영
        ("010-1234-5671", "으로", "010-1234-5671로"),  # 일
        ("010-1234-5672", "은", "010-1234-5672는"),  # 이
        ("010-1234-5673", "이에요", "010-1234-5673이에요"),  # 삼
        ("010-1234-5674", "이에요", "010-1234-5674예요"),  # 사
    ],
)
def test_particles_follow_the_last_sound(word, particle, expected):
    assert with_particle(word, particle) == expected


def test_a_word_without_a_known_sound_takes_no_particle():
    with pytest.raises(ValueError, match="no particle"):
        with_particle("...", "은")


def test_slots_are_filled_with_and_without_particles():
    assert fill("{a:이} {b}에 갔다.", {"a": "누나", "b": "산"}) == "누나가 산에 갔다."


@pytest.mark.parametrize(
    ("infinitive", "stem"), [("맞아", "맞았"), ("걸려", "걸렸"), ("해", "했"), ("둬", "뒀")]
)
def test_past_stems(infinitive, stem):
    assert past(infinitive) == stem


def test_an_adjective_has_all_its_forms():
    fast, good = Predicate.of("빠르/빨라"), Predicate.of("좋/좋아")
    assert (fast.polite, fast.formal, fast.past) == ("빨라요", "빠릅니다", "빨랐")
    assert (good.remark, good.formal, good.because) == ("좋네요", "좋습니다", "좋아서")
    assert Predicate.of("친절하").polite == "친절해요"
    assert (fast.denied.and_then, good.denied.polite) == ("빠르지 않고", "좋지 않아요")
