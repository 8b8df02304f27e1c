"""A small finished pipeline in an empty project folder, which every gate lets pass."""

import hashlib
import json
import math
from dataclasses import fields
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import torch
from safetensors.torch import save_file
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import GPTNeoXConfig, GPTNeoXForCausalLM, PreTrainedTokenizerFast

from runtime import files, paths
from runtime.documents import SCHEMA
from runtime.progress import Progress
from stages.gate.params import (
    Bounds,
    DocumentsGate,
    DroppedShares,
    EvaluationGate,
    MaskedGate,
    MaskedPerMillion,
    ModelGate,
    TokensGate,
)
from stages.gate.result import GateResult
from stages.gate.suite import judge

SPECIAL = ["<|endoftext|>", "<|acc|>", "<|rrn|>", "<|tell|>"]
PHONE = {"phone": 1, "phone/mobile": 1}  # what the ledger of mask counts for one number
TASKS = {"copa": 2, "hellaswag": 4}

Row = tuple[str, str, str]  # id, text, source


def documents() -> list[Row]:
    """Twelve Korean documents of two sources, in which mask has replaced a phone number."""
    rows = [
        (f"{source}/a.txt#{n}", f"{source} {n}번째 글입니다. 오늘은 {n}시에 비가 왔어요.", source)
        for source in ("news", "blog")
        for n in range(6)
    ]
    return [*rows[:-1], (rows[-1][0], "연락처는 <|tell|>으로 주세요. 감사합니다.", "blog")]


def write_documents(stage: Path, rows: list[Row], shards: int = 2) -> None:
    """Deal ``rows`` to the shards of a stage."""
    for shard in range(shards):
        values = [dict(zip(SCHEMA.names, (*row, "{}"), strict=True)) for row in rows[shard::shards]]
        table = pa.Table.from_pylist(values, schema=SCHEMA)
        (stage / "documents").mkdir(parents=True, exist_ok=True)
        pq.write_table(table, stage / "documents" / f"{shard:05d}.parquet")


def account(taken: int, out: int, **extra: Any) -> dict[str, Any]:
    """The account of a source whose documents have 50 bytes each."""
    count = {"in": {"documents": taken, "bytes": 50 * taken}}
    count["out"] = {"documents": out, "bytes": 50 * out}
    return {**count, "dropped": {}, "quarantined": {}, "extra": {}, **extra}


def judged(content: ModuleType, demands: Any) -> GateResult:
    """The verdict of a gate's module on the files in the working folder."""
    return judge(content.__name__.split(".")[-1], content.tables(demands, Progress(None)))


def failure(content: ModuleType, demands: Any) -> str:
    """The sentence of a gate that must fail, checked for what every such sentence says."""
    found = judged(content, demands)
    first = next(e for e in found.expectations if not e.passed)
    assert not found.passed and found.sentence
    for part in (f"Gate {found.gate} failed", first.expectation, first.about):
        assert part in found.sentence
    assert f"to be {first.expected}, but saw {first.seen}; " in found.sentence
    assert "\n" not in found.sentence
    return found.sentence


def dropped(documents: int) -> dict[str, Any]:
    return {"some_reason": {"documents": documents, "bytes": 50 * documents}}


def write_ledger(stage: Path, sources: dict[str, dict[str, Any]]) -> None:
    files.write_json(stage / "ledger.json", {"stage": stage.name, "sources": sources})


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def cleaned(project: Path) -> DocumentsGate:
    """Outputs of ingest, clean and dedup; demands that they meet."""
    for source_in, out, stage in ((9, 8, paths.INGEST), (8, 7, paths.CLEAN), (7, 6, paths.DEDUP)):
        lost = dropped(source_in - out)
        news = account(source_in, out, quarantined=lost)
        blog = account(source_in, out, dropped=lost)
        write_ledger(stage, {"news": news, "blog": blog})
    write_documents(paths.DEDUP, documents())
    return DocumentsGate(
        required_sources=["news", "blog"],
        min_documents=12,
        min_bytes=400,
        max_torn_files=0,
        max_quarantined_share=0.2,
        max_dropped_share=DroppedShares(clean={"default": 0.2}, dedup={"default": 0.2}),
        min_hangul_share=0.5,
        characters=Bounds(5, 100),
    )


@pytest.fixture
def masked(cleaned: DocumentsGate) -> MaskedGate:
    """Output of mask; demands that it meets."""
    write_ledger(
        paths.MASK,
        {"news": account(6, 6, extra={}), "blog": account(6, 6, extra=PHONE)},
    )
    write_documents(paths.MASK, documents())
    kinds = [field.name for field in fields(MaskedPerMillion)]
    rates = MaskedPerMillion(**{kind: {"default": Bounds(0, 10_000)} for kind in kinds})
    return MaskedGate([], 0, rates)


@pytest.fixture(scope="session")
def tokenizer() -> Tokenizer:
    """Byte-level BPE of 300 entries."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=300,
        special_tokens=SPECIAL,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator([text for _, text, _ in documents()], trainer)
    return tokenizer


@pytest.fixture
def tokenized(masked: MaskedGate, tokenizer: Tokenizer) -> TokensGate:
    """Output of tokenizer and tokenize; demands that it meets."""
    paths.TOKENIZER.mkdir(parents=True)
    tokenizer.save(str(paths.TOKENIZER / "tokenizer.json"))
    fingerprint = files.sha256(paths.TOKENIZER / "tokenizer.json")
    files.write_json(paths.TOKENIZER_CARD, {"fingerprint": fingerprint})
    splits = {"train": documents()[:9], "validation": documents()[9:]}
    manifest = {
        "vocab_size": tokenizer.get_vocab_size(),
        "eod_id": 0,
        "tokenizer_fingerprint": fingerprint,
        "splits": {name: write_split(name, rows, tokenizer) for name, rows in splits.items()},
    }
    files.write_json(paths.TOKENS / "manifest.json", manifest)
    return TokensGate(
        bytes_per_token={"default": Bounds(1, 10)},
        tokens_per_document={"default": Bounds(5, 1_000)},
        max_shared_share=0,
        min_train_tokens=100,
        max_epochs=2,
        steps=5,
        global_batch=2,
        context=16,
        round_trip_documents=3,
    )


def write_split(name: str, rows: list[Row], tokenizer: Tokenizer) -> dict[str, Any]:
    """Write a split as one file; its part of the manifest."""
    ids = [token for _, text, _ in rows for token in [*tokenizer.encode(text).ids, 0]]
    data = np.array(ids, "<u2").tobytes()
    path = paths.TOKENS / name / "00000.ds"
    path.parent.mkdir(parents=True)
    path.write_bytes(data)
    ends = np.flatnonzero(np.array(ids) == 0) + 1
    ends.astype("<u8").tofile(path.with_name("00000.ds.index"))
    sha256 = hashlib.sha256(data).hexdigest()
    size = sum(len(text.encode()) for _, text, _ in rows)
    return {
        "documents": len(rows),
        "tokens": len(ids),
        "files": [
            {
                "name": f"{name}/00000.ds",
                "documents": len(rows),
                "tokens": len(ids),
                "sha256": sha256,
            }
        ],
        "sources": {"all": {"documents": len(rows), "tokens": len(ids), "bytes": size}},
    }


@pytest.fixture
def exported(project: Path, tokenizer: Tokenizer) -> ModelGate:
    """Output of pretrain and export; demands that it meets."""
    torch.manual_seed(1)
    config = GPTNeoXConfig(
        vocab_size=320,
        hidden_size=16,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=32,
        max_position_embeddings=32,
    )
    model = GPTNeoXForCausalLM(config).to(torch.bfloat16).eval()
    vocab_size = tokenizer.get_vocab_size()
    model.generation_config.suppress_tokens = list(range(vocab_size, 320))
    model.save_pretrained(paths.MODEL)
    PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        additional_special_tokens=SPECIAL,
        clean_up_tokenization_spaces=False,
    ).save_pretrained(paths.MODEL)
    ids = torch.arange(40).reshape(2, 20)
    reloaded = GPTNeoXForCausalLM.from_pretrained(paths.MODEL, dtype="auto").eval()
    windows = torch.arange(63).reshape(3, 21)
    with torch.no_grad():
        logits = reloaded(ids).logits.float()
        rows = reloaded(windows[:, :-1]).logits[..., :vocab_size].float().log_softmax(-1)
    losses = -rows.gather(2, windows[:, 1:, None]).mean((1, 2)).double()
    engine = {"input_ids": ids, "logits": logits, "windows": windows, "losses": losses}
    paths.PRETRAIN.mkdir(parents=True)
    save_file(engine, paths.PRETRAIN / "reference.safetensors")
    write_metrics(parameters=model.num_parameters())
    return ModelGate(max_logit_difference=0.01, max_loss_difference=0.001)


def write_metrics(**changes: float) -> None:
    metrics = {"initial_loss": math.log(320), "train_loss": 4.0, "validation_loss": 4.2}
    files.write_json(paths.PRETRAIN / "metrics.json", metrics | changes)


@pytest.fixture
def evaluated(project: Path) -> EvaluationGate:
    """Output of evaluate; demands that it meets."""
    for task in TASKS:
        lines = "".join(json.dumps({"line": n}) + "\n" for n in range(20))
        files.write_text(Path("kobest") / task / "test.jsonl", lines)
    write_scores([score(task, shots) for task in TASKS for shots in (0, 5)])
    write_documents(paths.MASK, documents())
    return EvaluationGate(
        list(TASKS),
        [0, 5],
        "kobest",
        limit=None,
        min_margin=0.1,
        max_constant=None,
        champion=None,
        max_below_champion=0.02,
        max_contaminated=0,
    )


def score(task: str, shots: int, changes: dict[str, Any] | None = None) -> dict[str, Any]:
    predictions = [[10 - 9 * (i == j) for j in range(TASKS[task])] for i in range(TASKS[task])]
    scores = {"n": 20, "macro_f1": 0.6, "accuracy": 0.7, "truncated": 0, "constant": False}
    return {"task": task, "shots": shots, **scores, "predictions": predictions} | (changes or {})


def write_scores(results: list[dict[str, Any]]) -> None:
    files.write_json(paths.EVALUATE / "results.json", evaluation(results))


def evaluation(results: list[dict[str, Any]]) -> dict[str, Any]:
    """The file that evaluate writes."""
    return {"prompts_hash": "ab", "data_hash": "cd", "limit": None, "results": results}
