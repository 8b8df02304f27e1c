"""A run is remembered, and the next is laid beside it."""

import re
from pathlib import Path
from xml.etree import ElementTree

import pytest

from runtime import files, paths
from stages.report import figures, gather, lineage, render, summary
from tests.stages.report import conftest as run

LOCK = """\
schema: '2.0'
stages:
  ingest:
    cmd: sh stages/run ingest
    deps:
    - {path: data/raw, hash: md5, md5: aa11.dir, size: 1200, nfiles: 3}
    params: {params.yaml: {corpus: {root: raw}}}
    outs:
    - {path: data/ingest/documents, hash: md5, md5: bb22.dir, size: 26621711}
  report:
    cmd: sh stages/run report
    outs:
    - {path: reports/index.html, hash: md5, md5: dd44, size: 1}
"""


@pytest.fixture
def before(finished: Path, monkeypatch: pytest.MonkeyPatch) -> summary.Summary:
    """A first run, remembered, in a workspace that DVC knows."""
    lineage.LOCK.write_text(LOCK)
    monkeypatch.setenv("POLYGLOT_RUN", "nsmc-1")
    first = summary.of_this_run()
    summary.keep(first)
    monkeypatch.setenv("POLYGLOT_RUN", "nsmc-2")
    return first


def page() -> str:
    html = render(gather("Polyglot-Ko", summary.of_this_run()))
    body = re.sub(r"<(style|svg)\b.*?</\1>", " ", html, flags=re.DOTALL)
    return " ".join(re.sub(r"<[^>]+>", " ", body).split())


def test_a_run_like_the_last_differs_in_nothing(before: summary.Summary) -> None:
    now = summary.of_this_run()
    found = summary.differences(before, now)
    assert found["params"] == found["training"] == found["versions"] == found["gates"] == {}
    assert found["commit"] is None and found["data"] == []
    assert found["scores"] == []
    assert "No score differs." in page()
    assert "Compared with nsmc-1" in page()
    assert "All inputs and outputs are the same." in page()


def test_what_changed_is_named(before: summary.Summary) -> None:
    files.write_text(paths.PARAMS, run.PARAMS.replace("steps: 400", "steps: 500"))
    lineage.LOCK.write_text(LOCK.replace("bb22", "cc33"))
    results = files.read_json(paths.EVALUATE / "results.json")
    results["results"][0] |= {"macro_f1": 0.7, "macro_f1_interval": [0.67, 0.73]}
    files.write_json(paths.EVALUATE / "results.json", results)
    found = summary.differences(before, summary.of_this_run())
    assert found["params"] == {"pretrain.steps": (400, 500)}
    assert found["data"] == ["ingest"]
    assert [(row["name"], row["apart"]) for row in found["scores"]] == [("copa 0-shot", True)]
    words = page()
    assert "pretrain.steps 400 500" in words
    assert "Inputs or outputs differ in ingest." in words
    assert "copa 0-shot 0.5057 0.7000 +0.1943 apart" in words


def test_the_run_is_not_compared_with_itself(before: summary.Summary) -> None:
    summary.keep(summary.of_this_run())
    last = summary.last(but="nsmc-2")
    assert last and last["run"] == "nsmc-1"


def test_a_first_run_has_none_before_it(finished: Path) -> None:
    assert "There is no earlier run in this workspace." in page()


def test_every_input_and_output_is_listed_with_its_hash(before: summary.Summary) -> None:
    words = page()
    assert "ingest in data/raw 1.2 kB aa11.dir" in words
    assert "ingest out data/ingest/documents 26.6 MB bb22.dir" in words
    assert "dd44" not in words  # of the run before
    assert "Run in MLflow nsmc-2" in words


def test_charts_are_files_of_their_own(finished: Path) -> None:
    facts = gather("Polyglot-Ko", summary.of_this_run())
    figures.write(facts, paths.FIGURES)
    names = {path.stem for path in paths.FIGURES.iterdir()}
    assert names == {"loss", "learning", "throughput", "gradient", *run.KOBEST_TEST}
    for path in paths.FIGURES.iterdir():
        root = ElementTree.parse(path).getroot()
        assert root.tag == "{http://www.w3.org/2000/svg}svg"
        assert "stroke" in path.read_text()


def test_a_plot_has_a_line_a_model_and_this_runs_intervals(finished: Path) -> None:
    facts = gather("Polyglot-Ko", summary.of_this_run())
    copa = facts["kobest"]["tables"][0]
    assert copa["plot"].count("<polyline") == 8
    assert copa["plot"].count('class="bar-line own"') == 2  # at 0 and 5 shots
    assert "this run, 5 shots: 0.5057 (0.4748 to 0.5366)" in copa["plot"]
    run.write_scores("data/sample/kobest", dict.fromkeys(run.KOBEST_TEST, 100))
    alone = gather("Polyglot-Ko", summary.of_this_run())["kobest"]["tables"][0]
    assert alone["plot"].count("<polyline") == 1
