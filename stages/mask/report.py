"""The page on what was masked: counts by kind, rule and source, and places to look at."""

from dataclasses import replace
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from runtime import files, paths
from stages.mask.kinds import KINDS
from stages.mask.params import MaskParams, masked_kinds
from stages.mask.rules import Rule, families


def gather(params: MaskParams, folder: Path = paths.MASK) -> dict[str, Any]:
    """Everything on the page, from the ledger and the samples in ``folder``.

    Raises:
        PolyglotError: one of them is missing.
    """
    ledger = files.read_json(folder / "ledger.json")
    samples = files.read_json(folder / "samples.json")
    accounts = ledger["sources"]
    extras = {name: account["extra"] for name, account in accounts.items()}
    order = sorted(extras, key=lambda name: (-extras[name].get("characters", 0), name))
    on = masked_kinds(params)
    wanted = {_figure(rule) for rule in _rules(params)}
    everything = replace(
        params,
        extra_kinds=[name for name, kind in KINDS.items() if kind.optional],
        business_phones=True,
        spelled_phones=True,
    )
    rules = [_rule(rule, wanted, ledger, samples) for rule in _rules(everything)]
    total = ledger["total"]
    return {
        "params": params,
        "documents": total["out"]["documents"],
        "characters": total["extra"].get("characters", 0),
        "on": {name: KINDS[name] for name in on},
        "total": {name: _count(total["extra"], name) for name in on},
        "sources": {
            name: {
                "documents": accounts[name]["out"]["documents"],
                "characters": extras[name].get("characters", 0),
                "counts": {kind: _count(extras[name], kind) for kind in on},
            }
            for name in order
        },
        "kinds": {
            name: {
                "kind": kind,
                "on": name in on,
                **_count(total["extra"], name),
                "rules": [rule for rule in rules if rule["kind"] == name],
            }
            for name, kind in KINDS.items()
        },
    }


def _rules(params: MaskParams) -> list[Rule]:
    return [rule for family in families(params) for rule in family.rules]


def _rule(
    rule: Rule, wanted: set[str], ledger: dict[str, Any], samples: list[dict[str, Any]]
) -> dict[str, Any]:
    figure = _figure(rule)
    return {
        "kind": rule.kind,
        "name": rule.name,
        "says": rule.says,
        "on": figure in wanted,
        **_count(ledger["total"]["extra"], figure),
        "by_source": {
            name: account["extra"].get(figure, 0) for name, account in ledger["sources"].items()
        },
        "samples": [s for s in samples if (s["kind"], s["rule"]) == (rule.kind, rule.name)],
    }


def _figure(rule: Rule) -> str:
    return f"{rule.kind}/{rule.name}"


def _count(extra: dict[str, int], figure: str) -> dict[str, Any]:
    """``count``, and ``rate`` per million characters of masked text."""
    count = extra.get(figure, 0)
    return {"count": count, "rate": 1e6 * count / max(extra.get("characters", 0), 1)}


def render(facts: dict[str, Any]) -> str:
    """The page as HTML, with its style inside; it loads nothing."""
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"number": "{:,}".format, "rate": _rate}
    return environment.get_template("template.html").render(facts)


def _rate(value: float) -> str:
    """Two decimals; what is there but rounds to nothing is not called nothing."""
    return "<0.01" if 0 < value < 0.005 else f"{value:,.2f}"
