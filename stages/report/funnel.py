"""From the raw records to the documents that reach the tokenizer: what was lost where, and why."""

from collections import Counter
from collections.abc import Callable
from functools import partial
from typing import Any

from runtime import params, paths
from stages.report.kobest import TITLES
from stages.report.reading import optional

STAGES = {
    "ingest": paths.INGEST,
    "clean": paths.CLEAN,
    "dedup": paths.DEDUP,
    "mask": paths.MASK,
}
COLOURS = 12  # reasons with a colour of their own; what is rarer everywhere shares a grey one
CONTAMINATED = "contaminated_"  # and the task: a figure of dedup

Ledger = dict[str, Any]


def facts() -> dict[str, Any] | None:
    """How many documents of every source were left after every stage, and why others were not.

    Returns:
        ``stages`` that have a ledger; ``rows`` per source, most read first, and ``total``, see
        ``_row``; ``sources`` in that order; ``reasons``, see ``_reasons``; ``repairs`` by clean as
        rows of ``name``, ``count`` and ``by_source``; ``widest``, the largest share that a source
        lost.
    """
    ledgers = {name: optional(folder / "ledger.json") for name, folder in STAGES.items()}
    found: dict[str, Ledger] = {name: ledger for name, ledger in ledgers.items() if ledger}
    if not found:
        return None
    names = dict.fromkeys(name for ledger in found.values() for name in ledger["sources"])
    total = _row("All sources", [ledger["total"] for ledger in found.values()])
    rows = [_row(n, [ledger["sources"].get(n) for ledger in found.values()]) for n in names]
    rows.sort(key=lambda row: (-row["read"], row["source"]))
    reasons = _reasons(found, {row["source"]: row["read"] for row in rows}, total["read"])
    for row in rows:
        row["reasons"] = [
            {**reason, "documents": reason["by_source"][row["source"]]}
            for reason in reasons
            if reason["by_source"][row["source"]]
        ]
    return {
        "stages": list(found),
        "sources": [row["source"] for row in rows],
        "rows": rows,
        "total": total,
        "reasons": reasons,
        "repairs": _repairs(found.get("clean")),
        "widest": max((row["lost_share"] for row in rows), default=0) or 1,
    }


def decontamination() -> dict[str, Any] | None:
    """What was left out because it holds a test item, None before dedup has run.

    Returns:
        ``data`` that the test items came from, None if none were looked for; ``tasks``: documents
        left out by task; ``documents`` in all; ``whole``: whether those are the test items that
        this run is evaluated on, all of them.
    """
    ledger = optional(paths.DEDUP / "ledger.json")
    if not ledger or not paths.PARAMS.exists():
        return None
    values = params.read()
    looked_for = values.get("dedup", {}).get("decontamination", {"data": None, "tasks": []})
    results = optional(paths.EVALUATE / "results.json")
    if results:
        data, tasks = results["data"], {result["task"] for result in results["results"]}
    else:
        planned = values.get("evaluate", {"data": None, "tasks": []})
        data, tasks = planned["data"], set(planned["tasks"])
    extra, dropped = ledger["total"]["extra"], ledger["total"]["dropped"]
    return {
        "data": looked_for["data"],
        "tasks": {
            TITLES.get(task, task): extra.get(CONTAMINATED + task, 0)
            for task in looked_for["tasks"]
        },
        "documents": dropped.get("contaminated", {"documents": 0})["documents"],
        "whole": looked_for["data"] == data and tasks <= set(looked_for["tasks"]),
    }


def _row(name: str, accounts: list[dict[str, Any] | None]) -> dict[str, Any]:
    """``read``, ``kept`` after and ``lost`` by each stage, ``left``, ``bytes``, ``lost_share``."""
    kept = [account["out"]["documents"] if account else 0 for account in accounts]
    first = accounts[0]
    read = first["in"]["documents"] if first else 0
    lost = [before - after for before, after in zip([read, *kept], kept, strict=False)]
    last = accounts[-1]
    return {
        "source": name,
        "read": read,
        "kept": kept,
        "lost": lost,
        "left": kept[-1],
        "bytes": last["out"]["bytes"] if last else 0,
        "lost_share": sum(lost) / max(read, 1),
    }


def _reasons(found: dict[str, Ledger], read: dict[str, int], total: int) -> list[dict[str, Any]]:
    """Rows in the order of the stages, the most frequent reason first.

    Returns:
        ``stage``, ``way`` and ``reason``; ``documents`` and ``by_source``; ``share`` of all that
        was read; ``colour``: 1 and up by the sum of the shares that it took of each source, so that
        a large source does not decide alone, and 0 for the rest.
    """
    rows: list[dict[str, Any]] = [
        {
            "stage": stage,
            "way": way,
            "reason": reason,
            "documents": by_source.total(),
            "by_source": by_source,
            "share": by_source.total() / max(total, 1),
            "weight": sum(count / max(read[name], 1) for name, count in by_source.items()),
        }
        for stage, ledger in found.items()
        for way in ("quarantined", "dropped")
        for reason, by_source in _tally(ledger, partial(_documents, way))
    ]
    for colour, row in enumerate(sorted(rows, key=lambda row: -row["weight"]), start=1):
        row["colour"] = colour if colour <= COLOURS else 0
    return rows


def _repairs(clean: Ledger | None) -> list[dict[str, Any]]:
    """What clean changed in texts, by the names of its figures."""
    return [
        {"name": name, "count": by_source.total(), "by_source": by_source}
        for name, by_source in (_tally(clean, lambda account: account["extra"]) if clean else ())
    ]


def _tally(
    ledger: Ledger, figures: Callable[[dict[str, Any]], dict[str, int]]
) -> list[tuple[str, Counter[str]]]:
    """A stage's figures by name and source, the largest first; names as words."""
    counts: dict[str, Counter[str]] = {}
    for source, account in ledger["sources"].items():
        for name, number in figures(account).items():
            counts.setdefault(name.replace("_", " "), Counter())[source] += number
    return sorted(counts.items(), key=lambda count: (-count[1].total(), count[0]))


def _documents(way: str, account: dict[str, Any]) -> dict[str, int]:
    return {reason: count["documents"] for reason, count in account[way].items()}
