"""The files of a finished run, with figures as a small real run has them."""

import json
import math
import random
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from runtime import files, paths

SOURCES = {"nsmc": 107_000, "hate_speech": 24_310, "qa": 11_823, "wikipedia": 2_400}
CHOICES = {"copa": 2, "hellaswag": 4, "boolq": 2, "sentineg": 2, "wic": 2}
KOBEST_TEST = {"copa": 1000, "hellaswag": 500, "boolq": 1404, "sentineg": 397, "wic": 1260}
PARAMETERS = 5_243_136
PARAMS = """\
profile: nsmc
corpus:
  root: raw
dedup:
  decontamination: {data: kobest_v1, tasks: [copa, hellaswag, boolq, sentineg, wic]}
pretrain:
  steps: 400
report:
  title: Polyglot-Ko
"""


@pytest.fixture
def finished(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project folder in which every stage has run, evaluated on the real KOBEST."""
    monkeypatch.chdir(tmp_path)
    write_all()
    return tmp_path


@pytest.fixture
def released(finished: Path) -> Path:
    """The same project with all that the card reads."""
    pretrain = {
        **{"model": {"context": 256}, "dtype": "bfloat16", "global_batch": 32, "lr": 0.003},
        **{"min_lr": 0.0003, "schedule": "cosine", "warmup_share": 0.01, "betas": [0.9, 0.95]},
        **{"eps": 1e-8, "weight_decay": 0.1, "clip": 1.0, "seed": 42},
    }
    files.write_json(paths.PRETRAIN / "params.json", pretrain)
    config = files.read_json(paths.PRETRAIN / "config.json")
    config |= {"rope_parameters": {"partial_rotary_factor": 0.5}}
    files.write_json(paths.PRETRAIN / "config.json", config)
    files.write_json(paths.MODEL / "config.json", config | {"dtype": "bfloat16"})
    return finished


def write_all() -> None:
    files.write_text(paths.PARAMS, PARAMS)
    write_ledgers()
    write_tokens()
    write_training()
    write_scores("kobest_v1", KOBEST_TEST)
    write_gates()


def write_ledgers() -> None:
    reasons = {
        paths.INGEST: ("quarantined", "broken_utf8", 0.001),
        paths.CLEAN: ("dropped", "too_short", 0.04),
        paths.DEDUP: ("dropped", "exact_duplicate", 0.034),
        paths.MASK: ("dropped", "none", 0),
    }
    left = dict(SOURCES)
    for folder, (way, reason, share) in reasons.items():
        accounts = {}
        for name, documents in left.items():
            lost = round(documents * share)
            left[name] = documents - lost
            extra = {"phone": left[name] // 4000} if folder == paths.MASK and name != "qa" else {}
            accounts[name] = account(documents, lost, way, reason, extra)
        total = account(sum(left.values()), 0, way, reason, {})
        total["in"] = count(sum(a["in"]["documents"] for a in accounts.values()))
        if lost_documents := total["in"]["documents"] - sum(left.values()):
            total[way][reason] = count(lost_documents)
        ledger = {"stage": folder.name, "sources": accounts, "total": total}
        files.write_json(folder / "ledger.json", ledger)


FIFTEEN = {
    **{"blog": 3_100_000, "news": 610_000, "modu": 205_400, "patent": 41_210, "qa": 118_300},
    **{"kcbert": 890_000, "fiction": 912, "comments": 300_150, "wikipedia": 64_000},
    **{"clovacall": 4_100, "nsmc": 107_000, "hate_speech": 24_310, "opensubtitles": 70_030},
    **{"aihub": 33_333, "stdict": 51_000},
}
LOSSES = {
    ("ingest", "quarantined"): ["broken_utf8", "broken_json", "lone_surrogate"],
    ("clean", "dropped"): [
        *("too_short", "few_hangul", "empty", "many_symbols", "repeated_lines", "code"),
        *("repeated_ngrams", "long_words", "broken_encoding", "many_bullets", "too_long"),
    ],
    ("dedup", "dropped"): ["duplicate", "near_duplicate", "contaminated"],
    ("mask", "dropped"): [],
}
REPAIRS = ("spaces", "markup", "boilerplate_lines", "encoding", "characters", "repeats")


def write_fifteen() -> None:
    """Ledgers of fifteen sources, as many reasons as a large run finds, and repairs."""
    draw = random.Random(3)
    left = dict(FIFTEEN)
    for (stage, way), reasons in LOSSES.items():
        sources = {}
        for name, documents in left.items():
            shares = {
                reason: draw.random() ** 6 * 0.12 for reason in reasons if draw.random() < 0.7
            }
            lost = {why: count(round(documents * share)) for why, share in shares.items()}
            left[name] = documents - sum(c["documents"] for c in lost.values())
            extra = {repair: documents // draw.randint(5, 90) for repair in REPAIRS}
            sources[name] = {
                **{"in": count(documents), "out": count(left[name])},
                **{"dropped": {}, "quarantined": {}, way: lost},
                "extra": extra if stage == "clean" else {},
            }
        total = {
            way: summed(a[way] for a in sources.values()) for way in ("dropped", "quarantined")
        }
        total |= {
            way: count(sum(a[way]["documents"] for a in sources.values())) for way in ("in", "out")
        }
        total["extra"] = (
            {"contaminated_copa": 41, "contaminated_boolq": 1_203} if stage == "dedup" else {}
        )
        ledger = {"stage": stage, "sources": sources, "total": total}
        files.write_json(paths.DATA / stage / "ledger.json", ledger)


def summed(reasons: Iterable[dict[str, Any]]) -> dict[str, Any]:
    total: Counter[str] = Counter()
    for of_source in reasons:
        total.update({why: c["documents"] for why, c in of_source.items()})
    return {why: count(documents) for why, documents in total.items()}


def count(documents: int) -> dict[str, int]:
    return {"documents": documents, "bytes": 91 * documents}


def account(taken: int, lost: int, way: str, reason: str, extra: dict[str, int]) -> dict[str, Any]:
    empty: dict[str, Any] = {"dropped": {}, "quarantined": {}, "extra": extra}
    left_behind = {way: {reason: count(lost)}} if lost else {}
    return {"in": count(taken), "out": count(taken - lost)} | empty | left_behind


def write_tokens() -> None:
    card = {
        "vocab_size": 8000,
        "fingerprint": "4f" * 32,
        "special_tokens": {"<|endoftext|>": 2, "<|acc|>": 7997, "<|rrn|>": 7998, "<|tell|>": 7999},
        "morphemes": True,
        "sample_documents": 60_123,
        "sample_bytes": 20_000_000,
        "bytes_per_token": 4.312,
        "tokens_per_eojeol": 2.611,
        "crossing_share": 0.0721,
        "unused_entries": 131,
        "sources": {
            name: {
                "documents": n,
                "tokens": 9 * n,
                "bytes_per_token": 4.1,
                "tokens_per_eojeol": 2.5,
            }
            for name, n in SOURCES.items()
        },
        "longest": ["하겠습니다", " 있습니다\n"],
        "pieces": [["이", " 영화", "를", " <", "b"]],
    }
    files.write_json(paths.TOKENIZER_CARD, card)
    of = {name: 21 * documents for name, documents in SOURCES.items()}
    splits = {"train": of, "validation": {name: tokens // 100 for name, tokens in of.items()}}
    manifest = {"splits": {name: split(sources) for name, sources in splits.items()}}
    files.write_json(paths.TOKENS / "manifest.json", manifest)


def split(sources: dict[str, int]) -> dict[str, Any]:
    rows = {n: {"documents": t // 21, "tokens": t, "bytes": 4 * t} for n, t in sources.items()}
    total = sum(sources.values())
    return {"documents": total // 21, "tokens": total, "sources": rows}


def write_training() -> None:
    noise = random.Random(7)
    curve: list[dict[str, Any]] = [{"step": 0, "validation_loss": 9.01}]
    for step in range(5, 405, 5):
        lr = 1e-3 * (step / 20 if step < 20 else 0.1 + 0.45 * (1 + math.cos(step / 400 * math.pi)))
        loss = 4.1 + 4.9 * math.exp(-step / 60) + noise.uniform(-0.08, 0.08)
        speed = 8_000 + noise.uniform(-500, 300)
        figures = {"loss": loss, "grad_norm": 0.6 + 40 / (step + 10), "lr": lr}
        curve.append({"step": step, "tokens": step * 8192, **figures, "tokens_per_second": speed})
        if step % 50 == 0:
            curve.append({"step": step, "validation_loss": 4.2 + 4.8 * math.exp(-step / 60)})
    lines = "".join(json.dumps(line) + "\n" for line in curve)
    files.write_text(paths.PRETRAIN / "curve.jsonl", lines)
    metrics = {
        "parameters": PARAMETERS,
        "steps": 400,
        "tokens": 400 * 8192,
        "train_loss": 4.1037,
        "validation_loss": 4.2061,
        "initial_loss": 9.0112,
        "tokens_per_second": 7_912.4,
        "seconds": 414.2,
        "world_size": 2,
        "device": "cpu",
        "resumed_at": [120],
        "bad_steps": {"not finite": 0, "spike": 2},
        "skipped_batches": 0,
    }
    written = [
        {"step": step, "prompt": "한국의 수도는", "text": f" {word} <이다>"}
        for step, word in ((0, "가"), (200, "서"), (300, "부산"), (400, "서울"))
    ]
    texts = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in written)
    files.write_text(paths.PRETRAIN / "samples.jsonl", texts)
    files.write_json(paths.PRETRAIN / "metrics.json", metrics)
    shape = {"num_hidden_layers": 4, "hidden_size": 256, "num_attention_heads": 4}
    shape |= {"intermediate_size": 1024, "max_position_embeddings": 256, "vocab_size": 8064}
    files.write_json(paths.PRETRAIN / "config.json", shape)
    files.write_json(paths.MODEL / "config.json", shape)


def write_scores(data: str, examples: dict[str, int], prompts: str = "polyglot") -> None:
    results = [score(task, shots, n) for task, n in examples.items() for shots in (0, 5)]
    about = {"model": "data/model", "prompts": prompts, "prompts_hash": "ab" * 32}
    value = about | {"data": data, "limit": None, "results": results}
    files.write_json(paths.EVALUATE / "results.json", value)


def score(task: str, shots: int, n: int) -> dict[str, Any]:
    choices = CHOICES[task]
    accuracy = {"copa": 0.5371, "sentineg": 0.6012}.get(task, 1 / choices + 0.0123)
    result = {"task": task, "shots": shots, "n": n, "truncated": 12 * shots}
    scores = {"macro_f1": accuracy - 0.0314, "accuracy": accuracy}
    if task == "hellaswag":
        scores |= {"macro_f1_norm": 0.2718, "accuracy_norm": 0.2816}
    for name, value in scores.items():
        error = 1.96 * math.sqrt(accuracy * (1 - accuracy) / n)
        result |= {name: value, f"{name}_interval": [value - error, value + error]}
    predictions = [[n // choices**2] * choices] * choices
    return result | {"constant": task == "boolq", "predictions": predictions}


def write_gates() -> None:
    for gate in ("documents", "masked", "tokens", "model"):
        write_gate(gate, expectation("the number of empty documents", "at most 0", "0", True))
    write_gate(
        "evaluation",
        expectation("a score", "at most 1", "0.6012 (sentineg 0-shot)", True),
        expectation("the best task's accuracy above chance", "at least 0.2", "0.1012", False),
    )


def expectation(about: str, expected: str, seen: str, passed: bool) -> dict[str, Any]:
    words = {"about": about, "expected": expected, "seen": seen, "passed": passed}
    return {"expectation": "ExpectColumnMaxToBeBetween", **words}


def write_gate(gate: str, *expectations: dict[str, Any]) -> None:
    passed = all(e["passed"] for e in expectations)
    sentence = None if passed else f"Gate {gate} failed: {expectations[-1]['about']} is too low."
    result = {"gate": gate, "passed": passed, "expectations": expectations, "sentence": sentence}
    files.write_json(paths.GATES / f"{gate}.json", result)
