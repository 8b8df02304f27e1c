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
from stages.corpus import kobest, world
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
    names = Names.of_seed(params.seed)
    count = max(len(world.KINDS), round(params.documents * THINGS))
    things = world.build(Random(f"{params.seed} world"), names, count)

    truth: dict[str, list[dict[str, Any]]] = {"pii": [], "lookalikes": [], "defects": []}
    texts: list[str] = []
    for source in SOURCES:
        made = records(source, params, names, things)
        raw = folder / "raw" / source.name
        raw.mkdir(parents=True)
        file = source.save(Random(f"{params.seed} {source.name} bytes"), made, raw)
        for position, record in enumerate(made):
            _note(truth, {"source": source.name, "file": file, "position": position}, record)
        texts += [record.text for record in made]
        progress.update(len(texts))
    for name, lines in truth.items():
        text = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)
        write_text(folder / f"{name}.jsonl", text)

    corpus = "\n".join(texts)
    for task in kobest.TASKS:
        grammar = Grammar(Random(f"{params.seed} kobest {task}"), names, things)
        splits = kobest.build(task, grammar, params.kobest, corpus)
        kobest.write(folder / "kobest" / task, splits)
    progress.headline(
        f"{len(texts):,} documents, {len(corpus.encode()) / 1e6:.1f} MB, "
        f"{len(truth['pii'])} personal numbers planted"
    )


def _note(truth: dict[str, list[dict[str, Any]]], place: dict[str, Any], record: Record) -> None:
    """Add what was planted in the record at ``place`` to the truth."""
    truth["pii"] += [place | asdict(span) for span in record.personal]
    truth["lookalikes"] += [place | asdict(span) for span in record.lookalikes]
    if record.defect is not None:
        truth["defects"].append(place | {"kind": record.defect})
