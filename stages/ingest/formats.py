"""The formats that a layout may name."""

from collections.abc import Callable
from pathlib import PurePosixPath

from stages.ingest.json_files import json_file
from stages.ingest.mediawiki import mediawiki
from stages.ingest.parquet import parquet
from stages.ingest.records import Records
from stages.ingest.streams import suffix
from stages.ingest.tables import (
    comma_separated,
    json_lines,
    tab_separated,
    text_lines,
    whole_text,
)
from stages.ingest.xml_files import opus, xml_file

FORMATS: dict[str, Callable[..., Records]] = {
    "text": text_lines,
    "whole_text": whole_text,
    "tsv": tab_separated,
    "csv": comma_separated,
    "jsonl": json_lines,
    "json": json_file,
    "parquet": parquet,
    "xml": xml_file,
    "opus": opus,
    "mediawiki": mediawiki,
}
BY_SUFFIX = {
    ".txt": "text",
    ".tsv": "tsv",
    ".csv": "csv",
    ".jsonl": "jsonl",
    ".json": "json",
    ".parquet": "parquet",
    ".xml": "xml",
}


def format_of(name: str, declared: str | None) -> str | None:
    """The format of a file or of a member of an archive; nothing where none is known."""
    stem = name[: -len(suffix(name)) or None]
    return declared or BY_SUFFIX.get(PurePosixPath(stem).suffix.lower())
