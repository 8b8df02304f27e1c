"""KOBEST from a model to files of results; what an interrupted run finished is not run again."""

import hashlib
import json
import shutil
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from runtime import files, registry
from runtime.errors import PolyglotError
from runtime.progress import Progress
from stages.evaluate import documents as kobest
from stages.evaluate import prompts, scores, stock
from stages.evaluate.documents import Documents
from stages.evaluate.params import EvaluateParams, check
from stages.evaluate.prompts import PROMPTS

Record = dict[str, Any]


@dataclass(frozen=True)
class Results:
    """What was evaluated, and one record for each task and number of shots.

    A record holds task, shots, n (documents), truncated (prompts of which the model's window did
    not hold all), constant (every answer was the same), and of the choice by log-likelihood:
    macro_f1, accuracy, the ends of their 95% intervals as macro_f1_interval and accuracy_interval,
    and predictions (the confusion matrix: rows true, columns predicted). The same names with
    ``_norm`` are those of the choice by log-likelihood per character, where a task has it.
    """

    model: str
    weights: str  # fingerprint of the folder's files
    prompts: str
    prompts_hash: str
    data: str
    data_hash: str  # of the documents
    limit: int | None
    dtype: str
    results: list[Record]

    def metrics(self) -> dict[str, dict[str, float]]:
        """Macro F1 as {task: {shots: F1}}, scored by length as a task of its own (``…_norm``)."""
        table: dict[str, dict[str, float]] = {}
        for record in self.results:
            for suffix in ("", "_norm"):
                if f"macro_f1{suffix}" in record:
                    row = table.setdefault(record["task"] + suffix, {})
                    row[str(record["shots"])] = record[f"macro_f1{suffix}"]
        return table

    def headline(self) -> str:
        """Mean macro F1 over the tasks for each number of shots, on one line."""
        scores: dict[int, list[float]] = {}
        for record in self.results:
            scores.setdefault(record["shots"], []).append(record["macro_f1"])
        means = (f"{sum(f1) / len(f1):.3f} at {shots} shots" for shots, f1 in scores.items())
        return f"KOBEST mean F1 {', '.join(means)}"


@dataclass(frozen=True)
class _Part:
    """One task at one number of shots, and where its result is kept until all are done."""

    task: str
    shots: int
    documents: Documents
    path: Path

    def answers(self, limit: int | None) -> int:
        return len(self.documents.test[:limit]) * len(PROMPTS[self.task].answers)


def evaluate(
    model: str, params: EvaluateParams, out: Path, samples: Path | None, progress: Progress
) -> Results:
    """Score ``model`` on KOBEST and write the results to ``out``.

    ``model`` is a folder, a hub id with or without ``@revision``, or ``models:/name@alias``.

    With ``samples``, every prompt goes to ``samples/<task>-<shots>.jsonl``: context, answers, their
    log-likelihoods, the true and the chosen answer. Parts that an interrupted evaluation of the
    same model, documents and prompts finished are taken from ``<out>.partial/``.

    Raises:
        PolyglotError: params, documents or model that cannot be used.
    """
    check(params)
    name, model = model, registry.local(model)
    partial = out.with_name(f"{out.name}.partial")
    fingerprint = _model_fingerprint(model)
    parts = _parts(fingerprint, params, partial)
    _run([part for part in parts if not part.path.exists()], model, params, progress)

    finished = [files.read_json(part.path) for part in parts]
    results = Results(
        model=name,
        weights=fingerprint,
        prompts=params.prompts,
        prompts_hash=_prompts_hash(params.prompts, list(PROMPTS)),
        data=params.data or kobest.HUB_ID,
        data_hash=_digest({part.task: asdict(part.documents) for part in parts}),
        limit=params.limit,
        dtype=params.dtype,
        results=[part["result"] for part in finished],
    )
    if samples is not None:
        for part, kept in zip(parts, finished, strict=True):
            lines = (json.dumps(sample, ensure_ascii=False) + "\n" for sample in kept["samples"])
            files.write_text(samples / f"{part.task}-{part.shots}.jsonl", "".join(lines))
    files.write_json(out, asdict(results))
    shutil.rmtree(partial)
    return results


def _parts(fingerprint: str, params: EvaluateParams, folder: Path) -> list[_Part]:
    parts = []
    for task in dict.fromkeys(params.tasks):
        documents = kobest.load(params.data, task)
        asked = _prompts_hash(params.prompts, [task])
        digest = _digest(fingerprint, asked, asdict(documents), params.limit, params.dtype)
        for shots in dict.fromkeys(params.shots):
            if shots > len(documents.train):
                raise PolyglotError(
                    f"KOBEST data: {task} has {len(documents.train)} training documents, too few "
                    f"to draw {shots} examples from."
                )
            parts.append(_Part(task, shots, documents, folder / f"{task}-{shots}-{digest}.json"))
    return parts


def _prompts_hash(prompts_: str, tasks: list[str]) -> str:
    return (stock if prompts_ == "stock" else prompts).prompts_hash(tasks)


def _model_fingerprint(model: str) -> str:
    """Of the contents of a folder, model card aside; a hub id stands for itself."""
    if not Path(model).is_dir():
        return _digest(model)
    names = sorted(path for path in Path(model).glob("*") if path.suffix != ".md")
    return _digest([(path.name, files.sha256(path)) for path in names if path.is_file()])


def _digest(*values: object) -> str:
    return hashlib.sha256(json.dumps(values).encode()).hexdigest()[:16]


def _run(parts: list[_Part], model: str, params: EvaluateParams, progress: Progress) -> None:
    """Evaluate each part and keep its result; the model is loaded once, and only if needed."""
    if not parts:
        return
    # Slow to import (4 s): what is wrong with params or data is told before it.
    from lm_eval import evaluator

    from stages.evaluate.model import load
    from stages.evaluate.task import KobestTask

    lm = load(model, params.batch_tokens, params.dtype)
    lm.encode_apart = params.prompts != "stock"
    make = stock.task if params.prompts == "stock" else KobestTask
    progress.start(sum(part.answers(params.limit) for part in parts), "answers")
    done = 0
    for part in parts:
        lm.on_scored = _reporter(progress, done, f"{part.task} {part.shots}-shot")
        task = make(part.task, part.documents, part.shots)
        outcome = evaluator.evaluate(
            lm, {part.task: task}, limit=params.limit, bootstrap_iters=0, log_samples=True
        )
        order = getattr(task, "order", range(len(part.documents.test)))
        samples = [
            _sample(part.task, logged, order, lm.truncated)
            for logged in outcome["samples"][part.task]
        ]
        files.write_json(part.path, {"result": _result(part, samples), "samples": samples})
        done += part.answers(params.limit)


def _reporter(progress: Progress, done: int, part: str) -> Callable[[int], None]:
    return lambda answers: progress.update(done + answers, part=part)


def _sample(task: str, logged: Record, order: Sequence[int], truncated: set[str]) -> Record:
    """One prompt of lm-eval's log, as it is written for the user."""
    context = logged["arguments"][0][0]
    continuations = [answer for _, answer in logged["arguments"]]
    likelihoods = [likelihood for likelihood, _ in logged["filtered_resps"]]
    sample = {
        "line": order[logged["doc_id"]] + 1,  # of the test file
        "context": context,
        "continuations": continuations,
        "log_likelihoods": likelihoods,
        "gold": logged["doc"]["label"],
        "prediction": scores.choice(likelihoods),
    }
    if PROMPTS[task].normalised:
        lengths = scores.answer_lengths(continuations)
        sample["prediction_norm"] = scores.choice(likelihoods, lengths)
    return sample | {"truncated": context in truncated}


def _result(part: _Part, samples: list[Record]) -> Record:
    """The record of one part; see ``Results``."""
    record: Record = {
        "task": part.task,
        "shots": part.shots,
        "n": len(samples),
        "truncated": sum(sample["truncated"] for sample in samples),
    }
    for suffix in ("", "_norm") if PROMPTS[part.task].normalised else ("",):
        pairs = ((sample["gold"], sample[f"prediction{suffix}"]) for sample in samples)
        matrix = scores.confusion(pairs, len(PROMPTS[part.task].answers))
        record |= {
            f"macro_f1{suffix}": scores.macro_f1(matrix),
            f"macro_f1{suffix}_interval": scores.interval(matrix, scores.macro_f1s),
            f"accuracy{suffix}": scores.accuracy(matrix),
            f"accuracy{suffix}_interval": scores.interval(matrix, scores.accuracies),
            f"predictions{suffix}": matrix,
        }
    return record | {"constant": scores.is_constant(record["predictions"])}
