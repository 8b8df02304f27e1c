"""The world that articles and questions agree on: things with properties, one value each."""

from dataclasses import dataclass
from random import Random
from typing import Any

from stages.corpus import lexicon
from stages.corpus.korean import fill
from stages.corpus.names import Names

KINDS = tuple(lexicon.load("encyclopaedia"))
HELD_OUT_KINDS = tuple(lexicon.load("held_out_things"))  # only evaluation questions are about them
ENTRIES = lexicon.load("encyclopaedia") | lexicon.load("held_out_things")


@dataclass(frozen=True)
class Thing:
    kind: str
    name: str
    values: dict[str, str]  # of every slot, the name included

    def tell(self, rng: Random, facts: list[int]) -> list[str]:
        """A sentence for each of ``facts`` (indices); the first fact introduces the thing."""
        entries = ENTRIES[self.kind]["facts"]
        return [fill(rng.choice(entries[fact]["say"]), self.values) for fact in facts]

    def ask(self, rng: Random, names: Names, fact: int, truth: bool) -> str:
        """A yes-no question about ``fact`` whose answer is ``truth``."""
        kind = ENTRIES[self.kind]
        entry = kind["facts"][fact]
        values = dict(self.values)
        if not truth:
            slot = entry["about"]
            while values[slot] == self.values[slot]:
                values[slot] = draw(rng, names, kind["slots"][slot])
        return fill(entry["ask"], values)


def draw(rng: Random, names: Names, choices: Any) -> str:
    """A value for a slot: of a list, of [low, high] (whole numbers), or of a list of names."""
    if isinstance(choices, str):
        return rng.choice(getattr(names, choices))
    if len(choices) == 2 and all(isinstance(bound, int) for bound in choices):
        return str(rng.randint(*choices))
    return str(rng.choice(choices))


def thing(rng: Random, names: Names, kind: str) -> Thing:
    """A new thing of ``kind`` with random properties."""
    entry = ENTRIES[kind]
    values = {slot: draw(rng, names, choices) for slot, choices in entry["slots"].items()}
    name = fill(entry["name"], values)
    return Thing(kind, name, values | {"name": name})


def build(rng: Random, names: Names, count: int) -> list[Thing]:
    """``count`` things of all kinds in turn; no two of a kind share a name."""
    things: dict[tuple[str, str], Thing] = {}
    while len(things) < count:
        new = thing(rng, names, KINDS[len(things) % len(KINDS)])
        things.setdefault((new.kind, new.name), new)
    return list(things.values())
