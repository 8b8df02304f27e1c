"""The whole sample corpus: raw sources, truth about what was planted, evaluation items."""

import json
import shutil
from dataclasses import asdict
from pathlib import Path
from random import Random
from typing import Any

from runtime import paths
from runtime.files import publish, write_text
from runtime.progress import Progress
from stages.corpus import defects, kobest, world
from stages.corpus.grammar import Grammar
from stages.corpus.names import Names
from stages.corpus.params import SampleParams, check
from stages.corpus.records import Record
from stages.corpus.sources import SOURCES, records

THINGS = 0.1  # things in the world for a document: as many as the encyclopaedia has articles


def make(params: SampleParams, progress: Progress, folder: Path = paths.SAMPLE) -> None:
    """Write the sample corpus to ``folder``, whole or not at all.

    Raises:
        PolyglotError: ``params`` make no corpus.
    """
    check(params)
    partial = folder.with_name(f".{folder.name}.partial")
    shutil.rmtree(partial, ignore_errors=True)  # of a run that was killed
    _make(params, progress, partial)
    publish(partial, folder)


def _make(params: SampleParams, progress: Progress, folder: Path) -> None:
    progress.start(params.documents, "documents")
    names, held_out = Names.of_seed(params.seed).split()
    count = max(len(world.KINDS), round(params.documents * THINGS))
    things = world.build(Random(f"{params.seed} world"), names, count)

    truth: dict[str, list[dict[str, Any]]] = {"pii": [], "lookalikes": [], "defects": []}
    corpus: dict[str, list[Record]] = {}
    for source in SOURCES:
        corpus[source.name] = records(source, params, names, things)
        progress.update(sum(map(len, corpus.values())))
    everything = "\n".join(record.text for made in corpus.values() for record in made)
    items = {
        task: kobest.build(
            task,
            Grammar.of_evaluation(Random(f"{params.seed} kobest {task}"), held_out),
            params.kobest,
            everything,
        )
        for task in kobest.TASKS
    }
    for task, splits in items.items():
        kobest.write(folder / "kobest" / task, splits)

    tests = {task: splits["test"] for task, splits in items.items()}
    for source in SOURCES:
        made = _contaminated(
            Random(f"{params.seed} {source.name} items"), corpus[source.name], tests
        )
        raw = folder / "raw" / source.name
        raw.mkdir(parents=True)
        places = source.save(Random(f"{params.seed} {source.name} bytes"), made, raw)
        for (file, position), record in zip(places, made, strict=True):
            _note(truth, {"source": source.name, "file": file, "position": position}, record)
    for name, lines in truth.items():
        text = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)
        write_text(folder / f"{name}.jsonl", text)
    progress.headline(
        f"{params.documents:,} documents, {len(everything.encode()) / 1e6:.1f} MB, "
        f"{len(truth['pii'])} personal numbers planted"
    )


def _contaminated(
    rng: Random, made: list[Record], tests: dict[str, list[kobest.Item]]
) -> list[Record]:
    """The records; an item of some task's test split is put into those meant to hold one."""
    spoiled = []
    for record in made:
        if record.defect == "contaminated":
            task = rng.choice(list(tests))
            item = rng.choice(tests[task])
            record = defects.contaminated(record, task, kobest.told(task, item))
        spoiled.append(record)
    return spoiled


def _note(truth: dict[str, list[dict[str, Any]]], place: dict[str, Any], record: Record) -> None:
    """Add what was planted in the record at ``place`` to the truth."""
    truth["pii"] += [place | asdict(span) for span in record.personal]
    truth["lookalikes"] += [place | asdict(span) for span in record.lookalikes]
    if record.defect is not None:
        task = {"task": record.task} if record.task else {}
        truth["defects"].append(place | {"kind": record.defect} | task)
