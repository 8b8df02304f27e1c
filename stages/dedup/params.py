"""Parameters of deduplication, section ``dedup``."""

from dataclasses import dataclass


@dataclass
class DedupParams:
    buckets: int  # parts the signatures are sorted in; a part holds 32 bytes a document in memory
