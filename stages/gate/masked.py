"""Gate masked: no document was lost by masking, and no number that looks personal is left.

What is left is looked for by the detectors of ``residue``, in every document. Documents are told by
their ids; nothing of their text leaves ``measure``.
"""

from collections import Counter
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import great_expectations.expectations as gxe
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from runtime import paths
from runtime.progress import Progress
from stages.gate import ledgers, shards
from stages.gate.params import MaskedGate
from stages.gate.residue import LOOKS_LIKE, residues
from stages.gate.suite import Check, Table, at_least_each, at_most_each, equal, number

KINDS = ("phone", "rrn", "account")  # always masked
TOKENS = {"phone": "<|tell|>", "rrn": "<|rrn|>", "account": "<|acc|>"}
FEW = 10  # replacements: fewer come by chance, and tell nothing of a rate


@dataclass
class Shard:
    """What is kept of a shard."""

    # By source: documents, characters, each kind's tokens and, as "phone left", its residue.
    sources: dict[str, Counter[str]] = field(default_factory=dict)
    first: dict[str, str] = field(default_factory=dict)  # by kind, a document in which it is left

    def count(self, figure: str, source_of: pa.DictionaryArray, values: np.ndarray) -> None:
        """Add one value for each document to the figure of its source."""
        sums = np.bincount(source_of.indices, values, len(source_of.dictionary))
        for source, total in zip(source_of.dictionary.to_pylist(), sums, strict=True):
            self.sources.setdefault(source, Counter())[figure] += int(total)


def tables(demands: MaskedGate, progress: Progress) -> list[Table]:
    """The ledger of mask, its sources and shards, what it left and what it replaced."""
    kinds = [*KINDS, *demands.extra_kinds]
    flow = ledgers.flow([paths.MASK], entered_from=paths.DEDUP)
    measured = shards.scan(paths.MASK / "documents", partial(measure, kinds=kinds), progress)
    counted = by_source(measured)
    documents = Counter({source: counts["documents"] for source, counts in counted.items()})
    return [
        Table("ledger", flow, [*ledgers.balance(), kept_all()]),
        Table("sources", ledgers.shipped(paths.MASK, [documents]), [ledgers.kept_promise("mask")]),
        Table("residue", residue(counted, kinds), residue_checks(demands, measured, kinds)),
        Table("replaced", replaced(counted, kinds), counted_all()),
        Table("rates", rates(counted, demands, kinds), rate_checks()),
    ]


def measure(path: Path, kinds: list[str]) -> Shard:
    """Read one shard of documents."""
    shard = Shard()
    for batch in shards.batches(path, ["id", "text", "source"]):
        texts = batch["text"].fill_null("")
        source_of = batch["source"].fill_null("(none)").dictionary_encode()
        shard.count("documents", source_of, np.ones(len(texts)))
        shard.count("characters", source_of, pc.utf8_length(texts).to_numpy())
        marked = pa.array(np.flatnonzero(pc.match_substring(texts, "<|")))
        for kind in kinds:
            tokens = pc.count_substring(texts.take(marked), TOKENS.get(kind, f"<|{kind}|>"))
            shard.count(kind, source_of.take(marked), tokens.to_numpy())
        for kind, rows in residues(texts, kinds).items():
            shard.count(_left(kind), source_of.take(pa.array(rows)), np.ones(len(rows)))
            for row in rows[:1]:
                shard.first.setdefault(kind, batch["id"][row].as_py())
    return shard


def by_source(measured: dict[str, Shard]) -> dict[str, Counter[str]]:
    """The counts of every source in all shards."""
    total: dict[str, Counter[str]] = {}
    for shard in measured.values():
        for source, counts in shard.sources.items():
            total.setdefault(source, Counter()).update(counts)
    return dict(sorted(total.items()))


def residue(counted: dict[str, Counter[str]], kinds: list[str]) -> pd.DataFrame:
    """One row, a column per kind: in how many of a million documents it was found again."""
    documents = max(sum(counts["documents"] for counts in counted.values()), 1)
    left = {
        kind: [1e6 * sum(counts[_left(kind)] for counts in counted.values()) / documents]
        for kind in kinds
    }
    return pd.DataFrame(left, index=["all documents"])


def replaced(counted: dict[str, Counter[str]], kinds: list[str]) -> pd.DataFrame:
    """What stands in the text and in the ledger of mask.

    Returns:
        index ``<kind> in <source>``; special tokens ``in_text``; replacements ``in_ledger``, and
        those ``by_rule`` added up.
    """
    extras = {name: account["extra"] for name, account in ledgers.sources(paths.MASK).items()}
    rows = {
        f"{kind} in {source}": {
            "in_text": counted.get(source, Counter())[kind],
            "in_ledger": extras.get(source, {}).get(kind, 0),
            "by_rule": _by_rule(extras.get(source, {}), kind),
        }
        for source in sorted(counted.keys() | extras.keys())
        for kind in kinds
    }
    return pd.DataFrame.from_dict(rows, orient="index")


def rates(counted: dict[str, Counter[str]], demands: MaskedGate, kinds: list[str]) -> pd.DataFrame:
    """Replacements per million characters of masked text, and their bounds.

    Returns:
        index ``<kind> in <source>``; ``rate``, ``least`` and ``most``. A source too short to be
        held to a bound has none that it could miss by chance: a minimum counts where it means
        ``FEW`` replacements, and ``FEW`` are allowed in any source.
    """
    rows = {}
    for kind in kinds:
        limits = getattr(demands.per_million, kind)
        for source, counts in counted.items():
            bounds = limits.get(source, limits["default"])
            millions = max(counts["characters"], 1) / 1e6
            rows[f"{kind} in {source}"] = {
                "rate": counts[kind] / millions,
                "least": bounds.min if bounds.min * millions >= FEW else 0,
                "most": max(bounds.max, FEW / millions),
            }
    return pd.DataFrame.from_dict(rows, orient="index")


def kept_all() -> Check:
    """Masking changes documents and drops none."""
    return equal(
        "out",
        "in",
        "the documents that leave mask",
        "those that entered it",
        "look up in data/mask/ledger.json what was left behind",
    )


def residue_checks(
    demands: MaskedGate, measured: dict[str, Shard], kinds: list[str]
) -> list[Check]:
    """On the columns of ``residue``."""
    limit = demands.max_residue_per_million
    return [
        Check(
            gxe.ExpectColumnMaxToBeBetween(column=kind, max_value=limit),
            f"the number of documents in a million with what looks like {LOOKS_LIKE[kind]}",
            f"at most {number(limit)}",
            partial(_where, kind, measured),
            "see what `polyglot mask --explain` finds in it, mend the rule of mask that missed the "
            "number, and run mask again",
        )
        for kind in kinds
    ]


def counted_all() -> list[Check]:
    """What stands in the text was put there by mask, since ingest defuses what others typed."""
    return [
        equal(
            "in_text",
            "in_ledger",
            "the special tokens of a kind in the text of a source",
            "the replacements that the ledger of mask counts",
            ledgers.REMEDY,
        ),
        equal(
            "in_ledger",
            "by_rule",
            "the replacements of a kind that the ledger of mask counts",
            "those of its rules together",
            ledgers.REMEDY,
        ),
    ]


def rate_checks() -> list[Check]:
    """On the columns of ``rates``: too many, and a rule eats other numbers; too few, and masking
    does nothing."""
    about = "the replacements of a kind per million characters of a source"
    advice = (
        "look in reports/masking.html at what was replaced, then mend the rule or set "
        "gates.masked.per_million for this kind and source"
    )
    return [
        at_most_each("rate", "most", about, "at most its max", advice),
        at_least_each("rate", "least", about, "at least its min", advice),
    ]


def _where(kind: str, measured: dict[str, Shard], figures: pd.DataFrame) -> str:
    """How many, in how many documents, and the place in which most of them are."""
    seen = number(figures[kind].iloc[0])
    left = {
        (source, name): counts[_left(kind)]
        for name, shard in measured.items()
        for source, counts in shard.sources.items()
    }
    most = max(left, key=lambda place: left[place])
    if not left[most]:
        return seen
    source, name = most
    return (
        f"{seen} ({sum(left.values()):,} in all, {left[most]:,} of {source} in {name}, "
        f"where the first is {measured[name].first[kind]})"
    )


def _left(kind: str) -> str:
    return f"{kind} left"


def _by_rule(extra: dict[str, Any], kind: str) -> int:
    return sum(count for name, count in extra.items() if name.startswith(f"{kind}/"))
