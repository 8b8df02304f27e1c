"""Ledgers as figures: a row per stage and source, and what must hold between them."""

from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pandas as pd

from runtime import files
from stages.gate.suite import Check, equal

REMEDY = "delete the folder of that stage and run it again, and report it if it stays"


def flow(folders: list[Path], entered_from: Path | None = None) -> pd.DataFrame:
    """Documents of every source through consecutive stages.

    ``folders`` are stage outputs in order; ``entered_from`` is the stage before the first.

    Returns:
        index ``<source> in <stage>``; in documents ``in``, ``out`` and ``accounted`` (out +
        dropped + quarantined); ``before`` and ``before_bytes``, what left the stage before and
        must equal ``in`` and ``in_bytes`` (missing for the first stage); ``quarantined_share`` of
        ``in``; ``torn_files``, of which only the beginning could be read.

    Raises:
        PolyglotError: a ledger is missing.
    """
    rows = {}
    before = sources(entered_from) if entered_from else None
    for folder in folders:
        accounts = sources(folder)
        for source in sorted(accounts.keys() | (before or {}).keys()):
            rows[f"{source} in {folder.name}"] = _row(accounts, before, source)
        before = accounts
    return pd.DataFrame.from_dict(rows, orient="index", dtype=float)


def dropped(folder: Path, limits: dict[str, float]) -> pd.DataFrame:
    """What a stage dropped of every source, as a share of what entered, and what it may drop.

    Returns:
        index the source; ``share``; ``limit``, of ``limits`` the source's own or ``default``.
    """
    rows = {
        source: {
            "share": _reasons(account, "dropped") / max(_count(account, "in"), 1),
            "limit": limits.get(source, limits["default"]),
        }
        for source, account in sources(folder).items()
    }
    return pd.DataFrame.from_dict(rows, orient="index")


def balance() -> list[Check]:
    """Nothing is lost within a stage or between two, on the columns of ``flow``."""
    return [
        equal(
            "in",
            "accounted",
            "the documents that enter a stage",
            "those that leave it, are dropped or are quarantined",
            REMEDY,
        ),
        equal(
            "in",
            "before",
            "the documents that enter a stage",
            "those that left the stage before",
            REMEDY,
        ),
        equal(
            "in_bytes",
            "before_bytes",
            "the bytes of text that enter a stage",
            "those that left the stage before",
            REMEDY,
        ),
    ]


def shipped(folder: Path, shards: Iterable[Counter[str]]) -> pd.DataFrame:
    """Documents of every source as counted in a stage's shards and as its ledger promises.

    Returns:
        index and ``source``: the name; ``documents`` counted, ``promised`` by the ledger.
    """
    counted: Counter[str] = Counter()
    for shard in shards:
        counted.update(shard)
    promised = {name: account["out"]["documents"] for name, account in sources(folder).items()}
    names = sorted(counted.keys() | {name for name, documents in promised.items() if documents})
    return pd.DataFrame(
        {
            "source": names,
            "documents": [counted[name] for name in names],
            "promised": [promised.get(name, 0) for name in names],
        },
        index=names,
    )


def kept_promise(stage: str) -> Check:
    """The shards hold what the ledger says, on the columns of ``shipped``."""
    return equal(
        "documents",
        "promised",
        f"the documents of a source in the shards of {stage}",
        "those that its ledger counts",
        REMEDY,
    )


def sources(folder: Path) -> dict[str, Any]:
    """The accounts of a stage's ledger, by source."""
    return files.read_json(folder / "ledger.json")["sources"]


def _row(
    accounts: dict[str, Any], before: dict[str, Any] | None, source: str
) -> dict[str, float | None]:
    account = accounts.get(source, {})
    taken, out = _count(account, "in"), _count(account, "out")
    dropped, quarantined = _reasons(account, "dropped"), _reasons(account, "quarantined")
    earlier = None if before is None else before.get(source, {})
    return {
        "in": taken,
        "out": out,
        "accounted": out + dropped + quarantined,
        "before": None if earlier is None else _count(earlier, "out"),
        "in_bytes": _count(account, "in", "bytes"),
        "before_bytes": None if earlier is None else _count(earlier, "out", "bytes"),
        "quarantined_share": quarantined / max(taken, 1),
        "torn_files": account.get("extra", {}).get("torn_files", 0),
    }


def _count(account: dict[str, Any], way: str, unit: str = "documents") -> int:
    return account.get(way, {}).get(unit, 0)


def _reasons(account: dict[str, Any], way: str) -> int:
    return sum(reason["documents"] for reason in account.get(way, {}).values())
