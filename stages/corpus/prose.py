"""Long and learned documents: novels, patents, entries of a dictionary."""

from random import Random

from stages.corpus import lexicon
from stages.corpus.grammar import Grammar
from stages.corpus.korean import fill, past, with_particle
from stages.corpus.records import Record
from stages.corpus.world import Thing


class Deck:
    """Draws ``cards`` in random order and none again before all have been drawn."""

    def __init__(self, rng: Random, cards: list[str]) -> None:
        self.rng, self.cards = rng, cards
        self.left: list[str] = []

    def draw(self) -> str:
        self.left = self.left or self.rng.sample(self.cards, len(self.cards))
        return self.left.pop()


def chapter(grammar: Grammar, about: Thing) -> Record:
    """A chapter of a novel: two people talk of a third. A paragraph or a speech a line."""
    rng = grammar.rng
    words = lexicon.load("fiction")
    decks = {key: Deck(rng, cards) for key, cards in words.items()}
    a, b, c = rng.sample(grammar.names.given, 3)

    def say(key: str, **values: str) -> str:
        slots = {"a": a, "b": b, "c": c, "season": rng.choice(words["seasons"])} | values
        return grammar.phrase([decks[key].draw()], **slots)

    lines = [say("openings")]
    for _ in range(rng.randint(4, 8)):
        it = grammar.causation()
        told = [
            f"{with_particle(c, '은')} {past(predicate)}어." for predicate in (it.effect, it.cause)
        ]
        narration = [say(rng.choice(["moves", "looks"])) for _ in range(rng.randint(1, 3))]
        lines += [" ".join(narration), say("asks"), say("tells", told=told[0])]
        if rng.random() < 0.7:
            lines += [say("whys"), say("tells", told=told[1])]
        lines.append(f"{say('looks')} {say('thoughts')}")
    lines.append(say("closings"))
    return Record("\n".join(lines))


def patent(grammar: Grammar, about: Thing) -> Record:
    """A patent: title, abstract, description and claims, each beginning on a line of its own."""
    rng = grammar.rng
    words = lexicon.load("patents")
    device = rng.choice(words["devices"])
    name = f"{rng.choice(words['uses'])} {device['name']}"
    parts = [
        part | {"how": how, "also": also, "place": rng.choice(words["places"])}
        for part in rng.sample(words["parts"], rng.randint(3, 5))
        for how, also in [rng.sample(part["how"], 2)]
    ]
    first, second = parts[:2]
    whole = ", ".join(f"{part['does']} {part['name']}" for part in parts)
    effects = rng.sample(words["effects"], 3)
    slots = {
        "name": name,
        "field": device["field"],
        "problem": device["problem"],
        "first": first["name"],
        "how": first["how"],
        "second": second["name"],
        "length": str(rng.randint(20, 900)),
        "width": str(rng.randint(2, 19)),
        "angle": str(rng.randint(5, 85)),
        "company": rng.choice(grammar.names.companies),
    }

    def say(key: str, **values: str) -> str:
        return fill(rng.choice(words[key]), slots | values)

    title = say("titles")
    claims = [
        say("claims", part=part["name"], place=part["place"], also=part["also"])
        for part in rng.sample(parts, 2)
    ]
    lines = [
        title,
        f"{say('abstracts')} {effects[0]}",
        "【기술분야】",
        say("fields"),
        "【배경기술】",
        say("backgrounds"),
        "【발명의 내용】",
        *[say("contents", part=part["name"], how=part["how"]) for part in parts],
        *[fill(template, slots) for template in rng.sample(words["embodiments"], 2)],
        "【발명의 효과】",
        " ".join(effects[1:]),
        f"【청구항 1】 {with_particle(whole, '을')} 포함하는 것을 특징으로 하는 {name}.",
        *[f"【청구항 {number}】 제1항에 있어서, {claim}" for number, claim in enumerate(claims, 2)],
    ]
    return Record("\n".join(lines), title=title, topic=device["field"])


def entry(grammar: Grammar, about: Thing) -> Record:
    """An entry of a dictionary: the word, its definition and examples, a line each."""
    word, part_of_speech, definition, examples = grammar.rng.choice(lexicon.load("dictionary"))
    used = [
        fill(example, {"who": grammar.person(), "city": grammar.rng.choice(grammar.names.cities)})
        for example in examples
    ]
    return Record("\n".join([word, f"{definition}.", *used]), topic=part_of_speech)
