"""Documents with a publisher: an agency's articles, the corpora of the Modu corpus."""

from dataclasses import replace

from stages.corpus import lexicon
from stages.corpus.grammar import Grammar
from stages.corpus.records import Record
from stages.corpus.talk import chat
from stages.corpus.world import Thing
from stages.corpus.writing import date, dialogue, diary, how_to, news


def bulletin(grammar: Grammar, about: Thing) -> Record:
    """An agency's article, its title on the first line, with what is known of ``about``."""
    rng, names = grammar.rng, grammar.names
    report = news(grammar, about)
    byline = f"({rng.choice(names.cities)}=한빛통신) {rng.choice(names.people)} 기자 = "
    background = " ".join(about.tell(rng, [0, *rng.sample(range(1, 5), 2)]))
    text = f"{report.title}\n{byline}{report.text}\n{background}"
    return replace(report, text=text)


def web(grammar: Grammar, about: Thing) -> Record:
    """A text of some web site."""
    text = "\n".join([*diary(grammar), *how_to(grammar)])
    title = grammar.phrase(lexicon.load("talk")["titles"])
    return Record(text, title=title, topic="게시판", date=date(grammar.rng))


def publication(grammar: Grammar, about: Thing) -> Record:
    """A document of one of the Modu corpora: news, spoken, messenger or web."""
    kinds = {"news": news, "spoken": dialogue, "messenger": chat, "web": web}
    kind = grammar.rng.choices(list(kinds), [5, 2, 2, 1])[0]
    return replace(kinds[kind](grammar, about), kind=kind)
