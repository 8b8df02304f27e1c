"""Gate masked: no document was lost by masking, and no number that looks personal is left.

The detector here is simpler than the one that masks and shares nothing with it: two that fail in
different ways catch each other.
"""

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from runtime import paths
from runtime.progress import Progress
from stages.gate import ledgers, shards
from stages.gate.params import MaskedGate
from stages.gate.suite import Check, Table, at_most, equal, within

# RE2 has no look-around: what must not stand beside a number is consumed with it, so ask only
# whether a pattern matches. Numbers that are glued to a code or go on in one are none of these.
BEFORE = r"(?:^|[^-0-9A-Za-z_=/#&.,]|[^0-9][-.,])"
AFTER = r"(?:$|[^-0-9A-Za-z_.,:]|[-.,:](?:$|[^0-9]))"
# Mobile numbers: 010 and eight digits; the older prefixes and seven or eight.
PHONE = BEFORE + r"(?:010[-. ]?[0-9]{4}|01[16789][-. ]?[0-9]{3,4})[-. ]?[0-9]{4}" + AFTER
# Resident registration numbers: a day of birth, a hyphen, century and sex, six digits.
DAY = r"[0-9]{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])"
RRN = BEFORE + DAY + r" ?- ?[1-8][0-9]{6}" + AFTER
# Numbers that the text itself calls something else: orders, parcels, companies, goods.
NAMED = r"(?:주문|송장|접수|법인|사업자|등기|문서|상품|제품|모델|바코드|ISBN)[^0-9\n]{0,12}[-0-9 ]+"
RESIDUE = {"phone": "a mobile number", "rrn": "a resident registration number"}
TOKENS = {"account": "<|acc|>", "rrn": "<|rrn|>", "phone": "<|tell|>"}


@dataclass
class Shard:
    """What is kept of a shard."""

    counts: Counter[str] = field(default_factory=Counter)
    sources: Counter[str] = field(default_factory=Counter)


def tables(demands: MaskedGate, progress: Progress) -> list[Table]:
    """The ledger of mask, its sources and shards, and what it replaced."""
    flow = ledgers.flow([paths.MASK], entered_from=paths.DEDUP)
    measured = shards.scan(paths.MASK / "documents", measure, progress)
    shipped = ledgers.shipped(paths.MASK, [shard.sources for shard in measured.values()])
    return [
        Table("ledger", flow, [*ledgers.balance(), kept_all()]),
        Table("sources", shipped, [ledgers.kept_promise("mask")]),
        Table("residue", residue(measured), residue_checks(demands, fullest(measured))),
        Table("kinds", replaced(measured), [counted_all()]),
        Table("rates", per_million(measured), rate_checks(demands)),
    ]


def measure(path: Path) -> Shard:
    """Read one shard of documents."""
    shard = Shard()
    for batch in shards.batches(path, ["text", "source"]):
        texts = batch["text"].fill_null("")
        shard.sources += shards.by_source(batch["source"])
        shard.counts += Counter(
            characters=shards.total(pc.utf8_length(texts)),
            phone_residue=residual(texts, PHONE),
            rrn_residue=residual(texts, RRN),
            **{
                kind: shards.total(pc.count_substring(texts, token))
                for kind, token in TOKENS.items()
            },
        )
    return shard


def residual(texts: pa.Array, pattern: str) -> int:
    """How many texts contain ``pattern``, apart from numbers that are named as another kind."""
    suspects = texts.filter(pc.match_substring_regex(texts, pattern))
    return shards.matching(pc.replace_substring_regex(suspects, NAMED, ""), pattern)


def residue(measured: dict[str, Shard]) -> pd.DataFrame:
    """One row: in how many of a million documents ``phone`` and ``rrn`` were found again."""
    documents = sum(shard.sources.total() for shard in measured.values())
    return pd.DataFrame(
        {
            kind: [1e6 * sum(_left(s, kind) for s in measured.values()) / max(documents, 1)]
            for kind in RESIDUE
        },
        index=["all shards"],
    )


def fullest(measured: dict[str, Shard]) -> dict[str, str]:
    """For ``phone`` and ``rrn``, the shard in which most of them were found again."""
    return {kind: max(measured, key=lambda name: _left(measured[name], kind)) for kind in RESIDUE}


def replaced(measured: dict[str, Shard]) -> pd.DataFrame:
    """A row per kind: special tokens ``in_text`` and replacements ``in_ledger``."""
    extras = [account["extra"] for account in ledgers.sources(paths.MASK).values()]
    return pd.DataFrame(
        {
            "in_text": [sum(s.counts[kind] for s in measured.values()) for kind in TOKENS],
            "in_ledger": [sum(extra.get(kind, 0) for extra in extras) for kind in TOKENS],
        },
        index=list(TOKENS),
    )


def per_million(measured: dict[str, Shard]) -> pd.DataFrame:
    """One row, a column per kind: replacements per million characters of masked text."""
    total = sum((shard.counts for shard in measured.values()), Counter())
    rates = {kind: [1e6 * total[kind] / max(total["characters"], 1)] for kind in TOKENS}
    return pd.DataFrame(rates, index=["all shards"])


def kept_all() -> Check:
    """Masking changes documents and drops none."""
    return equal(
        "out",
        "in",
        "the documents that leave mask",
        "those that entered it",
        "look up in data/mask/ledger.json what was left behind",
    )


def counted_all() -> Check:
    """What stands in the text was put there by mask, since ingest defuses what others typed."""
    return equal(
        "in_text",
        "in_ledger",
        "the special tokens in the text",
        "the replacements that the ledger of mask counts",
        ledgers.REMEDY,
    )


def residue_checks(demands: MaskedGate, shard_of: dict[str, str]) -> list[Check]:
    """On the columns of ``residue``; ``shard_of`` each kind is where to look first."""
    return [
        at_most(
            kind,
            demands.max_residue_per_million,
            f"the number of documents in a million with what looks like {words}",
            f"look for the number in {shard_of[kind]}, mend the rule of mask that missed it, run "
            "it again",
        )
        for kind, words in RESIDUE.items()
    ]


def rate_checks(demands: MaskedGate) -> list[Check]:
    """On the columns of ``per_million``.

    Too many means that a rule eats other numbers; too few, that masking does nothing.
    """
    return [
        within(
            kind,
            bounds.min,
            bounds.max,
            f"the replacements of kind {kind} per million characters",
            f"look at what mask replaced, or set gates.masked.per_million.{kind}",
        )
        for kind, bounds in vars(demands.per_million).items()
    ]


def _left(shard: Shard, kind: str) -> int:
    return shard.counts[f"{kind}_residue"]
