"""The model and how it was trained."""

from statistics import fmean
from typing import Any

from runtime import paths
from stages.report.charts import Chart, Series, draw
from stages.report.reading import lines, optional

SHAPE = {
    "num_hidden_layers": "layers",
    "hidden_size": "hidden size",
    "num_attention_heads": "heads",
    "intermediate_size": "feed-forward size",
    "max_position_embeddings": "context",
    "vocab_size": "vocabulary, padded",
}


def model() -> dict[str, Any] | None:
    """Parameters and shape: ``{"parameters": n or None, "shape": {name: number}}``."""
    config = optional(paths.PRETRAIN / "config.json") or optional(paths.MODEL / "config.json")
    if not config:
        return None
    metrics = optional(paths.PRETRAIN / "metrics.json") or {}
    shape = {label: config[key] for key, label in SHAPE.items() if key in config}
    return {"parameters": metrics.get("parameters"), "shape": shape}


def facts() -> dict[str, Any] | None:
    """The closing ``metrics`` of pretraining, the ``charts`` of its curve, and its ``texts``."""
    metrics = optional(paths.PRETRAIN / "metrics.json")
    if not metrics:
        return None
    return {
        "metrics": metrics,
        "charts": charts(lines(paths.PRETRAIN / "curve.jsonl"), metrics["resumed_at"]),
        "texts": texts(lines(paths.PRETRAIN / "samples.jsonl")),
    }


def texts(samples: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What the model wrote at the first evaluation, in the middle and at the last one."""
    steps = sorted({sample["step"] for sample in samples})
    shown = {steps[0], steps[len(steps) // 2], steps[-1]} if steps else set()
    return [sample for sample in samples if sample["step"] in shown]


def charts(curve: list[dict[str, Any]], resumed_at: list[int]) -> list[dict[str, Any]]:
    """Loss, learning rate, throughput and gradient norm over the steps, as SVG with a title.

    The steps where training was resumed are marked in the charts of loss and throughput.
    """
    resumed = {float(step): f"resumed at step {step:,}" for step in resumed_at}
    loss = [
        Series("training", "a", _points(curve, "loss")),
        Series("validation", "b", _points(curve, "validation_loss")),
    ]
    wanted = {
        "Loss (nats per token)": loss,
        "Learning rate": [Series("learning rate", "a", _points(curve, "lr"))],
        "Throughput (tokens/s)": [Series("tokens/s", "a", _points(curve, "tokens_per_second"))],
        "Gradient norm": [Series("gradient norm", "a", _points(curve, "grad_norm"))],
    }
    tasks = sorted({name for line in curve for name in line if name.startswith("kobest.")})
    if tasks:
        mean = [
            (line["step"], fmean(line[task] for task in tasks if task in line))
            for line in curve
            if any(task in line for task in tasks)
        ]
        wanted["KOBEST at 0 shots, mean macro F1 of a part"] = [Series("macro F1", "a", mean)]
    drawn = []
    for title, series in wanted.items():
        present = [one for one in series if one.points]
        if present:
            legend = [(one.name, one.style) for one in present] if len(present) > 1 else []
            marks = resumed if title.startswith(("Loss", "Through")) else {}
            from_zero = title.startswith(("Learning", "Through"))
            name = title.split()[0].lower()  # of its file
            svg = draw(Chart(title, present, from_zero, marks))
            drawn.append({"title": title, "name": name, "svg": svg, "legend": legend})
    return drawn


def _points(curve: list[dict[str, Any]], name: str) -> list[tuple[float, float]]:
    return [(line["step"], line[name]) for line in curve if line.get(name) is not None]
