"""What became of the documents, from the raw records to training tokens."""

from typing import Any

from runtime import paths
from stages.report.reading import optional

STAGES = {
    "ingest": paths.INGEST,
    "clean": paths.CLEAN,
    "dedup": paths.DEDUP,
    "mask": paths.MASK,
}
KINDS = {"phone": "<|tell|>", "rrn": "<|rrn|>", "account": "<|acc|>"}


def funnel() -> dict[str, Any] | None:
    """How many documents of every source were left after every stage, and why others were not.

    Returns:
        ``stages`` that have a ledger; ``rows`` per source and ``total`` with ``read``, ``kept``
        (documents after each stage), ``lost`` (documents lost by each stage), ``left`` and
        ``bytes``; ``reasons`` as rows of stage, reason, documents and share of what was read.
    """
    ledgers = {name: optional(folder / "ledger.json") for name, folder in STAGES.items()}
    found = {name: ledger for name, ledger in ledgers.items() if ledger}
    if not found:
        return None
    names = dict.fromkeys(name for ledger in found.values() for name in ledger["sources"])
    accounts = {name: [ledger["sources"].get(name) for ledger in found.values()] for name in names}
    total = _row("All sources", [ledger["total"] for ledger in found.values()])
    return {
        "stages": list(found),
        "rows": [_row(name, of_source) for name, of_source in accounts.items()],
        "total": total,
        "reasons": _reasons(found, total["read"]),
    }


def masking() -> dict[str, Any] | None:
    """Replacements of every kind: ``rows`` per source, ``total``, and their ``tokens``."""
    ledger = optional(paths.MASK / "ledger.json")
    if not ledger:
        return None
    counts = {
        name: {kind: account["extra"].get(kind, 0) for kind in KINDS}
        for name, account in ledger["sources"].items()
    }
    return {
        "tokens": KINDS,
        "rows": {name: row for name, row in counts.items() if any(row.values())},
        "without": [name for name, row in counts.items() if not any(row.values())],
        "total": {kind: sum(row[kind] for row in counts.values()) for kind in KINDS},
    }


def tokenizer() -> dict[str, Any] | None:
    """The tokenizer's card."""
    return optional(paths.TOKENIZER_CARD)


def tokens() -> dict[str, Any] | None:
    """Documents and tokens of every source in both splits, most tokens first."""
    manifest = optional(paths.TOKENS / "manifest.json")
    if not manifest:
        return None
    splits = manifest["splits"]
    names = {name for split in splits.values() for name in split["sources"]}
    rows = {
        name: {
            key: split["sources"].get(name, {}).get("tokens", 0) for key, split in splits.items()
        }
        for name in names
    }
    ordered = sorted(rows, key=lambda name: (-sum(rows[name].values()), name))
    return {
        "rows": {name: rows[name] for name in ordered},
        "total": {key: split["tokens"] for key, split in splits.items()},
        "documents": {key: split["documents"] for key, split in splits.items()},
    }


def _row(name: str, accounts: list[dict[str, Any] | None]) -> dict[str, Any]:
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
    }


def _reasons(ledgers: dict[str, dict[str, Any]], read: int) -> list[dict[str, Any]]:
    """Rows in the order of the stages, the most frequent reason first."""
    rows = []
    for stage, ledger in ledgers.items():
        for way in ("quarantined", "dropped"):
            counts = {why: count["documents"] for why, count in ledger["total"][way].items()}
            for reason, documents in sorted(counts.items(), key=lambda item: (-item[1], item[0])):
                share = documents / max(read, 1)
                rows.append(
                    {
                        "stage": stage,
                        "way": way,
                        "reason": reason.replace("_", " "),
                        "documents": documents,
                        "share": share,
                    }
                )
    return rows
