"""The test items of the evaluation set, as texts that a training document must not hold."""

import unicodedata
from dataclasses import dataclass
from pathlib import Path

import orjson

from runtime.errors import PolyglotError
from stages.dedup.characters import letters

# Of each task (KoBEST v1, https://arxiv.org/abs/2204.04541) the fields that tell the item, by
# themselves if they are long enough, and those that do so only beside another.
TELLING = {
    "boolq": ("paragraph", "question"),
    "copa": ("premise",),
    "hellaswag": ("context",),
    "sentineg": ("sentence",),
    "wic": ("context_1", "context_2"),
}
ANSWERS = {"copa": ("alternative_1", "alternative_2")}


@dataclass
class Item:
    """A test item; its texts are letters and digits alone, in lower case."""

    task: str
    telling: list[str]
    answers: list[str]


def files(data: str, tasks: list[str]) -> list[Path]:
    """The test split of each task.

    Raises:
        PolyglotError: a task is not known, or its file is missing.
    """
    if unknown := sorted(set(tasks) - set(TELLING)):
        raise PolyglotError(
            f"Parameter dedup.decontamination.tasks: {unknown[0]!r} is not one of "
            f"{', '.join(sorted(TELLING))}."
        )
    paths = [Path(data) / task / "test.jsonl" for task in tasks]
    for path in paths:
        if not path.is_file():
            raise PolyglotError(
                f"{path} is missing, and nothing can be kept out of training without it: run "
                "`polyglot kobest`, or set dedup.decontamination.data=null."
            )
    return paths


def load(data: str, tasks: list[str]) -> list[Item]:
    """All test items, task after task.

    Raises:
        PolyglotError: a file is missing, or a line of it is no item of its task.
    """
    found = []
    for task, path in zip(tasks, files(data, tasks), strict=True):
        for number, line in enumerate(path.read_bytes().splitlines(), 1):
            try:
                fields = orjson.loads(line)
                telling = [_letters(fields[field]) for field in TELLING[task]]
                answers = [_letters(fields[field]) for field in ANSWERS.get(task, ())]
            except (ValueError, TypeError, KeyError):
                raise PolyglotError(f"{path}:{number} is no item of the task {task}.") from None
            found.append(Item(task, telling, answers))
    return found


def _letters(text: str) -> str:
    return letters(unicodedata.normalize("NFC", text))
