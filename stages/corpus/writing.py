"""Documents: what the grammar's sentences become in each source.

Every kind of document is told what thing of the world it may be about.
"""

from random import Random

from stages.corpus import lexicon, world
from stages.corpus.grammar import BAD, GOOD, Grammar
from stages.corpus.korean import fill, past, with_particle
from stages.corpus.records import Record
from stages.corpus.world import Thing


def date(rng: Random) -> str:
    """A day of the years in which such text was collected."""
    return f"{rng.randint(2008, 2021)}-{rng.randint(1, 12):02}-{rng.randint(1, 28):02}"


def film_review(grammar: Grammar, about: Thing) -> Record:
    """A line about a film, liked or disliked."""
    rng = grammar.rng
    label = rng.randrange(2)
    verdict = GOOD if label == 1 else BAD
    sentences = [grammar.review("film", verdict)]
    if rng.random() < 0.4:
        sentences.insert(0, f"《{grammar.film()}》")
    if rng.random() < 0.5:
        sentences.append(grammar.opinion("film", verdict))
    end = rng.choice(["", ".", "!", "..", "~"])
    return Record(rng.choice([". ", " ", "! "]).join(sentences) + end, label=label)


def comment(grammar: Grammar, about: Thing) -> Record:
    """A line under a news article."""
    rng = grammar.rng
    talk = lexicon.load("talk")
    it = grammar.causation()
    bodies = [
        grammar.reasoning(),
        f"{with_particle(it.who, '은')} {it.cause}서 {past(it.effect)}대요",
        grammar.phrase(talk["comment_people"]),
        grammar.phrase(talk["comment_places"]),
        grammar.review("goods", rng.choice([GOOD, BAD])),
    ]
    parts = [rng.choices(bodies, [3, 2, 2, 3, 2])[0]]
    if rng.random() < 0.4:
        parts.insert(0, rng.choice(talk["comment_openers"]))
    if rng.random() < 0.3:
        parts.append(rng.choice(talk["comment_closers"]))
    if rng.random() < 0.3:
        parts.append(rng.choice(["ㅋㅋ", "ㅎㅎ", "ㅠㅠ", "!!", "...", "~"]))
    return Record(" ".join(parts))


def news(grammar: Grammar, about: Thing) -> Record:
    """An article about a thing of the world, in paragraphs."""
    rng = grammar.rng
    topics = lexicon.load("news")
    topic = next(name for name, entry in topics.items() if entry["kind"] == about.kind)
    entry = topics[topic]
    slots = {slot: world.draw(rng, grammar.names, of) for slot, of in entry["slots"].items()}
    values = slots | about.values

    def said(templates: list[str]) -> str:
        return fill(rng.choice(templates), values)

    body = [fill(template, values) for template in rng.sample(entry["body"], rng.randint(2, 4))]
    paragraphs = [f"{said(entry['lead'])} {body[0]}", " ".join(body[1:]), said(entry["quote"])]
    if rng.random() < 0.6:
        paragraphs.append(" ".join(grammar.reasoning() for _ in range(rng.randint(1, 3))))
    return Record("\n".join(paragraphs), title=said(entry["title"]), topic=topic, date=date(rng))


def article(grammar: Grammar, about: Thing) -> Record:
    """An encyclopaedia's article: what is known of ``about``, and two related things."""
    rng = grammar.rng
    order = rng.sample(range(1, 5), 4)
    alike = [thing for thing in grammar.things if thing.kind == about.kind]
    related, other = rng.choice(alike), rng.choice(alike)
    paragraphs = [
        " ".join(about.tell(rng, [0, *order[:2]])),
        " ".join(about.tell(rng, order[2:])),
        f"같은 {about.kind}의 예로 {with_particle(related.name, '이')} 있다. "
        + " ".join(related.tell(rng, [0, *rng.sample(range(1, 5), 2)])),
        " ".join(other.tell(rng, [0, *rng.sample(range(1, 5), 3)])),
    ]
    return Record("\n\n".join(paragraphs), title=about.name, topic=about.kind)


def dialogue(grammar: Grammar, about: Thing) -> Record:
    """Two people in turn: what happened and why, then this and that. A turn a line."""
    rng = grammar.rng
    talk = lexicon.load("talk")
    a, b = rng.sample(grammar.names.given, 2)

    def say(key: str) -> str:
        return grammar.phrase(talk[key], a=a, b=b, time=rng.choice(talk["later"]))

    turns = [say("greetings"), say("answers")]
    for _ in range(rng.randint(1, 2)):
        it = grammar.causation()
        if rng.random() < 0.5:
            turns += [it.told(it.effect, "어요"), say("why"), f"왜냐하면 {past(it.cause)}거든요."]
        else:
            turns += [it.told(it.cause, "어요"), say("then"), f"그래서 {past(it.effect)}어요."]
        turns.append(say("reactions"))
    topic = rng.choice(["영화", "상품", "음식", "취미"])
    domain = {"영화": "film", "상품": "goods"}.get(topic)
    if domain:
        opinion = grammar.opinion(domain, rng.choice([GOOD, BAD]))
        turns += [say(f"asks_{domain}"), f"{opinion}."]
    else:
        key = "food" if topic == "음식" else "hobby"
        turns += [say(f"asks_{key}"), say(key)]
    turns += [say("reactions"), say("farewells")]
    return Record("\n".join(turns), topic=topic, date=date(rng))


def diary(grammar: Grammar) -> list[str]:
    """What happened lately."""
    talk = lexicon.load("talk")
    middles = [grammar.phrase(talk["diary_middles"]) for _ in range(grammar.rng.randint(1, 3))]
    events = [grammar.reasoning() for _ in range(grammar.rng.randint(2, 4))]
    return [grammar.phrase(talk["diary_openers"]), *events, *middles]


def how_to(grammar: Grammar) -> list[str]:
    """Something done step by step."""
    scripts = [grammar.script() for _ in range(grammar.rng.randint(1, 2))]
    return [" ".join([it.opening, *it.steps]) for it in scripts]


def product_review(grammar: Grammar) -> list[str]:
    """Why a product was bought, and what it is like."""
    rng = grammar.rng
    verdict = rng.choice([GOOD, BAD])
    product = rng.choice(grammar.nouns["products"])
    bought = grammar.phrase(lexicon.load("talk")["bought"], product=product)
    opinions = [f"{grammar.opinion('goods', verdict)}." for _ in range(rng.randint(2, 4))]
    return [bought, *opinions]


def exercises(grammar: Grammar) -> list[str]:
    """Notes of someone who studies the language: sentences with their answers."""
    kinds = [_polarity, Grammar.reasoning, _answers, _meanings]
    kind = grammar.rng.choices(kinds, [10, 3, 1, 1])[0]
    return [kind(grammar) for _ in range(grammar.rng.randint(3, 5))]


def _polarity(grammar: Grammar) -> str:
    good = grammar.rng.random() < 0.5
    sentence = grammar.review("goods", GOOD if good else BAD)
    return f"문장: {sentence} 긍부정: {'긍정' if good else '부정'}"


def _answers(grammar: Grammar) -> str:
    truth = grammar.rng.random() < 0.5
    about = grammar.rng.choice(grammar.things)
    facts = [0, *grammar.rng.sample(range(1, 5), 2)]
    question = about.ask(grammar.rng, grammar.names, grammar.rng.choice(facts), truth)
    paragraph = " ".join(about.tell(grammar.rng, facts))
    return f"{paragraph} 질문: {question} 답변: {'예' if truth else '아니오'}"


def _meanings(grammar: Grammar) -> str:
    word = grammar.rng.choice(lexicon.load("senses"))
    first, second = grammar.rng.randrange(2), grammar.rng.randrange(2)
    question = f"두 문장에서 {with_particle(word['word'], '이')} 같은 뜻으로 쓰였나?"
    contexts = f"문장1: {grammar.sense(word, first)} 문장2: {grammar.sense(word, second)}"
    return f"{contexts} {question} {'예' if first == second else '아니오'}"


def post(grammar: Grammar, about: Thing) -> Record:
    """A blog post of one of four kinds."""
    rng = grammar.rng
    talk = lexicon.load("talk")
    write = rng.choices([diary, how_to, product_review, exercises], [3, 1, 2, 10])[0]
    if write is exercises:
        text = "\n\n".join(write(grammar))
    else:
        text = "\n".join([*write(grammar), grammar.phrase(talk["diary_closers"])])
    return Record(text, title=grammar.phrase(talk["titles"]), date=date(rng))
