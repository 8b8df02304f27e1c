"""Spoken and chatted documents: films, messengers, telephone calls, questions, comments."""

from stages.corpus import lexicon, world
from stages.corpus.grammar import BAD, GOOD, Grammar
from stages.corpus.korean import past
from stages.corpus.records import Record
from stages.corpus.world import Thing
from stages.corpus.writing import date


def film(grammar: Grammar, about: Thing) -> Record:
    """Subtitles of a film, a line each."""
    lines = [line for _ in range(grammar.rng.randint(5, 12)) for line in _exchange(grammar)]
    return Record("\n".join(lines), title=grammar.film(), date=date(grammar.rng))


def chat(grammar: Grammar, about: Thing) -> Record:
    """A conversation in a messenger: two people in turn, a message a line."""
    laughs = lexicon.load("subtitles")["laughs"]
    lines = [line for _ in range(grammar.rng.randint(2, 4)) for line in _exchange(grammar)]
    lines = [
        f"{line.rstrip('.')} {grammar.rng.choice(laughs)}" if grammar.rng.random() < 0.3 else line
        for line in lines
    ]
    return Record("\n".join(lines), topic="일상", date=date(grammar.rng))


def _exchange(grammar: Grammar) -> list[str]:
    """A few lines between two people, about what has happened to somebody."""
    rng = grammar.rng
    words = lexicon.load("subtitles")
    b, c = rng.sample(grammar.names.given, 2)

    def say(key: str) -> str:
        return grammar.phrase(words[key], b=b, c=c)

    it = grammar.causation()
    lines = [say("calls"), say("lines"), say("replies"), it.told(it.effect, "어"), say("whys")]
    lines += [f"{past(it.cause)}거든.", say("lines")]
    if rng.random() < 0.5:
        lines += [say("lines"), say("replies")]
    return [*lines, say("farewells")] if rng.random() < 0.3 else lines


def call(grammar: Grammar, about: Thing) -> Record:
    """What somebody says on a restaurant's telephone."""
    rng = grammar.rng
    words = lexicon.load("calls")
    slots = {
        slot: rng.choice(words[pool])
        for slot, pool in {
            "day": "days",
            "hour": "hours",
            "count": "counts",
            "more": "more",
            "minute": "minutes",
            "meal": "meals",
        }.items()
    }
    second = rng.choice(grammar.nouns["foods"])
    return Record(grammar.phrase(words["utterances"], second=second, **slots))


def question(grammar: Grammar, about: Thing) -> Record:
    """A question and its answer, a line each: small talk, how-to, or a fact of the world."""
    rng = grammar.rng
    kind = rng.choices([_small_talk, _how_to, _fact], [4, 2, 4])[0]
    return Record("\n".join(kind(grammar)))


def _small_talk(grammar: Grammar) -> list[str]:
    pair = grammar.rng.choice(lexicon.load("chat")["pairs"])
    return grammar.phrase(["\n".join(pair)]).split("\n")


def _how_to(grammar: Grammar) -> list[str]:
    script = grammar.rng.choice(grammar.scripts)
    place = grammar.rng.choice(grammar.names.cities)
    goal = script["goal"].removesuffix("로 한다")
    asked = f"{place}에 사는 초보입니다. {goal} 위해 무엇을 해야 하나요?"
    return [asked, " ".join(f"{step}." for step in script["steps"])]


def _fact(grammar: Grammar) -> list[str]:
    rng = grammar.rng
    about = rng.choice(grammar.things)
    fact, truth = rng.randrange(5), rng.random() < 0.5
    asked = about.ask(rng, grammar.names, fact, truth)
    polite = asked[:-3] + "나요?" if asked.endswith("는가?") else asked[:-1] + "요?"
    answer = "네, 맞습니다." if truth else "아니요, 그렇지 않습니다."
    return [polite, " ".join([answer, *about.tell(rng, sorted({0, fact}))])]


def comment(grammar: Grammar, about: Thing) -> Record:
    """A comment below a post of some community."""
    rng = grammar.rng
    body = grammar.phrase(lexicon.load("chat")["community"])
    if rng.random() < 0.3:
        body += f". {grammar.review('goods', rng.choice([GOOD, BAD]))}"
    end = rng.choice(["", "", "~", "^^", "ㅎㅎ", "..", "!"])
    return Record(body + end, date=date(rng))


def celebrity(grammar: Grammar, about: Thing) -> Record:
    """A comment below news of entertainment."""
    rng = grammar.rng
    other = world.draw(rng, grammar.names, "people")
    body = grammar.phrase(lexicon.load("chat")["celebrity"], other=other)
    return Record(body + rng.choice(["", "", "ㅋㅋ", "ㅠㅠ", "...", "!!"]))
