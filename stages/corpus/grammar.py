"""Sentences: what leads to what, opinions, how things are done, words of two meanings."""

from dataclasses import dataclass, field
from random import Random
from typing import Any

from stages.corpus import lexicon
from stages.corpus.korean import Predicate, fill, past, with_particle
from stages.corpus.names import Names
from stages.corpus.world import Thing

GOOD, BAD = "good", "bad"


@dataclass(frozen=True)
class Causation:
    """A person, a cause and its effect, as predicates in their 아/어 form."""

    who: str
    time: str  # empty or ending in a space
    cause: str
    effect: str
    topic: int  # of causes.yaml

    def told(self, predicate: str, ending: str = "다") -> str:
        """A past sentence about the person: 어제 민수는 감기에 걸렸다."""
        return f"{self.time}{self.about(predicate, ending)}"

    def about(self, predicate: str, ending: str = "다") -> str:
        """The same without its time: 민수는 감기에 걸렸다."""
        return f"{with_particle(self.who, '은')} {past(predicate)}{ending}."


@dataclass(frozen=True)
class Script:
    """A person's goal and what is done for it, in order; sentences without subjects."""

    opening: str
    steps: list[str]
    index: int  # of the grammar's scripts


@dataclass(frozen=True)
class Grammar:
    """Draws sentences from ``rng``; the same generator state gives the same sentences."""

    rng: Random
    names: Names
    things: list[Thing]
    nouns: dict[str, list[str]] = field(default_factory=lambda: lexicon.load("nouns"))
    scripts: list[dict[str, Any]] = field(default_factory=lambda: lexicon.load("scripts"))

    @classmethod
    def of_evaluation(cls, rng: Random, held_out: Names) -> "Grammar":
        """For evaluation items: names and scripts of their own, so that they share no long run
        of characters with the corpus; words and predicates are the corpus's."""
        nouns = lexicon.load("nouns") | {"people": held_out.given}
        return cls(rng, held_out, [], nouns, lexicon.load("held_out_scripts"))

    def person(self) -> str:
        """Who a sentence is about: a given name or a noun."""
        return self.rng.choice(self.rng.choice([self.names.given, self.nouns["people"]]))

    def phrase(self, templates: list[str], **values: str) -> str:
        """One of ``templates`` with nouns and names drawn for its slots."""
        pools = {
            "person": self.names.people,
            "city": self.names.cities,
            "food": self.nouns["foods"],
            "hobby": self.nouns["hobbies"],
            "place": self.nouns["places"],
            "product": self.nouns["products"],
        }
        drawn = {slot: self.rng.choice(pool) for slot, pool in pools.items()}
        drawn |= {"time": self.rng.choice(self.nouns["times"]), "film": self.film()}
        return fill(self.rng.choice(templates), drawn | values)

    def film(self) -> str:
        """A film's title."""
        return " ".join(self.rng.choice(self.nouns[part]) for part in ("film_first", "film_last"))

    def causation(self, but_not: int | None = None) -> Causation:
        """A cause and its effect, of any topic but ``but_not``."""
        topics = lexicon.load("causes")
        index = self.rng.choice([i for i in range(len(topics)) if i != but_not])
        topic = topics[index]
        time = self.rng.choice(self.nouns["times"]) + " " if self.rng.random() < 0.5 else ""
        cause, effect = self.rng.choice(topic["causes"]), self.rng.choice(topic["effects"])
        return Causation(self.person(), time, cause, effect, index)

    def reasoning(self) -> str:
        """One or two plain sentences that tell a cause and its effect."""
        it = self.causation()
        forms = {
            f"{it.told(it.cause)} 그래서 {past(it.effect)}다.": 5,
            f"{it.told(it.effect)} 왜냐하면 {past(it.cause)}다.": 4,
            f"{it.told(it.cause)} 그래서 {it.about(it.effect)}": 2,
            f"{it.told(it.effect)} 왜냐하면 {it.about(it.cause)}": 2,
            f"{it.told(it.effect)} 왜냐하면 {past(it.cause)}기 때문이다.": 1,
            f"{it.time}{with_particle(it.who, '은')} {it.cause}서 {past(it.effect)}다.": 1,
            f"{it.told(it.cause)} 결국 {past(it.effect)}다.": 1,
        }
        return self.rng.choices(list(forms), list(forms.values()))[0]

    def opinion(self, domain: str, verdict: str) -> str:
        """A reviewer's sentence about a film or about goods; ``verdict`` is good or bad."""
        words = lexicon.load("opinions")
        aspects = words[domain]["aspects"]
        first, second = self.rng.sample(list(aspects), 2)
        conclusion = self.rng.choice(words[domain]["verdicts"][verdict])
        subject, word = self._judged(first, aspects[first], verdict)
        other, other_word = self._judged(second, aspects[second], verdict)
        clauses = [
            f"{subject} {word.and_then} {conclusion}",
            f"{subject} {word.because} {conclusion}",
            f"{subject} {self._ended(word)}",
            f"{subject} {word.and_then} {other} {self._ended(other_word)}",
        ]
        return self.rng.choices(clauses, [4, 5, 1, 2])[0]

    def _judged(
        self, aspect: str, predicates: dict[str, list[str]], verdict: str
    ) -> tuple[str, Predicate]:
        """``aspect`` as a subject and what it is like; one in four denies the opposite."""
        subject = with_particle(aspect, "이")
        if self.rng.random() < 0.5:
            subject += " " + self.rng.choice(lexicon.load("opinions")["adverbs"])
        if self.rng.random() < 0.25:
            opposite = BAD if verdict == GOOD else GOOD
            return subject, Predicate.of(self.rng.choice(predicates[opposite])).denied
        return subject, Predicate.of(self.rng.choice(predicates[verdict]))

    def _ended(self, word: Predicate) -> str:
        return self.rng.choice([word.polite, word.remark, word.formal])

    def review(self, domain: str, verdict: str) -> str:
        """An opinion, often with the film or product that it is about."""
        subject = "영화" if domain == "film" else self.rng.choice(self.nouns["products"])
        if self.rng.random() < 0.5:
            return self.opinion(domain, verdict)
        return f"{with_particle(subject, '은')} {self.opinion(domain, verdict)}"

    def script(self) -> Script:
        """A person who does something, step by step."""
        index = self.rng.randrange(len(self.scripts))
        time = self.rng.choice(["", self.rng.choice(self.nouns["times"]) + " "])
        opening = f"{time}{with_particle(self.person(), '이')} {self.scripts[index]['goal']}."
        return Script(opening, [f"{step}." for step in self.scripts[index]["steps"]], index)

    def sense(self, word: dict, meaning: int) -> str:
        """A sentence that uses ``word`` (of senses.yaml) in its first or second meaning."""
        template = self.rng.choice(word["senses"][meaning])
        return fill(template, {"who": self.person(), "city": self.rng.choice(self.names.cities)})
