"""datatrove's own readers and writers, one thread, for stages to be held against; and params."""

from pathlib import Path
from typing import Any

import pyarrow as pa
from datatrove.pipeline.base import PipelineStep
from datatrove.pipeline.readers import JsonlReader, ParquetReader
from datatrove.pipeline.writers import JsonlWriter, ParquetWriter
from omegaconf import OmegaConf

from flows import profile
from runtime import params


def json_lines(source: Path, target: Path, *blocks: PipelineStep) -> None:
    """datatrove's JSON lines reader and writer, with ``blocks`` between them."""
    reader = JsonlReader(str(source), text_key="review", doc_progress=False)
    writer = JsonlWriter(str(target), "${rank}.jsonl.zst", compression="zstd")
    _drain(reader, *blocks, writer)


def parquet(source: Path, target: Path, *blocks: PipelineStep) -> None:
    """datatrove's Parquet reader and writer, with ``blocks`` between them."""
    reader = ParquetReader(str(source), doc_progress=False)
    writer = ParquetWriter(str(target), "${rank}.parquet", compression="zstd")
    _drain(reader, *blocks, writer)


def _drain(*blocks: PipelineStep) -> None:
    pa.set_cpu_count(1)
    data = None
    for block in blocks:
        data = block.run(data)
    for _ in data:
        pass


def params_of(section: str, schema: type) -> Any:
    """A section of the parameters of profile ``nsmc``."""
    values = OmegaConf.to_container(profile.composed("nsmc")[section], resolve=True)
    return params.typed(section, values, schema)
