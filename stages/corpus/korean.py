"""Korean morphology for templates: particles by the last sound, predicates by their two stems."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

FIRST_SYLLABLE, LAST_SYLLABLE = 0xAC00, 0xD7A3
FINALS = 28  # syllables of one initial and vowel: without a final consonant, then 27 with one
RIEUL, BIEUP, SSANG_SIOT = 8, 17, 20  # ㄹ, ㅂ, ㅆ as final consonants
DIGIT_READINGS = "영일이삼사오육칠팔구"

# after a consonant: after a vowel
PARTICLES = {
    "은": "는",
    "이": "가",
    "을": "를",
    "과": "와",
    "으로": "로",
    "아": "야",
    "이랑": "랑",
    "이나": "나",
    "이라고": "라고",
    "이라는": "라는",
    "이었": "였",
    "이에요": "예요",
    "이야": "야",
}
SLOT = re.compile(r"\{(\w+)(?::(\w+))?\}")


def final_consonant(word: str) -> int:
    """Index of the final consonant of the last sound (0: none); digits sound as they are read.

    Raises:
        ValueError: the word ends neither in Hangul nor in a digit.
    """
    letters = [letter for letter in word if letter.isalnum()]
    last = letters[-1] if letters else ""
    if last and last in "0123456789":
        last = DIGIT_READINGS[int(last)]
    if not last or not FIRST_SYLLABLE <= ord(last) <= LAST_SYLLABLE:
        raise ValueError(f"no particle can follow {word!r}")
    return (ord(last) - FIRST_SYLLABLE) % FINALS


def with_particle(word: str, particle: str) -> str:
    """``word`` with the right form of ``particle``, named by its form after a consonant.

    After ㄹ, 으로 drops its vowel: 서울로, 010-1234-5678로.
    """
    final = final_consonant(word)
    vowel_like = final == 0 or (particle == "으로" and final == RIEUL)
    return word + (PARTICLES[particle] if vowel_like else particle)


def fill(template: str, values: Mapping[str, object]) -> str:
    """``template`` with ``{slot}`` replaced by a value, ``{slot:은}`` by a value and particle."""

    def value(match: re.Match[str]) -> str:
        word = str(values[match[1]])
        return with_particle(word, match[2]) if match[2] else word

    return SLOT.sub(value, template)


def past(infinitive: str) -> str:
    """The past stem of a predicate in its 아/어 form: 맞아 to 맞았, 걸려 to 걸렸, 해 to 했."""
    return _with_final(infinitive, SSANG_SIOT)


def _with_final(word: str, consonant: int) -> str:
    if final_consonant(word) != 0:
        raise ValueError(f"{word!r} already ends in a consonant")
    return word[:-1] + chr(ord(word[-1]) + consonant)


@dataclass(frozen=True)
class Predicate:
    """An adjective by its stem (빠르) and its 아/어 form (빨라), from which all forms follow."""

    stem: str
    infinitive: str

    @classmethod
    def of(cls, entry: str) -> "Predicate":
        """From ``stem/infinitive``, or from a stem in 하 alone."""
        stem, _, infinitive = entry.partition("/")
        return cls(stem, infinitive or stem[:-1] + "해")

    @property
    def polite(self) -> str:
        return self.infinitive + "요"

    @property
    def remark(self) -> str:
        return self.stem + "네요"

    @property
    def formal(self) -> str:
        if final_consonant(self.stem):
            return self.stem + "습니다"
        return _with_final(self.stem, BIEUP) + "니다"

    @property
    def past(self) -> str:
        return past(self.infinitive)

    @property
    def and_then(self) -> str:
        return self.stem + "고"

    @property
    def because(self) -> str:
        return self.infinitive + "서"

    @property
    def denied(self) -> "Predicate":
        """The long negation, which has all the forms too: 빠르지 않아요, 빠르지 않고."""
        return Predicate(self.stem + "지 않", self.stem + "지 않아")
