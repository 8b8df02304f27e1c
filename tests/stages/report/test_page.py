"""The page shows the figures of the files, whatever is missing, and loads nothing."""

import re
import shutil
from pathlib import Path

import pytest

from runtime import files, paths
from stages.report import gather, render, summary
from tests.stages.report import conftest as run

SECTIONS = (
    "run",
    "documents",
    "decontamination",
    "masking",
    "tokens",
    "training",
    "kobest",
    "gates",
    "changes",
    "lineage",
)


def page() -> str:
    return render(gather("Polyglot-Ko", summary.of_this_run()))


def words(html: str) -> str:
    """What a reader sees: no tags, no style, one space between words."""
    body = re.sub(r"<(style|svg)\b.*?</\1>", " ", html, flags=re.DOTALL)
    return " ".join(re.sub(r"<[^>]+>", " ", body).split())


def section(html: str, name: str) -> str:
    found = re.search(rf'<section id="{name}">.*?</section>', html, flags=re.DOTALL)
    assert found
    return words(found.group())


def test_the_figures_are_those_of_the_files(finished: Path) -> None:
    html = page()
    ledgers = {s: files.read_json(paths.DATA / s / "ledger.json") for s in ("ingest", "mask")}
    left = ledgers["mask"]["total"]["out"]["documents"]
    read = ledgers["ingest"]["total"]["in"]["documents"]
    assert f"{left:,} of {read:,}" in words(html)
    assert "ingest broken utf8 quarantined 145 <0.1%" in section(html, "documents").replace(
        "&lt;", "<"
    )
    assert "nsmc 24 0 0" in section(html, "masking")
    assert "<a " not in html  # there is no page on masking
    assert "Entries 8,000 Bytes per token 4.312" in section(html, "tokens")
    assert "Tokens that cross one 7.2%" in section(html, "tokens")
    assert "nsmc 107,000 963,000 4.100 2.500" in section(html, "tokens")
    assert "<span>␣&lt;</span>" in html and "␣있습니다⏎" in html
    assert "nsmc 2,247,000 22,470 73.5%" in section(html, "tokens")
    assert "parameters 5,243,136 layers 4 hidden size 256" in section(html, "training")
    assert "training loss 4.1037 validation loss 4.2061" in section(html, "training")
    assert "4 of 5" in words(html)
    assert "at least 0.2 0.1012" in section(html, "gates")
    assert "Profile nsmc" in words(html)


def test_where_training_was_resumed_is_marked_and_what_it_wrote_is_shown(finished: Path) -> None:
    html = page()
    assert html.count("<title>resumed at step 120</title>") == 2  # loss and throughput
    training = section(html, "training")
    assert "resumed 1 time steps not taken" in training and "spikes of the loss 2" in training
    assert "300 한국의 수도는 부산 &lt;이다&gt;" in training and "200 한국의" not in training


def test_reasons_and_repairs_are_told_by_source(finished: Path) -> None:
    run.write_fifteen()
    documents = section(page(), "documents")
    ledgers = {s: files.read_json(paths.DATA / s / "ledger.json") for s in ("ingest", "clean")}
    patents = ledgers["clean"]["sources"]["patent"]
    reason, worst = max(patents["dropped"].items(), key=lambda item: item[1]["documents"])
    assert f"{reason.replace('_', ' ')} {worst['documents']:,}" in documents
    markup = [a["extra"]["markup"] for a in ledgers["clean"]["sources"].values()]
    assert f" markup {sum(markup):,} " in documents
    for name, documents_read in run.FIFTEEN.items():
        assert re.search(rf"{name} [\d,]+ of {documents_read:,}, [\d.]+%", documents)
    head = documents[documents.index("How Documents Share") :]
    by_size = sorted(run.FIFTEEN, key=lambda name: -run.FIFTEEN[name])
    assert head.startswith(f"How Documents Share {' '.join(by_size)} ingest")


def test_the_widest_bar_fills_its_track_and_the_others_are_in_proportion(finished: Path) -> None:
    run.write_fifteen()
    widths = [float(w) for w in re.findall(r'<span style="width:([\d.]+)%">', page())]
    shares = [float(s) for s in re.findall(r'aria-label="([\d.]+)% left behind"', page())]
    assert len(widths) == len(shares) == 15
    assert max(widths) == 100
    assert widths == pytest.approx([100 * s / max(shares) for s in shares], abs=1)


def test_what_holds_test_items_is_counted_by_task(finished: Path) -> None:
    run.write_fifteen()
    found = section(page(), "decontamination")
    left_out = files.read_json(paths.DEDUP / "ledger.json")["total"]["dropped"]["contaminated"]
    assert "No document that holds a test item is trained on." in found
    assert f"{left_out['documents']:,} documents hold a test item of kobest_v1" in found
    assert "COPA 41 HellaSwag 0 BoolQ 1,203 SentiNeg 0 WiC 0" in found


def test_no_document_with_a_test_item_is_a_figure_too(finished: Path) -> None:
    found = section(page(), "decontamination")
    assert "No document that holds a test item is trained on. 0 documents hold a" in found


@pytest.mark.parametrize(
    ("searched", "says"),
    [
        ("{data: null, tasks: [copa]}", "Not checked."),
        ("{data: kobest_v1, tasks: [copa]}", "Not all of this run's test items"),
        (
            "{data: elsewhere, tasks: [copa, hellaswag, boolq, sentineg, wic]}",
            "Not all of this run's test items",
        ),
    ],
)
def test_only_what_was_checked_is_called_clean(finished: Path, searched: str, says: str) -> None:
    params = re.sub(r"decontamination: .*", f"decontamination: {searched}", run.PARAMS)
    files.write_text(paths.PARAMS, params)
    found = section(page(), "decontamination")
    assert says in found
    assert "No document that holds a test item is trained on" not in found


def test_kinds_masked_by_choice_are_shown_and_the_page_on_masking_is_linked(finished: Path) -> None:
    ledger = files.read_json(paths.MASK / "ledger.json")
    extra = ledger["sources"]["nsmc"]["extra"]
    extra |= {"email": 7, "email/address": 7, "phone/mobile": 24, "characters": 900}
    files.write_json(paths.MASK / "ledger.json", ledger)
    files.write_text(paths.MASKING_REPORT, "")
    html = page()
    found = section(html, "masking")
    assert "Source phone &lt;|tell|&gt; rrn &lt;|rrn|&gt; account &lt;|acc|&gt; email" in found
    assert "nsmc 24 0 0 7" in found and "characters" not in found
    assert '<a href="masking.html">' in html


def test_scores_stand_beside_the_published_ones(finished: Path) -> None:
    kobest = section(page(), "kobest")
    assert "SentiNeg 0 0.5698 [0.522, 0.618] 0.6012 [0.553, 0.649] 0.50 397 0 above" in kobest
    assert "HellaSwag 5 0.2309 [0.192, 0.269] 0.2623 [0.224, 0.301] 0.25 500 60 near" in kobest
    assert "length-normalised 5 0.2718 [0.233, 0.310] 0.2816 [0.243, 0.320]" in kobest
    assert "BoolQ 0 0.4809 [0.455, 0.507] 0.5123 [0.486, 0.538] 0.50 1,404 0 one answer" in kobest
    assert "polyglot-ko-1.3b 1.3B 0.7196 0.7193 0.7204 0.7206" in kobest
    assert "this run 5.2M 0.5057 0.5057 – –" in kobest
    assert "this run, normalised 5.2M 0.2718 0.2718 – –" in kobest


def test_the_best_of_every_column_is_marked(finished: Path) -> None:
    best = re.findall(r'<span class="best">([\d.]+)</span>', page())
    assert best[:4] == ["0.7937", "0.8108", "0.8037", "0.8369"]  # COPA, all by 12.8b
    assert len(best) == 5 * 4


def test_a_tiny_model_on_the_real_kobest_is_called_not_comparable(finished: Path) -> None:
    html = page()
    assert "This is a tiny model: 5.2M parameters" in words(html)
    assert "scores on the real KOBEST are not comparable with the published figures" in words(html)
    assert "measured on the real KOBEST test sets, not on" not in words(html)


def test_sample_scores_stand_apart_from_the_published(finished: Path) -> None:
    run.write_scores("data/sample/kobest", dict.fromkeys(run.KOBEST_TEST, 100))
    html = page()
    kobest = section(html, "kobest")
    assert "These scores are not KOBEST scores." in words(html)
    assert "are not comparable with the published figures" in words(html)
    assert "measured on the real KOBEST test sets, not on the sample set" in kobest
    assert "this run 5.2M" not in kobest
    assert "polyglot-ko-1.3b 1.3B 0.7196" in kobest


def test_a_part_of_kobest_stands_apart_as_well(finished: Path) -> None:
    run.write_scores("kobest_v1", dict.fromkeys(run.KOBEST_TEST, 50))
    kobest = section(page(), "kobest")
    assert "not on the data of this run" in kobest
    assert "this run 5.2M" not in kobest


def test_nothing_is_loaded_from_elsewhere(finished: Path) -> None:
    html = page()
    loads = re.findall(r'(?:src|href|srcset|action)\s*=\s*["\']?([^"\'\s>]+)', html)
    assert [target for target in loads if not target.startswith(("data:", "#"))] == []
    assert not re.search(r"url\(|@import|<script|<iframe|<object", html)


def test_the_page_is_the_same_twice(finished: Path) -> None:
    assert page() == page()


def test_text_from_files_is_escaped(finished: Path) -> None:
    run.write_gate("masked", run.expectation("<script>alert(1)</script>", "0", "0", True))
    assert "<script>" not in page()


@pytest.mark.parametrize(
    ("gone", "stage", "where"),
    [
        ("data/ingest data/clean data/dedup data/mask", "ingest", "documents"),
        ("data/dedup", "dedup", "decontamination"),
        ("data/mask", "mask", "masking"),
        ("data/tokenizer_card.json", "tokenizer", "tokens"),
        ("data/tokens", "tokenize", "tokens"),
        ("data/pretrain", "pretrain", "training"),
        ("data/evaluate", "evaluate", "kobest"),
    ],
)
def test_a_section_without_files_says_so(finished: Path, gone: str, stage: str, where: str) -> None:
    for path in map(Path, gone.split()):
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    html = page()
    assert f"the stage {stage} has not run" in section(html, where)
    for name in SECTIONS:
        section(html, name)


def test_an_empty_project_gives_a_page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    html = page()
    assert "Profile unknown" in words(html)
    assert "No gate has run yet." in section(html, "gates")
