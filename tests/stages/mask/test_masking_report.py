"""The page on masking, from a ledger and samples as the stage writes them."""

import html
import re
from pathlib import Path
from typing import Any

import pytest

from runtime import files
from runtime.ledger import Ledger
from stages.mask import report
from stages.mask.kinds import KINDS
from stages.mask.params import MaskParams
from stages.mask.rules import families

PARAMS = MaskParams([], business_phones=False, spelled_phones=False, samples=2)


def words(page: str) -> str:
    """What a reader sees."""
    body = re.sub(r"<style>.*?</style>", " ", page, flags=re.DOTALL)
    return html.unescape(" ".join(re.sub(r"<[^>]+>", " ", body).split()))


def section(page: str, name: str) -> str:
    found = re.search(rf'<section id="{name}">.*?</section>', page, flags=re.DOTALL)
    assert found
    return words(found.group())


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two sources of a million characters and of four, three phones and an account."""
    ledger = Ledger("mask")
    figures: dict[str, dict[str, int]] = {
        "blog": {"phone": 3, "phone/mobile": 2, "phone/area": 1, "characters": 1_000_000},
        "news": {"account": 1, "account/layout": 1, "characters": 4_000_000},
    }
    for source, counts in figures.items():
        ledger.sources[source].kept.add(10, 0)
        for name, number in counts.items():
            ledger.count(source, name, number)
    files.write_json(tmp_path / "ledger.json", ledger.json())
    files.write_json(tmp_path / "samples.json", [sample()])
    return tmp_path


def sample(**changed: Any) -> dict[str, Any]:
    place = {"source": "blog", "kind": "phone", "rule": "mobile", "document": "blog/a#0"}
    return {**place, "place": 3, "before": "전화 ", "after": "로", **changed}


def page(folder: Path, params: MaskParams = PARAMS) -> str:
    return report.render(report.gather(params, folder))


def test_counts_and_rates_by_source_and_by_rule(folder: Path) -> None:
    text = page(folder)
    sources = section(text, "sources")
    assert "news · · 1 0.25 4,000,000 10 blog 3 3.00 · · 1,000,000 10" in sources
    assert "All sources 3 0.60 · 1 0.20 5,000,000 20" in sources
    rules = section(text, "rules")
    assert re.search(r"mobile [^.]*\. 2 0\.40 · 2 ", rules)  # all, news, blog
    assert re.search(r"area [^.]*\. 1 0\.20 · 1 ", rules)


def test_every_kind_and_rule_is_told_whether_it_is_on_or_off(folder: Path) -> None:
    rules = section(page(folder), "rules")
    for kind in KINDS.values():
        state = "off" if kind.optional else "on"
        assert f"{kind.title} {kind.korean} {kind.token} {state}" in rules
    for family in families(PARAMS):
        assert all(rule.says in rules for rule in family.rules)
    chosen = MaskParams(["email"], business_phones=False, spelled_phones=False, samples=2)
    assert "전자우편 주소 <|email|> on" in section(page(folder, chosen), "rules")


def test_places_are_shown_in_context_and_as_text_only(folder: Path) -> None:
    files.write_json(folder / "samples.json", [sample(before="<b onclick=x>굵게</b> ")])
    text = page(folder)
    assert "<b onclick" not in text
    assert "<b onclick=x>굵게</b> <|tell|> 로 blog/a#0, character 3" in section(text, "samples")


def test_the_limits_follow_the_switches(folder: Path) -> None:
    limits = section(page(folder), "limits")
    assert "공일공" in limits and "15, 16 or 18" in limits and "E-mail addresses" in limits
    everything = MaskParams(
        [name for name, kind in KINDS.items() if kind.optional],
        business_phones=True,
        spelled_phones=True,
        samples=0,
    )
    text = page(folder, everything)
    limits = section(text, "limits")
    assert "Names" in limits
    assert not re.search("공일공|15, 16|What is off", limits)
    assert "None is kept" in section(text, "samples")


def test_a_corpus_without_documents_has_a_page_too(tmp_path: Path) -> None:
    files.write_json(tmp_path / "ledger.json", Ledger("mask").json())
    files.write_json(tmp_path / "samples.json", [])
    assert "All sources" in page(tmp_path)


def test_nothing_is_loaded_from_elsewhere(folder: Path) -> None:
    text = page(folder)
    loads = re.findall(r'(?:src|href|srcset|action)\s*=\s*["\']?([^"\'\s>]+)', text)
    assert loads == ["data:,"]
    assert not re.search(r"url\(|@import|<script|<iframe|<object", text)
