"""The model and how it was trained."""

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
    """The closing ``metrics`` of pretraining and the ``charts`` of its curve."""
    metrics = optional(paths.PRETRAIN / "metrics.json")
    if not metrics:
        return None
    return {"metrics": metrics, "charts": charts(lines(paths.PRETRAIN / "curve.jsonl"))}


def charts(curve: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Loss, learning rate, throughput and gradient norm over the steps, as SVG with a title."""
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
    drawn = []
    for title, series in wanted.items():
        present = [one for one in series if one.points]
        if present:
            legend = [(one.name, one.style) for one in present] if len(present) > 1 else []
            svg = draw(Chart(title, present, from_zero=title.startswith(("Learning", "Through"))))
            drawn.append({"title": title, "svg": svg, "legend": legend})
    return drawn


def _points(curve: list[dict[str, Any]], name: str) -> list[tuple[float, float]]:
    return [(line["step"], line[name]) for line in curve if line.get(name) is not None]
