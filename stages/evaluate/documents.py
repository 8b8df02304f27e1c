"""KOBEST's documents, from a folder or from the hub, checked field by field.

KOBEST: Jang et al. 2022, https://arxiv.org/abs/2204.04541; CC BY-SA 4.0.
"""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from runtime.errors import PolyglotError
from stages.evaluate.prompts import PROMPTS, Document

HUB_ID = "skt/kobest_v1"


@dataclass(frozen=True)
class Documents:
    """One task: what examples are drawn from, and what is asked."""

    train: list[Document]
    test: list[Document]


def load(data: str | None, task: str) -> Documents:
    """Documents of ``task`` in their own order, from the folder or hub id ``data``.

    Raises:
        PolyglotError: the folder or a split of the task is missing or empty, the hub cannot be
            reached, or a document lacks a field or has a label that the task does not know.
    """
    folder = Path(data) if data is not None else None
    if folder is None or (not folder.exists() and _is_hub_id(data)):
        return Documents(*(_from_hub(data or HUB_ID, task, split) for split in ("train", "test")))
    if not folder.is_dir():
        raise PolyglotError(f"KOBEST data: there is no folder {folder}.")
    return Documents(*(_from_file(folder / task / f"{split}.jsonl") for split in ("train", "test")))


def _is_hub_id(data: str | None) -> bool:
    return data is not None and data.count("/") == 1 and not data.startswith((".", "/", "~"))


def _from_hub(hub_id: str, task: str, split: str) -> list[Document]:
    import datasets  # slow to import, and a local folder does not need it

    try:
        rows = datasets.load_dataset(hub_id, task, split=split)
    except Exception as error:  # the hub's client raises whatever its network layers raise
        raise PolyglotError(
            f"KOBEST data: {hub_id} ({task}) is no local folder and could not be fetched from the "
            f"hub ({type(error).__name__}): set evaluate.data to a folder with <task>/train.jsonl "
            "and <task>/test.jsonl."
        ) from None
    return _checked(task, f"{hub_id} {task}/{split}", enumerate(rows, start=1))


def _from_file(path: Path) -> list[Document]:
    return _checked(path.parent.name, str(path), _numbered(path))


def _numbered(path: Path) -> Iterator[tuple[int, object]]:
    """Every line's number, from 1, and value; empty lines are passed over."""
    try:
        with path.open(encoding="utf-8") as file:
            for number, line in enumerate(file, start=1):
                if line.strip():
                    yield number, json.loads(line)
    except FileNotFoundError:
        raise PolyglotError(
            f"KOBEST data: {path} is missing; every task needs <task>/train.jsonl and "
            "<task>/test.jsonl."
        ) from None
    except UnicodeDecodeError:
        raise PolyglotError(f"KOBEST data: {path} is not UTF-8.") from None
    except json.JSONDecodeError:
        raise PolyglotError(f"KOBEST data: {path} line {number} is not valid JSON.") from None


def _checked(task: str, where: str, rows: Iterable[tuple[int, object]]) -> list[Document]:
    documents: list[Any] = []
    for number, row in rows:
        fault = _fault(task, row) if isinstance(row, dict) else "is not a JSON object"
        if fault:
            raise PolyglotError(f"KOBEST data: {where} line {number} {fault}.")
        documents.append(row)
    if not documents:
        raise PolyglotError(f"KOBEST data: {where} holds no document.")
    return documents


def _fault(task: str, row: Document) -> str | None:
    """What is wrong with a document, or None; its text is never repeated."""
    prompt = PROMPTS[task]
    for name in prompt.fields:
        if not isinstance(row.get(name), str) or not row[name].strip():
            return f"has no text field {name!r}"
    label = row.get("label")
    if type(label) is not int or not 0 <= label < len(prompt.answers):
        return f"has no label from 0 to {len(prompt.answers) - 1}"
    if prompt.connectors and row["question"].strip() not in prompt.connectors:
        return f"has a question other than {' or '.join(prompt.connectors)}"
    return None
