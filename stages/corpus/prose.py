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
    for _ in range(rng.randint(6, 12)):
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
    parts = rng.sample(words["parts"], rng.randint(3, 5))
    parts = [part | {"how": rng.choice(part["how"])} for part in parts]
    effects = rng.sample(words["effects"], 3)
    name, first = device["name"], parts[0]
    title = f"{with_particle(first['name'], '을')} 구비한 {name}"
    whole = with_particle(", ".join(f"{part['does']} {part['name']}" for part in parts), "을")
    length, width = rng.randint(20, 900), rng.randint(2, 19)
    lines = [
        title,
        f"본 발명은 {whole} 포함하는 {name}에 관한 것이다. {effects[0]}",
        "【기술분야】",
        f"본 발명은 {device['field']}에 관한 것으로, 더욱 상세하게는 {first['how']} "
        f"{with_particle(first['name'], '을')} 구비한 {name}에 관한 것이다.",
        "【배경기술】",
        f"종래의 {with_particle(name, '은')} 구조가 단순하여 널리 쓰여 왔다. 그러나 "
        f"{device['problem']}. 이에 {with_particle(parts[1]['name'], '을')} 덧붙이려는 시도가 "
        f"있었으나 값이 비싸 보급되지 못하였다.",
        "【발명의 내용】",
        *[
            f"상기 {with_particle(part['name'], '은')} {part['does']} 구성으로서, "
            f"{part['how']} 것이 바람직하다."
            for part in parts
        ],
        f"일 실시예에서 {parts[1]['name']}의 길이는 {length}밀리미터이고 "
        f"두께는 {width}밀리미터이다.",
        "【발명의 효과】",
        " ".join(["본 발명에 따르면 다음과 같은 효과가 있다.", *effects[1:]]),
        f"【청구항 1】 {whole} 포함하는 것을 특징으로 하는 {name}.",
        *[
            f"【청구항 {number}】 제1항에 있어서, 상기 {with_particle(part['name'], '은')} "
            f"{part['how']} 것을 특징으로 하는 {name}."
            for number, part in enumerate(parts, 2)
        ],
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
