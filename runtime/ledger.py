"""What came in, went out and was left behind, per source: nothing is lost silently.

In documents, ``in = out + dropped + quarantined`` always holds; bytes are those of the text in
UTF-8 as it was at that point (a quarantined record counts its raw bytes), so they need not add up.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Count:
    """Documents and the UTF-8 bytes of their text."""

    documents: int = 0
    bytes: int = 0

    def add(self, documents: int, size: int) -> None:
        self.documents += documents
        self.bytes += size

    def json(self) -> dict[str, int]:
        return {"documents": self.documents, "bytes": self.bytes}


@dataclass
class Account:
    """The ledger of one source."""

    taken: Count = field(default_factory=Count)
    kept: Count = field(default_factory=Count)
    dropped: defaultdict[str, Count] = field(default_factory=lambda: defaultdict(Count))
    quarantined: defaultdict[str, Count] = field(default_factory=lambda: defaultdict(Count))
    extra: defaultdict[str, int] = field(default_factory=lambda: defaultdict(int))

    def add(self, other: dict[str, Any]) -> None:
        """Add an account in its JSON form."""
        self.taken.add(other["in"]["documents"], other["in"]["bytes"])
        self.kept.add(other["out"]["documents"], other["out"]["bytes"])
        for mine, theirs in ((self.dropped, "dropped"), (self.quarantined, "quarantined")):
            for reason, count in other[theirs].items():
                mine[reason].add(count["documents"], count["bytes"])
        for name, number in other["extra"].items():
            self.extra[name] += number

    def json(self) -> dict[str, Any]:
        return {
            "in": self.taken.json(),
            "out": self.kept.json(),
            "dropped": {reason: self.dropped[reason].json() for reason in sorted(self.dropped)},
            "quarantined": {
                reason: self.quarantined[reason].json() for reason in sorted(self.quarantined)
            },
            "extra": {name: self.extra[name] for name in sorted(self.extra)},
        }


class Ledger:
    """The accounts of all sources in one stage."""

    def __init__(self, stage: str) -> None:
        self.stage = stage
        self.sources: defaultdict[str, Account] = defaultdict(Account)

    def take(self, source: str, size: int) -> None:
        """A document of ``size`` bytes came in."""
        self.sources[source].taken.add(1, size)

    def keep(self, source: str, size: int) -> None:
        """A document went out."""
        self.sources[source].kept.add(1, size)

    def drop(self, source: str, reason: str, size: int) -> None:
        """A document was left behind on purpose."""
        self.sources[source].dropped[reason].add(1, size)

    def quarantine(self, source: str, reason: str, size: int) -> None:
        """A record could not be read."""
        self.sources[source].quarantined[reason].add(1, size)

    def count(self, source: str, name: str, number: int = 1) -> None:
        """A figure of the stage's own, such as masked numbers."""
        self.sources[source].extra[name] += number

    def total(self) -> Account:
        """All sources together."""
        total = Account()
        for account in self.sources.values():
            total.add(account.json())
        return total

    def json(self) -> dict[str, Any]:
        """``{"stage", "sources": {source: account}, "total": account}``, names in order."""
        return {
            "stage": self.stage,
            "sources": {source: self.sources[source].json() for source in sorted(self.sources)},
            "total": self.total().json(),
        }

    @classmethod
    def merged(cls, stage: str, parts: Iterable[dict[str, Any]]) -> "Ledger":
        """The sum of ledgers in their JSON form."""
        ledger = cls(stage)
        for part in parts:
            for source, account in part["sources"].items():
                ledger.sources[source].add(account)
        return ledger
