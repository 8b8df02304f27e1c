"""Evaluation items in KOBEST's fields, from the grammar of the corpus; labels are balanced.

Fields and label numbers: KoBEST v1 (Kim et al., 2022, https://arxiv.org/abs/2204.04541).
"""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from runtime.files import write_text
from stages.corpus import lexicon, world
from stages.corpus.grammar import BAD, GOOD, Grammar
from stages.corpus.params import KobestSizes

Item = dict[str, Any]


def boolq(grammar: Grammar, label: int) -> Item:
    """``label`` 1: the paragraph says so (예), 0: it says something else (아니오)."""
    rng, names = grammar.rng, grammar.names
    thing = world.thing(rng, names, rng.choice(world.HELD_OUT_KINDS))
    facts = [0, *rng.sample(range(1, 5), 3)]
    question = thing.ask(rng, names, rng.choice(facts), truth=label == 1)
    return {"paragraph": " ".join(thing.tell(rng, facts)), "question": question, "label": label}


def copa(grammar: Grammar, label: int) -> Item:
    """``label``: the index of the alternative that is the premise's cause or effect."""
    it = grammar.causation()
    other = grammar.causation(but_not=it.topic)
    if grammar.rng.random() < 0.5:
        premise, question, right, wrong = it.cause, "결과", it.effect, other.effect
    else:
        premise, question, right, wrong = it.effect, "원인", it.cause, other.cause
    alternatives = [it.about(right), it.about(wrong)]
    if label == 1:
        alternatives.reverse()
    return {
        "premise": it.told(premise),
        "question": question,
        "alternative_1": alternatives[0],
        "alternative_2": alternatives[1],
        "label": label,
    }


def hellaswag(grammar: Grammar, label: int) -> Item:
    """``label``: the index of the ending that comes next."""
    it = grammar.script()
    known = grammar.rng.randint(2, len(it.steps) - 2)
    endings = [it.steps[known + 1]]  # too early: only the order tells
    while len(endings) < 3:
        other = grammar.script()
        if other.index != it.index:
            endings.append(grammar.rng.choice(other.steps))
    grammar.rng.shuffle(endings)
    endings.insert(label, it.steps[known])
    return {
        "context": " ".join([it.opening, *it.steps[:known]]),
        **{f"ending_{number}": ending for number, ending in enumerate(endings, 1)},
        "label": label,
    }


def sentineg(grammar: Grammar, label: int) -> Item:
    """``label`` 1: positive (긍정), 0: negative (부정)."""
    return {"sentence": grammar.review("goods", GOOD if label == 1 else BAD), "label": label}


def wic(grammar: Grammar, label: int) -> Item:
    """``label`` 1: both contexts use the word in the same meaning (예), 0: they do not."""
    word = grammar.rng.choice(lexicon.load("senses"))
    meaning = grammar.rng.randrange(2)
    return {
        "word": word["word"],
        "context_1": grammar.sense(word, meaning),
        "context_2": grammar.sense(word, meaning if label == 1 else 1 - meaning),
        "label": label,
    }


TASKS: dict[str, tuple[Callable[[Grammar, int], Item], int]] = {  # builder, number of labels
    "boolq": (boolq, 2),
    "copa": (copa, 2),
    "hellaswag": (hellaswag, 4),
    "sentineg": (sentineg, 2),
    "wic": (wic, 2),
}


def full_texts(task: str, item: Item) -> list[str]:
    """What of an item must not stand in the corpus, as a model would read it."""
    if task == "copa":
        link = "그래서" if item["question"] == "결과" else "왜냐하면"
        return [f"{item['premise']} {link} {item[f'alternative_{k}']}" for k in (1, 2)]
    if task == "hellaswag":
        ending = f"ending_{item['label'] + 1}"
        return [f"{item['context']} {item[ending]}"]
    if task == "wic":
        return [f"문장1: {item['context_1']} 문장2: {item['context_2']}"]
    return [item["paragraph" if task == "boolq" else "sentence"]]


def told(task: str, item: Item) -> str:
    """An item with its right answer, as it might stand in a document."""
    return full_texts(task, item)[item["label"] if task == "copa" else 0]


def build(task: str, grammar: Grammar, sizes: KobestSizes, corpus: str) -> dict[str, list[Item]]:
    """The splits of ``task``; no item is in ``corpus`` or twice in the task."""
    make, labels = TASKS[task]
    seen: set[str] = set()
    splits: dict[str, list[Item]] = {}
    for split in ("train", "validation", "test"):
        items = splits[split] = []
        while len(items) < getattr(sizes, split):
            item = make(grammar, len(items) % labels)
            texts = full_texts(task, item)
            if seen.isdisjoint(texts) and not any(text in corpus for text in texts):
                seen.update(texts)
                items.append(item)
        grammar.rng.shuffle(items)
    return splits


def write(folder: Path, splits: dict[str, list[Item]]) -> None:
    """``<split>.jsonl`` for each split."""
    for split, items in splits.items():
        lines = [json.dumps(item, ensure_ascii=False) + "\n" for item in items]
        write_text(folder / f"{split}.jsonl", "".join(lines))
