"""KOBEST's speed beside lm-eval's own Hugging Face backend, and whether the answers are equal.

``python -m benchmarks.kobest_speed MODEL --data DIR``, in one run on one machine:

- the backend of lm-eval (``HFLM``), given the same token ids, at each of several batch sizes: the
  fastest for a task and number of shots is what counts;
- the project's own, at its own batch size.

``--window`` lets a model with rotary positions read more tokens than it was trained on, which costs
what it costs a model that was. Both read the same documents, the first ``--documents`` of every
task. Tokenizing is left out for both; a model is loaded once. Each cell is timed ``--rounds`` times
and the quickest counts. Documents with another prediction are counted, by likelihood or by length.
"""

import argparse
import sys
import time
from collections.abc import Callable
from typing import Any

from lm_eval.models.huggingface import HFLM

from benchmarks.measuring import write
from stages.evaluate import scores
from stages.evaluate.documents import load
from stages.evaluate.likelihood import Answer
from stages.evaluate.model import KobestLM, Request
from stages.evaluate.model import load as load_model
from stages.evaluate.prompts import PROMPTS
from stages.evaluate.task import KobestTask

Answers = list[Answer]


def requests(lm: KobestLM, data: str, task: str, shots: int, documents: int) -> list[Request]:
    """What a task asks, in token ids."""
    asked = KobestTask(task, load(data, task), shots)
    asked.build_all_requests(limit=documents)
    ids = lm._encode({text for request in asked.instances for text in request.args})
    return [(r.args, ids[r.args[0]], ids[r.args[1]]) for r in asked.instances]


def timed(run: Callable[[], Answers], rounds: int) -> tuple[float, Answers]:
    """Seconds of the quickest of ``rounds`` runs, and the answers."""
    seconds = []
    for _ in range(rounds):
        began = time.perf_counter()
        answers = run()
        seconds.append(time.perf_counter() - began)
    return min(seconds), answers


def differing(task: str, asked: list[Request], ours: Answers, theirs: Answers) -> int:
    """Documents for which another answer was chosen, plainly or by length."""
    choices = len(PROMPTS[task].answers)
    different = 0
    for start in range(0, len(asked), choices):
        lengths = scores.answer_lengths(r[0][1] for r in asked[start : start + choices])
        chosen = []
        for answers in (ours, theirs):
            likelihoods = [likelihood for likelihood, _ in answers[start : start + choices]]
            chosen.append((scores.choice(likelihoods), scores.choice(likelihoods, lengths)))
        different += chosen[0] != chosen[1]
    return different


def cell(lm: KobestLM, task: str, shots: int, options: argparse.Namespace) -> dict[str, Any]:
    """Both backends on one task at one number of shots."""
    asked = requests(lm, options.data, task, shots, options.documents)
    stock, sizes = {}, [int(size) for size in options.batch_sizes.split(",")]
    for size in sizes:
        lm.batch_size_per_gpu = size
        stock[size], theirs = timed(
            lambda: HFLM._loglikelihood_tokens(lm, asked, disable_tqdm=True), options.rounds
        )
    lm.batch_size_per_gpu = 1
    own, ours = timed(lambda: lm._loglikelihood_tokens(asked), options.rounds)
    best = min(stock, key=stock.__getitem__)
    return {
        "task": task,
        "shots": shots,
        "documents": len(asked) // len(PROMPTS[task].answers),
        "cut": len(lm.truncated),
        "stock_seconds": {str(size): round(seconds, 3) for size, seconds in stock.items()},
        "best_batch_size": best,
        "own_seconds": round(own, 3),
        "times_as_fast": round(stock[best] / own, 3),
        "largest_difference": max(abs(a - b) for (a, _), (b, _) in zip(ours, theirs, strict=True)),
        "predictions_differing": differing(task, asked, ours, theirs),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("model")
    parser.add_argument("--data", required=True)
    parser.add_argument("--shots", default="0,5,10,50")
    parser.add_argument("--tasks", default=",".join(PROMPTS))
    parser.add_argument("--documents", type=int, default=40)
    parser.add_argument("--batch-sizes", default="1,4,16")
    parser.add_argument("--dtype", default="float32")
    parser.add_argument("--window", type=int, help="none: the model's own")
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--name", default="kobest_speed", help="of the file in results/")
    options = parser.parse_args()

    lm = load_model(options.model, None, options.dtype)
    if options.window:
        lm._max_length = options.window
    cells = []
    for shots in map(int, options.shots.split(",")):
        for task in options.tasks.split(","):
            cells.append(cell(lm, task, shots, options))
            print(cells[-1], flush=True)
    places = {options.model: "MODEL", options.data: "DIR"}
    totals = {}
    for shots in dict.fromkeys(found["shots"] for found in cells):
        here = [found for found in cells if found["shots"] == shots]
        stock = sum(min(found["stock_seconds"].values()) for found in here)
        totals[str(shots)] = round(stock / sum(found["own_seconds"] for found in here), 3)
    print("times as fast, all tasks together:", totals)
    write(
        options.name,
        " ".join(["python -m benchmarks.kobest_speed", *(places.get(w, w) for w in sys.argv[1:])]),
        {
            "model": {
                "type": lm.config.model_type,
                "parameters": lm.model.num_parameters(),
                "window": lm.max_length,
                "vocabulary": lm.config.vocab_size,
            },
            "batch_tokens": lm.batch_tokens,
            "times_as_fast": totals,
            "cells": cells,
        },
    )


if __name__ == "__main__":
    main()
