"""Parameters of deduplication, section ``dedup``."""

from dataclasses import dataclass


@dataclass
class DedupParams:
    # Parts the signatures are sorted in. A worker holds one in memory, at the peak with 58 bytes a
    # document (24 of signatures, 24 of their ordered copy, 8 of the order, 2 of comparisons) and
    # up to 24 more for each duplicate.
    buckets: int
