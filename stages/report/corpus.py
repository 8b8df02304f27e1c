"""What was masked in the documents, and the tokens they became."""

from typing import Any

from runtime import paths
from stages.report.reading import optional

TOKENS = {"phone": "<|tell|>", "rrn": "<|rrn|>", "account": "<|acc|>"}  # another kind's: its name


def masking() -> dict[str, Any] | None:
    """Replacements of every kind: ``rows`` per source, ``total``, their ``tokens``, their ``page``.

    The page that tells more is None where it is missing.
    """
    ledger = optional(paths.MASK / "ledger.json")
    if not ledger:
        return None
    found = {name: account["extra"] for name, account in ledger["sources"].items()}
    others = {name for extra in found.values() for name in extra if "/" not in name}
    others -= {*TOKENS, "characters"}
    tokens = TOKENS | {kind: f"<|{kind}|>" for kind in sorted(others)}
    counts = {name: {kind: extra.get(kind, 0) for kind in tokens} for name, extra in found.items()}
    return {
        "tokens": tokens,
        "rows": {name: row for name, row in counts.items() if any(row.values())},
        "without": [name for name, row in counts.items() if not any(row.values())],
        "total": {kind: sum(row[kind] for row in counts.values()) for kind in tokens},
        "page": paths.MASKING_REPORT.name if paths.MASKING_REPORT.exists() else None,
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
