"""One run in figures: what the next run, and a reader of two, compare it with."""

import os
from pathlib import Path
from typing import Any

from runtime import files, params, paths
from runtime.tracking import RUN, flatten
from stages.report import lineage, run
from stages.report.reading import optional

RUNS = paths.STATE / "runs"
FIGURES = ("parameters", "tokens", "train_loss", "validation_loss", "tokens_per_second")

Summary = dict[str, Any]


def of_this_run() -> Summary:
    """The run that this project's files come from.

    Returns:
        ``run``, its name in MLflow; ``profile``, ``commit``, ``machine``, ``versions``; ``params``,
        flat; ``hashes`` of inputs and outputs by ``stage path``; ``training``, a few figures;
        ``kobest``, the results of evaluate; ``gates`` by name, whether they passed.
    """
    about = run.facts()
    metrics = optional(paths.PRETRAIN / "metrics.json") or {}
    gates = (optional(path) for path in sorted(paths.GATES.glob("*.json")))
    return {
        "run": os.environ.get(RUN, ""),
        **{key: about[key] for key in ("profile", "commit", "machine", "versions")},
        "params": flatten(params.read()) if paths.PARAMS.exists() else {},
        "hashes": {f"{row['stage']} {row['path']}": row["hash"] for row in lineage.facts()},
        "training": {key: metrics[key] for key in FIGURES if key in metrics},
        "kobest": optional(paths.EVALUATE / "results.json"),
        "gates": {gate["gate"]: gate["passed"] for gate in gates if gate},
    }


def last(but: str) -> Summary | None:
    """The summary of the last run of this workspace that is not ``but``."""
    found = sorted(RUNS.glob("*.json"), key=lambda path: path.stat().st_mtime)
    others = [path for path in found if path.stem != but]
    return files.read_json(others[-1]) if others else None


def keep(summary: Summary) -> Path:
    """Remember a run for those after it."""
    path = RUNS / f"{summary['run'] or 'unnamed'}.json"
    files.write_json(path, summary)
    return path


def scores(summary: Summary) -> dict[str, tuple[float, list[float]]]:
    """Macro F1 and its interval, by such as ``copa 5-shot``, ``hellaswag, normalised 0-shot``."""
    found = {}
    for result in (summary["kobest"] or {"results": []})["results"]:
        for suffix, words in (("", ""), ("_norm", ", normalised")):
            if f"macro_f1{suffix}" in result:
                name = f"{result['task']}{words} {result['shots']}-shot"
                ends = result[f"macro_f1{suffix}_interval"]
                found[name] = (result[f"macro_f1{suffix}"], ends)
    return found


def differing(one: dict[str, Any], other: dict[str, Any]) -> dict[str, tuple[Any, Any]]:
    """What two flat mappings do not have in common: both values, None where there is none."""
    return {
        key: (one.get(key), other.get(key))
        for key in sorted({*one, *other})
        if one.get(key) != other.get(key)
    }


def differences(before: Summary, now: Summary) -> dict[str, Any]:
    """What changed from one run to another.

    Returns:
        ``run``, the name of the one before; ``params``, ``versions``, ``gates`` and ``training``,
        each the changed values by name; ``commit``, both if they differ; ``data``: stages whose
        inputs or outputs differ; ``scores`` that differ: rows of ``name``, ``before``, ``now`` and
        ``apart``, whether the intervals do not overlap.
    """
    rows = []
    was, is_ = scores(before), scores(now)
    for name in is_:
        if name in was and was[name] != is_[name]:
            (old, (old_low, old_high)), (new, (new_low, new_high)) = was[name], is_[name]
            apart = new_low > old_high or new_high < old_low
            rows.append({"name": name, "before": old, "now": new, "apart": apart})
    hashes = differing(before["hashes"], now["hashes"])
    flat = {key: differing(before[key], now[key]) for key in ("params", "versions", "gates")}
    return {
        "run": before["run"],
        **flat,
        "training": differing(before["training"], now["training"]),
        "commit": (before["commit"], now["commit"]) if before["commit"] != now["commit"] else None,
        "data": list(dict.fromkeys(name.split()[0] for name in hashes)),
        "scores": rows,
    }
