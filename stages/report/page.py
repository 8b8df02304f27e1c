"""From files to a dict of facts, and from the dict to the page."""

from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from runtime import paths
from stages.report import card, corpus, funnel, kobest, lineage, run, summary, training
from stages.report.reading import optional

STAGES = {
    "ingest": paths.INGEST / "ledger.json",
    "clean": paths.CLEAN / "ledger.json",
    "dedup": paths.DEDUP / "ledger.json",
    "mask": paths.MASK / "ledger.json",
    "tokenizer": paths.TOKENIZER_CARD,
    "tokenize": paths.TOKENS / "manifest.json",
    "pretrain": paths.PRETRAIN / "metrics.json",
    "export": paths.MODEL / "config.json",
    "evaluate": paths.EVALUATE / "results.json",
    "release": paths.RELEASE / "README.md",
}
GATES = ("documents", "masked", "tokens", "model", "evaluation")  # in the pipeline's order


def gather(title: str, this_run: summary.Summary) -> dict[str, Any]:
    """Everything on the page; a section whose files are missing is None."""
    model = training.model()
    before = summary.last(but=this_run["run"])
    return {
        "title": title,
        "name": this_run["run"],
        "changes": summary.differences(before, this_run) if before else None,
        "lineage": lineage.facts(),
        "run": run.facts(),
        "stages": {stage: path.exists() for stage, path in STAGES.items()},
        "funnel": funnel.facts(),
        "decontamination": funnel.decontamination(),
        "masking": corpus.masking(),
        "tokenizer": corpus.tokenizer(),
        "tokens": corpus.tokens(),
        "model": model,
        "training": training.facts(),
        "kobest": kobest.facts(model["parameters"] if model else None),
        "gates": gates(),
    }


def gates() -> list[dict[str, Any]]:
    """The results of the gates that have run."""
    found = (optional(paths.GATES / f"{gate}.json") for gate in GATES)
    return [result for result in found if result]


def render(facts: dict[str, Any]) -> str:
    """The page as HTML, with its style and pictures inside; it loads nothing."""
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"number": number, "percent": percent, "short": kobest.short}
    environment.filters |= {"interval": interval, "size": card.size, "value": value}
    return environment.get_template("template.html").render(facts)


def number(value: float) -> str:
    """1,234 for whole numbers, else four significant figures."""
    return f"{value:,}" if isinstance(value, int) else f"{value:,.4g}"


def interval(ends: list[float]) -> str:
    """Both ends of an interval, in brackets."""
    return f"[{ends[0]:.3f}, {ends[1]:.3f}]"


def value(of: Any) -> str:
    """A parameter as YAML has it, a figure short, and what is not there as a dash."""
    if of is None:
        return "–"
    return number(of) if isinstance(of, float) else str(of)


def percent(share: float) -> str:
    """A share as a percentage; what is there but rounds to nothing is not called nothing."""
    return "<0.1%" if 0 < share < 0.001 else f"{share:.1%}"
