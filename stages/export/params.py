"""What the exported folder holds."""

from dataclasses import dataclass


@dataclass
class ExportParams:
    dtype: str  # of the weights: bfloat16, float16 or float32
    max_shard_gb: float  # of one file of weights; a larger model is split, with an index
